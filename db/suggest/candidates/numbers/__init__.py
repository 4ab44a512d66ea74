"""Finds numbers in a text: digits of any script, numbers in words, and their modifiers.

Number words come from CLDR by unicode-rbnf, the words of the news ("dozens", "at least") from ``words/*.toml``. Imports
the vocabulary, ``db.text`` and the words of ``db.suggest.candidates``.
"""

from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.dates import month_names
from db.suggest.candidates.languages import languages
from db.suggest.candidates.numbers.digits import decimal_mark
from db.suggest.candidates.numbers.excluded import countable
from db.suggest.candidates.numbers.found import LARGEST, Number
from db.suggest.candidates.numbers.modifiers import qualified
from db.suggest.candidates.numbers.numerals import numerals
from db.suggest.candidates.numbers.spelled import Reader
from db.suggest.candidates.vocabulary import vocabulary

__all__ = ["find_numbers"]


def find_numbers(source: str, language: str | None = None, whole: bool = True) -> list[Candidate]:
    """Return numbers with their modifiers, in the order of the text. With ``whole``, leave out fractions."""
    here = languages(source, language)
    found = [*numerals(source), *Reader(source, vocabulary(here), decimal_mark(language)).numbers()]
    found = _outermost(found)
    found = countable(found, source, here, month_names(here))
    items = qualified(found, source, here)
    return [item for item in items if isinstance(item.value, int) or (isinstance(item.value, float) and not whole)]


def _outermost(found: list[Number]) -> list[Number]:
    """Leave out parts of longer numbers, and numbers too large to store."""
    out: list[Number] = []
    for number in sorted(found, key=lambda number: (number.start, -number.end)):
        if (not out or number.start >= out[-1].end) and abs(number.value) <= LARGEST:
            out.append(number)
    return out
