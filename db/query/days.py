"""Days that a query names by their distance from today: `today`, `yesterday`, `tomorrow`, `-7d` (seven days ago)."""

import re
from datetime import UTC, date, datetime, time, timedelta

from db.query.values import Bound, bound_of

DAY_WORDS = ("today", "yesterday", "tomorrow", "-7d")
_AGO = re.compile(r"-([0-9]{1,5})d")


def day_named(word: str) -> date | None:
    """Return the day, in the time zone of this machine; None for any other word."""
    word = word.lower()
    ago = _AGO.fullmatch(word)
    days = {"today": 0, "yesterday": 1, "tomorrow": -1}.get(word, int(ago[1]) if ago else None)
    return None if days is None else date.today() - timedelta(days)


def bound_of_day(day: date, *, times: bool) -> Bound:
    """Return a day as a bound. ``times``: the column holds times in UTC, and the day is that of this machine."""
    if not times:
        return bound_of(day.isoformat(), numbers=False, dates=True)
    start, stop = (datetime.combine(at, time()).astimezone(UTC) for at in (day, day + timedelta(1)))
    begin, after = (moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") for moment in (start, stop))
    return Bound(None, begin, begin, after)
