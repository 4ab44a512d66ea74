"""The number words of a language: those that CLDR spells, by unicode-rbnf, and those of ``words/*.toml``."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache

from db.suggest.candidates.languages import listed, valued, words_of

MARKS = "".join(chr(code) for code in range(0x300, 0x0E00) if unicodedata.category(chr(code))[0] == "M")
WORD = re.compile(rf"[^\W\d_]+(?:[{MARKS}]+[^\W\d_]*)*(?:['’ʼ][^\W\d_]+)*")
"""A word: letters with their marks, as in Devanagari, and apostrophes inside."""

UNSPACED = ("zh", "ja", "ko", "th")  # their numerals are read by characters
_SMALL = (*range(101), *range(200, 1000, 100))
_POWERS = (10**2, 10**3, 10**5, 10**6, 10**7, 10**9, 10**12)
_NAMES_IN_CLDR = {"nb": "no"}
_DIGITS = tuple("0123456789")
_LONGEST_WORD = 60  # letters of a compound number

Phrases = dict[str, list[tuple[tuple[str, ...], float]]]
"""By its first word, the words of each phrase and its value, the longest phrase first."""


@dataclass(slots=True)
class Vocabulary:
    """The number words of some languages, by what they do; words as ``normal`` returns them."""

    small: Phrases = field(default_factory=dict)  # numbers below a thousand
    ordinals: Phrases = field(default_factory=dict)
    exact: Phrases = field(default_factory=dict)  # other words for one number
    vague: Phrases = field(default_factory=dict)  # words for a number that is at least this
    magnitudes: Phrases = field(default_factory=dict)  # thousand, million, Mio.
    groups: Phrases = field(default_factory=dict)  # dozen
    plurals: Phrases = field(default_factory=dict)  # dozens, thousands
    parts: Phrases = field(default_factory=dict)  # half a, one and a half
    few: Phrases = field(default_factory=dict)
    and_half: Phrases = field(default_factory=dict)
    of: Phrases = field(default_factory=dict)
    articles: Phrases = field(default_factory=dict)
    ands: set[str] = field(default_factory=set)
    between: set[str] = field(default_factory=set)  # words before the two ends of a range
    alone: set[str] = field(default_factory=set)  # magnitudes that need no count: mil
    about: set[str] = field(default_factory=set)  # groups that are about so many: dizaine
    metres: set[str] = field(default_factory=set)  # magnitudes that are also units of measure
    hundreds: dict[str, int] = field(default_factory=dict)  # in compounds, as in German
    thousands: dict[str, int] = field(default_factory=dict)
    first: set[str] = field(default_factory=set)  # words that can begin a number
    in_compounds: re.Pattern[str] | None = None  # what a compound has in it


@lru_cache(maxsize=20_000)
def normal(word: str) -> str:
    """Return a word for comparing: lower case, no accents, one kind of apostrophe."""
    if word.isascii():
        return word.lower().replace("'", "ʼ")
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("’", "ʼ").replace("'", "ʼ"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a phrase."""
    return tuple(normal(match[0]) for match in WORD.finditer(text))


@cache
def vocabulary(here: tuple[str, ...]) -> Vocabulary:
    """Return the number words of some languages; of a word that two have, the meaning in the first."""
    found = Vocabulary()
    for language in here:
        if language not in UNSPACED:
            _add_spelled(found, language)
        _add_listed(found, language)
    for phrases in (found.small, found.ordinals, found.exact, found.vague, found.magnitudes, found.groups,
                    found.plurals, found.parts, found.few, found.and_half, found.of, found.articles):  # fmt: skip
        for alternatives in phrases.values():
            alternatives.sort(key=lambda phrase: -len(phrase[0]))
    starts = (found.small, found.ordinals, found.exact, found.vague, found.groups, found.plurals, found.parts,
              found.few, found.articles)  # fmt: skip
    if found.thousands:
        parts = sorted((*found.thousands, *found.hundreds), key=len, reverse=True)
        found.in_compounds = re.compile("|".join(map(re.escape, parts)))
    found.first = {word for phrases in starts for word in phrases} | found.alone
    if found.and_half:
        found.first |= set(found.magnitudes)  # millón y medio
    return found


def _add(phrases: Phrases, words: tuple[str, ...], value: float) -> None:
    if words:
        alternatives = phrases.setdefault(words[0], [])
        if all(known != words for known, _ in alternatives):
            alternatives.append((words, value))


