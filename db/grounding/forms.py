"""Finds a value in another form: inflected, a country by its inhabitants or code, without what is in brackets."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from db.grounding.countries import Country, countries_by_code, countries_by_name, countries_by_number
from db.model import Span, Value
from db.text.folded_text import FoldedText, fold, is_word_character

_WORD = re.compile(r"\w+(?:['-]\w+)*")
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_SHORTEST = 3  # letters of a value, and of what is left of a word without its ending
_LONGEST = 8  # words of a value
_ROOM = 3  # words that may be between those of a value
_FUNCTION_WORDS = frozenset(
    "the of and a an in for to de la le les du des del der die das den und et y e i и в".split()
)
_ENDINGS = """s es ed er ers or ors ing ly e en ern em n a as os o i x y ies
    ом ем ам ям ами ями ах ях ов ев ого его ому ему ыми ими ий ый ая яя ое ее ые ие ой ей ую юю ым им ых их ою ею
    а я о е ы и у ю ь ів ові еві ію ії ям ями скому ского ским ских ская ский ские
    ami ach owi ow om ego emu ych ich ymi""".split()
_FOLDED_ENDINGS = frozenset(fold(ending) for ending in _ENDINGS)
_LONGEST_ENDING = max(map(len, _FOLDED_ENDINGS))
_CLITICS = re.compile("(?:[وفبكل]?ال|لل|[وفبكل](?=.{3})|[ובלהמשכ]{1,2}(?=[א-ת]{3}))")  # before Arabic and Hebrew words
_CODE = re.compile("[A-Z]{2,3}|[A-Z]{6,9}")
_COUNTRY_NAMES = re.compile("iso|gw|cow|country|ccode|nation|actor|source|target|side|state", re.IGNORECASE)


class Forms:
    """The words of one text by their stems."""

    def __init__(self, text: FoldedText) -> None:
        self._text = text

    @cached_property
    def _words(self) -> list[tuple[int, int]]:
        """Where each word begins and ends in the folded text."""
        return [match.span() for match in _WORD.finditer(self._text.folded[0])]

    @cached_property
    def _at(self) -> dict[str, list[int]]:
        """The numbers of the words with each stem."""
        at: dict[str, list[int]] = {}
        for number, stem in enumerate(map(_stem, _WORD.findall(self._text.folded[0]))):
            if stem in at:
                at[stem].append(number)
            else:
                at[stem] = [number]
        return at

    def find(self, name: str, value: Value) -> Sequence[Span]:
        """Return the places of another form of a field's value, in order; empty if there is none."""
        if isinstance(value, int | float):
            known = countries_by_number().get(value, ()) if _COUNTRY_NAMES.search(name) else ()
            return self._places_of(known)
        if not isinstance(value, str) or not _SHORTEST <= len(value.strip()) <= 200:
            return self._places_of(_coded(name, str(value)))
        shorter, has_brackets, countries, stems, initials = _of_value(value)
        if has_brackets and len(shorter) >= _SHORTEST and (found := self._text.find_folded(shorter)):
            return found
        return (
            (self._places_of(countries) if countries else ())
            or (self._places_of(coded) if (coded := _coded(name, shorter)) else ())
            or (self._inflected(stems) if stems else ())
            or (self._text.find_exact(initials) if initials else ())
        )

    def _places_of(self, known: Sequence[Country]) -> Sequence[Span]:
        for words in (
            [name for item in known for name in item.names],
            [name for item in known for name in item.capitals],
        ):
            found = sorted({span for word in words for span in self._find(word)})
            if found:
                return found
        return ()

    def _find(self, name: str) -> Sequence[Span]:
        return self._text.find_exact(name) if name.isupper() else self._text.find_folded(name)

    def _inflected(self, words: Sequence[frozenset[str]]) -> Sequence[Span]:
        """Return the places where words with these stems are near each other, whatever their endings and order."""
        folded = self._text.folded[0]
        for stems in words:  # a stem is a part of its word, so this spares most texts the search for their stems
            for stem in stems:
                if stem in folded:
                    break
            else:
                return ()
        places = []
        for stems in words:
            if not (at := [number for stem in stems for number in self._at.get(stem, ())]):
                return ()
            places.append(sorted(at))
        return list(self._windows(places))

    def _windows(self, places: list[list[int]]) -> Iterator[Span]:
        after, begins = -1, self._text.folded[1]
        for first in places[0]:
            chosen = [min(at, key=lambda number: abs(number - first)) for at in places]
            low, high = min(chosen), max(chosen)
            if len(set(chosen)) == len(chosen) and high - low < len(chosen) + _ROOM and low > after:
                yield Span(begins[self._words[low][0]], begins[self._words[high][1] - 1] + 1)
                after = high


class _ValueParts(NamedTuple):
    """What the search for other forms of a value needs, whatever the text."""

    shorter: str
    has_brackets: bool
    countries: Sequence[Country]
    stems: Sequence[frozenset[str]]
    initials: str


@lru_cache(2**12)
def _of_value(value: str) -> _ValueParts:
    shorter = _BRACKETS.sub("", value).strip()
    folded = fold(shorter)
    countries = countries_by_name()
    words = [word for word in _WORD.findall(folded) if word not in _FUNCTION_WORDS]
    if not 0 < len(words) <= _LONGEST or not any(map(is_word_character, words[0])):
        words = []
    stems = [
        frozenset((_stem(word), *(_stem(fold(name)) for item in countries.get(word, ()) for name in item.names)))
        for word in words
    ]
    letters = [word for word in re.findall(r"[^\W\d_]+", shorter) if word.lower() not in _FUNCTION_WORDS]
    initials = "".join(word[0] for word in letters)
    if len(initials) <= 2 or not initials.isupper():
        initials = ""
    return _ValueParts(shorter, shorter != value.strip(), countries.get(folded, ()), stems, initials)


def _coded(name: str, value: str) -> Sequence[Country]:
    """Return the country of a code: RUS, RU in a field for countries, RUSMIL as in CAMEO."""
    if not value.isupper() or not _CODE.fullmatch(value) or (len(value) == 2 and not _COUNTRY_NAMES.search(name)):
        return ()
    country = countries_by_code().get(value[:3])
    return () if country is None else (country,)


@lru_cache(2**14)
def _stem(word: str) -> str:
    if len(word) <= _SHORTEST:
        return word
    if not word.isascii() and (match := _CLITICS.match(word)) and len(word) - match.end() >= _SHORTEST:
        word = word[match.end() :]
    word = word.partition("'")[0] if word.find("'") >= _SHORTEST else word
    for length in range(min(_LONGEST_ENDING, len(word) - _SHORTEST - 1), 0, -1):
        if word[-length:] in _FOLDED_ENDINGS:
            return word[:-length]
    return word
