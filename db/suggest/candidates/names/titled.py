"""Finds names in scripts without capitals: after or before a title, and after a known given name."""

import re
from collections.abc import Iterator
from functools import cache

from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.dates.words import words
from db.suggest.candidates.languages import listed, words_of
from db.suggest.candidates.vocabulary import MARKS

_TOKEN = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}\u200c\u200d\"׳״'-](?=[^\W\d_]|[{MARKS}]))*[{MARKS}]*")
_SPACED = ("ar", "fa", "he", "hi")
_MOST_TITLE = 3  # words of a title
_MOST_NAME = 4  # words of a name
_DOT = "·・•‧"
_HAN = "\u3400-\u9fff"
_DOTTED = re.compile(rf"[{_HAN}]{{1,12}}(?:[{_DOT}][{_HAN}]{{1,8}})+")
_KATAKANA_NAME = re.compile(r"[ァ-ヺー]+(?:[・＝=][ァ-ヺー]+)+")
_GOES_ON = frozenset(
    "会會访訪表说說称稱宣指强強抵发發出"
    "主将將在与與和对對向认認呼签簽到前参參等以为為是的也已又就从從同率致电電、，。 （("
)
_FOREIGN = frozenset(  # characters that write foreign names
    "阿巴布达達德尔爾法夫戈格根哈赫霍基加杰傑卡科克拉莱萊兰蘭勒雷里利列林鲁魯卢盧罗羅洛马馬麦麥曼梅米莫穆纳納内尼诺諾努帕佩皮"
    "普奇乔喬切萨薩塞沙舍什斯索苏蘇塔泰坦特廷图圖托瓦威维維沃乌烏西希谢謝辛亚亞耶伊尤约約扎泽澤朱连連登肯朗顿頓森逊遜奥奧安艾埃"
    "爱愛贝貝本比波伯博丹蒂丁东東杜恩费費弗福盖蓋古海汉漢胡怀懷惠以色列文扬揚凯凱昂龙龍迪默茨施"
)
_NOT_NAMES_JA = re.compile(r"(?:米|韓国|仏|英|独|露|中国|日本|前|元|現|新|副|各|同|次期|当時の?|女性|男性)$")
_NOT_NAMES_KO = frozenset(
    (
        "전 현 신임 부 당시 미국 러시아 우크라이나 한국 중국 일본 북한 이스라엘 프랑스 독일 영국 국방부 외교부 신 차기"
    ).split()
)
_THAI_STOP = ("กล่าว", "ระบุ", "เปิดเผย", "เดินทาง", "ได้", "และ", "ที่", "ใน", "จะ", "เป็น", "พบ", "ประกาศ", "แถลง", "ว่า")


def titled(source: str, here: tuple[str, ...]) -> Iterator[Candidate]:
    """Yield the names that titles and given names show."""
    for code in here:
        if code in _SPACED:
            yield from _spaced(source, code)
    if "zh" in here:
        yield from _chinese(source)
    if "ja" in here:
        yield from _japanese(source)
    if "ko" in here:
        yield from _korean(source)
    if "th" in here:
        yield from _thai(source)


@cache
def _words(code: str, table: str) -> frozenset[str]:
    return frozenset(listed(words_of(code, "names").get(table)))


@cache
def _stops(code: str) -> frozenset[str]:
    dates = words(code)
    return _words(code, "stop") | (
        frozenset((*dates.months, *dates.weekdays, *dates.relative)) if dates else frozenset()
    )


def _spaced(source: str, code: str) -> Iterator[Candidate]:
    """Arabic, Persian, Hebrew and Hindi: a title or a given name, and the words after it."""
    tokens = [(*match.span(), match[0]) for match in _TOKEN.finditer(source)]
    titles, given = _words(code, "titles"), _words(code, "given")
    place = 0
    while place < len(tokens):
        size = next((n for n in range(_MOST_TITLE, 0, -1) if _phrase(source, tokens, place, n) in titles), 0)
        at = place + size
        if size:
            while at < len(tokens) and tokens[at][2] in _words(code, "nationalities"):
                at += 1
        elif tokens[place][2] not in given:
            place += 1
            continue
        end = _name_end(source, tokens, at, code)
        if end > at and (size or end > at + 1):
            start, stop = tokens[at][0], tokens[end - 1][1]
            yield Candidate(Span(start, stop), " ".join(source[start:stop].split()))
            place = end
        else:
            place += max(size, 1)


def _phrase(source: str, tokens: list[tuple[int, int, str]], place: int, size: int) -> str:
    if place + size > len(tokens):
        return ""
    return source[tokens[place][0] : tokens[place + size - 1][1]]


def _name_end(source: str, tokens: list[tuple[int, int, str]], first: int, code: str) -> int:
    """Return the index after the last word of a name: a given name, a family name, and what belongs to them."""
    stops, particles, titles = _stops(code), _words(code, "particles"), _words(code, "titles")
    given = _words(code, "given")
    place, counted = first, 0
    while place < len(tokens) and place - first < _MOST_NAME:
        text = tokens[place][2]
        if place > first and source[tokens[place - 1][1] : tokens[place][0]] != " ":
            break
        if text in stops or text in titles:
            break
        if counted >= 2 and (text in given or not _third(text, tokens[place - 1][2], code)):
            break
        counted += 0 if text in particles else 1
        place += 1
    while place > first and tokens[place - 1][2] in particles and tokens[place - 1][2] != "الله":
        place -= 1
    return place


