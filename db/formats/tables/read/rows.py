"""Reads one row as a document and an event, by a mapping."""

from collections.abc import Callable, Container, Sequence
from functools import lru_cache, partial
from json import dumps
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import ReadOptions
from db.formats.tables.cells import PLAIN, Cell, boolean_number, may_be_thousands, read_cell, shown, write_value
from db.formats.tables.mapping.fitting import own_columns
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.nested_cells import join_cell, split_cell, split_list
from db.formats.tables.read.column_facts import ColumnFacts
from db.formats.tables.read.event_place import place_event
from db.formats.tables.read.evidence import mark_fields, not_searched, place_fields
from db.formats.tables.read.metadata import MetadataReader, always_kept
from db.formats.tables.read.modifiers import attach_modifier, attach_modifiers, unused_modifier
from db.formats.tables.read.values import fields_of_values
from db.formats.tables.table import ABSENT
from db.formats.tables.values import Values
from db.io.csv import text_of
from db.kinds import Kind, is_modifier
from db.native import digest
from db.notation.day_numbers import is_spreadsheet_day

_METADATA = ("document.", "event.", "review.")
_CACHED_CELLS = 4096  # of a column


class RowContent(NamedTuple):
    """The content of a row; rows of the same document have the same ``key``.

    column_notes: notes that are the same for all such cells of a column.
    unsearched: names of fields that are not searched in the text.
    """

    document: dict[str, Any]
    event: dict[str, Any]
    key: object
    notes: tuple[str, ...]
    column_notes: tuple[str, ...] = ()
    unsearched: Container[str] = ()


class _ValueColumn(NamedTuple):
    """A column with one value per cell."""

    at: int
    item: MappedField
    read: Callable[[str], Cell] | None
    modifier_at: int | None
    missing: frozenset[str]


