"""Finds dates in a text: full and partial dates, and phrases that count from the day of publication.

The words (months, weekdays, "last month", "days ago") come from dateparser, which has them for 200 languages. The
arithmetic is ours, because reviewers need something else than ``dateparser.parse`` returns: dates as precise as the
text ("last month" is a month), a weekday that may be the day of publication, and less than a millisecond a phrase.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from db.kinds import is_date
from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.languages import languages
from db.text.folding import KANA_AND_HAN

_MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_UNITS = ("day", "week", "month", "year")
_AGO = re.compile(r"(?:(?P<back>\d+) (?P<unit>\w+) ago|in (?P<ahead>\d+) (?P<ahead_unit>\w+))")
_CJK = re.compile(r"(?:(\d{4})\s?年)?\s?(?:(\d{1,2})\s?月)?\s?(?:(\d{1,2})\s?[日号號])?")
_NUMERIC = re.compile(
    r"(?<![\d./-])(?:(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?:(?P=s)(?P<d>\d{1,2}))?"
    r"|(?P<a>\d{1,2})(?P<t>[./-])(?P<b>\d{1,2})(?P=t)(?P<yy>\d{4}|\d{2}))(?![\d/]|[.-]\d)"
)
_YEAR = re.compile(r"(?<![\w.,$€£-])(?:1[89]|20)\d{2}(?![\w%]|[.,-]\d)")
_NEXT_OR_LAST = {  # words that choose another weekday than the nearest, in the languages we know well
    "last": "last|past|прошл(?:ый|ую|ое|ой|ого)|минул(?:ий|у|ого|ої)|上|الماضي|الماضية",
    "next": "next|coming|следующ(?:ий|ую|ее|его)|ближайш(?:ий|ую|ее)|наступн(?:ий|у|ого|ої)|下|القادم|القادمة",
}
_SMALL = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "дві": 2, "чотири": 4,
    "п'ять": 5, "шість": 6, "сім": 7,
}  # fmt: skip
_SHORTEST_ALONE = 4  # letters of a weekday or month without a day; shorter ones are often other words
# Words have boundaries, except in scripts without spaces between words.
_BEGINS, _ENDS = rf"(?<![^\W{KANA_AND_HAN}])", rf"(?![^\W{KANA_AND_HAN}])"


@dataclass(frozen=True, slots=True)
class _Language:
    """The words of one language, and patterns made of them."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    relative: Mapping[str, tuple[int, str]]
    units: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    day_first: bool


def find_dates(source: str, published: str | None = None, language: str | None = None) -> list[Candidate]:
    """Return dates as ISO 8601, as precise as the text and unsorted; intervals as ``2025-02-03/2025-02-09``."""
    exact = _published(published)
    found: dict[int, Candidate] = {}
    here = [words for code in languages(source, language) if (words := _language(code)) is not None]

    def add(span: tuple[int, int], value: str | None) -> None:
        start, end = span
        known = found.get(start)
        if value is not None and is_date(value) and (known is None or known.span.end < end):
            found[start] = Candidate(Span(start, end), value)

    for match in _NUMERIC.finditer(source):
        add(match.span(), _numeric(match, here[0].day_first if here else True))
    # Matching lower case is several times faster than ignoring case.
    lower = source.lower() if len(source.lower()) == len(source) else "".join(map(_lower, source))
    for words in here:
        for pattern, form in words.patterns:
            for match in pattern.finditer(lower):
                if form != "month" or _may_be_month(source, *match.span("month"), year=bool(match["year"])):
                    add(match.span(), _resolved(form, match, words, exact))
    if "年" in source or "月" in source:
        for match in _CJK.finditer(source):
            if match[0].strip():
                year, month, day = (int(part) if part else None for part in match.groups())
                add(match.span(), _year_month_day(year, month, day, exact))
    for match in _YEAR.finditer(source):
        add(match.span(), str(int(match[0])))
    return list(_outermost(found.values()))


