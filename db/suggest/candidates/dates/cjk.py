"""Dates in Chinese, Japanese and Korean: 二月十四日, 2月12日至14日, 令和7年, 去年10月, 2025년 2월 14일."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from db.suggest.candidates.dates.calendars import ERAS
from db.suggest.candidates.dates.parts import Parts
from db.suggest.candidates.languages import valued, words_of

_DIGIT = "〇零一二三四五六七八九"
_VALUES = {character: number for number, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_SMALL = rf"\d{{1,2}}|[{_DIGIT}十廿]{{1,3}}"
_LANGUAGES = ("zh", "ja", "ko")
_NEVER = "(?!)"
_NOT_DURATION = r"(?!\s?(?:전|간|동안|후|뒤|째|만에|前|間|间|後|后|内|以内))"


def small(text: str) -> int | None:
    """Return the number for digits or Chinese numerals below 100."""
    if text.isdecimal():
        return int(text)
    if "十" not in text and "廿" not in text:
        return _VALUES.get(text) if len(text) == 1 else None
    tens, _, ones = text.replace("廿", "二十").partition("十")
    return 10 * (_VALUES.get(tens, 0) if tens else 1) + (_VALUES.get(ones, 0) if ones else 0)


def east_asian(source: str, published: date | None) -> Iterator[Parts]:
    """Yield the dates in numerals of the three languages; ``joined`` makes ranges of them."""
    if "年" in source or "月" in source or "日" in source or "号" in source or "號" in source:
        for match in _chinese().finditer(source):
            yield from _parts(match, published)
    if "년" in source or "월" in source or "일" in source or "달" in source:
        for match in _korean().finditer(source):
            yield from _parts(match, published)


def _parts(match: re.Match[str], published: date | None) -> Iterator[Parts]:
    if not any(match.group("year", "era", "this_year", "month", "this_month", "day")):
        return
    end = match.end()
    if match["this_month"] and not match["day"]:
        return  # read as a relative phrase
    if match["this_year"] and not match["month"]:
        return
    year: int | None = None
    if match["year"]:
        year = int("".join(str(_VALUES.get(character, character)) for character in match["year"]))
    elif match["era"]:
        year = ERAS[match["era"]] + (1 if match["of_era"] == "元" else small(match["of_era"]) or int(match["of_era"]))
    elif match["this_year"]:
        if published is None:
            return
        year = published.year + _relative("years")[match["this_year"]]
    month = small(match["month"]) if match["month"] else None
    if match["this_month"]:
        if published is None:
            return
        months = published.year * 12 + published.month - 1 + _relative("months_relative")[match["this_month"]]
        year, month = divmod(months, 12)
        month += 1
    day = small(match["day"]) if match["day"] else None
    if day is not None and month is None and year is not None:
        return
    last = small(match["last"]) if match["last"] else None
    if day is not None and last is not None:
        value = Parts(0, 0, year, month, day).resolved(published)
        upper = Parts(0, 0, int(value[:4]), int(value[5:7]), last).resolved(published) if value else None
        if value and upper and value < upper:
            yield Parts(match.start(), end, value=f"{value}/{upper}")
        return
    yield Parts(match.start(), end, year, month, day)


@cache
def _relative(name: str) -> dict[str, int]:
    return {
        word: int(value) for code in _LANGUAGES for word, value in valued(words_of(code, "dates").get(name)).items()
    }


def _any(name: str) -> str:
    return "|".join(sorted(map(re.escape, _relative(name)), key=len, reverse=True)) or _NEVER


def _firsts() -> str:
    words = (*ERAS, *_relative("years"), *_relative("months_relative"))
    return "".join(sorted({word[0] for word in words}))


@cache
def _chinese() -> re.Pattern[str]:
    day = rf"(?P<day>{_SMALL})(?:日?\s?[-–—~〜至到]\s?(?P<last>{_SMALL}))?\s?[日号號]{_NOT_DURATION}"
    return re.compile(
        rf"(?<![\d{_DIGIT}十])(?=[\d{_DIGIT}十廿○{_firsts()}])(?:(?:(?P<year>\d{{4}}|[{_DIGIT}○]{{4}}|\d{{2}}(?=年\s?\d{{1,2}}月))"
        rf"|(?P<era>{'|'.join(ERAS)})(?P<of_era>元|\d{{1,3}}|[{_DIGIT}十]{{1,3}}))\s?年|(?P<this_year>{_any('years')}))?"
        rf"\s?(?:(?P<month>{_SMALL})\s?月(?!間|间)|(?P<this_month>{_any('months_relative')}))?\s?(?:{day})?"
    )


@cache
def _korean() -> re.Pattern[str]:
    day = rf"(?P<day>\d{{1,2}})(?:일?\s?[-–—~〜∼]\s?(?P<last>\d{{1,2}}))?\s?일(?!본|부|반|정){_NOT_DURATION}"
    return re.compile(
        rf"(?<![\d가-힣])(?=[\d{_firsts()}])(?:(?P<year>\d{{4}})\s?년|(?P<era>{_NEVER})(?P<of_era>{_NEVER})|(?P<this_year>{_any('years')}))?"
        rf"\s?(?:(?P<month>\d{{1,2}})\s?월|(?P<this_month>{_any('months_relative')}))?\s?(?:{day})?"
    )
