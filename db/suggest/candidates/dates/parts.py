"""The parts of a date as a text has them, and the ISO 8601 value that they have on a day of publication."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from db.kinds import is_date

MOST_STEPS = 3000  # days, weeks, months or years from the day of publication


@dataclass(frozen=True, slots=True)
class Parts:
    """A date as it is written: any part can be missing. ``value`` is set if it is known without the parts."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    value: str | None = None
    other: str | None = None  # another reading of the same digits

    def resolved(self, published: date | None) -> str | None:
        """Return the value, with missing parts from the day of publication, or None."""
        value = self.value or year_month_day(self.year, self.month, self.day, published)
        return value if value is not None and is_date(value) else None


def year_month_day(year: int | None, month: int | None, day: int | None, published: date | None) -> str | None:
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


def joined(first: Parts, last: Parts, published: date | None) -> Parts | None:
    """Return the interval from one date to another; each takes the parts it lacks from the other."""
    if first.value is not None or last.value is not None:
        return None
    if last.month is None and last.day is not None:
        last = replace(last, month=first.month, year=last.year or first.year)
    if last.year is None and first.year is not None:
        later = (last.month or 0, last.day or 0) < (first.month or 0, first.day or 0)
        last = replace(last, year=first.year + (1 if later else 0))
    end = last.resolved(published)
    if end is None:
        return None
    if first.month is None and first.day is not None:
        first = replace(first, month=last.month)
    if first.year is None:
        year, month, day = (*(int(part) for part in end.split("-")), 0, 0)[:3]
        first = replace(first, year=year - (1 if (first.month or 0, first.day or 0) > (month, day or 31) else 0))
    begin = first.resolved(published)
    if begin is None or not begin < end:
        return None
    return Parts(first.start, last.end, value=f"{begin}/{end}")


def counted(steps: float, unit: str, published: date | None, whole: bool) -> str | None:
    """Return the date some units after publication. A ``whole`` week is an interval from Monday to Sunday."""
    if published is None or abs(steps) > MOST_STEPS:
        return None
    if steps != round(steps):  # half a year
        size = {"year": 12, "month": 30, "week": 7, "decade": 120}.get(unit)
        if size is None:
            return None
        steps, unit = _rounded(steps * size), "month" if unit in ("year", "decade") else "day"
    steps = int(steps)
    match unit:
        case "day" | "night":
            return (published + timedelta(days=steps)).isoformat()
        case "weekend":
            saturday = published + timedelta(days=5 - published.weekday(), weeks=steps)
            return f"{saturday.isoformat()}/{(saturday + timedelta(days=1)).isoformat()}"
        case "fortnight":
            return (published + timedelta(weeks=2 * steps)).isoformat()
        case "week" if whole:
            monday = published - timedelta(days=published.weekday()) + timedelta(weeks=steps)
            return f"{monday.isoformat()}/{(monday + timedelta(days=6)).isoformat()}"
        case "week":
            return (published + timedelta(weeks=steps)).isoformat()
        case "month":
            months = published.year * 12 + published.month - 1 + steps
            return f"{months // 12:04}-{months % 12 + 1:02}"
        case "decade" if whole:
            first = (published.year // 10 + steps) * 10
            return f"{first:04}/{first + 9:04}"
        case "decade":
            return f"{published.year + 10 * steps:04}"
        case _:
            return f"{published.year + steps:04}"


def _rounded(steps: float) -> int:
    return int(steps) if steps == int(steps) else int(steps + (0.5 if steps > 0 else -0.5))


def on_weekday(weekday: int, direction: int | None, by_week: bool, published: date | None) -> str | None:
    """Return the day of a weekday: the last one up to publication, or the one before (-1) or after (1) it.

    ``by_week`` counts weeks from Monday: the Friday of last week.
    """
    if published is None:
        return None
    if by_week:
        monday = published - timedelta(days=published.weekday())
        return (monday + timedelta(days=weekday, weeks=direction or 0)).isoformat()
    back = (published.weekday() - weekday) % 7
    if direction == 1:
        return (published + timedelta(days=7 - back)).isoformat()
    return (published - timedelta(days=back or (7 if direction == -1 else 0))).isoformat()


def months_of(year: int, first: int, size: int) -> str | None:
    """Return the interval of ``size`` months of a year: quarters and halves."""
    return f"{year:04}-{first:02}/{year:04}-{first + size - 1:02}" if 1 <= first <= 12 else None
