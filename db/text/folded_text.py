"""Finds words in a text, exactly or folded: ignoring case, accents, white space, typography and normal form."""

import re
from array import array
from collections.abc import Sequence
from functools import cached_property, lru_cache

from db.model import Span
from db.text.folding import FOLDS, continues, is_unspaced

MAX_PLACES = 10_000  # of one value
_BLANKS = re.compile("  +")
_ASCII = {ord("`"): "'"} | {code: " " for code in range(128) if chr(code).isspace()}


class FoldedText:
    """A text to search. Spans count its code points, and only whole words match.

    In scripts without spaces between words, and in Korean, any part of a text counts as a word.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def find_exact(self, words: str) -> list[Span]:
        """Return the places of ``words``, in order."""
        return [Span(*place) for place in _places(words, self.text)]

    def find_folded(self, words: str) -> list[Span]:
        """Return the places where ``words`` occur once both are folded, in order."""
        text, begins = self.folded
        return [
            span for place in _places(_folded_words(words), text) if (span := self._span(*place, begins)) is not None
        ]

    def find_part(self, letters: str, start: int) -> int:
        """Return where ``letters`` begin, both folded, at or after ``start``, within words too; -1 if nowhere."""
        text, begins = self.folded
        wanted = fold(letters)
        at = -1
        while wanted and (at := text.find(wanted, at + 1)) >= 0:
            if begins[at] >= start and self._span(at, at + len(wanted), begins) is not None:
                return begins[at]
        return -1

    def _span(self, start: int, end: int, begins: Sequence[int]) -> Span | None:
        """Return a place of the folded text in the text; None if it begins or ends inside one character of that."""
        if (start and begins[start] == begins[start - 1]) or (end < len(begins) and begins[end] == begins[end - 1]):
            return None
        stop = begins[end - 1] + 1
        while stop < len(self.text) and not FOLDS[ord(self.text[stop])] and continues(self.text[stop]):
            stop += 1  # accents of the last letter
        if stop < len(self.text) and continues(self.text[stop]):
            return None
        return Span(begins[start], stop)

    @cached_property
    def folded(self) -> tuple[str, Sequence[int]]:
        """The folded text, and the offset in the text of each of its characters."""
        return fold_with_offsets(self.text)


def fold(text: str) -> str:
    """Return a text folded as a searched text is: without case, accents and typography, in single spaces."""
    return " ".join(text.translate(FOLDS).split())


_folded_words = lru_cache(2**14)(fold)


def fold_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, with single spaces within, and the offset in ``text`` of each of its characters."""
    begins: Sequence[int] = range(len(text))
    if text.isascii():
        folded, changed = text.lower().translate(_ASCII), ""
    else:
        folded = text.translate(FOLDS)
        changed = "".join(character for character in set(text) if len(FOLDS[ord(character)]) != 1)
    if changed:
        offsets = array("L")
        after = 0
        for match in re.finditer(f"[{re.escape(changed)}]", text):
            at = match.start()
            offsets.extend(range(after, at))
            offsets.extend([at] * len(FOLDS[ord(match[0])]))
            after = at + 1
        offsets.extend(range(after, len(text)))
        begins = offsets
    if "  " not in folded:
        return folded, begins
    pieces: list[str] = []
    kept = array("L")
    after = 0
    for match in _BLANKS.finditer(folded):
        pieces.append(folded[after : match.start() + 1])
        kept.extend(begins[after : match.start() + 1])
        after = match.end()
    pieces.append(folded[after:])
    kept.extend(begins[after:])
    return "".join(pieces), kept


def _places(words: str, text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = text.find(words) if words else -1
    if start < 0:
        return found
    begins, ends = is_word_character(words[0]), is_word_character(words[-1])
    while start >= 0 and len(found) < MAX_PLACES:
        end = start + len(words)
        after = text[end : end + 1]
        if (begins and start and is_word_character(text[start - 1])) or (
            after and (continues(after) or (ends and is_word_character(after)))
        ):
            start = text.find(words, start + 1)
            continue
        found.append((start, end))
        start = text.find(words, end)
    return found


def is_word_character(character: str) -> bool:
    """Return True for a character that words have boundaries beside."""
    return (character.isalnum() or character == "_") and (character.isascii() or not is_unspaced(character))
