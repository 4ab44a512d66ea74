"""Dates in digits: ISO 8601, 14.02.2025, 03/04/2025 in both readings, weeks, years and decades."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from db.kinds import is_date
from db.suggest.candidates.dates.parts import Parts, year_month_day

_NUMERIC = re.compile(
    r"(?<![\d./-])(?:(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?:(?P=s)(?P<d>\d{1,2}))?"
    r"|(?P<a>\d{1,2})(?P<t>[./-])(?P<b>\d{1,2})(?P=t)(?P<yy>\d{4}|\d{2}))(?![\d/]|[.-]\d)"
)
_DAYS = re.compile(r"(?<![\d./-])(\d{1,2})\.?[-–](\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_WEEK = re.compile(r"(?<![\d-])(\d{4})-?W(\d{2})(?:-([1-7]))?(?!\d)")
_YEARS = re.compile(r"(?<![\w.,$€£-])((?:1[5-9]|20)\d{2})\s?[-–—/]\s?((?:1[5-9]|20)\d{2}|\d{2})(?![\w%]|[.,-]\d)")
_YEAR = re.compile(r"(?<![\w.,$€£])(?<!\d[-–/])(?:1[89]|20)\d{2}(?![\w%]|[.,-]\d|-[^\W\d]{1,2}\b)")
_COUNTED = re.compile(
    r"[ \u00a0](?:km|kilomet\w*|met[er]{2}s?|miles?|m|kg|tons?|tonnes?|"
    r"people|persons?|men|women|children|soldiers?|troops|"
    r"prisoners|bodies|homes|houses|Menschen|Personen|Soldaten|personnes|personas|pessoas|persone|mensen|osób|lidí|"
    r"человек|людей|осіб|kişi|människor|mennesker|orang|euros?|dollars?|рублей|гривень|شخص|בני אדם|लोग|คน|人|명)(?!\w)"
)
_DECADE = re.compile(
    r"(?<![\w.,$€£-])(?P<decade>(?:1[5-9]|20)\d0)(?:['’]?s(?!\w)|er(?:[nJ-])?(?!\w)|[-–]?(?:х|ті|тих|ые|ых|е)(?!\w)|年代|년대|"
    r"[-–]?(?:talet|tallet|tal|luvulla|luvun|luku|luvulta|årene|es)(?!\w)|['’]?erne(?!\w)|['’]l[aıei]\w*|-an(?!\w))"
)


def in_digits(source: str, places: Iterable[int], day_first: bool) -> Iterator[Parts]:
    """Yield the dates that are written in digits alone; ``places`` are where digits start."""
    for place in places:
        if match := _NUMERIC.match(source, place):
            values = _numeric(match, day_first)
            if values:
                yield Parts(*match.span(), value=values[0], other=values[1] if len(values) > 1 else None)
        if match := _DAYS.match(source, place):
            first, last, month, year = map(int, match.groups())
            if first < last:
                value = f"{year:04}-{month:02}-{first:02}/{year:04}-{month:02}-{last:02}"
                yield Parts(*match.span(), value=value)
        if match := _WEEK.match(source, place):
            yield Parts(*match.span(), value=week(int(match[1]), int(match[2]), int(match[3] or 0)))
        if match := _DECADE.match(source, place):
            first = int(match["decade"])
            yield Parts(*match.span(), value=f"{first}/{first + 9}")
        if match := _YEARS.match(source, place):
            first, last = int(match[1]), int(match[2])
            if len(match[2]) == 2:
                last += first // 100 * 100
            if first < last and (len(match[2]) == 4 or last % 100 > 12 or "–" in match[0]):
                yield Parts(*match.span(), value=f"{first:04}/{last:04}")
        if (match := _YEAR.match(source, place)) and _COUNTED.match(source, match.end()) is None:
            yield Parts(*match.span(), year=int(match[0]))


def week(year: int, number: int, day: int = 0) -> str | None:
    """Return the interval of a week of ISO 8601, or one day of it."""
    try:
        first = date.fromisocalendar(year, number, day or 1)
    except ValueError:
        return None
    return first.isoformat() if day else f"{first.isoformat()}/{(first + timedelta(days=6)).isoformat()}"


def _numeric(match: re.Match[str], day_first: bool) -> list[str]:
    if match["y"]:
        return _valid(year_month_day(int(match["y"]), int(match["m"]), int(match["d"]) if match["d"] else None, None))
    first, second, year = int(match["a"]), int(match["b"]), int(match["yy"])
    year = year if len(match["yy"]) == 4 else 2000 + year
    by_day = year_month_day(year, second, first, None)
    by_month = year_month_day(year, first, second, None)
    if match["t"] == ".":
        return _valid(by_day) or _valid(by_month)
    return _valid(by_day, by_month) if day_first else _valid(by_month, by_day)


def _valid(*values: str | None) -> list[str]:
    return list(dict.fromkeys(value for value in values if value is not None and is_date(value)))
