"""The names of months and weekdays in every language that dateparser knows."""

import importlib
import pkgutil
from functools import cache

_MONTHS = "january february march april may june july august september october november december".split()
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
# Their names win over equal names in other languages, whose data is loaded only for words that these lack.
_LANGUAGES = (
    "en de fr es it pt nl pl cs sk ru uk be bg sr hr bs sl mk ro hu el tr az sv da nb no is fi et lv lt ca gl eu ga cy"
    " sq hy ka he ar fa ur hi bn ta te th vi id ms fil sw am ko ja zh kk uz ky mn af"
).split()


def month_named(name: str, language: str | None = None, rare: bool = True) -> int | None:
    """Return the number of a month by its name in any language; None for other words, and for names of two months.

    rare: also in the 150 languages whose words take a second to load.
    """
    key = _key(name)
    if language and (known := _words(language.replace("_", "-").partition("-")[0].lower())) and key in known[0]:
        return known[0][key]
    english, _ = _words("en")
    if key in english:
        return english[key]
    months = _common()[0].get(key) or (_others()[0].get(key) if rare else None)
    return next(iter(months)) if months and len(months) == 1 else None


def is_weekday(name: str) -> bool:
    """Return True for the name of a weekday in a frequent language."""
    key = _key(name)
    return key in _words("en")[1] or key in _common()[1]


def _key(word: str) -> str:
    return word.casefold().strip(" .,").replace("’", "'")


@cache
def _words(code: str) -> tuple[dict[str, int], frozenset[str]]:
    """Return the months and the weekdays of one language; none if dateparser doesn't know it."""
    try:
        info = importlib.import_module(f"dateparser.data.date_translation_data.{code}").info
    except ImportError:
        return {}, frozenset()
    months = {_key(word): number for number, name in enumerate(_MONTHS, 1) for word in info.get(name, ())}
    months.pop("", None)
    weekdays = frozenset(_key(word) for name in _WEEKDAYS for word in info.get(name, ())) - months.keys()
    return months | ({"sept": 9} if code == "en" else {}), weekdays


def _joined(codes: list[str]) -> tuple[dict[str, set[int]], frozenset[str]]:
    months: dict[str, set[int]] = {}
    weekdays: set[str] = set()
    for code in codes:
        own, days = _words(code)
        weekdays |= days
        for word, number in own.items():
            months.setdefault(word, set()).add(number)
    return months, frozenset(weekdays)


@cache
def _common() -> tuple[dict[str, set[int]], frozenset[str]]:
    return _joined(_LANGUAGES)


@cache
def _others() -> tuple[dict[str, set[int]], frozenset[str]]:
    from dateparser.data import date_translation_data

    return _joined([module.name for module in pkgutil.iter_modules(date_translation_data.__path__)])
