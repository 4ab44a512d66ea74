"""Character tables for comparing texts regardless of case, accents, script and typography.

``folded`` and ``spaced`` define the stored indexes: if their results change, index_all has to run in a migration.
"""

import re
import unicodedata

KANA_AND_HAN = "\u3040-\u30ff\u3400-\u9fff"
"""Character class of the Japanese syllabaries and the common Chinese characters."""

UNSPACED = f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff{KANA_AND_HAN}\uf900-\ufaff\U00020000-\U0003ffff"
"""Character class of the scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

LOOK_ALIKES = {**dict.fromkeys("‘’‚‛ʼ′`´", "'"), **dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
"""Quotes and dashes, and the ASCII character that people type for them."""

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""The soft hyphen, zero-width spaces and joiners, and the byte order mark."""

_ACCENTS = re.compile("[\u0300-\u036f]")
# Korean has spaces, but joins particles to its words, so it is indexed by character too.
_INDEXED_BY_CHARACTER = re.compile(f"[{UNSPACED}\uac00-\ud7af]")


def is_accent(character: str) -> bool:
    """Return True for a combining accent, which belongs to the letter before it."""
    return "\u0300" <= character <= "\u036f"


def folded(text: str) -> str:
    """Return the text without case and accents, its white space as single spaces. A query compares folded texts."""
    text = " ".join(text.split())
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold())))


def spaced(text: str) -> str:
    """Return the text as it is put into the full-text index, which finds whole words between spaces.

    In scripts without spaces, and in Korean, each character becomes a word of its own, and a word is found as a phrase.
    """
    return text if text.isascii() else _INDEXED_BY_CHARACTER.sub(r" \g<0> ", text)
