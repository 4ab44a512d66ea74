"""Turns events into the rows of a table by a mapping, in the order of its columns.

A cell is written as it was imported while it still matches the event; changed values are written anew.
"""

from collections.abc import Callable, Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Export
from db.formats.tables.cells import read_cell, write_value
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.nested_cells import CellField, join_cell, may_be_from, split_cell
from db.formats.tables.read.metadata import REVIEW_KEYS, codes_of
from db.formats.tables.read.rows import split_list
from db.formats.tables.table import ABSENT
from db.io.json_lines import shorten
from db.model import same_value

_SEPARATOR = "; "  # between the values of a column that has no separator of its own
_MOST_WRITERS = 100  # one for each list of columns: objects may each have their own

_Fields = dict[tuple[str | None, str], list[dict[str, Any]]]
_Cell = Callable[[dict[str, Any], dict[str, Any], _Fields, dict[str, Any]], Any]


def rows_of(
    export: Export, mapping: Mapping, one_header: bool = True
) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...] | None]]:
    """Yield the column names and the row of each event; a cell is ABSENT, an imported cell, or a JSON value.

    A table that was imported with additional columns is written with them. With ``one_header``, all rows have the same
    columns, and the first item has None for the row. Raises InputError if documents come from different tables then.
    """
    writers: dict[tuple[str, ...], _RowWriter] = {}
    header: tuple[str, ...] = ()
    default = mapping.columns or tuple(mapping.uses())
    for document in export.documents():
        events = document.get("events") or []
        if not events:
            continue
        own = _own_columns(document)
        columns = own or default
        if one_header:
            if not header:
                header = columns
                yield header, None
            elif own and not set(header).issuperset(own):
                raise InputError(
                    f"document {shorten(str(document.get('id')))} comes from a table with other columns"
                    f" ({shorten(', '.join(own))}); select the events of one table with --query"
                )
            columns = header
        writer = writers.get(columns)
        if writer is None:
            if len(writers) >= _MOST_WRITERS:
                writers.clear()
            writer = writers[columns] = _RowWriter(mapping, columns)
        for event in events:
            yield columns, writer.row(document, event)
    if one_header and not header:
        yield default, None


def _own_columns(document: dict[str, Any]) -> tuple[str, ...]:
    kept = document.get("table")
    columns = kept.get("columns") if isinstance(kept, dict) else None
    return tuple(columns) if isinstance(columns, list) and all(isinstance(item, str) for item in columns) else ()


class _RowWriter:
    """Writes rows with these columns."""

    def __init__(self, mapping: Mapping, columns: tuple[str, ...]) -> None:
        self._mapping = mapping = mapping.with_columns(columns)
        self._codes = codes_of(mapping)
        by_column: dict[str, _Cell] = {}
        document, event = mapping.document, mapping.event
        # A later use of a column overrides an earlier one, and a field all others, since people correct fields.
        for key in ("text", "title", "id"):
            if len(joined := getattr(document, key)) == 1:
                by_column[joined[0]] = _of_document(key, joined[0])
        for key in ("url", "publisher", "published", "language"):
            if column := getattr(document, key):
                by_column[column] = _of_document(key, column)
        for key in REVIEW_KEYS:
            if column := getattr(mapping.review, key):
                by_column[column] = _of_review(key, column)
        if event.extractor:
            by_column[event.extractor] = self._extractor
        if event.confidence:
            by_column[event.confidence] = self._confidence
        if len(event.id) == 1:
            by_column[event.id[0]] = self._id
        if event.type:
            by_column[event.type] = self._type
        for item in mapping.fields:
            if item.modifier:
                by_column[item.modifier] = _modifier_of(item)
        for item in mapping.fields:
            by_column[item.column] = self._field(item)
        self._writers = [(column, by_column.get(column, _of_kept)) for column in columns]

    def row(self, document: dict[str, Any], event: dict[str, Any]) -> tuple[Any, ...]:
        """Return the cells of an event."""
        fields: _Fields = {}
        for field in event.get("fields") or []:
            if field.get("state") != "removed":
                fields.setdefault((field.get("group"), field["name"]), []).append(field)
        kept = event.get("table")
        kept = kept if isinstance(kept, dict) else {}
        cells = []
        for column, write in self._writers:
            cell = write(document, event, fields, kept)
            cells.append(kept.get(column, ABSENT) if cell is _AS_KEPT else cell)
        return tuple(cells)

    def _id(self, _: dict[str, Any], event: dict[str, Any], __: _Fields, kept: dict[str, Any]) -> Any:
        column = self._mapping.event.id[0]
        return kept[column] if column in kept else event.get("id", ABSENT)

    def _type(self, _: dict[str, Any], event: dict[str, Any], __: _Fields, kept: dict[str, Any]) -> Any:
        columns, column = self._mapping.event, self._mapping.event.type or ""
        if column in kept:
            cell = kept[column]
            text = cell if isinstance(cell, str) else write_value(cell)
            if (columns.types.get(text, text) if text.strip() else columns.constant_type) == event["type"]:
                return cell
        # The constant type is written as an empty cell, unless the imported cell held it.
        return ABSENT if event["type"] == columns.constant_type else self._codes.get(event["type"], event["type"])

    def _extractor(self, _: dict[str, Any], event: dict[str, Any], __: _Fields, kept: dict[str, Any]) -> Any:
        column = self._mapping.event.extractor or ""
        if column in kept:
            return kept[column]
        extractor = event.get("extractor", ABSENT)
        return ABSENT if extractor == self._mapping.event.constant_extractor else extractor

    def _confidence(self, _: dict[str, Any], event: dict[str, Any], __: _Fields, kept: dict[str, Any]) -> Any:
        column = self._mapping.event.confidence or ""
        if column in kept:
            return kept[column]
        confidence = event.get("confidence")
        return ABSENT if confidence is None else confidence * self._mapping.event.confidence_of

    def _field(self, item: MappedField) -> _Cell:
        key = (item.group, item.name)

        def write(_: dict[str, Any], event: dict[str, Any], fields: _Fields, kept: dict[str, Any]) -> Any:
            current = fields.get(key, [])
            if len(current) == 1 and item.separator is None and item.column not in kept:
                return _cell(item, current[0])
            if item.separator is not None and isinstance(kept.get(item.column, ""), str):
                return _list_cell(item, current, kept, self._mapping.missing)
            parts = [field for field in event.get("fields") or [] if field.get("state") != "removed"]
            parts = [field for field in parts if may_be_from(item.name, item.group, field)]
            return _json_cell(item, parts, current, kept)

        return write


