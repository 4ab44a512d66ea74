"""Reads dates as people and mail programs write them: month names of any language, intervals and weeks."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from db.kinds import is_date
from db.notation.dates import NO_DATE, Order, ReadDate, calendar_date, read_plain_date, week, year_of
from db.notation.names_of_days import is_weekday, month_named

_TIME = re.compile(
    r"(?:(?<=\d)[T:]|[\s,]+(?:at\s+|um\s+|à\s+|kl\.?\s+|alle\s+)?)\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?"
    r"(?:\s*[ap]\.?m\.?(?![a-z]))?(?:\s*(?:uhr|hrs?|h)(?![a-z]))?"
    r"(?:\s*(?:[A-Z]{3,5}|Z)(?![a-zA-Z]))?(?:\s*[+-]\d{2}(?::?\d{2})?)?(?=$|\s)",
    re.ASCII | re.IGNORECASE,
)
_ZONE = re.compile(r"(?<=\d)(?:T\d{4}(?:\d{2}(?:\.\d{1,9})?)?)?\s?(?:Z|UTC|GMT)?$", re.ASCII)
_BRACKETS = re.compile(r"\s*\([^()]*\)$")
_WORD = r"(?P<month>[^\W\d_][^\d,/]*?)\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|re|ª|º|°|\.)?"
_OF = r"(?:\s+(?:of|de|del|di)\b|\s+d['’])?"
_YEAR = r"(?P<year>\d{4}|['’]?\d{2})(?:\s*(?:г|р|r|год|года|року|рік|j)\.?)?\.?"
_DAY_MONTH = re.compile(
    rf"(?:the\s+|am\s+|le\s+|el\s+)?{_DAY}{_OF}[\s./-]*{_WORD}(?:\s+(?:of|de|del))?[\s,./-]*{_YEAR}"
)
_MONTH_DAY = re.compile(rf"{_WORD}[\s.-]+(?:the\s+)?{_DAY},?[\s-]+{_YEAR}")
_YEAR_MONTH_DAY = re.compile(rf"(?P<year>\d{{4}})[\s.,/-]+(?:m\.\s+)?{_WORD}[\s.-]+{_DAY}(?:\s+d\.?)?")
_MONTH_YEAR = re.compile(rf"{_WORD}(?:\s+(?:of|de|del))?[\s,./]+(?P<year>\d{{4}})(?:\s*(?:г|р)\.?)?")
_YEAR_MONTH = re.compile(rf"(?P<year>\d{{4}})[\s,./-]+{_WORD}")
_MONTH_SHORT_YEAR = re.compile(rf"{_WORD}(?:-|\s?['’])(?P<year>\d{{2}})")
_DAYS_OF_MONTH = re.compile(
    rf"(?P<first>\d{{1,2}})\.?\s*(?:[-–—/]|\bto\b|\band\b|bis|au|al?|по|до)\s*{_DAY}{_OF}\s+{_WORD},?\s+(?P<year>\d{{4}})"
)
_MONTH_DAYS = re.compile(rf"{_WORD}\s+(?P<first>\d{{1,2}})\s*(?:[-–—]|to|and)\s*{_DAY},?\s+(?P<year>\d{{4}})")
_TWO_DATES = re.compile(r"(.+?)(?:\s+(?:-|–|—|to|until|till|through|bis|au|à|al?|a|до|по|/)\s+|\s*[–—]\s*|/|\.\.+)(.+)")
_NO_YEAR = re.compile(rf"(?:{_DAY}\s+[^\W\d_]+|[^\W\d_]+\s+\d{{1,2}})")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(?:(\d{1,2})\s?[月월]\s?)?(?:(\d{1,2})\s?[日号號일]?)?")
_VIETNAMESE = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2})(?:,|\s+năm)?\s+(\d{4})", re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})(?:-?([1-7]))?", re.IGNORECASE)
_WEEK_FIRST = re.compile(r"(?:week|KW|wk)\s?(\d{1,2})[\s,/]+(\d{4})", re.IGNORECASE)
_ORDINAL = re.compile(r"(\d{4})-(\d{3})")
_QUARTER = re.compile(r"(?:(?P<y1>\d{4})[\s/-]?Q(?P<q1>[1-4])|Q(?P<q2>[1-4])[\s/-]?(?P<y2>\d{4}))", re.IGNORECASE)
_MONTH_NUMBER = re.compile(r"(\d{1,2})[/.-](\d{4})|(\d{4})[/.](\d{1,2})")
_SIX_DIGITS = re.compile(r"(1[89]|20)(\d{2})(0[1-9]|1[0-2])")
_THAI = re.compile("[\u0e01-\u0e2e]")
_Language = tuple[str | None, bool]  # of names of months: its code, and True if it may be a rare one
_LATEST = 2400  # a year from here on, beside a Thai month, is of the Buddhist era


def read_written_date(cell: str, order: Order | None, code: str | None, rare: bool) -> ReadDate:
    """Return the date of a cell that is in no notation of numbers alone. Words such as "about" make it no date.

    code: the language of ambiguous names of months. rare: True if the names may be of any language.
    """
    language = (code, rare)
    text = _plain(cell)
    if not any(map(str.isdigit, text)):
        return NO_DATE
    text = _ZONE.sub("", _without_time(_BRACKETS.sub("", text)))
    for variant in dict.fromkeys((_without_weekday(text), text)):
        for read in (_single, _interval):
            found = read(variant, order, language)
            if found.value is not None or found.ambiguous:
                return found._replace(note=True)
    return NO_DATE


def _plain(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell)
    digits = (str(unicodedata.digit(c)) if not c.isascii() and c.isdigit() else c for c in text)
    return " ".join("".join(digits).split())


def _without_time(text: str) -> str:
    match = _TIME.search(text)
    if not match or match.start() == 0:
        return text
    rest = text[match.end() :].strip()
    # Only a year can follow a time, as in "Fri Feb 14 10:00:00 2025".
    return f"{text[: match.start()].strip()} {rest}".strip() if not rest or rest.isdecimal() else text


def _without_weekday(text: str) -> str:
    first, _, rest = text.partition(" ")
    if not rest or not is_weekday(first):
        first, _, rest = text.partition(",")
    return rest.strip() if rest and not first[:1].isdigit() and is_weekday(first) else text


def _numbered(text: str, _: _Language) -> str | None:
    """Return a week, a day of the year, a quarter, a month in digits, or a date in Chinese, Korean or Vietnamese."""
    if match := _WEEK.fullmatch(text):
        year, number, day = match.groups()
        try:
            return (
                date.fromisocalendar(int(year), int(number), int(day)).isoformat()
                if day
                else week(int(year), int(number))
            )
        except (ValueError, OverflowError):
            return None
    if match := _WEEK_FIRST.fullmatch(text):
        return week(int(match[2]), int(match[1]))
    if (match := _ORDINAL.fullmatch(text)) and 1 <= int(match[2]) <= 366 and int(match[1]):
        day_of_year = date.fromordinal(date(int(match[1]), 1, 1).toordinal() + int(match[2]) - 1)
        return day_of_year.isoformat() if day_of_year.year == int(match[1]) else None
    if match := _QUARTER.fullmatch(text):
        year, quarter = match["y1"] or match["y2"], int(match["q1"] or match["q2"])
        return f"{year}-{3 * quarter - 2:02}/{year}-{3 * quarter:02}"
    if match := _MONTH_NUMBER.fullmatch(text):
        month, year = (match[1], match[2]) if match[1] else (match[4], match[3])
        return f"{year}-{int(month):02}" if 1 <= int(month) <= 12 else None
    if match := _SIX_DIGITS.fullmatch(text):
        return f"{match[1]}{match[2]}-{match[3]}"
    if match := _CJK.fullmatch(text):
        year, *rest = (part for part in match.groups() if part)
        return "-".join([year, *(f"{int(part):02}" for part in rest)])
    if match := _VIETNAMESE.fullmatch(text):
        return calendar_date(int(match[3]), int(match[2]), int(match[1])).value
    return None


def _named(text: str, language: _Language) -> str | None:
    """Return a date or an interval of days with the name of a month."""
    if not any(character.isalpha() for character in text):
        return None
    for pattern in (_DAYS_OF_MONTH, _MONTH_DAYS):
        if (match := pattern.fullmatch(text)) and (month := month_named(match["month"], *language)):
            first = calendar_date(int(match["year"]), month, int(match["first"])).value
            last = calendar_date(int(match["year"]), month, int(match["day"])).value
            return f"{first}/{last}" if first and last and first < last else None
    for pattern in (_DAY_MONTH, _MONTH_DAY, _YEAR_MONTH_DAY):
        if (match := pattern.fullmatch(text)) and (month := month_named(match["month"], *language)):
            return calendar_date(_year(match), month, int(match["day"])).value
    for pattern in (_MONTH_YEAR, _YEAR_MONTH, _MONTH_SHORT_YEAR):
        if (match := pattern.fullmatch(text)) and (month := month_named(match["month"], *language)):
            return f"{_year(match):04}-{month:02}"
    return None


def _year(match: re.Match[str]) -> int:
    year = year_of(match["year"].strip("'’"))
    return year - 543 if year > _LATEST and _THAI.search(match["month"]) else year


def _interval(text: str, order: Order | None, language: _Language) -> ReadDate:
    """Return an interval of two dates, of which the first may lack the year."""
    match = _TWO_DATES.fullmatch(text)
    if not match:
        return NO_DATE
    first, last = (part.strip() for part in match.groups())
    end = _single(last, order, language)
    if _NO_YEAR.fullmatch(first) and end.value:
        first = f"{first} {end.value[:4]}"
    begin = _single(first, order, language)
    if begin.ambiguous or end.ambiguous:
        return begin if begin.ambiguous else end
    if not begin.value or not end.value or "/" in begin.value or "/" in end.value:
        return NO_DATE
    value = f"{begin.value}/{end.value}"
    return ReadDate(value, note=True) if is_date(value) else NO_DATE


def _single(text: str, order: Order | None, language: _Language) -> ReadDate:
    plain = read_plain_date(text, order)
    if plain.value is not None or plain.ambiguous:
        return plain
    reads: tuple[Callable[[str, _Language], str | None], ...] = (_numbered, _named)
    value = next((value for read in reads if (value := read(text, language))), None)
    return ReadDate(value) if value and is_date(value) else NO_DATE
