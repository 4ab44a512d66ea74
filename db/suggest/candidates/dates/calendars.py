"""Years and months of other calendars: Buddhist (Thai), Persian, Hijri, and the eras of Japan and Taiwan."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from db.suggest.candidates.dates.parts import Parts

BUDDHIST = 543  # years before the Gregorian ones
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "民国": 1911}
"""The year before the first year of each era."""

_PERSIAN = [
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
]  # fmt: skip
_HIJRI = [
    ("محرم", "المحرم", "muharram"), ("صفر", "safar"), ("ربيع الأول", "rabi al-awwal", "rabi' al-awwal"),
    ("ربيع الآخر", "ربيع الثاني", "rabi al-thani", "rabi' al-thani"),
    ("جمادى الأولى", "جمادى الاولى", "jumada al-awwal", "jumada al-ula"),
    ("جمادى الآخرة", "جمادى الثانية", "جمادى الاخرة", "jumada al-thani", "jumada al-akhirah"), ("رجب", "rajab"),
    ("شعبان", "sha'ban", "shaban"), ("رمضان", "ramadan"), ("شوال", "shawwal"),
    ("ذو القعدة", "ذي القعدة", "dhu al-qadah", "dhu al-qi'dah"),
    ("ذو الحجة", "ذي الحجة", "dhu al-hijjah", "dhul hijjah"),
]  # fmt: skip
_ARABIC = re.compile("[\u0620-\u06ff]")
_HIJRI_YEAR = re.compile(r"(?<!\w)(1[34]\d{2})\s?(?:هـ|ه(?!\w)|AH(?!\w)|A\.H\.)")


def other_calendars(lower: str, source: str, published: date | None) -> Iterator[Parts]:
    """Yield dates with months of the Persian and the Hijri calendar, as Gregorian days or intervals."""
    if not (_ARABIC.search(source) or "AH" in source or " 14" in source):
        return
    persian, hijri = _patterns()
    for match in persian.finditer(lower):
        months = {name: number for number, name in enumerate(_PERSIAN, 1)}
        year = int(match["year"]) if match["year"] else _persian_year(published) if match["day"] else None
        if year and 1200 <= year <= 1500:
            value = _persian(year, months[match["month"]], int(match["day"]) if match["day"] else None)
            if value:
                yield Parts(*match.span(), value=value)
    for match in hijri.finditer(lower):
        number = next(n for n, names in enumerate(_HIJRI, 1) if match["month"] in names)
        value = _hijri(int(match["year"]), number, int(match["day"]) if match["day"] else None)
        if value:
            yield Parts(*match.span(), value=value)
    for match in _HIJRI_YEAR.finditer(source):
        first, last = _hijri(int(match[1]), 1, 1), _hijri(int(match[1]), 12, None)
        if first and last:
            yield Parts(*match.span(), value=f"{first}/{last.partition('/')[2]}")


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    hijri = "|".join(sorted((re.escape(name) for names in _HIJRI for name in names), key=len, reverse=True))
    persian = "|".join(_PERSIAN)
    return (
        re.compile(
            rf"(?<!\w)(?:(?P<day>\d{{1,2}})\s)?(?P<month>{persian})(?:\s(?:ماه\s)?(?:سال\s)?(?P<year>1[2-4]\d{{2}}))?(?!\w)"
        ),
        re.compile(
            rf"(?<!\w)(?:(?P<day>\d{{1,2}})\s(?:من\s)?)?(?P<month>{hijri}),?\s(?:من\s)?(?:عام\s|سنة\s)?"
            r"(?P<year>1[34]\d{2})(?:\s?(?:هـ|ه|ah|a\.h\.)(?!\w))?(?!\d)"
        ),
    )


def _persian_year(published: date | None) -> int | None:
    if published is None:
        return None
    return published.year - 621 - (published < _persian_day(published.year - 621, 1, 1))


def _persian_day(year: int, month: int, day: int) -> date:
    """Return the Gregorian day; leap years by cycles of 33 years, as they are from 1799 to 2256."""
    years = year + 1595
    days = 365 * years + years // 33 * 8 + (years % 33 + 3) // 4 + day
    days += (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    return date.fromordinal(days - 355668 - 365)


def _persian(year: int, month: int, day: int | None) -> str | None:
    length = 31 if month < 7 else 30 if month < 12 else 29
    if day is None:
        first = _persian_day(year, month, 1)
        return f"{first.isoformat()}/{(first + timedelta(days=length - 1)).isoformat()}"
    return _persian_day(year, month, day).isoformat() if 1 <= day <= max(length, 30) else None


def _hijri(year: int, month: int, day: int | None) -> str | None:
    from hijridate import Hijri

    try:
        first = Hijri(year, month, day or 1)
        begin = date(*first.to_gregorian().datetuple())
        if day is not None:
            return begin.isoformat()
        return f"{begin.isoformat()}/{(begin + timedelta(days=first.month_length() - 1)).isoformat()}"
    except (ValueError, OverflowError):
        return None
