"""Finds numbers in a text: digits of any script, numbers in words, and their modifiers.

The number words of English, Spanish, Hindi, Russian and Ukrainian come from number-parser, those of Chinese and
Japanese from Unicode.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from db.kinds import is_modifier
from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.languages import languages
from db.text.folding import KANA_AND_HAN

_DIGITS = re.compile(
    rf"(?<![^\W{KANA_AND_HAN}])(?<![.,/])(?<!\d[-–])"
    r"(?:\d{1,3}(?:[,.  \u202f'’٬]\d{3})+(?!\d)|\d+)(?:[.,٫]\d+)?(?!\d|/\d)"
)
_DATE = re.compile(
    r"\d{4}-\d{2}(?:-\d{2})?(?!\d)|\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\d)|\d{1,2}:\d{2}|(?<!\d)\d+\s?[年月日号號]"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_JOINED = re.compile(r"[ \u00a0\u202f-]|[ \u00a0]and[ \u00a0]")
_HAN = re.compile("(?<![周期拜第上下])[〇零一二三四五六七八九十百千万萬亿億两兩]+")
_SUFFIX = re.compile(r"(?:st|nd|rd|th|-?[йяеї]|-?(?:го|му|ти|х|ій))(?!\w)")
_MAGNITUDES = {
    "k": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "bn": 10**9, "тыс": 10**3, "тис": 10**3, "млн": 10**6,
    "млрд": 10**9, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "千": 10**3, "百": 100,
    "ألف": 10**3, "آلاف": 10**3, "مليون": 10**6, "ملايين": 10**6, "مليار": 10**9,
}  # fmt: skip
_MAGNITUDE = re.compile(
    rf"[ \u00a0]?({'|'.join(sorted(_MAGNITUDES, key=len, reverse=True))})(?![^\W\d_{KANA_AND_HAN}])"
)
# Vague number words of the news, with the least number that they can mean.
_VAGUE = {
    "dozen": (12, None), "dozens": (24, "at least"), "scores": (40, "at least"), "hundreds": (200, "at least"),
    "thousands": (2000, "at least"), "millions": (2_000_000, "at least"), "couple": (2, "about"),
    "десятки": (20, "at least"), "десятков": (20, "at least"), "сотни": (200, "at least"), "сотен": (200, "at least"),
    "дюжина": (12, None), "десятків": (20, "at least"), "сотні": (200, "at least"), "сотень": (200, "at least"),
}  # fmt: skip
_BEFORE = {
    "about": r"about|around|approximately|approx\.?|roughly|some|nearly|almost|circa|an estimated|estimated|[~≈]|"
    r"около|примерно|приблизительно|порядка|почти|близько|приблизно|майже|орієнтовно|"
    r"حوالي|نحو|قرابة|约|約|大约|大約|近",
    "at least": r"at least|more than|over|no fewer than|no less than|not less than|upwards of|>=?|≥|"
    r"более|больше|свыше|не менее|не меньше|как минимум|по меньшей мере|"
    r"понад|більше|щонайменше|не менше|принаймні|أكثر من|ما لا يقل عن|على الأقل|至少|超过|超過|逾",
    "at most": r"at most|up to|no more than|not more than|fewer than|less than|under|<=?|≤|"
    r"не более|не больше|менее|меньше|максимум|не більше|менше|щонайбільше|до|أقل من|حتى|不到|至多|最多",
}
_AFTER = {"at least": r"\+|or more|and more|или более|и более|або більше|і більше|多|余|餘|以上", "about": "or so|左右"}
_LOOK_BACK = 24  # characters before a number to search for a modifier
_MODIFIED_BEFORE = {
    name: re.compile(rf"(?<!\w)(?:{words})\s*(?:the |a )?$", re.IGNORECASE) for name, words in _BEFORE.items()
}
_MODIFIED_AFTER = {name: re.compile(rf"\s?(?:{words})(?![a-zа-яі])", re.IGNORECASE) for name, words in _AFTER.items()}
_RANGE = re.compile(r"\s?[-–—]\s?|\s(?:to|до|по|至|到)\s|[至到]")
_BETWEEN = re.compile(r"\s(?:and|и|та|і)\s")
_OPENS_RANGE = re.compile(r"(?:between|между|між)\s+$", re.IGNORECASE)
_LARGEST = 10**18
_LONGEST_RUN = 40  # words or numerals in a row that may be one number


def find_numbers(source: str, language: str | None = None, whole: bool = True) -> list[Candidate]:
    """Return numbers with their modifiers, in the order of the text. With ``whole``, leave out fractions."""
    dates = [match.span() for match in _DATE.finditer(source)]
    found = [
        item
        for item in (*_in_digits(source, language), *_in_words(source, language), *_in_han(source))
        if isinstance(item.value, int | float)
        and abs(item.value) <= _LARGEST
        and not (whole and isinstance(item.value, float))
        and not any(start <= item.span.start < end for start, end in _near(dates, item.span))
    ]
    found.sort(key=lambda item: (item.span.start, -item.span.end))
    return _ranges([_modified(item, source) for item in found], source)


def _near(spans: list[tuple[int, int]], span: Span) -> list[tuple[int, int]]:
    from bisect import bisect_right

    place = bisect_right(spans, (span.start, _LARGEST))
    return spans[max(0, place - 1) : place]


def _in_digits(source: str, language: str | None) -> Iterator[Candidate]:
    words = _vocabulary(languages(source, language))
    for match in _DIGITS.finditer(source):
        start, end = match.span()
        value = _value(match[0])
        if (suffix := _SUFFIX.match(source, end)) is not None:
            end = suffix.end()
        elif (magnitude := _MAGNITUDE.match(source, end)) is not None:
            value, end = _times(value, _MAGNITUDES[magnitude[1]]), magnitude.end()
        elif (word := _WORD.match(source, end + 1)) is not None and source[end] in " \u00a0":
            times = words.get(_normal(word[0]), 0)
            if times >= 1000:
                value, end = _times(value, times), word.end()
        if end == match.end() and _WORD.match(source, end) and source[end].isascii():
            continue  # part of a name, as in 5G
        yield Candidate(Span(start, end), value)


def _value(digits: str) -> int | float:
    """Return the number for digits of any script, with separators of thousands and decimals."""
    plain = "".join(str(int(c)) if c.isdecimal() else "." if c in ".٫" else "," if c in ",٬" else "'" for c in digits)
    whole = re.sub(r"[,.'](?=\d{3}(?!\d))", "", plain) if re.fullmatch(r"\d{1,3}([,.']\d{3})+", plain) else plain
    if "," in whole or "." in whole or "'" in whole:
        head, tail = re.split(r"[,.'](?=\d+$)", whole)
        return float(f"{re.sub('[^0-9]', '', head)[:300]}.{tail}")
    return int(whole) if len(whole) <= 40 else _LARGEST * 10


def _times(value: float, by: int) -> int | float:
    product = value * by
    return round(product) if abs(product) < _LARGEST and abs(product - round(product)) < 1e-6 else product


def _in_words(source: str, language: str | None) -> Iterator[Candidate]:
    here = languages(source, language)
    words = _vocabulary(here)
    if not words:
        return
    normal: dict[str, str] = {}
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(source):
        word = match[0]
        if (plain := normal.get(word)) is None:
            plain = normal[word] = _normal(word)
        if plain in words:
            if run and (len(run) == _LONGEST_RUN or not _JOINED.fullmatch(source, run[-1].end(), match.start())):
                yield from _run(run, source, here)
                run = []
            if run or not source[match.start() - 2 : match.start()].rstrip(" \u00a0")[-1:].isdecimal():
                run.append(match)
            continue
        ordinal = plain.endswith(("th", "st", "nd", "rd")) and _ordinal(plain)
        if run and (ordinal or plain == "dozen") and _JOINED.fullmatch(source, run[-1].end(), match.start()):
            run.append(match)
        if run and (plain != "and" or ordinal):
            yield from _run(run, source, here)
            if run[-1] is match:
                run = []
                continue
            run = []
        if plain in _VAGUE:
            number, modifier = _VAGUE[plain]
            yield Candidate(Span(*match.span()), number, modifier)
        elif ordinal:
            yield Candidate(Span(*match.span()), ordinal)
    if run:
        yield from _run(run, source, here)


def _run(run: list[re.Match[str]], source: str, here: tuple[str, ...]) -> Iterator[Candidate]:
    """Yield the number that consecutive words form, or the number of each word if they form none together."""
    span = Span(run[0].start(), run[-1].end())
    last = _normal(run[-1][0])
    if last == "dozen":
        for item in _run(run[:-1], source, here):
            if isinstance(item.value, int) and item.span.start == span.start:
                yield Candidate(span, item.value * 12)
        return
    text = " ".join(_normal(match[0]) for match in run)
    value = _parsed(text, here)
    if value is not None:
        yield Candidate(span, value)
    elif len(run) > 1:
        for match in run:
            yield from _run([match], source, here)


@lru_cache(maxsize=4096)
def _ordinal(word: str) -> int | None:
    from number_parser import parse_ordinal

    number: int | None = parse_ordinal(word, "en")
    return number


@cache
def _vocabulary(here: tuple[str, ...]) -> dict[str, int]:
    """Return the number words of the languages, in the spelling of number-parser."""
    from number_parser.parser import SUPPORTED_LANGUAGES, LanguageData

    return {
        word: number
        for language in reversed(here)
        if language in SUPPORTED_LANGUAGES
        for word, number in LanguageData(language).all_numbers.items()
    }


@lru_cache(maxsize=4096)
def _parsed(text: str, here: tuple[str, ...]) -> int | None:
    from number_parser import parse_number, parse_ordinal
    from number_parser.parser import SUPPORTED_LANGUAGES

    for language in here:
        if language in SUPPORTED_LANGUAGES:
            number: int | None = parse_number(text, language)
            if number is None and language == "en":
                number = parse_ordinal(text, language)
            if number is not None:
                return number
    return None


def _normal(word: str) -> str:
    """Return a word in the spelling of number-parser: lower case, no accents, one kind of apostrophe."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("’", "ʼ").replace("'", "ʼ"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _in_han(source: str) -> Iterator[Candidate]:
    for match in _HAN.finditer(source):
        value = _han(match[0])
        if value is not None and not source[match.start() - 1 : match.start()].isdecimal():
            yield Candidate(Span(*match.span()), value)


