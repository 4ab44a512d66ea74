"""Opens JSON files as tables: rows are objects or lists, by themselves or under a key of an object around them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.files.json_layout import Layout, items_at, layout_of, rows_of_object
from db.formats.tables.files.json_rows import as_row
from db.formats.tables.mapping.fitting import renamed_columns
from db.formats.tables.mapping.loading import preset_for_columns
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import ABSENT, SAMPLE_ROWS, Row, Table, unique_names
from db.io import json_stream
from db.io.json_lines import json_type, parse_loosely
from db.io.json_stream import JsonForm, form_of, read_items

_MOST_COLUMNS = 2000


class _Item(NamedTuple):
    """A row of a file: its line, number, value or refusal, bytes, notes, and what of it is not read."""

    line: int
    number: int
    value: dict[str, Any] | InputError
    raw: bytes
    bytes_read: int
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def open_json(source: Source, mapping: Mapping | None = None) -> Table:
    """Return a table of JSON rows. A key that first appears after the sample adds a column to its row only.

    Raises InputError if there are no rows with keys, or if several keys could hold the rows.
    """
    stream = source.required_stream
    layout = layout_of(source, mapping.rows if mapping else None)
    names = layout.names
    if layout.shape in ("lists", "lines of lists") and not names:
        names = _first_names(source, layout)
    skipped = 0 if layout.names or not names else 1  # the row of the names
    first = [item.value for item in islice(_items(source, layout, names), skipped, SAMPLE_ROWS + skipped)]
    objects = [item for item in first if not isinstance(item, InputError)]
    keys = dict.fromkeys((*names, *(key for item in objects for key in item)))
    named = renamed_columns(mapping, tuple(keys)) if mapping else ()
    columns = tuple(dict.fromkeys((*named, *keys)))[:_MOST_COLUMNS]
    if not columns:
        raise InputError(f"{source.name}: has no objects with keys; there is nothing to import")
    known = set(columns)

    def rows() -> Iterator[Row]:
        unread = layout.unread
        for item in islice(_items(source, layout, names), skipped, None):
            row = _row(item, columns, known)
            if unread:
                row, unread = row._replace(unread=(*unread, *row.unread)), ()
            yield row

    sample = [[item.get(key, "") for key in columns] for item in objects]
    notes = (f"the rows are under the key {layout.path}",) if layout.path else ()
    preset_name = preset_for_columns(columns)
    return Table(source.name, columns, rows, sample, typed=True, preset=preset_name, notes=notes, stream=stream)


def _row(item: _Item, columns: tuple[str, ...], known: set[str]) -> Row:
    value, raw = item.value, item.raw if item.raw.endswith(b"\n") or not item.raw else item.raw + b"\n"
    if isinstance(value, InputError):
        return Row(item.line, value, item.raw, item.bytes_read)
    more = tuple(key for key in value if key not in known)
    if len(more) > _MOST_COLUMNS:
        problem = InputError(f"has {len(value):,} keys, too many for the row of a table; restructure the object")
        return Row(item.line, problem, item.raw, item.bytes_read)
    cells = [value.get(key, ABSENT) for key in columns + more]
    return Row(item.line, cells, raw, item.bytes_read, columns + more if more else None, item.notes, item.unread)


def _first_names(source: Source, layout: Layout) -> tuple[str, ...]:
    """Return the names in the first list, if it holds nothing but different texts; none otherwise."""
    _, _, raw, _ = next(_raw_items(source, layout), (0, 0, b"[]", 0))
    first, _ = parse_loosely(raw)
    if not isinstance(first, list) or not all(isinstance(name, str) and name for name in first):
        return ()
    return unique_names(first)


def _raw_items(source: Source, layout: Layout) -> Iterator[tuple[int, int, bytes, int]]:
    stream = source.required_stream
    if layout.places:
        return items_at(stream, layout)
    stream.seek(0)
    return read_items(stream, JsonForm.LINES if layout.shape == "lines of lists" else form_of(source.head))


def _items(source: Source, layout: Layout, names: tuple[str, ...]) -> Iterator[_Item]:
    """Yield the rows of a file as objects, each with the reason if it can't be read."""
    if layout.shape == "one object":
        yield from _rows_of_object(source)
        return
    in_array = layout.places or form_of(source.head) is JsonForm.ARRAY
    for line, number, raw, bytes_read in _raw_items(source, layout):
        if len(raw) > json_stream.MAX_DOCUMENT_BYTES:
            most = f"{json_stream.MAX_DOCUMENT_BYTES:,}"
            yield _Item(
                line, number, _refusal(f"longer than {most} bytes; shorten it", in_array, number), b"", bytes_read
            )
            continue
        try:
            value, notes = parse_loosely(raw)
            row, unread = as_row(value, names)
            yield _Item(line, number, row, raw, bytes_read, notes, unread)
        except InputError as error:
            yield _Item(line, number, _refusal(str(error), in_array, number), raw, bytes_read)


def _refusal(problem: str, in_array: object, number: int) -> InputError:
    return InputError(f"item {number}: {problem}" if in_array else problem)


def _rows_of_object(source: Source) -> Iterator[_Item]:
    stream = source.required_stream
    stream.seek(0)
    content = stream.read(json_stream.MAX_DOCUMENT_BYTES + 1)
    if len(content) > json_stream.MAX_DOCUMENT_BYTES:
        raise InputError(
            f"{source.name}: holds columns, not rows, and is longer than {json_stream.MAX_DOCUMENT_BYTES:,} bytes;"
            " write rows instead, in pandas with to_json(orient='records', lines=True)"
        )
    value, notes = parse_loosely(content.removeprefix(json_stream.BOM))
    if not isinstance(value, dict):
        raise InputError(f"{source.name}: must be an object of columns or rows, is {json_type(value)}")
    for number, row in enumerate(rows_of_object(value), 1):
        yield _Item(number, number, row, b"", len(content), notes)
        notes = ()
