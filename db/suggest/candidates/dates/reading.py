"""Reads the matches of patterns: each function yields the dates that one form of words stands for."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from db.suggest.candidates.dates.numeric import week
from db.suggest.candidates.dates.parts import Parts, counted, months_of, on_weekday
from db.suggest.candidates.dates.words import Words, key


@dataclass(frozen=True, slots=True)
class Context:
    """What a match is read with: the words of its language, the day of publication, and the text."""

    words: Words
    published: date | None
    source: str


Read = Callable[[re.Match[str], Context], Iterable[Parts]]

_SHORTEST_MONTH = 4  # letters of a month without a day; shorter ones are often other words


def read_day_month(match: re.Match[str], at: Context) -> Iterator[Parts]:
    """Read 14 February 2025, and 12-14 February."""
    month, day = at.words.months[key(match["month"])], int(match["day"])
    year = _year(match["year"], at.words) if match["year"] else None
    if not match["last"]:
        yield Parts(*match.span(), year, month, day)
        return
    first = Parts(0, 0, year, month, day).resolved(at.published)
    last = Parts(0, 0, int(first[:4]), month, int(match["last"])).resolved(at.published) if first else None
    if first and last and first < last:
        yield Parts(*match.span(), value=f"{first}/{last}")


def _year(text: str, here: Words) -> int:
    digits = text.lstrip("'’")
    year = int(digits) if len(digits) == 4 else 2000 + int(digits)
    return year - 543 if here.code == "th" and year >= 2400 else year


def read_month(match: re.Match[str], at: Context) -> Iterator[Parts]:
    """Read a month, with its year if it is written; not a word that can be another, such as may."""
    year = _year(match["year"], at.words) if match["year"] else None
    start, end = match.span("month")
    written = at.source[start:end]
    short = end - start < _SHORTEST_MONTH and written != "May"
    latin = written[0].isascii() or "À" <= written[0] < "\u0250"
    capital = written[0].isupper() or at.words.code not in ("en", "de")  # others write months in lower case
    if year or not latin or (capital and not short):
        yield Parts(*match.span(), year, at.words.months[key(match["month"])])


def read_weekday(match: re.Match[str], at: Context) -> Iterator[Parts]:
    """Read Friday, last Friday, and the Friday of last week."""
    direction = match["before"] or match["after"]
    step = at.words.directions[key(direction)] if direction else None
    by_week = bool(match["week_before"] or match["week_after"]) or (at.words.code == "zh" and step is not None)
    if match["week_before"] and at.words.code in ("ja", "ko"):
        step = at.words.relative[key(match["week_before"])][0]
    value = on_weekday(at.words.weekdays[key(match["weekday"])], step, by_week, at.published)
    if value:
        yield Parts(*match.span(), value=value)


def read_relative(match: re.Match[str], at: Context) -> Iterator[Parts]:
    """Read yesterday, last month."""
    steps, unit = at.words.relative[key(match["relative"])]
    if value := counted(steps, unit, at.published, whole=unit != "day"):
        yield Parts(*match.span(), value=value)


def read_unit(match: re.Match[str], at: Context) -> Iterator[Parts]:
    """Read "last week", "semana pasada"."""
    step = at.words.directions[key(match["before"] or match["after"])]
    unit = at.words.units[key(match["unit"])]
    if unit == "day":
        return
    if value := counted(step, unit, at.published, whole=True):
        yield Parts(*match.span(), value=value)


def read_ago(match: re.Match[str], at: Context) -> Iterator[Parts]:
    """Read two weeks ago, half a year ago, in three days."""
    sign = 1 if match["ahead"] else -1
    if match["period"]:
        steps, unit = at.words.periods[key(match["period"])]
        number: float = steps
    else:
        unit = at.words.units[key(match["unit"])]
        number = _count(match["number"], at.words) if match["number"] else 1
    if unit in ("weekend", "night"):
        return
    if value := counted(sign * number, unit, at.published, whole=False):
        yield Parts(*match.span(), value=value)


def _count(text: str, here: Words) -> float:
    plain = " ".join(text.replace("’", "'").replace("ʼ", "'").split())
    return here.counts[plain] if plain in here.counts else int(text)


def read_part_of_year(size: int, numbers: Mapping[str, int]) -> Read:
    """Return what reads quarters and halves: Q1 2024."""

    def read(match: re.Match[str], at: Context) -> Iterator[Parts]:
        number = numbers[" ".join(match["part"].split())]
        value = months_of(_year(match["year"], at.words), (number - 1) * size + 1, size)
        if value:
            yield Parts(*match.span(), value=value)

    return read


def read_week(match: re.Match[str], _: Context) -> Iterator[Parts]:
    """Read week 7 of 2025."""
    if value := week(int(match["year"]), int(match["number"])):
        yield Parts(*match.span(), value=value)


def read_decade(match: re.Match[str], _: Context) -> Iterator[Parts]:
    """Read années 1990."""
    first = int(match["decade"])
    first = first if first >= 100 else 1900 + first
    yield Parts(*match.span(), value=f"{first}/{first + 9}")


def read_thai_year(match: re.Match[str], at: Context) -> Iterator[Parts]:
    """Read a year of the Buddhist era."""
    yield Parts(*match.span(), _year(match[0], at.words))
