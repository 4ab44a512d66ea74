"""Reads the document and the event of a row, without the event's fields."""

from collections.abc import Sequence
from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions
from db.formats.tables.cells import Cell, Notation, read_cell, shown, write_value
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.read.column_facts import ColumnFacts
from db.formats.tables.table import ABSENT
from db.io.json_lines import shorten
from db.notation.any_date import read_date
from db.notation.day_numbers import is_spreadsheet_day

REVIEW_KEYS = ("status", "reviewer", "decided_at", "reason", "reason_text", "note")
_TITLE_SEPARATOR, _TEXT_SEPARATOR, _ID_SEPARATOR = " · ", "\n\n", ":"


class MetadataReader:
    """Reads documents and events from rows with these columns.

    The dict ``kept`` receives the cells that can't be written again from the result.
    """

    def __init__(self, mapping: Mapping, columns: tuple[str, ...], facts: ColumnFacts, options: ReadOptions) -> None:
        self._mapping = mapping
        self._columns = columns
        self._extractor = options.extractor
        self._unnamed = options.unnamed
        self._facts = facts
        self._missing = facts.missing_words()
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
        self._type_at, self._extractor_at, self._run_at, self._confidence_at = (
            at.get(column or "\0") for column in (event.type, event.extractor, event.run, event.confidence)
        )
        self._review = [(key, at[column]) for key in REVIEW_KEYS if (column := getattr(mapping.review, key)) in at]

    def document(
        self,
        cells: Sequence[Any],
        kept: dict[str, Any],
        event_id: str | None,
        notes: list[str],
        column_notes: list[str],
    ) -> dict[str, Any]:
        """Return the document without its events. Raises InputError."""
        document: dict[str, Any] = {}
        for key, columns, separator in (
            ("id", self._id, _ID_SEPARATOR),
            ("title", self._title, _TITLE_SEPARATOR),
            ("text", self._text, _TEXT_SEPARATOR),
        ):
            if columns and (text := self._join(cells, columns, separator, kept, column_notes)):
                document[key] = text
        for key, at in self._described:
            if (cell := self._given(cells, at, kept, column_notes)) is None:
                continue
            text = self._as_text(at, cell, kept)
            document[key] = self._day(at, cell, text, kept, notes, column_notes) if key == "published" else text
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

    def event(self, cells: Sequence[Any], kept: dict[str, Any], column_notes: list[str]) -> dict[str, Any]:
        """Return the event without its fields. Raises InputError that names the column."""
        event: dict[str, Any] = {}
        if self._event_id and (text := self._join(cells, self._event_id, _ID_SEPARATOR, kept, column_notes)):
            event["id"] = text
        event["type"] = self._event_type(cells, kept, column_notes)
        unnamed = None if "id" in event else self._unnamed
        if extractor := self._event_extractor(cells, kept, column_notes, unnamed):
            event["extractor"] = extractor
        if self._run_at is not None and (run := self._given(cells, self._run_at, kept, column_notes)) is not None:
            event["run"] = self._as_text(self._run_at, run, kept)
        confidence = self._confidence(cells, kept, column_notes)
        if confidence is not None:
            event["confidence"] = confidence
        for key, at in self._review:
            if (cell := self._given(cells, at, kept, column_notes)) is not None:
                event[key] = self._as_text(at, cell, kept)
        return event

    def _given(self, cells: Sequence[Any], at: int, kept: dict[str, Any], column_notes: list[str]) -> Any:
        """Return a cell; None if it is empty, absent, or a word for no value, which is kept for export."""
        cell = cells[at]
        if cell is ABSENT or cell is None or cell == "":
            return None
        if cell.__class__ is str and cell in self._missing:
            column = self._columns[at]
            if self._facts.is_missing(column, cell, self._missing, column_notes):
                kept[column] = cell
                return None
        return cell

    def _event_type(self, cells: Sequence[Any], kept: dict[str, Any], column_notes: list[str]) -> str:
        columns = self._mapping.event
        if self._type_at is not None:
            cell = cells[self._type_at]
            given = self._given(cells, self._type_at, kept, column_notes)
            text = self._as_text(self._type_at, given, kept) if given is not None else ""
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

    def _event_extractor(
        self, cells: Sequence[Any], kept: dict[str, Any], column_notes: list[str], unnamed: str | None
    ) -> str | None:
        constant, at = self._mapping.event.constant_extractor, self._extractor_at
        default = constant or self._extractor or unnamed
        if at is None or cells[at] is ABSENT:
            return default
        if (cell := self._given(cells, at, kept, column_notes)) is None:
            if default:
                kept[self._columns[at]] = cells[at]
            return default
        extractor = self._as_text(at, cell, kept)
        if extractor == constant:
            kept[self._columns[at]] = cell
        return extractor

    def _confidence(self, cells: Sequence[Any], kept: dict[str, Any], column_notes: list[str]) -> float | None:
        at = self._confidence_at
        if at is None or (cell := self._given(cells, at, kept, column_notes)) is None:
            return None
        column, highest = self._columns[at], self._mapping.event.confidence_of
        read = Cell(cell)
        if isinstance(cell, str):
            read = read_cell(cell, "number", Notation(sign=self._mapping.decimal, unit="%"))
            if read.ambiguous:
                read = read_cell(cell, "number", Notation(sign=self._facts.shares().numbers.sign, unit="%"))
            if read.missing:
                kept[column] = cell
                self._facts.add_missing(column_notes, column, cell)
                return None
        number, problem = read.value, ""
        if isinstance(number, bool) or not isinstance(number, int | float):
            problem = "is not a number"
        else:
            is_percent = isinstance(cell, str) and "%" in cell
            if highest == 1 and (is_percent or (number >= 1 and self._facts.shares().is_percent)):
                highest = 100.0
            share = number / highest if highest != 1 else number
            if not 0 <= share <= 1:
                problem = f"is not a confidence from 0 to {highest:g}"
        if problem:
            if not self._mapping.guessed:
                raise InputError(f"column {column}: {shown(cell)} {problem}; correct it, or map the column as a field")
            kept[column] = cell
            column_notes.append(self._facts.odd(column, f"column {column}: {shown(cell)} {problem}; not imported"))
            return None
        if not read.rewritable or read.modifier or highest != 1 or not isinstance(number, float):
            kept[column] = cell
        if read.note or highest != self._mapping.event.confidence_of:
            self._facts.add_conversion(column_notes, column, cell, f"{share:g}")
        return share

    def _day(
        self, at: int, cell: Any, text: str, kept: dict[str, Any], notes: list[str], column_notes: list[str]
    ) -> str:
        """Return the day of publication; the cell's text, with a note, if it can't be read."""
        column = self._columns[at]
        read = read_date(text, self._mapping.dates, 1900)
        if read.ambiguous or is_spreadsheet_day(text):
            read = read_date(text, *self._facts.published()[:2])
        if read.value is None:
            why = (
                f"{read.problem}, and {self._facts.problem(None)}"
                if read.ambiguous
                else f"{read.problem}; kept as text"
            )
            notes.append(self._facts.odd(column, f"column {column}: {shown(cell)} {read.problem}{why}"))
            return text
        if read.value != cell:
            kept[column] = cell
            if read.note:
                self._facts.add_conversion(column_notes, column, cell, read.value)
        return read.value

    def _join(
        self, cells: Sequence[Any], columns: list[int], separator: str, kept: dict[str, Any], column_notes: list[str]
    ) -> str:
        given = ((at, self._given(cells, at, kept, column_notes)) for at in columns)
        return separator.join(self._as_text(at, cell, kept) for at, cell in given if cell is not None)

    def _as_text(self, at: int, cell: Any, kept: dict[str, Any]) -> str:
        if isinstance(cell, str):
            return cell
        kept[self._columns[at]] = cell
        return write_value(cell)


def codes_of(mapping: Mapping) -> dict[str, str]:
    """Return the code in the column for each event type that the mapping translates: the first of several."""
    return {name: code for code, name in reversed([*mapping.event.types.items()])}


def always_kept(mapping: Mapping, at: dict[str, int]) -> list[tuple[int, str]]:
    """Return the columns whose cells can't be written again from the result.

    They are ignored columns, columns that are joined, and columns that describe a document, since its other rows
    may differ.
    """
    document, event = mapping.document, mapping.event
    field_columns = {item.column for item in mapping.fields}
    keep = dict.fromkeys((*mapping.ignored, *filter(None, (event.start, event.end, event.quote))))
    # In a list, each value has its own modifier.
    keep |= dict.fromkeys(item.modifier for item in mapping.fields if item.separator and item.modifier)
    for joined in (document.id, document.title, document.text, event.id):
        if len(joined) > 1:
            keep |= dict.fromkeys(joined)
    one_row = bool(document.id) and document.id == event.id
    if not one_row and (document.id or document.text or document.url):
        described = (*document.title, document.publisher, document.published, document.language, document.url)
        keep |= dict.fromkeys(column for column in described if column and column not in document.id)
    return [(at[column], column) for column in keep if column in at and column not in field_columns]
