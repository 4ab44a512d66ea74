"""Finds numbers written without blanks between words: 1万2000, 数百, 十几, 3만, 수십, 5 หมื่น."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from db.suggest.candidates.numbers.digits import digits_value
from db.suggest.candidates.numbers.found import Number, whole

_Numeral = tuple[float, bool]  # a value, and True for a unit such as 万
_MOST = 40  # numerals in a row that may be one number
_HAN_DIGIT, _HAN_UNIT = "〇零一二三四五六七八九两兩壹", "十百千万萬亿億兆"
_HAN = re.compile(
    rf"(?<![周期拜第上下\d])(?P<few>[数數几幾]|好几|上(?=[百千万萬亿億]))?"
    rf"(?P<body>(?:\d[\d,]*(?:\.\d+)?\s?(?=[{_HAN_UNIT}]))?[{_HAN_DIGIT}{_HAN_UNIT}](?:[{_HAN_DIGIT}{_HAN_UNIT}]|\d)*"
    rf"|\d[\d,]*(?=[几幾多余餘][万萬亿億]))"
    rf"(?P<tail>[几幾多余餘数數](?![{_HAN_UNIT}]年)[万萬亿億]?)?"
)
_HAN_DATE = re.compile(r"\s?[年月日号號時时点點分]|[个個カかヶ]月|周[一二三四五六日]?|星期")
_COUNTED_UNIT = re.compile("[近逾超约約過过]$")  # what stands before a unit without a count
_HANGUL_UNITS = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12}
_HANGUL = re.compile(
    r"(?<![가-힣\d.,])(?P<few>수|몇\s?)?(?P<body>(?:\d[\d,]*(?:\.\d+)?\s?(?=[십백천만억조]))?[십백천만억조](?:[십백천만억조\d,]|\s(?=\d+[천백]?\s?명))*)"
)
_COUNTERS = r"(?:명|사람|개|대|채|마리|건|곳|차례|발|척|가지|구|번|살|여\s?명|여\s?개)"
_COUNTED = re.compile(rf"\s?{_COUNTERS}")
_NATIVE_TENS = {
    "열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50,
    "예순": 60, "일흔": 70, "여든": 80, "아흔": 90,
}  # fmt: skip
_NATIVE = {"하나": 1, "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}
_NATIVE_RUN = re.compile(
    rf"(?<![가-힣])(?=[가-힣])(?P<tens>{'|'.join(_NATIVE_TENS)})?(?P<one>{'|'.join(_NATIVE)})?(?=\s?{_COUNTERS})"
)
_THAI = {
    "ศูนย์": 0, "หนึ่ง": 1, "เอ็ด": 1, "สอง": 2, "ยี่": 2, "สาม": 3, "สี่": 4,
    "ห้า": 5, "หก": 6, "เจ็ด": 7, "แปด": 8, "เก้า": 9,
}  # fmt: skip
_THAI_UNITS = {"สิบ": 10, "ร้อย": 100, "พัน": 1000, "หมื่น": 10**4, "แสน": 10**5, "ล้าน": 10**6}
_THAI_UNIT = "|".join(_THAI_UNITS)
_THAI_RUN = re.compile(
    rf"(?P<few>หลาย|นับ|หลัก)?(?P<body>(?:\d[\d,]*(?:\.\d+)?\s?(?:{_THAI_UNIT})+)|(?:(?:{'|'.join(_THAI)}|{_THAI_UNIT})+))"
    r"(?P<counter>\s?(?:กว่า)?\s?(?:คน|ราย|นาย|ศพ|ลำ|คัน|หลัง|แห่ง|ครั้ง|บาท|ชีวิต|หลังคาเรือน))?"
)
_THAI_PART = re.compile(rf"\d[\d,]*(?:\.\d+)?|{'|'.join(_THAI)}|{_THAI_UNIT}")
_HANGUL_PART = re.compile(r"\d[\d,]*(?:\.\d+)?|[십백천만억조]")
_HAN_PART = re.compile(rf"\d[\d,]*(?:\.\d+)?|[{_HAN_DIGIT}{_HAN_UNIT}]")
_HAS_HAN, _HAS_HANGUL, _HAS_THAI = re.compile("[\u3400-\u9fff〇]"), re.compile("[가-힣]"), re.compile("[\u0e00-\u0e7f]")


def numerals(source: str) -> Iterator[Number]:
    """Yield the numbers in numerals of Chinese and Japanese, Korean and Thai."""
    if _HAS_HAN.search(source):
        yield from _chinese(source)
    if _HAS_HANGUL.search(source):
        yield from _korean(source)
    if _HAS_THAI.search(source):
        yield from _thai(source)


def _chinese(source: str) -> Iterator[Number]:
    for match in _HAN.finditer(source):
        body, few, tail = match["body"], match["few"], match["tail"] or ""
        if _HAN_DATE.match(source, match.end()) and not few and not tail:
            continue
        values = _values(_HAN_PART, body, {})
        if values is None or source[match.start() - 1 : match.start()].isdecimal():
            continue
        end = match.end()
        if few:
            if not values[0][1]:
                continue  # 几 or 数 before digits is another word
            number = _product(values) * (1 if few == "上" else 2)
        else:
            if (
                values[0][1]
                and values[0][0] != 10
                and not _COUNTED_UNIT.search(source, max(0, match.start() - 2), match.start())
            ):
                continue  # a unit without a count, as part of a word
            number = _composed(values, 10**4)
            if tail and number % 10 == 0 and len(tail) > 1:
                number *= 10**8 if tail[1] in "亿億" else 10**4
            elif tail and number % 10:
                end, tail = match.start("tail"), ""  # 三几: the second is another word
        vague = bool(few) or bool(tail)
        yield Number(match.start(), end, whole(number), _last_unit(values), "at least" if vague else None, vague)


_COUNTED_UNIT = re.compile("[近逾超约約过過]$")


def _korean(source: str) -> Iterator[Number]:
    for match in _HANGUL.finditer(source):
        few, body = match["few"], match["body"].rstrip(" ,")
        values = _values(_HANGUL_PART, body, _HANGUL_UNITS)
        if values is None or (not few and values[0][1] and not _COUNTED.match(source, match.end())):
            continue
        number = 2 * _product(values) if few else _composed(values, 10**4)
        end = match.start("body") + len(body)
        yield Number(match.start(), end, whole(number), _last_unit(values), "at least" if few else None, bool(few))
    for match in _NATIVE_RUN.finditer(source):
        value = _NATIVE_TENS.get(match["tens"] or "", 0) + _NATIVE.get(match["one"] or "", 0)
        if value:
            yield Number(match.start(), match.end(), value)


def _thai(source: str) -> Iterator[Number]:
    for match in _THAI_RUN.finditer(source):
        few, body = match["few"], match["body"]
        if not few and not match["counter"] and not body[0].isdecimal():
            continue
        values = _values(_THAI_PART, body, _THAI | _THAI_UNITS)
        if values is None:
            continue
        number = _product(values) * (1 if few == "นับ" else 2) if few else _composed(values, 10**6)
        yield Number(
            match.start(), match.start("body") + len(body), whole(number), _last_unit(values),
            "at least" if few else None, bool(few),
        )  # fmt: skip


def _values(part: re.Pattern[str], body: str, names: Mapping[str, int]) -> list[_Numeral] | None:
    """Return numerals, or None if they are too many."""
    parts = part.findall(body)
    return [_numeral(text, names) for text in parts] if 0 < len(parts) <= _MOST else None


def _numeral(text: str, names: Mapping[str, int]) -> _Numeral:
    if text[0].isdecimal():
        return digits_value(text.rstrip(","), "."), False
    if text in names:
        return names[text], names[text] >= 10
    value = 2 if text in "两兩" else 1 if text == "壹" else round(unicodedata.numeric(text))
    return value, value >= 10


def _composed(numerals: list[_Numeral], myriad: int) -> float:
    """Return the number for numerals: 七百五十七 is 757. Units from ``myriad`` on multiply all that is before."""
    if not any(unit for _, unit in numerals):
        return int("".join(str(int(number)) for number, _ in numerals))
    total = section = digit = 0.0
    for number, unit in numerals:
        if unit and number >= myriad:
            total, section, digit = ((total + section + digit) or 1) * number, 0, 0
        elif unit:
            section, digit = section + (digit or 1) * number, 0
        else:
            section, digit = section + digit, number
    return total + section + digit


def _product(numerals: list[_Numeral]) -> float:
    number = 1.0
    for value, _ in numerals:
        number *= value
    return number


def _last_unit(numerals: list[_Numeral]) -> int:
    """Return the unit a number ends with, for a range such as 2至3万."""
    value, unit = numerals[-1]
    return int(value) if len(numerals) == 2 and unit else 1
