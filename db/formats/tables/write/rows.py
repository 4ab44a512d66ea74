"""Turns events into the rows of a table by a mapping, in the order of its columns.

A cell is written as it was imported while it still matches the event; changed values are written anew, and their
modifiers in a column beside them.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from db.errors import InputError
from db.formats.format import Export
from db.formats.tables.cells import write_value
from db.formats.tables.mapping.fitting import fitted
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.nested_cells import CellField, join_cell, may_be_from, split_cell, split_list
from db.formats.tables.read.metadata import REVIEW_KEYS, codes_of
from db.formats.tables.table import ABSENT
from db.formats.tables.write.modifiers import imported_cell, modified_columns, modifiers_cell, with_modifiers
from db.io.json_lines import shorten
from db.kinds import is_modifier
from db.notation.missing import TEXT_WORDS, may_be_missing

_SEPARATOR = "; "  # between the values of a column that has no separator of its own
_MOST_WRITERS = 100  # one for each list of columns: objects may each have their own

_Fields = dict[tuple[str | None, str], list[dict[str, Any]]]
_Cell = Callable[[dict[str, Any], dict[str, Any], _Fields, dict[str, Any]], Any]


def rows_of(
    export: Export, mapping: Mapping, one_header: bool = True, named: bool = True
) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...] | None]]:
    """Yield the column names and the row of each event; a cell is ABSENT, an imported cell, or a JSON value.

    A table that was imported with additional columns is written with them. With ``one_header``, all rows have the same
    columns, and the first item has None for the row. Raises InputError if documents come from different tables then.
    Modifiers without a column of their own get one if columns have names (``named``).
    """
    writers: dict[tuple[str, ...], RowWriter] = {}

    def writer(columns: tuple[str, ...]) -> RowWriter:
        if columns not in writers:
            if len(writers) >= _MOST_WRITERS:
                writers.clear()
            writers[columns] = RowWriter(mapping, columns)
        return writers[columns]

    default = mapping.columns or tuple(mapping.uses())
    if one_header:
        header = _header(export, mapping, default)
        yield header, None
    for document in export.documents():
        events = document.get("events") or []
        if not events:
            continue
        own = own_columns_of(document)
        if one_header and own and not set(header).issuperset(own):
            raise InputError(
                f"document {shorten(str(document.get('id')))} comes from a table with other columns"
                f" ({shorten(', '.join(own))}); select the events of one table with --query"
            )
        for event in events:
            columns = header if one_header else own or default
            if named and not one_header:
                columns = with_modifiers(columns, modified_columns(writer(columns).mapping, [event]))
            yield columns, writer(columns).row(document, event)


def _header(export: Export, mapping: Mapping, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a table that has one list of them for all its rows."""
    header: tuple[str, ...] = ()
    modified: set[str] = set()
    for document in export.documents():
        if events := document.get("events"):
            own = own_columns_of(document)
            if not header:
                header = own or default
                mapped = fitted(mapping, header).with_columns(header)
            if mapping.header is False or not export.has_modifiers:
                break  # a column without a name would shift those after it
            modified |= modified_columns(mapped, events, own)
    return with_modifiers(header or default, modified)


def own_columns_of(document: dict[str, Any]) -> tuple[str, ...]:
    """Return the columns of the table that a document was imported from, if they are stored with it."""
    kept = document.get("table")
    columns = kept.get("columns") if isinstance(kept, dict) else None
    return tuple(columns) if isinstance(columns, list) and all(isinstance(item, str) for item in columns) else ()


class RowWriter:
    """Writes rows with these columns, by a mapping."""

    def __init__(self, mapping: Mapping, columns: tuple[str, ...]) -> None:
        self.mapping = self._mapping = mapping = fitted(mapping, columns).with_columns(columns)
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
        if event.run:
            by_column[event.run] = self._run
        if event.confidence:
            by_column[event.confidence] = self._confidence
        if len(event.id) == 1:
            by_column[event.id[0]] = self._id
        if event.type:
            by_column[event.type] = self._type
        # In a list, each modifier precedes its number.
        items = [replace(item, modifier=None) if item.separator else item for item in mapping.fields]
        for item in items:
            if item.modifier:
                by_column[item.modifier] = _modifier_of(item)
        for item in items:
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
            if event["type"] == columns.constant_type and may_be_missing(text):
                return cell
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

    def _run(self, _: dict[str, Any], event: dict[str, Any], __: _Fields, kept: dict[str, Any]) -> Any:
        column = self._mapping.event.run or ""
        return kept[column] if column in kept else event.get("run", ABSENT)

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
                return _cell(item, current[0], kept)
            if item.separator is not None and isinstance(kept.get(item.column, ""), str):
                declared = item.missing if item.missing is not None else self._mapping.missing
                return _list_cell(item, current, kept, TEXT_WORDS if declared is None else declared)
            return _json_cell(item, _parts(item, event), current, kept)

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


def _parts(item: MappedField, event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of an event that a cell with a list or an object may hold."""
    fields = (field for field in event.get("fields") or () if field.get("state") != "removed")
    return [field for field in fields if may_be_from(item.name, item.group, field)]


def _modifier_of(item: MappedField) -> _Cell:
    def write(_: dict[str, Any], event: dict[str, Any], fields: _Fields, kept: dict[str, Any]) -> Any:
        current = fields.get((item.group, item.name), [])
        if len(current) == 1 and imported_cell(plain, current[0]) is not None and current[0].get("modifier"):
            return _AS_KEPT  # the imported cell of the value, such as ~30, has the modifier
        is_single = len(current) == 1 and item.column not in kept
        cell = modifiers_cell(item, current if is_single else _parts(item, event))
        if cell is None and (own := fields.get((None, column))):
            return _cell(MappedField(column, column), own[0], kept)  # earlier versions read the column as a field
        if cell is None and len(current) == 1 and is_modifier(kept.get(column)):
            return ABSENT  # a reviewer removed it
        return _AS_KEPT if cell is None else cell

    plain, column = replace(item, modifier=None), item.modifier or ""
    return write


def _cell(item: MappedField, field: dict[str, Any], kept: dict[str, Any]) -> Any:
    """Return the cell of a field: the imported one if it still has the field's value."""
    cell = imported_cell(item, field, item.column in kept)
    if cell is not None:
        return cell
    value, modifier = field.get("value"), field.get("modifier")
    return value if modifier is None or item.modifier else write_value(value, modifier)


def _list_cell(item: MappedField, current: list[dict[str, Any]], kept: dict[str, Any], missing: Collection[str]) -> Any:
    texts = [cell if isinstance(cell := _cell(item, field, kept), str) else write_value(cell) for field in current]
    imported = kept.get(item.column, ABSENT)
    if isinstance(imported, str) and split_list(item.separator, "" if imported in missing else imported) == texts:
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
        return _cell(item, current[0], kept)
    has_modifiers = item.modifier is None and any(field.get("modifier") for field in current)
    if len(current) == len(fields) and (has_modifiers or any("cell" in field for field in current)):
        return _SEPARATOR.join(write_value(_cell(item, field, kept)) for field in current)
    return join_cell(item.name, item.group, parts)
