"""The words of dates in a language: dateparser's (months, weekdays, units, phrases), and those of ``words/*.toml``."""

import importlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from db.suggest.candidates.languages import listed, valued, words_of
from db.suggest.candidates.vocabulary import UNSPACED as WITHOUT_BLANKS
from db.suggest.candidates.vocabulary import counts

_MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_UNITS = ("day", "week", "month", "year")
_MORE_UNITS = (*_UNITS, "weekend", "night", "decade", "fortnight")
_AGO = re.compile(r"(?:(?P<back>\d+) (?P<unit>\w+) ago|in (?P<ahead>\d+) (?P<ahead_unit>\w+))")
_STEPS = re.compile(r"(-?\d+) (day|week|month|year)s?")
_MOST_COUNTED = 30  # the highest number in words before a unit of time
_SHORTEST_WEEKDAY = 4  # letters of a weekday; shorter ones are often other words
_HAN_COUNTS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of dates of one language, in lower case, with what they mean."""

    code: str
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    relative: Mapping[str, tuple[int, str]]  # "last month": (-1, "month")
    units: Mapping[str, str]
    counts: Mapping[str, float]  # numbers before a unit, and parts such as "half a"
    periods: Mapping[str, tuple[int, str]]  # "two weeks" in one word
    directions: Mapping[str, int]  # last, this, next
    ago_before: tuple[str, ...]
    ago_after: tuple[str, ...]
    ahead_before: tuple[str, ...]
    ahead_after: tuple[str, ...]
    range: tuple[str, ...]
    between: tuple[str, ...]
    between_and: tuple[str, ...]
    of: tuple[str, ...]
    nth: tuple[str, ...]
    decade_before: tuple[str, ...]
    quarters: Mapping[str, int]
    halves: Mapping[str, int]
    weeks: tuple[str, ...]
    prefixes: str  # letters that are written together with a word, as in Hebrew
    day_first: bool
    spaced: bool


def key(word: str) -> str:
    """Return a word in the form of the tables: lower case, one kind of apostrophe, single blanks."""
    plain = word.lower().replace("’", "'").replace("ʼ", "'")
    return " ".join(plain.split()).rstrip(".") or plain


@cache
def words(code: str) -> Words | None:
    """Return the words of a language, or None if dateparser does not know it."""
    try:
        info: dict[str, Any] = importlib.import_module(f"dateparser.data.date_translation_data.{code}").info
    except ImportError:
        return None
    table = words_of(code, "dates")
    weekdays = {
        key(word): number
        for number, name in enumerate(_WEEKDAYS)
        for word in info.get(name, ())
        if len(word) >= _SHORTEST_WEEKDAY and word[0] != "("
    }
    periods = _periods(table)
    return Words(
        code=code,
        months=_months(info, table),
        weekdays=weekdays | {key(word): int(day) - 1 for word, day in valued(table.get("weekdays")).items()},
        relative=_relative(info, table),
        units=_units(info, table),
        counts=_counts(code, table),
        periods=periods,
        directions={
            key(word): step
            for step, name in ((-1, "last"), (0, "this"), (1, "next"))
            for word in listed(table.get(name))
        },
        ago_before=_all(table, "ago_before", info.get("ago", ())),
        ago_after=_all(table, "ago_after", info.get("ago", ())),
        ahead_before=_all(table, "ahead_before"),
        ahead_after=_all(table, "ahead_after"),
        range=_all(table, "range"),
        between=_all(table, "between"),
        between_and=_all(table, "between_and"),
        of=_all(table, "of"),
        nth=_all(table, "nth"),
        decade_before=_all(table, "decade_before"),
        quarters=_numbered(table.get("quarters"), 4),
        halves=_numbered(table.get("halves"), 2),
        weeks=_all(table, "week"),
        prefixes="".join(listed(table.get("prefixes"))),
        day_first=info.get("date_order") != "MDY",
        spaced=code not in WITHOUT_BLANKS or code == "ko",
    )


def _all(table: Mapping[str, Any], name: str, more: Iterable[str] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*map(_lower, listed(table.get(name))), *map(key, more)]))


def _lower(word: str) -> str:
    return word.lower().replace("’", "'").replace("ʼ", "'")


def _months(info: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, int]:
    months = {key(word): number for number, name in enumerate(_MONTHS, 1) for word in info.get(name, ())}
    months |= {key(word): int(number) for word, number in valued(table.get("months")).items()}
    return {word: number for word, number in months.items() if len(word) > 1 and not word[0].isdigit()}


def _relative(info: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    relative: dict[str, tuple[int, str]] = {}
    for name, phrases in info.get("relative-type", {}).items():
        counted = _AGO.fullmatch(name)
        if counted and (unit := counted["unit"] or counted["ahead_unit"]) in _UNITS:
            steps = int(counted["ahead"]) if counted["ahead"] else -int(counted["back"])
            for phrase in phrases:
                if abs(steps) == 1 or unit == "day":  # others are read by their words: two weeks ago is a day
                    relative.setdefault(key(phrase), (steps, unit))
    for name, unit in (
        ("relative", "day"),
        ("years", "year"),
        ("months_relative", "month"),
        ("weeks_relative", "week"),
    ):
        relative |= {key(phrase): (int(steps), unit) for phrase, steps in valued(table.get(name)).items()}
    for phrase, period in valued(table.get("joined_parts")).items():
        if (match := _STEPS.fullmatch(period)) is not None and int(match[1]) < 0:
            relative[key(phrase)] = int(match[1]), match[2]
    return relative


def _units(info: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, str]:
    units = {key(word): unit for unit in _UNITS for word in info.get(unit, ()) if len(word) > 2 or not word.isascii()}
    more = table.get("units", {})
    listed_units = {key(word): unit for unit in _MORE_UNITS for word in listed(more.get(unit))}
    short = {word for word in units if len(word) == 1 and not _is_han(word)}
    return {word: unit for word, unit in units.items() if word not in short} | listed_units


def _is_han(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff" or "\uac00" <= word[0] <= "\ud7a3"


def _counts(code: str, table: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = dict(_HAN_COUNTS) if code in ("zh", "ja") else {}
    if code not in WITHOUT_BLANKS:
        found |= {_lower(word): number for word, number in counts(code, _MOST_COUNTED).items()}
    for name in ("parts", "counts"):
        found |= {_lower(word): float(value) for word, value in valued(table.get(name)).items()}
    return found


def _periods(table: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    found = {}
    for name in ("dual", "joined_parts"):
        for word, steps in valued(table.get(name)).items():
            if (match := _STEPS.fullmatch(steps)) is not None and int(match[1]) > 0:
                found[key(word)] = int(match[1]), match[2]
    return found


def _numbered(text: str | None, most: int) -> dict[str, int]:
    """Return phrases with their numbers; ``Q{n}`` stands for Q1 to Q4, ``{r}`` for a Roman number."""
    found: dict[str, int] = {}
    for phrase, number in valued(text).items():
        if number:
            found[_lower(phrase)] = int(number)
            continue
        for n in range(1, most + 1):
            roman = ("i", "ii", "iii", "iv")[n - 1]
            found[_lower(phrase).replace("{n}", str(n)).replace("{r}", roman)] = n
    return found