def _third(text: str, before: str, code: str) -> bool:
    """Return True if a third word belongs to the name: in Arabic one with the article, after one without it."""
    if code == "hi":
        return True
    return text == "الله" or (code == "ar" and text.startswith("ال") and not before.startswith("ال"))


def _chinese(source: str) -> Iterator[Candidate]:
    titles = _words("zh", "titles")
    for match in _DOTTED.finditer(source):
        text = match[0]
        head = text[: text.index(_first_dot(text))]
        start = match.start() + max((head.rfind(title) + len(title) for title in titles if title in head), default=0)
        last = max(text.rfind(dot) for dot in _DOT) + 1
        tail = text[last:]
        end = next((n for n, character in enumerate(tail) if n >= 2 and character in _GOES_ON), len(tail))
        stop = match.start() + last + end
        yield Candidate(Span(start, stop), source[start:stop])
    for match in _after_title_zh().finditer(source):
        start, text = match.start("name"), match["name"]
        size = _size_zh(text)
        if not size:
            continue
        if source[start + size : start + size + 1] in tuple(_DOT):
            continue
        yield Candidate(Span(start, start + size), source[start : start + size])
    for match in _before_title_zh().finditer(source):
        yield Candidate(Span(*match.span("name")), match["name"])


def _first_dot(text: str) -> str:
    return next(character for character in text if character in _DOT)


def _size_zh(text: str) -> int:
    """Return how many characters of a text are a name: a surname and one or two more, or a foreign name."""
    end = next((n for n, character in enumerate(text) if n >= 2 and character in _GOES_ON), len(text))
    if text[0] in str(words_of("zh", "names").get("surnames", "")) and end < 4:
        return end
    if all(character in _FOREIGN for character in text[:end]):
        return end
    return min(3, end) if text[0] in str(words_of("zh", "names").get("surnames", "")) else 0


@cache
def _after_title_zh() -> re.Pattern[str]:
    titles = "|".join(sorted(map(re.escape, _words("zh", "titles")), key=len, reverse=True))
    return re.compile(rf"(?:{titles})(?P<name>[{_HAN}]{{2,6}})")


@cache
def _before_title_zh() -> re.Pattern[str]:
    after = "|".join(sorted(map(re.escape, _words("zh", "after")), key=len, reverse=True))
    return re.compile(
        rf"(?<![{_HAN}])(?P<name>[{words_of('zh', 'names').get('surnames', '')}][{_HAN}]{{1,2}}?)(?={after})"
    )


def _japanese(source: str) -> Iterator[Candidate]:
    for match in _KATAKANA_NAME.finditer(source):
        yield Candidate(Span(*match.span()), match[0])
    for match in _before_title_ja().finditer(source):
        if not _NOT_NAMES_JA.fullmatch(match["name"]):
            yield Candidate(Span(*match.span("name")), match["name"])


@cache
def _before_title_ja() -> re.Pattern[str]:
    after = "|".join(sorted(map(re.escape, _words("ja", "after")), key=len, reverse=True))
    return re.compile(
        rf"(?P<name>(?<![ァ-ヺー・])[ァ-ヺー]{{2,15}}(?:・[ァ-ヺー]{{1,15}}){{0,3}}|(?<![{_HAN}々])[{_HAN}々]{{2,5}}?)(?={after})"
    )


def _korean(source: str) -> Iterator[Candidate]:
    for match in _before_title_ko().finditer(source):
        if match["name"] not in _NOT_NAMES_KO:
            yield Candidate(Span(*match.span("name")), match["name"])


@cache
def _before_title_ko() -> re.Pattern[str]:
    after = "|".join(sorted(map(re.escape, _words("ko", "after")), key=len, reverse=True))
    surnames = words_of("ko", "names").get("surnames", "")
    return re.compile(rf"(?<![가-힣])(?P<name>[{surnames}][가-힣]{{1,2}}|[가-힣]{{3,6}})\s(?:{after})")


def _thai(source: str) -> Iterator[Candidate]:
    for match in _after_title_th().finditer(source):
        start, end = match.span("name")
        if (family := match["family"]) and not family.startswith(_THAI_STOP):
            end = match.end("family")
        if end - start > 1 and not match["name"].startswith(_THAI_STOP):
            yield Candidate(Span(start, end), source[start:end])


@cache
def _after_title_th() -> re.Pattern[str]:
    titles = "|".join(sorted(map(re.escape, _words("th", "titles")), key=len, reverse=True))
    return re.compile(rf"(?:{titles})+\s?(?P<name>[\u0e01-\u0e4e]{{2,24}})(?:\s(?P<family>[\u0e01-\u0e4e]{{2,30}}))?")
