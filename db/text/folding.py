"""Text as it is compared and indexed: whatever its case, accents and script."""

import re
import unicodedata

# Scripts that put no spaces between words, and Korean, which joins particles to them: indexed character by character.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ACCENTS = re.compile("[\u0300-\u036f]")


def folded(text: str) -> str:
    """A text without case and accents, its white space single blanks: two that fold alike are equal to a query."""
    text = " ".join(text.split())
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold())))


def spaced(text: str) -> str:
    """A text as the full-text index takes it: each character of a script without spaces is a word of its own.

    So a word of Chinese, Japanese, Thai or Korean is found as a phrase of its characters, wherever it stands.
    """
    return text if text.isascii() else _UNSPACED.sub(r" \g<0> ", text)