def _outermost(found: Iterable[Candidate]) -> Iterator[Candidate]:
    """Leave out parts of longer candidates, such as the year of a date."""
    end = 0
    for item in sorted(found, key=lambda item: (item.span.start, -item.span.end)):
        if item.span.end > end:
            end = item.span.end
            yield item


def _published(text: str | None) -> date | None:
    """Return the day of publication, or None if it is not known to the day."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


# Forms


def _resolved(form: str, match: re.Match[str], words: "_Language", published: date | None) -> str | None:
    try:
        return _FORMS[form](match, words, published)
    except OverflowError:  # before the year 1, or after 9999
        return None


def _day_month(match: re.Match[str], words: _Language, published: date | None) -> str | None:
    month = words.months.get(_key(match["month"]))
    year = int(match["year"]) if match["year"] else None
    first, last = int(match["day"]), match["last"]
    start = _year_month_day(year, month, first, published)
    if not last or start is None:
        return start
    end = _year_month_day(int(start[:4]), month, int(last), published)
    return f"{start}/{end}" if end is not None and start < end else None


def _month(match: re.Match[str], words: _Language, published: date | None) -> str | None:
    year = int(match["year"]) if match["year"] else None
    return _year_month_day(year, words.months.get(_key(match["month"])), None, published)


def _may_be_month(source: str, start: int, end: int, year: bool) -> bool:
    """Return False for months without day and year that may be other words: may, march, mar."""
    latin = source[start:end].isascii()
    short = end - start < _SHORTEST_ALONE and source[start:end] != "May"
    return year or not latin or (source[start].isupper() and not short)


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


def _weekday(match: re.Match[str], words: _Language, published: date | None) -> str | None:
    weekday = words.weekdays.get(_key(match["weekday"]))
    if weekday is None or published is None:
        return None
    back = (published.weekday() - weekday) % 7
    if match["next"]:
        return (published + timedelta(days=7 - back)).isoformat()
    return (published - timedelta(days=back or (7 if match["last"] else 0))).isoformat()


def _relative(match: re.Match[str], words: _Language, published: date | None) -> str | None:
    steps, unit = words.relative[_key(match["relative"])]
    return _counted(steps, unit, published, whole=True)


def _ago(match: re.Match[str], words: _Language, published: date | None) -> str | None:
    number = _key(match["number"])
    steps = _SMALL[number] if number in _SMALL else int(number)
    return _counted(-steps, words.units[_key(match["unit"])], published, whole=False)


_FORMS: Mapping[str, Callable[[re.Match[str], _Language, date | None], str | None]] = {
    "day month": _day_month,
    "month": _month,
    "weekday": _weekday,
    "relative": _relative,
    "ago": _ago,
}


def _numeric(match: re.Match[str], day_first: bool) -> str | None:
    if match["y"]:
        return _year_month_day(int(match["y"]), int(match["m"]), int(match["d"]) if match["d"] else None, None)
    day, month = int(match["a"]), int(match["b"])
    if (not day_first and match["t"] != "." and day <= 12) or month > 12:
        day, month = month, day
    year = int(match["yy"])
    return _year_month_day(year if len(match["yy"]) == 4 else 2000 + year, month, day, None)


def _year_month_day(year: int | None, month: int | None, day: int | None, published: date | None) -> str | None:
    """Return a date as ISO 8601. Without a year or month, it is the last such date up to publication."""
    if month is None:
        if day is None or year is not None:
            return f"{year:04}" if year and day is None else None
        if published is None:
            return None
        year, month = published.year, published.month
        if day > published.day:
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    if not 1 <= month <= 12:
        return None
    if year is None:
        if published is None:
            return None
        later = (month, day or 0) > (published.month, published.day)
        year = published.year - (1 if later else 0)
    return f"{year:04}-{month:02}" if day is None else f"{year:04}-{month:02}-{day:02}"


def _counted(steps: int, unit: str, published: date | None, whole: bool) -> str | None:
    """Return the date some units after publication. A ``whole`` week is an interval from Monday to Sunday."""
    if published is None or abs(steps) > 3000:
        return None
    match unit:
        case "day":
            return (published + timedelta(days=steps)).isoformat()
        case "week" if whole:
            monday = published - timedelta(days=published.weekday()) + timedelta(weeks=steps)
            return f"{monday.isoformat()}/{(monday + timedelta(days=6)).isoformat()}"
        case "week":
            return (published + timedelta(weeks=steps)).isoformat()
        case "month":
            months = published.year * 12 + published.month - 1 + steps
            return f"{months // 12:04}-{months % 12 + 1:02}"
        case _:
            return f"{published.year + steps:04}"


# Words


def _key(word: str) -> str:
    return " ".join(word.lower().rstrip(".").replace("’", "'").replace("ʼ", "'").split())


@cache
def _language(code: str) -> _Language | None:
    try:
        info: dict[str, Any] = importlib.import_module(f"dateparser.data.date_translation_data.{code}").info
    except ImportError:
        return None
    months = {_key(word): number for number, name in enumerate(_MONTHS, 1) for word in info.get(name, ())}
    weekdays = {
        _key(word): number
        for number, name in enumerate(_WEEKDAYS)
        for word in info.get(name, ())
        if len(word) >= _SHORTEST_ALONE or re.search(f"[{KANA_AND_HAN}]", word)
    }
    relative: dict[str, tuple[int, str]] = {}
    for key, phrases in info.get("relative-type", {}).items():
        counted = _AGO.fullmatch(key)
        if counted and (unit := counted["unit"] or counted["ahead_unit"]) in _UNITS:
            steps = int(counted["ahead"]) if counted["ahead"] else -int(counted["back"])
            relative |= dict.fromkeys((_key(phrase) for phrase in phrases), (steps, unit))
    units = {_key(word): unit for unit in _UNITS for word in info.get(unit, ()) if len(word) > 2 or not word.isascii()}
    ago = [_key(word) for word in info.get("ago", ())]
    return _Language(
        months,
        weekdays,
        relative,
        units,
        _patterns(months, weekdays, relative, units, ago),
        info.get("date_order") != "MDY",
    )


def _patterns(
    months: Iterable[str], weekdays: Iterable[str], relative: Iterable[str], units: Iterable[str], ago: Iterable[str]
) -> tuple[tuple[re.Pattern[str], str], ...]:
    month, weekday = _any_of(months), _any_of(weekdays)
    nth = "(?:st|nd|rd|th|-?го|º)?"
    days = rf"(?P<day>\d{{1,2}}){nth}(?:\s?(?:[-–—]|to|and|до|по|і|и|та)\s?(?P<last>\d{{1,2}}){nth})?"
    year = rf"(?:,?\s(?:of\s|de\s)?(?P<year>\d{{4}}))?{_ENDS}"
    last, following = _NEXT_OR_LAST["last"], _NEXT_OR_LAST["next"]
    number = rf"(?P<number>\d{{1,3}}|{_any_of(_SMALL)})"
    made = [
        (rf"(?<![\w.,-]){days}\s(?:of\s|de\s)?(?P<month>{month})\.?{year}", "day month"),
        (rf"{_BEGINS}(?P<month>{month})\.?\s(?:the\s)?{days}{year}", "day month"),
        (rf"{_BEGINS}(?P<month>{month})\.?{year}", "month"),
        (rf"{_BEGINS}(?:(?P<last>{last})\s?|(?P<next>{following})\s?)?(?P<weekday>{weekday}){_ENDS}", "weekday"),
        (rf"{_BEGINS}(?P<relative>{_any_of(relative)}){_ENDS}", "relative"),
        (rf"{_BEGINS}{number}\s?(?P<unit>{_any_of(units)})\s?(?:{_any_of(ago)}){_ENDS}", "ago"),
        (rf"{_BEGINS}(?:{_any_of(ago)})\s{number}\s(?P<unit>{_any_of(units)}){_ENDS}", "ago"),
    ]
    return tuple((re.compile(text), form) for text, form in made)


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first, or one that never matches."""
    quoted = sorted({re.escape(word).replace(r"\ ", r"\s") for word in words if word}, key=len, reverse=True)
    return "|".join(quoted).replace("'", "['’ʼ]") or r"(?!)"
