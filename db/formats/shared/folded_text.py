"""Finds words in a text, exactly or ignoring case, accents, white space, quotation marks and dashes."""

import unicodedata
from array import array
from collections.abc import Iterator
from functools import cached_property, lru_cache

from db.model import Span
from db.text.folding import INVISIBLE, LOOK_ALIKES, is_accent, spaced

MAX_PLACES = 10_000  # of one value
_PLAIN = {**LOOK_ALIKES, **dict.fromkeys(INVISIBLE, "")}
_LONGEST_CACHED = 40  # characters of a word


class FoldedText:
    """A text to search. Spans count its code points, and only whole words match.

    In scripts without spaces between words, and in Korean, any part of a text counts as a word.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def find_exact(self, words: str) -> list[Span]:
        """Return the places of ``words``, in order."""
        return [
            Span(start, end)
            for start, end in _places(words, self.text)
            if not unicodedata.combining(self.text[end : end + 1] or " ")
        ]

    def find_folded(self, words: str) -> list[Span]:
        """Return the places where ``words`` occur once both are folded, in order."""
        text, begins = self._folded
        return [
            Span(begins[start], self._end(begins[end - 1] + 1))
            for start, end in _places(fold(words), text)
            # A match must not begin or end inside what one character folds to, such as the ss of ß.
            if begins[start] != begins[start - 1] or not start
            if end == len(begins) or begins[end] != begins[end - 1]
        ]

    def _end(self, end: int) -> int:
        while end < len(self.text) and unicodedata.combining(self.text[end]):
            end += 1
        return end

    @cached_property
    def _folded(self) -> tuple[str, "array[int]"]:
        """The folded text, and the offset in the text of each of its characters."""
        parts: list[str] = []
        begins = array("L")
        end = 0
        for start, word in _words(self.text):
            folded, offsets = _fold_word(word) if len(word) <= _LONGEST_CACHED else _fold(word)
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
    """Return a text without case and accents, with single spaces, plain quotation marks and plain dashes."""
    return " ".join(folded for word in text.split() if (folded := _fold(word)[0]))


def _words(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for word in text.split():
        at = text.index(word, at)
        yield at, word
        at += len(word)


def _fold(word: str) -> tuple[str, list[int] | None]:
    """Return a word folded, and the original offset of each of its characters; None if they are the same."""
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
    return "".join(_PLAIN.get(part, part) for part in decomposed if not is_accent(part))


def _places(words: str, text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    if not words:
        return found
    begins, ends = _is_word_character(words[0]), _is_word_character(words[-1])
    start = text.find(words)
    while start >= 0 and len(found) < MAX_PLACES:
        end = start + len(words)
        if (begins and start and _is_word_character(text[start - 1])) or (
            ends and end < len(text) and _is_word_character(text[end])
        ):
            start = text.find(words, start + 1)
            continue
        found.append((start, end))
        start = text.find(words, end)
    return found


def _is_word_character(character: str) -> bool:
    return (character.isalnum() or character == "_") and spaced(character) == character
