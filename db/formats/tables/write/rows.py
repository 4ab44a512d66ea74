"""Documents and events as the rows of a table, by a mapping: the columns that it has, in their order.

A cell stands as it was read as long as it says what the event now says; what a person changed is written anew.
"""

from collections.abc import Callable, Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Export
from db.formats.tables.cells import read_cell, write_value
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.mapping.nesting import Part, belongs, collapse, expand
from db.formats.tables.read.metadata import REVIEW, codes_of
from db.formats.tables.read.rows import split
from db.formats.tables.table import ABSENT
from db.io.json_lines import shorten
from db.model import same_value

_JOINED = "; "  # values of a column that is no list

_MOST_SHAPES = 100  # lists of columns of one file, until they are worked out anew

_Fields = dict[tuple[str | None, str], list[dict[str, Any]]]
_Cell = Callable[[dict[str, Any], dict[str, Any], _Fields, dict[str, Any]], Any]


def rows_of(
    export: Export, mapping: Mapping, one_header: bool = True
) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...] | None]]:
    """The names of the columns with a row for each event: ABSENT for no cell, a cell as it was read, a value of JSON.

    A table that was read with other columns than the mapping has comes back with those. ``one_header``: all rows have
    the same columns, and their names come once alone, with None. Raises InputError where the documents then come from
    tables that do not have the same columns.
    """
    writers: dict[tuple[str, ...], _RowWriter] = {}
    first: tuple[str, ...] = ()
    usual = mapping.columns or tuple(mapping.named())
    for document in export.documents():
        events = document.get("events") or []
        if not events:
            continue
        own = _own_columns(document)
        columns = own or usual
        if one_header:
            if not first:
                first = columns
                yield first, None
            elif own and not set(first).issuperset(own):
                raise InputError(
                    f"document {shorten(str(document.get('id')))} comes from a table with other columns"
                    f" ({shorten(', '.join(own))}); choose with --query what is written"
                )
            columns = first
        writer = writers.get(columns)
        if writer is None:
            if len(writers) >= _MOST_SHAPES:
                writers.clear()
            writer = writers[columns] = _RowWriter(mapping, columns)
        for event in events:
            yield columns, writer.row(document, event)
    if one_header and not first:
        yield usual, None


def _own_columns(document: dict[str, Any]) -> tuple[str, ...]:
    kept = document.get("table")
    columns = kept.get("columns") if isinstance(kept, dict) else None
    return tuple(columns) if isinstance(columns, list) and all(isinstance(item, str) for item in columns) else ()


class _RowWriter:
    """Writes rows of these columns."""

    def __init__(self, mapping: Mapping, columns: tuple[str, ...]) -> None:
        self._mapping = mapping = mapping.extended(columns)
        self._codes = codes_of(mapping)
        by_column: dict[str, _Cell] = {}
        document, event = mapping.document, mapping.event
        # The later ones win: a field is what people correct.
        for key in ("text", "title", "id"):
            if len(joined := getattr(document, key)) == 1:
                by_column[joined[0]] = _of_document(key, joined[0])
        for key in ("url", "publisher", "published", "language"):
            if column := getattr(document, key):
                by_column[column] = _of_document(key, column)
        for key in REVIEW:
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
        """The cells of an event."""
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
        told, column = self._mapping.event, self._mapping.event.type or ""
        if column in kept:
            cell = kept[column]
            text = cell if isinstance(cell, str) else write_value(cell)
            if (told.types.get(text, text) if text.strip() else told.constant_type) == event["type"]:
                return cell
        # What stands for an empty cell is one, unless it was written out.
        return ABSENT if event["type"] == told.constant_type else self._codes.get(event["type"], event["type"])

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
        sure = event.get("confidence")
        return ABSENT if sure is None else sure * self._mapping.event.confidence_of

    def _field(self, item: MappedField) -> _Cell:
        key = (item.group, item.name)

        def write(_: dict[str, Any], event: dict[str, Any], fields: _Fields, kept: dict[str, Any]) -> Any:
            live = fields.get(key, [])
            if len(live) == 1 and item.separator is None and item.column not in kept:
                return _cell(item, live[0])
            if item.separator is not None and isinstance(kept.get(item.column, ""), str):
                return _list(item, live, kept, self._mapping.missing)
            parts = [field for field in event.get("fields") or [] if field.get("state") != "removed"]
            parts = [field for field in parts if belongs(item.name, item.group, field)]
            return _json(item, parts, live, kept)

        return write


_AS_KEPT = object()


def _of_document(key: str, column: str) -> _Cell:
    # What is kept wins: nobody changes documents, and it may be what another row of the same document says.
    return lambda document, _, __, kept: kept[column] if column in kept else document.get(key, ABSENT)


def _of_review(key: str, column: str) -> _Cell:
    def write(_: dict[str, Any], event: dict[str, Any], __: _Fields, kept: dict[str, Any]) -> Any:
        was, now = kept.get(column, ABSENT), event.get(key, ABSENT)
        return was if now is ABSENT or (was is not ABSENT and write_value(was) == now) else now

    return write


def _of_kept(*_: object) -> Any:
    return _AS_KEPT


def _modifier_of(item: MappedField) -> _Cell:
    def write(_: dict[str, Any], __: dict[str, Any], fields: _Fields, ___: dict[str, Any]) -> Any:
        live = fields.get((item.group, item.name), [])
        told = live[0].get("modifier") if live else None
        return _AS_KEPT if told is None else told

    return write


def _cell(item: MappedField, field: dict[str, Any]) -> Any:
    """What stands for a field: its cell as it was read if that says what the field says."""
    value, modifier = field.get("value"), field.get("modifier")
    cell = field.get("cell")
    if isinstance(cell, str):
        for order in (item.dates,) if item.dates else (None, "dmy", "mdy"):
            said = read_cell(cell, item.kind, order)
            if same_value(said.value, value) and (item.modifier or said.modifier == modifier):
                return cell
    if modifier is None or item.modifier:
        return value
    return write_value(value, modifier)


def _list(item: MappedField, live: list[dict[str, Any]], kept: dict[str, Any], missing: tuple[str, ...]) -> Any:
    texts = [cell if isinstance(cell := _cell(item, field), str) else write_value(cell) for field in live]
    was = kept.get(item.column, ABSENT)
    if isinstance(was, str) and split(item, "" if was in missing else was) == texts:
        return was
    return (item.separator or "").join(texts) if texts else ABSENT


def _json(item: MappedField, parts: list[dict[str, Any]], live: list[dict[str, Any]], kept: dict[str, Any]) -> Any:
    """A column that holds several values, or none: as it was read, if it says the same."""
    made = [Part(field["name"], field.get("group"), field.get("value"), field.get("key")) for field in parts]
    was = kept.get(item.column, ABSENT)
    if (
        was is not ABSENT
        and not isinstance(was, str)
        and was is not None
        and expand(item.name, item.group, was) == made
    ):
        return was
    if not made:
        return was if was is None or isinstance(was, str) else ABSENT
    if len(live) == len(parts) == 1:
        return _cell(item, live[0])
    if len(live) == len(parts) and any("cell" in field or field.get("modifier") for field in live):
        return _JOINED.join(write_value(_cell(item, field)) for field in live)
    return collapse(item.name, item.group, made)
