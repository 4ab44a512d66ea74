"""The patterns of one language: dates with month names, weekdays, and phrases that count from publication."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from db.suggest.candidates.dates.parts import Parts
from db.suggest.candidates.dates.reading import (
    Context,
    Read,
    read_ago,
    read_day_month,
    read_decade,
    read_month,
    read_part_of_year,
    read_relative,
    read_thai_year,
    read_unit,
    read_week,
    read_weekday,
)
from db.suggest.candidates.dates.words import Words, words
from db.suggest.candidates.vocabulary import MARKS
from db.text.folding import UNSPACED

_SCRIPTS = rf"{UNSPACED}\uac00-\ud7a3"
_ENDS = rf"(?![^\W{_SCRIPTS}])(?![{MARKS}])"
_ARTICLE = r"(?:(?:the|den|le|el|il) )?"  # before the end of a range
_NO_MARK = rf"(?<![{MARKS}])"  # vowel signs of Devanagari and accents of their own are parts of words, but not letters
_BLANK = r"[ \u00a0\u202f\n]"


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of a language, each with what reads its matches, and how ranges are written."""

    words: Words
    forms: tuple["_Form", ...]
    by_word: Mapping[str, Sequence["_Form"]] | None  # by the first word of a match; None if words have no blanks
    by_digit: Sequence["_Form"]  # those that begin with digits
    range: re.Pattern[str]
    between: re.Pattern[str]
    between_and: re.Pattern[str]


_DIGIT = "0"  # stands for digits among the words that can begin a form


@dataclass(frozen=True, slots=True)
class _Form:
    pattern: re.Pattern[str]
    read: Read
    firsts: frozenset[str]


def in_words(
    source: str, lower: str, tokens: Sequence[tuple[int, str]], here: Patterns, published: date | None
) -> Iterator[Parts]:
    """Yield the dates of one language. ``tokens`` are the places and words of the text in lower case.

    Where words have blanks between them, a pattern is tried only where a word that can begin it is: a pattern alone
    takes longer to search the text than all of this together.
    """
    context = Context(here.words, published, source)
    if here.by_word is None:
        for form in here.forms:
            for match in form.pattern.finditer(lower):
                yield from form.read(match, context)
        return
    by_word, by_digit = here.by_word, here.by_digit
    for start, token in tokens:
        forms = by_word.get(token)
        if forms is None:
            if not token[0].isdecimal():
                continue
            forms = by_digit
        for form in forms:
            if (match_here := form.pattern.match(lower, start)) is not None:
                yield from form.read(match_here, context)


@cache
def patterns(code: str) -> Patterns | None:
    """Return the patterns of a language, or None if it has no words for dates."""
    here = words(code)
    if here is None:
        return None
    blank = rf"{_BLANK}" if here.spaced else rf"{_BLANK}?"
    begins = rf"(?<![^\W{_SCRIPTS}]){_NO_MARK}"
    if here.prefixes:
        begins = rf"(?:{begins}|(?<=\b[{here.prefixes}]))"
    unspaced = not here.spaced or bool(here.prefixes) or here.code == "ko"
    made = (*_calendar_forms(here, begins), *_weekday_forms(here, begins, blank),
            *_counted_forms(here, begins, blank), *_other_forms(here, begins))  # fmt: skip
    forms = tuple(
        _Form(
            re.compile(_first_letters(firsts) + pattern if unspaced else pattern),
            read,
            frozenset(_first_word(phrase) for phrase in firsts),
        )
        for pattern, read, firsts in made
    )
    joined = rf"{_BLANK}?[-–—~〜～]{_BLANK}?|{_BLANK}?[至到]{_BLANK}?|から|부터{_BLANK}|에서{_BLANK}"
    spaced = _any(here.range)
    return Patterns(
        here,
        forms,
        None if unspaced else _by_word(forms),
        [form for form in forms if _DIGIT in form.firsts],
        re.compile(rf"(?:{joined}|{_BLANK}?(?:{spaced}){_BLANK}{_ARTICLE})", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{_any(here.between)})[ \u00a0]+{_ARTICLE}$", re.IGNORECASE),
        re.compile(rf"[ \u00a0]?(?:{_any(here.between_and)}) ?{_ARTICLE}", re.IGNORECASE),
    )


