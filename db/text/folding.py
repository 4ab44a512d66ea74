"""Character tables for comparing texts regardless of case, accents, script, typography and Unicode normal form.

``folded`` and ``spaced`` define the stored indexes: if their results change, index_all has to run in a migration.
"""

import re
import unicodedata
from functools import cache

KANA_AND_HAN = "\u3040-\u30ff\u3400-\u9fff"
"""Character class of the Japanese syllabaries and the common Chinese characters."""

UNSPACED = f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff{KANA_AND_HAN}\uf900-\ufaff\U00020000-\U0003ffff"
"""Character class of the scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

LOOK_ALIKES = {**dict.fromkeys("‘’‚‛ʼ′`´", "'"), **dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‐‑‒–—―−־", "-")}
"""Quotes and dashes, and the ASCII character that people type for them."""

INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""The soft hyphen, zero-width spaces and joiners, the marks of direction, and the byte order mark."""

_ACCENTS = "\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"  # and variants
_POINTS = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # of Hebrew
_VOWELS = "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # of Arabic
_DROPPED = re.compile(f"[{_ACCENTS}{_POINTS}{_VOWELS}{INVISIBLE}]")
_LETTERS = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}  # letters without a decomposition
_JAMO = "\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff"
_INNER_JAMO = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")  # vowels and final consonants of a Korean syllable
# Korean has spaces, but joins particles to its words, so it is indexed by character too.
_INDEXED_BY_CHARACTER = re.compile(f"[{UNSPACED}{_JAMO}\uac00-\ud7af]")
_SIGNS = range(0x0900, 0x1800)  # the blocks of the scripts of India and South-East Asia
_AS_LETTERS = 0xE000  # where their vowel signs are in the index: its tokenizer splits words at marks, not at these
_MOST_CACHED = 20_000  # characters


class _Folds(dict[int, str]):
    """What each character folds to: nothing, or one or several characters. For ``str.translate``."""

    def __missing__(self, code: int) -> str:
        fold = _fold_character(chr(code))
        if len(self) < _MOST_CACHED:
            self[code] = fold
        return fold


FOLDS = _Folds()


def _fold_character(character: str) -> str:
    before, now = "", character
    while now != before:
        before = now
        plain = "".join(LOOK_ALIKES.get(part, part) for part in now)
        parts = _DROPPED.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", plain).casefold()))
        now = "".join(_plain(part) for part in parts)
    return now


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return _LETTERS.get(character, character)


def continues(character: str) -> bool:
    """Return True for a mark, a vowel sign, or a later part of a Korean syllable: no word ends before it."""
    return not character.isascii() and (
        unicodedata.category(character)[0] == "M" or _INNER_JAMO.match(character) is not None
    )


def is_unspaced(character: str) -> bool:
    """Return True for a character of a script in which any part of a text may be a word."""
    return _INDEXED_BY_CHARACTER.match(character) is not None


def canonical(text: str) -> str:
    """Return a name without case and normal form, to compare: unlike ``folded``, with its accents."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def normal_forms(text: str) -> tuple[str, ...]:
    """Return the text as it is, composed and decomposed: the forms in which a program may have stored it."""
    if text.isascii():
        return (text,)
    return tuple(dict.fromkeys((text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))))


def folded(text: str) -> str:
    """Return the text without case, accents and typography, its white space as single spaces.

    A query compares folded texts. Texts that differ in their Unicode normal form only are equal.
    """
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(FOLDS)).split())


def spaced(text: str) -> str:
    """Return the text as it is put into the full-text index, which finds whole words between spaces.

    It is folded. In scripts without spaces, and in Korean, each character becomes a word of its own, and a word is
    found as a phrase.
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(FOLDS))
    return plain if plain.isascii() else _INDEXED_BY_CHARACTER.sub(r" \g<0> ", plain.translate(_signs_as_letters()))


@cache
def _signs_as_letters() -> dict[int, int]:
    return {code: _AS_LETTERS + code - _SIGNS.start for code in _SIGNS if unicodedata.category(chr(code))[0] == "M"}