def _han(text: str) -> int | None:
    """Return the number for Chinese numerals: 七百五十七 is 757, 二〇二五 is 2025."""
    if len(text) > _LONGEST_RUN:
        return None
    numbers = [2 if character in "两兩" else round(unicodedata.numeric(character)) for character in text]
    if all(number < 10 for number in numbers):
        return int("".join(map(str, numbers)))
    if numbers[0] >= 100:
        return None  # a unit without a count, as part of a word
    total = section = digit = 0
    for number in numbers:
        if number < 10:
            digit = number
        elif number < 10_000:
            section, digit = section + max(digit, 1) * number, 0
        else:
            total, section, digit = (total + section + digit) * number, 0, 0
    return total + section + digit


def _modified(item: Candidate, source: str) -> Candidate:
    start, end = item.span
    before = source[max(0, start - _LOOK_BACK) : start]
    modifier = next((name for name, pattern in _MODIFIED_BEFORE.items() if pattern.search(before)), None)
    if modifier is None:
        modifier = next((name for name, pattern in _MODIFIED_AFTER.items() if pattern.match(source, end)), None)
    return Candidate(item.span, item.value, modifier or item.modifier)


def _ranges(found: list[Candidate], source: str) -> list[Candidate]:
    """Join the two ends of a range into one candidate; the upper end stays a candidate of its own."""
    out = []
    for number, item in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        if following is not None and isinstance(item.value, int | float) and isinstance(following.value, int | float):
            between = source[item.span.end : following.span.start]
            opened = _OPENS_RANGE.search(source[max(0, item.span.start - _LOOK_BACK) : item.span.start])
            joined = _RANGE.fullmatch(between) or (opened and _BETWEEN.fullmatch(between))
            if joined and item.value < following.value and is_modifier(to := f"to {following.value}"):
                out.append(Candidate(Span(item.span.start, following.span.end), item.value, to))
                continue
        out.append(item)
    return out