_Made = tuple[str, Read, Iterable[str]]
_WORD = re.compile(r"\w+")


def _first_word(phrase: str) -> str:
    match = _WORD.search(phrase)
    return _DIGIT if match is None or match[0][0].isdecimal() else match[0]


def _first_letters(phrases: Iterable[str]) -> str:
    """Return a pattern for the letters that can begin a match, which rules out most places at once."""
    letters = {r"\d" if phrase[0].isdecimal() else re.escape(phrase[0]) for phrase in phrases if phrase}
    return f"(?=[{''.join(sorted(letters))}])" if letters else ""


def _by_word(forms: Iterable[_Form]) -> dict[str, list[_Form]]:
    found: dict[str, list[_Form]] = {}
    for form in forms:
        for word in form.firsts:
            found.setdefault(word, []).append(form)
    return found


def _calendar_forms(here: Words, begins: str) -> Iterator[_Made]:
    month = _any(here.months)
    nth = rf"(?:{_any(here.nth)})?" if here.nth else r"(?:-?го|º)?"
    to = rf"(?:{_BLANK}?[-–—]{_BLANK}?|{_BLANK}(?:{_any((*here.range, *here.between_and, 'to', 'and'))}){_BLANK})"
    days = rf"(?P<day>\d{{1,2}}){nth}(?:{to}(?P<last>\d{{1,2}}){nth})?"
    of = rf"(?:(?:{_any(here.of)}){_BLANK}?)?" if here.of else ""
    year = rf"(?:(?:,?{_BLANK}|,)(?:,{_BLANK})?{of}(?P<year>\d{{4}}|'\d\d)(?!\d|[.,]\d|{_BLANK}\d{{3}}))?"
    if not here.spaced:
        year = rf"(?:{_BLANK}?{of}(?P<year>\d{{4}}))?"
    ends = _ENDS if here.spaced else ""
    dot = rf"(?:\.(?={_BLANK}?\d|,))?"
    hyphened = rf"(?<![\w.,-])(?P<day>\d{{1,2}})(?P<last>)-(?P<month>{month})-(?P<year>\d{{4}}|\d\d)(?!\d)"
    apart = rf"(?:(?<![\w.,])|(?<=\b[{here.prefixes}]))" if here.prefixes else r"(?<![\w.,])"
    yield rf"{apart}(?<!\d[-–]){days}{_BLANK}?{of}(?P<month>{month}){dot}{ends}{year}", read_day_month, [_DIGIT]
    yield hyphened, read_day_month, [_DIGIT]
    yield (
        rf"{begins}(?P<month>{month}){dot}{_BLANK}(?:the{_BLANK})?{days}(?!\d|[.,:]\d|{_BLANK}\d{{3}}|%){year}{ends}",
        read_day_month,
        here.months,
    )
    if here.code in ("hu", "lt", "eu", "lv", "mn"):
        yield (
            rf"(?<!\d)(?P<year>\d{{4}})\.?{_BLANK}(?:m\.{_BLANK})?(?P<month>{month}){dot}{_BLANK}(?P<day>\d{{1,2}})(?P<last>)(?!\d)",
            read_day_month,
            [_DIGIT],
        )
    yield rf"{begins}(?P<month>{month}){dot}{ends}{year}", read_month, here.months
    if here.code == "th":
        yield (
            r"(?<!\d)(?P<year>(?:2[45]|๒[๔๕])\d\d)(?!\d)(?=\D|$)(?<=ปี....)|(?<=พ\.ศ\. )(?P<be>\d{4})",
            read_thai_year,
            [_DIGIT],
        )


