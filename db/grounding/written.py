"""Small numbers as words, days as they are usually written, and a bound for the searches that take longer."""

import importlib
import re
from functools import lru_cache

from db.model import Span
from db.suggest.candidates.languages import languages
from db.text.folded_text import FoldedText, fold

NUMBER_WORDS: dict[float, tuple[str, ...]] = {
    number: (word,)
    for number, word in enumerate(
        """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty""".split(),
        1,
    )
} | {12: ("twelve", "dozen")}
"""English words for small numbers, which are the most frequent ones."""

_MONTHS = """january february march april may june july august september october november december""".split()
_BEFORE, _AFTER = 12, 20  # characters around the name of a month that may belong to its date
_ALWAYS = 100  # values of a field that are searched for with all means, whether that finds them or not
_WORTH = 10  # beyond, one of so many must have been found


def only_place(words: str, text: str) -> Span | None:
    """Return the only place of a text between blanks and punctuation, quickly; None if that is not clear."""
    start = text.find(words) if words and not words[0].isdigit() else -1
    if start < 0 or text.find(words, start + 1) >= 0:
        return None
    end = start + len(words)
    around = text[start - 1 : start] + text[end : end + 1]
    if words != words.strip() or (around and not around.isascii()):
        return None
    return None if any(map(str.isalnum, around)) or "_" in around else Span(start, end)


def only_digits(digits: str, text: str) -> Span | None:
    """Return the only place of a number in digits, quickly; None if that is not clear."""
    start = text.find(digits)
    if start < 0 or text.find(digits, start + 1) >= 0:
        return None
    end = start + len(digits)
    around = text[max(0, start - 2) : start] + text[end : end + 2]
    return None if any(map(str.isdigit, around)) else Span(start, end)


class Effort:
    """Bounds the dearer searches over many texts: they stop for a field whose values they hardly ever find."""

    def __init__(self) -> None:
        self._tried: dict[str, int] = {}
        self._found: dict[str, int] = {}
        self._hopeless: set[str] = set()

    def allows(self, name: str) -> bool:
        """Return True if the dearer searches are worth their time for a field of that name."""
        return name not in self._hopeless

    def count(self, name: str, found: bool) -> None:
        """Remember how a search ended."""
        tried = self._tried[name] = self._tried.get(name, 0) + 1
        successes = self._found[name] = self._found.get(name, 0) + found
        if tried >= _ALWAYS and successes * _WORTH < tried:
            self._hopeless.add(name)


def dates_of_day(text: FoldedText, day: str, published: str | None, language: str | None) -> list[Span]:
    """Return where a day (ISO 8601) is written with the name of its month, with its year or near the publication."""
    folded, begins = text.folded
    year, number = int(day[:4]), int(day[8:])
    if str(number) not in folded:
        return []
    may_omit_year = not published or (published[:4].isdecimal() and abs(int(published[:4]) - year) <= 1)
    found: set[Span] = set()
    seen: set[int] = set()  # where a longer name of a month begins
    for code in ("en",) if folded.isascii() and not language else languages(text.text, language):
        words = _months(code)
        for word in words[int(day[5:7]) - 1] if words else ():
            at = folded.find(word)
            while at >= 0:
                first, last = max(0, at - _BEFORE), at + len(word) + _AFTER
                for match in () if at in seen else _day_pattern(word).finditer(folded, first, last):
                    if int(match[1] or match[3]) != number:
                        continue
                    written = match[2] or match[4]
                    if int(written) == year if written else may_omit_year:
                        found.add(Span(begins[match.start()], begins[match.end() - 1] + 1))
                seen.add(at)
                at = folded.find(word, at + len(word))
    return sorted(found)


@lru_cache(1000)
def _day_pattern(month: str) -> re.Pattern[str]:
    of, nth, year = r"\s(?:of\s|de\s)?", r"(?:st|nd|rd|th|-?го|º|\.)?", r"(?:,?\s(?:of\s|de\s)?(\d{4})(?!\d))?"
    word = re.escape(month)
    return re.compile(
        rf"(?<![\w.,-])(\d\d?){nth}{of}{word}\b\.?{year}|\b{word}\.?\s(?:the\s)?(\d\d?){nth}(?![\w.,-]\d|\w){year}"
    )


@lru_cache(20)
def _months(code: str) -> tuple[tuple[str, ...], ...]:
    try:
        info = importlib.import_module(f"dateparser.data.date_translation_data.{code}").info
    except ImportError:
        return ()
    words = ({fold(word.rstrip(".")) for word in (name, *info.get(name, ()))} for name in _MONTHS)
    return tuple(tuple(sorted(some, key=len, reverse=True)) for some in words)
