"""Reads the document and the event of a row, without the event's fields."""

from collections.abc import Sequence
from typing import Any

from db.errors import InputError
from db.formats.tables.cells import Cell, read_cell, write_value
from db.formats.tables.dates import read_date
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import ABSENT
from db.io.json_lines import shorten

REVIEW_KEYS = ("status", "reviewer", "decided_at", "reason", "reason_text", "note")
_TITLE_SEPARATOR, _TEXT_SEPARATOR, _ID_SEPARATOR = " · ", "\n\n", ":"


class MetadataReader:
    """Reads documents and events from rows with these columns.

    The dict ``kept`` receives the cells that can't be written again from the result.
    """

    def __init__(self, mapping: Mapping, columns: tuple[str, ...], extractor: str | None) -> None:
        self._mapping = mapping
        self._columns = columns
        self._extractor = extractor
        self._missing = frozenset(mapping.missing)
        at = {column: number for number, column in enumerate(columns)}
        document, event = mapping.document, mapping.event
        self._id, self._title, self._text = (
            [at[column] for column in joined if column in at] for joined in (document.id, document.title, document.text)
        )
        self._event_id = [at[column] for column in event.id if column in at]
        self._described = [
            (key, at[column])
            for key in ("url", "publisher", "published", "language")
            if (column := getattr(document, key)) in at
        ]
        self._codes = codes_of(mapping)
        self._type_at, self._extractor_at, self._confidence_at = (
            at.get(column or "\0") for column in (event.type, event.extractor, event.confidence)
        )
        self._review = [(key, at[column]) for key in REVIEW_KEYS if (column := getattr(mapping.review, key)) in at]

    def document(
        self, cells: Sequence[Any], kept: dict[str, Any], event_id: str | None, notes: list[str]
    ) -> dict[str, Any]:
        """Return the document without its events. Raises InputError."""
        document: dict[str, Any] = {}
        for key, columns, separator in (
            ("id", self._id, _ID_SEPARATOR),
            ("title", self._title, _TITLE_SEPARATOR),
            ("text", self._text, _TEXT_SEPARATOR),
        ):
            if columns and (text := self._join(cells, columns, separator, kept)):
                document[key] = text
        for key, at in self._described:
            cell = cells[at]
            if cell in ("", None, ABSENT):
                continue
            text = self._as_text(at, cell, kept)
            if key == "published" and (date := read_date(text).value) and date != text:
                kept[self._columns[at]] = cell
                text = date
            document[key] = text
        if "text" not in document and "title" not in document:
            names = self._mapping.document.text + self._mapping.document.title
            why = f"columns {', '.join(names)} are empty" if names else "the mapping names no column for them"
            title = document.get("url") or document.get("id") or event_id
            if not title:
                raise InputError(f"has neither text nor title ({why}); a document needs at least one")
            notes.append(f"has neither text nor title ({why}); {shorten(title)} becomes the title")
            document["title"] = title
            kept |= {self._columns[at]: cells[at] for at in self._title if cells[at] is not ABSENT}
        return document

    def event(self, cells: Sequence[Any], kept: dict[str, Any]) -> dict[str, Any]:
        """Return the event without its fields. Raises InputError that names the column."""
        event: dict[str, Any] = {}
        if self._event_id and (text := self._join(cells, self._event_id, _ID_SEPARATOR, kept)):
            event["id"] = text
        event["type"] = self._event_type(cells, kept)
        if extractor := self._event_extractor(cells, kept):
            event["extractor"] = extractor
        confidence = self._confidence(cells, kept)
        if confidence is not None:
            event["confidence"] = confidence
        for key, at in self._review:
            if (cell := cells[at]) not in ("", None, ABSENT):
                event[key] = self._as_text(at, cell, kept)
        return event

    def _event_type(self, cells: Sequence[Any], kept: dict[str, Any]) -> str:
        columns = self._mapping.event
        if self._type_at is not None:
            cell = cells[self._type_at]
            text = self._as_text(self._type_at, cell, kept) if cell not in ("", None, ABSENT) else ""
            if text.strip():
                event_type = columns.types.get(text, text)
                if self._codes.get(event_type, event_type) != text or event_type == columns.constant_type:
                    kept[self._columns[self._type_at]] = cell
                return event_type
            if columns.constant_type and cell is not ABSENT:
                kept[self._columns[self._type_at]] = cell
        if columns.constant_type:
            return columns.constant_type
        why = f"column {columns.type} is empty" if columns.type else "the mapping names no column for it"
        raise InputError(f"the event has no type ({why}); add one, or add constant_type to the mapping")

    def _event_extractor(self, cells: Sequence[Any], kept: dict[str, Any]) -> str | None:
        constant, at = self._mapping.event.constant_extractor, self._extractor_at
        default = constant or self._extractor
        if at is None or cells[at] is ABSENT:
            return default
        if cells[at] in ("", None):
            if default:
                kept[self._columns[at]] = cells[at]
            return default
        extractor = self._as_text(at, cells[at], kept)
        if extractor == constant:
            kept[self._columns[at]] = cells[at]
        return extractor

    def _confidence(self, cells: Sequence[Any], kept: dict[str, Any]) -> float | None:
        at = self._confidence_at
        if at is None or (cell := cells[at]) in ("", None, ABSENT):
            return None
        read = read_cell(cell, "number") if isinstance(cell, str) else Cell(cell)
        number, highest = read.value, self._mapping.event.confidence_of
        if read.missing or (isinstance(cell, str) and cell in self._missing):
            kept[self._columns[at]] = cell
            return None
        if isinstance(number, bool) or not isinstance(number, int | float) or abs(number) > 1e300:
            raise InputError(f"column {self._columns[at]}: {shown(cell)} is not a number; correct it")
        if not read.rewritable or read.modifier or highest != 1 or not isinstance(number, float):
            kept[self._columns[at]] = cell
        return number / highest if highest != 1 else number

    def _join(self, cells: Sequence[Any], columns: list[int], separator: str, kept: dict[str, Any]) -> str:
        texts = [self._as_text(at, cell, kept) for at in columns if (cell := cells[at]) not in ("", None, ABSENT)]
        return separator.join(texts)

    def _as_text(self, at: int, cell: Any, kept: dict[str, Any]) -> str:
        if isinstance(cell, str):
            return cell
        kept[self._columns[at]] = cell
        return write_value(cell)


def codes_of(mapping: Mapping) -> dict[str, str]:
    """Return the code in the column for each event type that the mapping translates: the first of several."""
    return {name: code for code, name in reversed([*mapping.event.types.items()])}


def shown(cell: object) -> str:
    """Return a cell in quotation marks, shortened for an error message."""
    return f'"{shorten(write_value(cell))}"'  # type: ignore[arg-type]