class RowReader:
    """Reads rows with these columns."""

    def __init__(
        self,
        mapping: Mapping,
        columns: tuple[str, ...],
        facts: ColumnFacts,
        typed: bool,
        options: ReadOptions,
        own: dict[str, Any] | None = None,
    ) -> None:
        self._columns = columns
        self._facts = facts
        self._typed = typed
        self._strict = not mapping.guessed
        self._mapping = mapping = mapping.with_columns(columns)
        at = {column: number for number, column in enumerate(columns)}
        self._metadata = MetadataReader(mapping, columns, facts, options)
        self._values, self._lists = self._field_columns(at)
        self._kept = always_kept(mapping, at)
        self._modifiers = [item.modifier for item in mapping.fields if item.modifier]
        self._metadata_columns = [
            (at[column], column) for column, use in mapping.uses().items() if use.startswith(_METADATA) and column in at
        ]
        self._searches_all = all(item.ground is True for item in mapping.fields)
        self._has_places = any(item.place_columns for item in mapping.fields)
        self._has_event_place = bool(mapping.event.quote or (mapping.event.start and mapping.event.end))
        self._unsearched: set[str] = set()
        self._own = own or {}
        if columns_kept := own_columns(mapping, columns, typed, bool(own)):
            self._own = {"columns": columns_kept, **self._own}

    def read(self, cells: Sequence[Any]) -> RowContent:
        """Return the document and the event of a row. Raises InputError that names the column."""
        if self._mapping.protected:
            cells = [text_of(cell) if isinstance(cell, str) else cell for cell in cells]
            cells = ["" if cell is None else cell for cell in cells]
        kept: dict[str, Any] = {}
        notes: list[str] = []
        column_notes: list[str] = []
        event = self._metadata.event(cells, kept, column_notes)
        document = self._metadata.document(cells, kept, event.get("id"), notes, column_notes)
        fields: list[dict[str, Any]] = []
        for at, item, read, modifier_at, missing in self._values:
            cell = cells[at]
            if modifier_at is not None:
                kept[item.modifier or ""] = cells[modifier_at]  # removed again if it is a valid modifier
            if cell == "" or cell is ABSENT or cell is None:
                if self._typed and cell is not ABSENT:
                    kept[item.column] = cell
                continue
            if cell.__class__ is Values:
                fields += fields_of_values(item, cell, read, partial(self._unfit, item, notes), column_notes)
                self._has_places = True
                continue
            if cell.__class__ is not str:
                self._json_cell(item, cell, fields, kept, column_notes)
                if modifier_at is not None:
                    attach_modifiers(item, cell, fields, kept)
                continue
            if cell in missing and self._facts.is_missing(item.column, cell, missing, column_notes):
                kept[item.column] = cell
                continue
            if read is None:
                field: dict[str, Any] = {"name": item.name, "value": cell}
            else:
                value = read(cell)
                if value.problem:
                    value = self._unfit(item, notes, cell, value)
                if value.missing:
                    kept[item.column] = cell
                    self._facts.add_missing(column_notes, item.column, cell)
                    continue
                if value.note:
                    self._facts.add_conversion(column_notes, item.column, cell, value.value)
                field = {"name": item.name, "value": value.value}
                if value.modifier:
                    field["modifier"] = value.modifier
                if not value.rewritable or (self._typed and value.value.__class__ is not str):
                    field["cell"] = cell
            if item.group:
                field["group"] = item.group
            if modifier_at is not None and is_modifier(cells[modifier_at]):
                attach_modifier(item, cell, cells[modifier_at], field, kept)
            fields.append(field)
        for column in self._modifiers:
            if kept.get(column) is ABSENT or (not self._typed and kept.get(column) in ("", None)):
                kept.pop(column, None)
            elif (note := unused_modifier(column, kept)) is not None:
                notes.append(note)
        for at, item in self._lists:
            self._list_cell(item, cells[at], fields, kept, notes, column_notes)
        for at, column in self._kept:
            if (cell := cells[at]) is not ABSENT and (cell not in ("", None) or self._typed):
                kept[column] = cell
        if self._typed:  # an empty text, null and a missing cell then differ
            kept |= {column: cells[at] for at, column in self._metadata_columns if cells[at] is None or cells[at] == ""}
        if self._mapping.markup is not None:
            mark_fields(self._mapping, self._columns, cells, document, fields)
        if self._has_places:
            notes += place_fields(self._mapping, self._columns, cells, document, fields)
        if self._has_event_place:
            row = dict(zip(self._columns, cells, strict=True))
            notes += place_event(self._mapping.event, row, document.get("text") or document.get("title") or "", fields)
        if not self._searches_all:
            self._unsearched |= not_searched(self._mapping, fields)
        event["fields"] = fields
        if kept:
            event["table"] = kept
        key = self._key(cells, document, event)
        return RowContent(document, event, key, tuple(notes), tuple(column_notes), self._unsearched)

    def read_document(self, cells: Sequence[Any]) -> RowContent:
        """Return the document of a row that has no event. Raises InputError."""
        notes: list[str] = []
        column_notes: list[str] = []
        document = self._metadata.document(cells, {}, None, notes, column_notes)
        return RowContent(document, {}, self._key(cells, document, {}), tuple(notes), tuple(column_notes))

    def _key(self, cells: Sequence[Any], document: dict[str, Any], event: dict[str, Any]) -> object:
        """Return what is the same for rows of one document, and give the document an id if it needs one."""
        key: object = document.get("id")
        if key is None and (document.get("text") or document.get("url")):
            key = (document.get("title"), document.get("text"), document.get("url"), document.get("published"))
        elif key is None:
            document["id"] = event.get("id") or f"row-{digest([None if cell is ABSENT else cell for cell in cells])}"
            key = document["id"]
        if self._own:
            document["table"] = self._own
        return key, document.get("text")

    def _field_columns(self, at: dict[str, int]) -> tuple[list[_ValueColumn], list[tuple[int, MappedField]]]:
        values, lists = [], []
        for item in self._mapping.fields:
            if item.column not in at:
                continue
            if item.separator:
                lists.append((at[item.column], item))
            else:
                modifier_at = at.get(item.modifier) if item.modifier else None
                words = self._facts.missing_words(item)
                values.append(_ValueColumn(at[item.column], item, self._reader(item), modifier_at, words))
        return values, lists

    def _reader(self, item: MappedField) -> Callable[[str], Cell] | None:
        """Return the function that reads cells of a column; None if they are read as text."""
        kind: Kind | None = item.kind
        if kind in ("text", "choice", "place", "actor") or (kind is None and self._typed):
            return None

        declared = self._facts.declared(item)

        @lru_cache(_CACHED_CELLS)
        def read(cell: str) -> Cell:
            if item.boolean and (number := boolean_number(cell)) is not None:
                return Cell(number, rewritable=False)
            if kind is None and not may_be_thousands(cell):
                return read_cell(cell, None)
            value = read_cell(cell, kind, declared)
            if value.ambiguous or kind is None or (kind == "date" and is_spreadsheet_day(cell)):
                value = read_cell(cell, kind, self._facts.notation(item))
            return value

        return read

    def _unfit(self, item: MappedField, notes: list[str], cell: str, value: Cell) -> Cell:
        problem = f"column {item.column}: {shown(cell)} {value.problem}"
        if value.ambiguous:
            notes.append(self._facts.odd(item.column, f"{problem}, and {self._facts.problem(item)}"))
            return Cell(cell)
        if self._strict and item.kind in ("integer", "number"):
            raise InputError(f"{problem}; correct it, or map the column as text")
        notes.append(self._facts.odd(item.column, f"{problem}; kept as text"))
        return Cell(cell)

    def _list_cell(
        self,
        item: MappedField,
        cell: Any,
        fields: list[dict[str, Any]],
        kept: dict[str, Any],
        notes: list[str],
        column_notes: list[str],
    ) -> None:
        words = self._facts.missing_words(item)
        is_missing = isinstance(cell, str) and cell in words
        if is_missing and self._facts.is_missing(item.column, cell, words, column_notes):
            kept[item.column] = cell
            return
        if not isinstance(cell, str) or cell == "":
            if cell is not ABSENT and (cell not in ("", None) or self._typed):
                self._json_cell(item, cell, fields, kept, column_notes)
                kept[item.column] = cell
            return
        texts = split_list(item.separator, cell)
        notation = self._facts.notation(item) if item.kind in ("date", "integer", "number") else PLAIN
        for text in texts:
            value = read_cell(text, item.kind, notation)
            if value.problem:
                value = self._unfit(item, notes, text, value)
            if value.missing:
                value = Cell(text)
            if value.note:
                self._facts.add_conversion(column_notes, item.column, text, value.value)
            field = {"name": item.name, "value": value.value}
            if item.group:
                field["group"] = item.group
            if value.modifier:
                field["modifier"] = value.modifier
            if not value.rewritable:
                field["cell"] = text
            fields.append(field)
        if (item.separator or "").join(texts) != cell:
            kept[item.column] = cell

    def _json_cell(
        self, item: MappedField, cell: Any, fields: list[dict[str, Any]], kept: dict[str, Any], notes: list[str]
    ) -> None:
        """Add the fields of a cell that is a JSON value: a list repeats a field, an object is a group."""
        if isinstance(cell, str) or cell is None:
            kept[item.column] = cell
            return
        if not isinstance(cell, list | dict):
            plain: dict[str, Any] = {"name": item.name, "value": cell}
            if item.kind == "date" and not isinstance(cell, bool):
                read = read_cell(write_value(cell), "date", self._facts.notation(item))
                if not read.problem:
                    plain |= {"value": read.value, "cell": cell}
                    self._facts.add_conversion(notes, item.column, cell, read.value)
            fields.append(plain | {"group": item.group} if item.group else plain)
            return
        parts = split_cell(item.name, item.group, cell)
        for part in parts:
            field = {"name": part.name, "value": part.value}
            if part.group:
                field["group"] = part.group
            if part.key:
                field["key"] = part.key
            fields.append(field)
        if not parts or dumps(join_cell(item.name, item.group, parts)) != dumps(cell):
            kept[item.column] = cell
