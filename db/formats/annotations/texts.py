"""The text of a document of annotated JSON, and the places of its tokens there."""

import re
from dataclasses import dataclass
from typing import Any

from db.errors import InputError
from db.formats.annotations.mapping import DocumentPaths
from db.formats.annotations.paths import Place, items_at, places_at
from db.formats.format import Data
from db.formats.shared.text_keys import TEXT_KEYS, listed_keys, text_key
from db.text.folding import UNSPACED

TOKEN_KEYS = ("tokens", "words", "token")
SENTENCE_KEYS = ("sentences", "sents", "tokenized_text")
_HOLDERS = ("fields", "data", "document", "doc", "article", "record", "example")  # objects that may hold the text
_UNSPACED = re.compile(f"[{UNSPACED}]")
_MOST_BETWEEN = 20  # characters between two tokens of a text
_PRINTED = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": '"', "''": '"'}


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the places of its tokens, None for a token that isn't found there.

    sentences: the number of the first token of each sentence. used: the keys of the document that hold them.
    listed: True if the document lists its tokens; else they are its words.
    """

    text: str
    tokens: tuple[tuple[int, int] | None, ...]
    sentences: tuple[int, ...]
    used: frozenset[str]
    listed: bool

    def characters(self, start: int, end: int, sentence: object = None) -> tuple[int, int] | None:
        """Return the characters of tokens ``[start, end)``, counted in a sentence if one is given; None if outside."""
        if sentence is not None:
            if type(sentence) is not int or not 0 <= sentence < len(self.sentences):
                return None
            start, end = start + self.sentences[sentence], end + self.sentences[sentence]
        if not 0 <= start < end <= len(self.tokens):
            return None
        first, last = self.tokens[start], self.tokens[end - 1]
        return (first[0], last[1]) if first and last and first[0] < last[1] else None


def text_of(document: Data, paths: DocumentPaths) -> Text:
    """Return the text at the paths, else under one of the usual keys, else the joined tokens. Raises InputError."""
    place = Place(document)
    parts = [part for path in paths.text if (part := _joined(place, path))]
    used = {path.split(".")[0] for path in paths.text if path.split(".")[0] in document}
    text = "\n\n".join(parts) if parts else None
    if text is None and not paths.text:
        text, key = _usual_text(document)
        used |= {key} if key else set()
    sentences = _sentences(document, paths, used)
    listed = bool(sentences)
    if text is None:
        if not sentences:
            wanted = " or ".join(paths.text) or paths.tokens or f"one of {', '.join(TEXT_KEYS[:6])}"
            raise InputError(f"no text under {wanted}; its keys are {listed_keys(document)}")
        text, tokens = _join_tokens(sentences)
    elif sentences:
        tokens = _find_tokens(text, [token for sentence in sentences for token in sentence])
    else:
        tokens = _find_tokens(text, text.split())
        sentences = [["" for _ in tokens]]
    starts, number = [], 0
    for sentence in sentences:
        starts.append(number)
        number += len(sentence)
    return Text(text, tuple(tokens), tuple(starts), frozenset(used), listed)


def has_text(document: Data) -> bool:
    """Return True if an object holds a text or tokens under a usual key."""
    return _usual_text(document)[0] is not None or bool(_sentences(document, DocumentPaths(), set()))


def _joined(place: Place, path: str) -> str | None:
    found = [item.value for item in items_at(place, path)]
    return "\n".join(found) if found and all(isinstance(part, str) for part in found) else None


def _usual_text(document: Data) -> tuple[str | None, str | None]:
    key = text_key(document)
    if key is not None:
        return document[key], key
    for key in _HOLDERS:
        if isinstance(inner := document.get(key), dict) and (name := text_key(inner)) is not None:
            return inner[name], key
    for key in (*SENTENCE_KEYS, *TEXT_KEYS):  # a list of sentences or paragraphs
        value = document.get(key)
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            if key in TEXT_KEYS and 2 * sum(" " in part for part in value) < len(value):
                continue  # tokens
            return "\n".join(value), key
    return None, None


def _sentences(document: Data, paths: DocumentPaths, used: set[str]) -> list[list[str]]:
    """Return the tokens of each sentence, and add their keys to ``used``."""
    for key in (paths.tokens,) if paths.tokens else (*TOKEN_KEYS, *SENTENCE_KEYS, "sentence", "text"):
        lists = [found.value for found in places_at(Place(document), key)]
        if tokens := _lists_of_tokens(lists[0] if len(lists) == 1 else lists):
            used.add(key.split(".")[0])
            return tokens
    return []


def _lists_of_tokens(value: Any) -> list[list[str]]:
    if not isinstance(value, list) or not value:
        return []
    if all(isinstance(item, str) for item in value):
        return [value] if any(" " not in item for item in value) else []
    if all(isinstance(item, dict) and isinstance(item.get("text"), str) for item in value):  # {"text", "start", "end"}
        return [[item["text"] for item in value]]
    if all(isinstance(item, list) and all(isinstance(token, str) for token in item) for item in value):
        return value
    return []


def _join_tokens(sentences: list[list[str]]) -> tuple[str, list[tuple[int, int] | None]]:
    """Join tokens with blanks and sentences with line ends; no blank in scripts that have none."""
    pieces: list[str] = []
    tokens: list[tuple[int, int] | None] = []
    at = 0
    for sentence in sentences:
        for number, token in enumerate(sentence):
            gap = ("\n" if pieces else "") if not number else "" if _touch(sentence[number - 1], token) else " "
            tokens.append((at + len(gap), at + len(gap) + len(token)))
            pieces += (gap, token)
            at += len(gap) + len(token)
    return "".join(pieces), tokens


def _touch(left: str, right: str) -> bool:
    return bool(_UNSPACED.match(left[-1:]) and _UNSPACED.match(right))


def _find_tokens(text: str, tokens: list[str]) -> list[tuple[int, int] | None]:
    """Return the place of each token, in order; a token that is not near the end of the one before it has none."""
    found: list[tuple[int, int] | None] = []
    at = missing = 0
    for token in tokens:
        limit = at + len(token) + _MOST_BETWEEN * (1 + min(missing, 50))
        start, length = text.find(token, at, limit), len(token)
        if start < 0 and (printed := _PRINTED.get(token)):
            start, length = text.find(printed, at, limit), len(printed)
        if start < 0 or not length:
            found.append(None)
            missing += 1
            continue
        at, missing = start + length, 0
        found.append((start, at))
    return found
