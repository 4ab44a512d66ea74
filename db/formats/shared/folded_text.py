"""Finds words in a text to the letter, or whatever their case, accents, white space, quotes and dashes."""

import unicodedata
from array import array
from collections.abc import Iterator
from functools import cached_property, lru_cache

from db.model import Span
from db.text.folding import spaced

MOST = 10_000  # places of one value that are looked at
_ALIKE = {
    **dict.fromkeys("’‘ʼ‛`´′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),  # what is not seen
}
_FIRST_ACCENT, _LAST_ACCENT = "\u0300", "\u036f"
_LONGEST_KEPT = 40  # characters of a word that is folded once for all texts


class FoldedText:
    """A text in which values are looked for. Spans count its code points; words are found whole.

    In scripts without spaces between words, and in Korean, any stretch is a word.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def to_the_letter(self, words: str) -> list[Span]:
        """Where ``words`` stand as they are, in order."""
        return [
            Span(start, end)
            for start, end in _places(words, self.text)
            if not unicodedata.combining(self.text[end : end + 1] or " ")
        ]

    def folded(self, words: str) -> list[Span]:
        """Where ``words`` stand once both are folded, in order."""
        text, begins = self._folded
        return [
            Span(begins[start], self._end(begins[end - 1] + 1))
            for start, end in _places(fold(words), text)
            # Not a part of what one character folds to, as one s of ß.
            if begins[start] != begins[start - 1] or not start
            if end == len(begins) or begins[end] != begins[end - 1]
        ]

    def _end(self, end: int) -> int:
        while end < len(self.text) and unicodedata.combining(self.text[end]):
            end += 1
        return end

    @cached_property
    def _folded(self) -> tuple[str, "array[int]"]:
        """The folded text, and where in the text each of its characters begins."""
        parts: list[str] = []
        begins = array("L")
        end = 0
        for start, word in _words(self.text):
            folded, offsets = _fold_word(word) if len(word) <= _LONGEST_KEPT else _fold(word)
            if not folded:
                continue
            if parts:
                parts.append(" ")
                begins.append(end)
            parts.append(folded)
            end = start + len(word)
            begins.extend(range(start, end) if offsets is None else [start + offset for offset in offsets])
        return "".join(parts), begins


def fold(text: str) -> str:
    """A text without case and accents, its white space single blanks, its quotes and dashes the plain ones."""
    return " ".join(folded for word in text.split() if (folded := _fold(word)[0]))


def _words(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for word in text.split():
        at = text.index(word, at)
        yield at, word
        at += len(word)


def _fold(word: str) -> tuple[str, list[int] | None]:
    """A word folded, and the offset of the character that each of its characters comes of; None where as many."""
    if word.isascii():
        return word.lower().replace("`", "'"), None
    parts = [_fold_character(character) for character in word]
    if all(len(part) == 1 for part in parts):
        return "".join(parts), None
    return "".join(parts), [offset for offset, part in enumerate(parts) for _ in part]


_fold_word = lru_cache(maxsize=2**15)(_fold)


@lru_cache(maxsize=2**14)
def _fold_character(character: str) -> str:
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFD", character).casefold())
    return "".join(_ALIKE.get(part, part) for part in decomposed if not _FIRST_ACCENT <= part <= _LAST_ACCENT)


def _places(words: str, text: str) -> list[tuple[int, int]]:
    """The first places of whole words, none of which overlaps another."""
    found: list[tuple[int, int]] = []
    if not words:
        return found
    begins, ends = _bounded(words[0]), _bounded(words[-1])
    start = text.find(words)
    while start >= 0 and len(found) < MOST:
        end = start + len(words)
        if (begins and start and _bounded(text[start - 1])) or (ends and end < len(text) and _bounded(text[end])):
            start = text.find(words, start + 1)
            continue
        found.append((start, end))
        start = text.find(words, end)
    return found


def _bounded(character: str) -> bool:
    """Whether it is a character of words that have bounds."""
    return (character.isalnum() or character == "_") and spaced(character) == character