_AS_KEPT = object()


def _of_document(key: str, column: str) -> _Cell:
    # The imported cell wins: nobody changes documents, and rows of one document may differ.
    return lambda document, _, __, kept: kept[column] if column in kept else document.get(key, ABSENT)


def _of_review(key: str, column: str) -> _Cell:
    def write(_: dict[str, Any], event: dict[str, Any], __: _Fields, kept: dict[str, Any]) -> Any:
        imported, now = kept.get(column, ABSENT), event.get(key, ABSENT)
        return imported if now is ABSENT or (imported is not ABSENT and write_value(imported) == now) else now

    return write


def _of_kept(*_: object) -> Any:
    return _AS_KEPT


def _modifier_of(item: MappedField) -> _Cell:
    def write(_: dict[str, Any], __: dict[str, Any], fields: _Fields, ___: dict[str, Any]) -> Any:
        current = fields.get((item.group, item.name), [])
        modifier = current[0].get("modifier") if current else None
        return _AS_KEPT if modifier is None else modifier

    return write


def _cell(item: MappedField, field: dict[str, Any]) -> Any:
    """Return the cell of a field: the imported one if it still has the field's value."""
    value, modifier = field.get("value"), field.get("modifier")
    cell = field.get("cell")
    if isinstance(cell, str):
        for order in (item.dates,) if item.dates else (None, "dmy", "mdy"):
            read = read_cell(cell, item.kind, order)
            if same_value(read.value, value) and (item.modifier or read.modifier == modifier):
                return cell
    if modifier is None or item.modifier:
        return value
    return write_value(value, modifier)


def _list_cell(item: MappedField, current: list[dict[str, Any]], kept: dict[str, Any], missing: tuple[str, ...]) -> Any:
    texts = [cell if isinstance(cell := _cell(item, field), str) else write_value(cell) for field in current]
    imported = kept.get(item.column, ABSENT)
    if isinstance(imported, str) and split_list(item, "" if imported in missing else imported) == texts:
        return imported
    return (item.separator or "").join(texts) if texts else ABSENT


def _json_cell(
    item: MappedField, fields: list[dict[str, Any]], current: list[dict[str, Any]], kept: dict[str, Any]
) -> Any:
    """Return the cell of a column with several values, or none: the imported cell if it still has these values."""
    parts = [CellField(field["name"], field.get("group"), field.get("value"), field.get("key")) for field in fields]
    imported = kept.get(item.column, ABSENT)
    is_text = imported is None or isinstance(imported, str)
    if imported is not ABSENT and not is_text and split_cell(item.name, item.group, imported) == parts:
        return imported
    if not parts:
        return imported if is_text else ABSENT
    if len(current) == len(fields) == 1:
        return _cell(item, current[0])
    if len(current) == len(fields) and any("cell" in field or field.get("modifier") for field in current):
        return _SEPARATOR.join(write_value(_cell(item, field)) for field in current)
    return join_cell(item.name, item.group, parts)
