"""Keeps the shape of an answer: the bytes of its record, in which the text of the document is left out."""

import json
from typing import NamedTuple

from db.formats.format import Data

SHAPE = "llm_json:"
"""The beginning of the key under which a document keeps an answer; the extractor's name follows."""

EXPORTED = "eventdesk"
"""The key that marks a record of another format's document with decisions, which the record can't hold."""

# Characters that JSON can only have escaped stand for the text: as it is, and with all but ASCII escaped.
_MARKS = (("\x01", False), ("\x02", True))
_NAMES = ("beside", "text", "system")
_SHORTEST = 40  # characters of a text that is left out


class Shape(NamedTuple):
    """The record of an answer as it came. beside: the record is a file beside that of the text, with this name.

    system: the instructions of the model, if they are not in the record.
    """

    raw: str
    beside: str | None = None
    text: str | None = None
    system: str | None = None

    def kept(self, text: str) -> Data:
        """Return the shape as a document keeps it, without the document's text."""
        raw = self.raw
        if len(text) >= _SHORTEST and not any(mark in raw for mark, _ in _MARKS):
            for mark, in_ascii in _MARKS:
                raw = raw.replace(_written(text, in_ascii), mark)
        return {"raw": raw} | {key: value for key in _NAMES if (value := getattr(self, key)) is not None}


def shapes_of(document: Data, text: str) -> dict[str, Shape]:
    """Return the shapes of the answers about a document, by extractor, in the order of import."""
    found = {}
    for key, kept in document.items():
        if not key.startswith(SHAPE) or not isinstance(kept, dict) or not isinstance(kept.get("raw"), str):
            continue
        raw = kept["raw"]
        for mark, in_ascii in _MARKS:
            raw = raw.replace(mark, _written(text, in_ascii))
        others = {key: value for key in _NAMES if isinstance(value := kept.get(key), str)}
        found[key.removeprefix(SHAPE)] = Shape(raw, **others)
    return found


def _written(text: str, in_ascii: bool) -> str:
    return json.dumps(text, ensure_ascii=in_ascii)[1:-1]
