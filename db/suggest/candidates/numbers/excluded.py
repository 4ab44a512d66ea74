"""Tells which digits of a text count nothing: dates, times, years, scores, telephone numbers, and numbers in names."""

import re
from functools import cache

from db.suggest.candidates.languages import listed, words_of
from db.suggest.candidates.numbers.found import Number
from db.suggest.candidates.vocabulary import normal

_NOT_COUNTS = re.compile(
    r"\d{4}-\d{2}(?:-\d{2})?(?!\d)|\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\d)|\d{1,2}:\d{2}|(?<!\d)\d+\s?[年月日号號](?![間間])"
    r"|\d{1,4}\s?[년월](?!\s?전)|(?<=[월])\s?\d{1,2}일"
    r"|\+\d[\d ()-]{6,17}\d|\(?(?<!\d)\d{3}\)?[-. ]\d{3,4}[-. ]\d{4}(?!\d)|\d{3}-0\d{3}(?!\d)"
    r"|(?<![\d-])(\d{1,2})[-–:](\d{1,2})(?![\d-])(?=\s(?:win|victory|defeat|loss|draw|lead|on|in|at|to|over|Sieg|gegen))"
    r"|\d{4}-W\d{2}"
)
_BEFORE = re.compile(r"(?:(?P<word>[^\W\d_]+)[.:]?(?P<gap>[ \u00a0]?-?|\s№\s?)|(?P<sign>[§№#]\s?))$")
_AFTER = re.compile(r"\.?[ \u00a0]?(?P<word>[^\W\d_]+)")
_TO_DAY = re.compile(r"\.?\s?(?:[-–—]|to|bis|al?|au|до|по|do|tot|till|til|and|und|et|y|e|и|і|та|та)\s?")
_FIRST_OF_SCORE = re.compile(
    r"[-–](\d{1,2})(?![\d.,]|\s?[%\w])|[-–](\d{1,2})(?=\s(?:on|in|at|to|over|against|win|at)\b)"
)
_LAST_OF_SCORE = re.compile(r"(?<!\d)(\d{1,4})[-–/]$")
_UNIT_NAME = re.compile(r"[ \u00a0][A-ZÀ-ÞА-ЯІЇЄ]\w")
_YEAR = range(1800, 2100)
_LATIN = re.compile("[A-Za-zÀ-ɏ]+")


def countable(numbers: list[Number], source: str, here: tuple[str, ...], months: frozenset[str]) -> list[Number]:
    """Return the numbers that can be counts."""
    covered = 0
    kept = []
    for number in numbers:
        if number.digits or number.start < covered or source[number.start].isdecimal():
            begin = number.start - (number.start > 0 and source[number.start - 1] in "+(")
            match = _NOT_COUNTS.match(source, begin)
            if match is not None and not _is_range(match):
                covered = max(covered, match.end())
            if number.start < covered:
                continue
        kept.append(number)
    out = []
    day_at = -1  # where a day of a month starts; the start of a range of days is one too
    for number in reversed(kept):
        if not _excluded(number, source, here, months) and not _to_day(number, source, day_at):
            out.append(number)
        elif number.digits and number.value <= 31:
            day_at = number.start
    return out[::-1]


def _to_day(number: Number, source: str, day_at: int) -> bool:
    return number.digits and number.value <= 31 and _TO_DAY.fullmatch(source, number.end, day_at) is not None


def _is_range(match: re.Match[str]) -> bool:
    return match[1] is not None and int(match[1]) < int(match[2])


def _excluded(number: Number, source: str, here: tuple[str, ...], months: frozenset[str]) -> bool:
    if not number.digits:
        return False
    if not source[number.end - 1].isdecimal() and number.times == 1 and _UNIT_NAME.match(source, number.end):
        return True  # the 93rd Brigade
    plain = number.times == 1 and number.end - number.start <= 4
    before = _BEFORE.search(source, max(0, number.start - 24), number.start)
    word = normal(before["word"]) if before and before["word"] else ""
    after = _AFTER.match(source, number.end)
    following = normal(after["word"]) if after else ""
    if before and before["sign"]:
        return True
    names = _names(here)
    if word and before and before["gap"].endswith("-"):
        return _LATIN.fullmatch(word) is not None or word in names
    if word in names:
        return True
    if _score(number, source):
        return True
    if not plain:
        return bool(following and following in months and number.value <= 31)
    if following in months and number.value <= 31:
        return True
    if word in months and number.value <= 31 and not (after and after["word"][0].islower()):
        return True
    return number.end - number.start == 4 and number.value in _YEAR and _is_year(source, number, word, after, here)


def _score(number: Number, source: str) -> bool:
    """Return True for a number of a score such as 2-1, and for the second year of 1939-45."""
    if number.end - number.start > 2:
        return False
    if (before := _LAST_OF_SCORE.search(source, max(0, number.start - 6), number.start)) is not None:
        first = int(before[1])
        return first >= number.value and (len(before[1]) <= 2 or (len(before[1]) == 4 and first in _YEAR))
    after = _FIRST_OF_SCORE.match(source, number.end)
    return after is not None and number.value >= int(after[1] or after[2])


def _is_year(source: str, number: Number, word: str, after: re.Match[str] | None, here: tuple[str, ...]) -> bool:
    """Return True unless something is counted: "2000 men", but "in 2000", "2014 року", "of 2014."."""
    years = _years(here)
    following = after["word"] if after else ""
    if following and normal(following) in years[1]:
        return True
    if word in years[0]:
        return True
    if not following:
        return True
    if following[0].isupper():
        return here[0] not in ("de", "lb")
    return source[number.end : number.end + 1] not in (" ", "\u00a0") and source[number.end].isascii()


@cache
def _names(here: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal(word) for code in here for word in listed(words_of(code, "numbers").get("designators")))


@cache
def _years(here: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words before and after a year."""
    before = {normal(word) for code in here for word in listed(words_of(code, "numbers").get("year_words"))}
    after = {normal(word) for code in here for word in listed(words_of(code, "numbers").get("year_after"))}
    return frozenset(before), frozenset(after)
