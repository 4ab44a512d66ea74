"""Writes the text-bound annotations of fields, so that fields with the same label and text share one."""

import re
from collections.abc import Iterable

from db.formats.brat.ann import Fragments, TextBound
from db.formats.brat.ann_file import AnnFile
from db.formats.brat.events import VALUE, covered
from db.formats.brat.fragments import fragments_of, on_one_line
from db.formats.format import Data
from db.formats.shared.objects import object_at, objects_in

_TEXT_BOUND_ID = re.compile(r"T\d+")

_Key = tuple[str, Fragments, str | None]  # label, fragments, and the value if it isn't their text


class TextBounds:
    """The text-bound annotations of one .ann file."""

    def __init__(self, text: str, file: AnnFile) -> None:
        self._text = text
        self._file = file
        self._ids: dict[_Key, list[str]] = {}
        self._claims: dict[str, _Key] = {}  # original ids, and what may have them

    def claim(self, fields: Iterable[tuple[Data, str]]) -> None:
        """Reserve the ids that fields, given with their labels, were read with.

        Of fields that were read with the same id, the first that nobody corrected keeps it, else the first.
        """
        for item, label in sorted(fields, key=lambda field: field[0].get("state") == "corrected"):
            id_ = object_at(item, "brat").get("id")
            if isinstance(id_, str) and _TEXT_BOUND_ID.fullmatch(id_):
                self._claims.setdefault(id_, self._key(item, label)[0])
        self._file.reserved |= self._claims.keys()

    def id_of(self, item: Data, label: str) -> str | None:
        """Return the id of a field's annotation, which is added if it is new; None if the field has no evidence."""
        brat = object_at(item, "brat")
        key, quote = self._key(item, label)
        _, fragments, value = key
        if not fragments:
            return None
        original = brat.get("id")
        same = self._ids.setdefault(key, [])
        if isinstance(original, str) and self._claims.get(original) == key:
            id_ = original
        else:
            id_ = same[0] if same else self._file.new_id("T")
        if id_ in same:
            return id_
        same.append(id_)
        self._file.lines[id_] = TextBound(id_, label, fragments, quote)
        self._file.used.labels.add(label)
        for attribute in objects_in(brat.get("attributes")):
            self._file.add_attribute(id_, attribute.get("type"), attribute.get("value", True), attribute.get("id"))
        self._file.add_normalizations(id_, brat)
        notes = objects_in(brat.get("notes"))
        if value is not None and not any(note.get("type") == VALUE for note in notes):
            notes.append({"type": VALUE})
        for note in notes:
            is_value = note.get("type") == VALUE
            if not is_value or value is not None:
                self._file.add_note(id_, note.get("type"), value if is_value else note.get("text"), note.get("id"))
        return id_

    def _key(self, item: Data, label: str) -> tuple[_Key, str | None]:
        fragments, quote = fragments_of(item, self._text)
        evidence = covered(self._text, item["spans"]) if item.get("spans") else quote
        value = None if item.get("value", evidence) in (evidence, quote) else on_one_line(item["value"])
        return (label, fragments, value), quote
