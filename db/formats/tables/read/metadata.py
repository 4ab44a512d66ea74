"""What the columns of a row say of its document and of its event as a whole, beside the fields."""

from collections.abc import Sequence
from typing import Any

from db.errors import InputError
from db.formats.tables.cells import Cell, read_cell, write_value
from db.formats.tables.dates import read_date
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import ABSENT
from db.io.json_lines import shorten

REVIEW = ("status", "reviewer", "decided_at", "reason", "reason_text", "note")
TITLE, TEXT, ID = " · ", "\n\n", ":"
"""What stands between the cells of several columns that are one title, text or id."""


class HeadReader:
    """Reads it of rows of these columns. ``kept`` gets the cells that what was made of them does not give again."""

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
        self._type, self._by, self._sure = (
            at.get(column or "\0") for column in (event.type, event.extractor, event.confidence)
        )
        self._review = [(key, at[column]) for key in REVIEW if (column := getattr(mapping.review, key)) in at]

    def document(
        self, cells: Sequence[Any], kept: dict[str, Any], event_id: str | None, notes: list[str]
    ) -> dict[str, Any]:
        """The document, without its events. Raises InputError."""
        document: dict[str, Any] = {}
        for key, columns, between in (("id", self._id, ID), ("title", self._title, TITLE), ("text", self._text, TEXT)):
            if columns and (text := self._joined(cells, columns, between, kept)):
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
            named = f"columns {', '.join(names)}: all empty" if names else "the mapping names no column for it"
            title = document.get("url") or document.get("id") or event_id
            if not title:
                raise InputError(f"neither text nor title ({named}); a document needs one of them")
            notes.append(f"neither text nor title ({named}): {shorten(title)} stands as title")
            document["title"] = title
            kept |= {self._columns[at]: cells[at] for at in self._title if cells[at] is not ABSENT}
        return document

    def event(self, cells: Sequence[Any], kept: dict[str, Any]) -> dict[str, Any]:
        """The event, without its fields. Raises InputError that names the column."""
        told = self._mapping.event
        event: dict[str, Any] = {}
        if self._event_id and (text := self._joined(cells, self._event_id, ID, kept)):
            event["id"] = text
        event["type"] = self._event_type(cells, kept)
        extractor = told.constant_extractor or self._extractor
        if self._by is not None and cells[self._by] not in ("", None, ABSENT):
            extractor = self._as_text(self._by, cells[self._by], kept)
            if extractor == told.constant_extractor:
                kept[self._columns[self._by]] = cells[self._by]
        elif self._by is not None and extractor and cells[self._by] is not ABSENT:
            kept[self._columns[self._by]] = cells[self._by]
        if extractor:
            event["extractor"] = extractor
        if self._sure is not None and (cell := cells[self._sure]) not in ("", None, ABSENT):
            number = read_cell(cell, "number") if isinstance(cell, str) else Cell(cell)
            if number.missing or (isinstance(cell, str) and cell in self._missing):
                kept[self._columns[self._sure]] = cell
            elif isinstance(number.value, bool) or not isinstance(number.value, int | float) or _is_huge(number.value):
                raise InputError(f"column {self._columns[self._sure]}: {shown(cell)} is no number; mend it")
            else:
                event["confidence"] = number.value / told.confidence_of if told.confidence_of != 1 else number.value
                if number.kept or number.modifier or told.confidence_of != 1 or not isinstance(number.value, float):
                    kept[self._columns[self._sure]] = cell
        for key, at in self._review:
            if (cell := cells[at]) not in ("", None, ABSENT):
                event[key] = self._as_text(at, cell, kept)
        return event

    def _event_type(self, cells: Sequence[Any], kept: dict[str, Any]) -> str:
        told = self._mapping.event
        if self._type is not None:
            cell = cells[self._type]
            text = self._as_text(self._type, cell, kept) if cell not in ("", None, ABSENT) else ""
            if text.strip():
                made = told.types.get(text, text)
                if self._codes.get(made, made) != text or made == told.constant_type:
                    kept[self._columns[self._type]] = cell
                return made
            if told.constant_type and cell is not ABSENT:
                kept[self._columns[self._type]] = cell
        if told.constant_type:
            return told.constant_type
        where = f"column {told.type}: is empty" if told.type else "the mapping names no column for it"
        raise InputError(f"no type of the event ({where}); add it, or give the mapping a constant_type")

    def _joined(self, cells: Sequence[Any], columns: list[int], between: str, kept: dict[str, Any]) -> str:
        texts = [self._as_text(at, cell, kept) for at in columns if (cell := cells[at]) not in ("", None, ABSENT)]
        return between.join(texts)

    def _as_text(self, at: int, cell: Any, kept: dict[str, Any]) -> str:
        if isinstance(cell, str):
            return cell
        kept[self._columns[at]] = cell
        return write_value(cell)


def codes_of(mapping: Mapping) -> dict[str, str]:
    """What stands in the column for each type of event that the mapping translates: the first of several."""
    return {name: code for code, name in reversed([*mapping.event.types.items()])}


def _is_huge(number: float) -> bool:
    return abs(number) > 1e300


def shown(cell: object) -> str:
    """As much of a cell as a refusal may hold."""
    return f'"{shorten(write_value(cell))}"'  # type: ignore[arg-type]