def _weekday_forms(here: Words, begins: str, blank: str) -> Iterator[_Made]:
    direction, weekday = _any(here.directions), _any(here.weekdays)
    weeks = _any(unit for unit, name in here.units.items() if name == "week")
    gap = blank if here.code not in ("zh", "ja") else f"{_BLANK}?"
    if here.code in ("ja", "ko"):
        of_week = _any(phrase for phrase, (_, unit) in here.relative.items() if unit == "week")
        before = rf"(?:(?P<week_before>{of_week})(?:の|{_BLANK})?|(?P<before>{direction}){gap})?"
    else:
        before = rf"(?:(?P<before>{direction}){gap}(?P<week_before>(?!))?)?"
    after = (
        rf"(?:{gap}(?:(?:of|der|de la|del|da|della|на|van){_BLANK})?(?P<after>{direction})"
        rf"(?P<week_after>{gap}(?:{weeks}))?{_ENDS})?"
    )
    ends = _ENDS if here.spaced and here.code != "ko" else ""
    yield rf"{begins}{before}(?P<weekday>{weekday}){ends}{after}", read_weekday, (*here.directions, *here.weekdays)


def _counted_forms(here: Words, begins: str, blank: str) -> Iterator[_Made]:
    ends = _ENDS if here.spaced and here.code != "ko" else ""
    yield rf"{begins}(?P<relative>{_any(here.relative)}){ends}", read_relative, here.relative
    units, direction = _any(here.units), _any(here.directions)
    yield (
        rf"{begins}(?:(?P<before>{direction}){blank}(?P<unit>{units})){ends}(?P<after>(?!))?",
        read_unit,
        here.directions,
    )
    yield rf"{begins}(?:(?P<unit>{units}){blank}(?P<after>{direction})){ends}(?P<before>(?!))?", read_unit, here.units
    number = rf"(?:(?P<number>(?<!\d)\d{{1,3}}|{_any(here.counts)})(?:{_BLANK}de)?{_BLANK}?)"
    what = rf"(?:(?P<period>{_any(here.periods)})|{number}(?P<unit>{units}))"
    some = rf"(?:(?P<period>{_any(here.periods)})|{number}?(?P<unit>{units}))"
    before, after = _any(here.ago_before), _any(here.ago_after)
    firsts = (_DIGIT, *here.counts, *here.periods)
    if here.ago_before:
        ago = rf"{begins}(?:{before}){blank}{what}(?:{blank}(?:{after}))?{ends}(?P<ahead>(?!))?"
        yield ago, read_ago, here.ago_before
    if here.ago_after:
        bare = here.code in ("ru", "uk", "pl")
        gap = blank if here.spaced else f"{_BLANK}?"
        yield (
            rf"{begins}{some if bare else what}{gap}(?:{after}){ends}(?P<ahead>(?!))?",
            read_ago,
            (*firsts, *here.units) if bare else firsts,
        )
    if here.ahead_before:
        yield rf"{begins}(?P<ahead>{_any(here.ahead_before)}){blank}{what}{ends}", read_ago, here.ahead_before
    if here.ahead_after:
        yield rf"{begins}{what}{blank}(?P<ahead>{_any(here.ahead_after)}){ends}", read_ago, firsts


def _other_forms(here: Words, begins: str) -> Iterator[_Made]:
    of = rf"(?:(?:{_any((*here.of, 'of', 'des jahres', 'года', 'року'))}){_BLANK})?"
    for size, numbers in ((3, here.quarters), (6, here.halves)):
        if numbers:
            yield (
                rf"{begins}(?P<part>{_any(numbers)})(?:,?{_BLANK}|/){of}(?P<year>\d{{4}})(?!\d)",
                read_part_of_year(size, numbers),
                numbers,
            )
    if here.weeks:
        yield (
            rf"{begins}(?:{_any(here.weeks)}){_BLANK}?(?P<number>\d{{1,2}})(?:,?{_BLANK}|/){of}(?P<year>\d{{4}})(?!\d)",
            read_week,
            here.weeks,
        )
    if here.decade_before:
        yield (
            rf"{begins}(?:{_any(here.decade_before)}){_BLANK}'?(?P<decade>1[5-9]\d0|20\d0|(?<=')\d0)(?![\d'-])\.?",
            read_decade,
            here.decade_before,
        )


def _any(texts: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first, or one that never matches."""
    quoted = sorted({re.escape(text).replace(r"\ ", r"[ \u00a0\n]") for text in texts if text}, key=len, reverse=True)
    return "|".join(quoted).replace("'", "['’ʼ]") or r"(?!)"