def _add_listed(found: Vocabulary, language: str) -> None:
    table = words_of(language, "numbers")
    for name in ("exact", "vague", "magnitudes", "groups", "plurals", "parts"):
        for word, value in valued(table.get("exact_vague" if name == "vague" else name)).items():
            _add(getattr(found, name), words_in(word), float(value) if "." in value else int(value))
    for name in ("few", "and_half", "of", "articles"):
        for word in listed(table.get(name)):
            _add(getattr(found, name), words_in(word), 1)
    found.ands |= {normal(word) for word in listed(table.get("and"))}
    found.between |= {normal(word) for word in listed(table.get("between"))}
    found.about |= {normal(word) for word in listed(table.get("about_groups"))}
    found.metres |= {normal(word) for word in listed(table.get("metres"))}


def _add_spelled(found: Vocabulary, language: str) -> None:
    spelled = _spelled(language)
    articles = {words_in(word) for word in listed(words_of(language, "numbers").get("articles"))}
    for number in _SMALL:
        for words in spelled(number):
            if words not in articles:
                _add(found.small, words, number)
            if len(words) == 1 and number >= 100:
                found.hundreds.setdefault(words[0], number)
    if language == "en":
        for number in range(1, 100):
            for words in spelled(number, ordinal=True):
                _add(found.ordinals, words, number)
    for power in _POWERS:
        for words in spelled(power):
            if len(words) == 1:
                _add(found.magnitudes, words, power)
                found.alone.add(words[0])
        for count in (2, 5):
            for words, counted in zip(spelled(count * power), spelled(count), strict=False):
                rest = words[len(counted) :] if words[: len(counted)] == counted else ()
                if len(rest) == 1:
                    _add(found.magnitudes, rest, power)
                elif len(words) == len(counted) == 1 and words[0].startswith(counted[0]):
                    compound = words[0][len(counted[0]) :]
                    if len(compound) > 2:
                        _add(found.magnitudes, (compound,), power)
                        if power >= 1000:
                            found.thousands.setdefault(compound, power)


class _Spelled:
    """Spells numbers in a language in every form that CLDR has, such as the cases of Polish."""

    def __init__(self, language: str) -> None:
        from unicode_rbnf import RbnfEngine

        try:
            self._engine: RbnfEngine | None = RbnfEngine.for_language(_NAMES_IN_CLDR.get(language, language))
        except ValueError:
            self._engine = None

    def __call__(self, number: int, ordinal: bool = False) -> list[tuple[str, ...]]:
        return [words_in(text) for text in self.texts(number, ordinal)]

    def texts(self, number: int, ordinal: bool = False) -> list[str]:
        """Return every form of a number."""
        from unicode_rbnf import FormatPurpose

        if self._engine is None:
            return []
        try:
            forms = self._engine.format_number(number, FormatPurpose.ORDINAL if ordinal else FormatPurpose.CARDINAL)
        except (ValueError, RecursionError, KeyError):
            return []
        texts = (text.replace("\u00ad", "").replace("\u200b", "") for text in forms.text_by_ruleset.values())
        return [text for text in dict.fromkeys(texts) if not text.startswith(_DIGITS)]


@cache
def _spelled(language: str) -> _Spelled:
    return _Spelled(language)


def counts(language: str, most: int) -> dict[str, int]:
    """Return the words for the numbers from one up to ``most``, in lower case."""
    spelled = _spelled(language)
    return {text.lower(): number for number in range(most, 0, -1) for text in spelled.texts(number)}


def compound(word: str, known: Vocabulary) -> int | None:
    """Return the number of a word made of number words, such as ``dreihundertzwölf``."""
    if len(word) > _LONGEST_WORD:
        return None
    for thousand, power in sorted(known.thousands.items(), key=lambda item: -item[1]):
        left, middle, right = word.partition(thousand)
        if middle:
            many = _below_thousand(left, known) if left else 1
            rest = compound(_without_and(right, known), known) if right else 0
            if many is not None and rest is not None and rest < power:
                return many * power + rest
    return _below_thousand(word, known)


def _below_thousand(word: str, known: Vocabulary) -> int | None:
    if (number := _one(word, known)) is not None:
        return number
    for size in range(min(len(word) - 1, 24), 3, -1):
        if (hundreds := known.hundreds.get(word[:size])) is not None:
            rest = _one(_without_and(word[size:], known), known)
            return hundreds + rest if rest is not None and rest < 100 else None
    return None


def _one(word: str, known: Vocabulary) -> int | None:
    return next((int(number) for words, number in known.small.get(word, ()) if len(words) == 1), None)


def _without_and(word: str, known: Vocabulary) -> str:
    return next((word[len(both) :] for both in known.ands if len(both) > 1 and word.startswith(both)), word)
