"""Rewrites values in a file of JSON rows: every other key, blank and line stays."""

import copy
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.files.json_layout import layout_of
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import Table
from db.io.json_lines import parse_json
from db.sources.publish.files.matching import RowChange
from db.sources.publish.json_edit import edited
from db.sources.publish.report import PublishReport

_PIECE = 2**20  # bytes written at a time
_LATITUDES, _LONGITUDES = ("latitude", "lat"), ("longitude", "lon")


def rewritten_json(
    source: Source, table: Table, mapping: Mapping, changes: dict[int, RowChange], report: PublishReport
) -> Iterator[bytes]:
    """Yield the content of a file with the changed rows; ``report`` names those that can't be written."""
    layout = layout_of(source, mapping.rows)
    if layout.shape == "one object":
        raise InputError(
            f"{source.name}: holds columns, not rows, so publish can't change single rows;"
            " use eventdesk export --format json-table"
        )
    in_lines = layout.shape == "lines of lists" or (not layout.places and not source.head.lstrip().startswith(b"["))
    stream, name = source.required_stream, Path(source.name).name
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        written, place = 0, layout.places[0].offset if layout.places else 0
        for number, row in enumerate(table.rows()):
            raw = row.raw.strip()
            if not raw:
                continue
            start = content.find(raw, place)
            if start < 0:
                raise InputError(f"{source.name}: row {row.position} is not found again; was the file changed?")
            place = start + len(raw)
            if (change := changes.get(number)) is None:
                continue
            if change.drop:
                new = b""
                start, place = _dropped(content, start, place, in_lines)
                change.report(report, name, ())
            else:
                new = _edited_row(raw, name, table, change, report)
            for at in range(written, start, _PIECE):
                yield content[at : min(at + _PIECE, start)]
            yield new
            written = place
        for at in range(written, len(content), _PIECE):
            yield content[at : at + _PIECE]


def _edited_row(raw: bytes, name: str, table: Table, change: RowChange, report: PublishReport) -> bytes:
    try:
        item = parse_json(raw)
        new = copy.deepcopy(item)
        for column, cell in change.cells.items():
            _set(new, column, cell, table.columns)
        written = edited(raw.decode(), new).encode()
    except (InputError, ValueError, LookupError, TypeError):
        report.add_problem(f"{change.where}: the row isn't strict JSON, so it can't be rewritten; not written")
        return raw
    change.report(report, name, change.cells)
    return written


def _set(item: Any, column: str, cell: Any, columns: tuple[str, ...]) -> None:
    """Set the cell of a column in a row as the file has it: an object, a list, or one of the usual wrappings."""
    if isinstance(item, list):
        item[columns.index(column)] = cell
        return
    if item.get("type") == "Feature" and isinstance(item.get("properties"), dict | None):
        own = item.get("properties") or {}
        place = (
            item["geometry"]["coordinates"] if column not in own and isinstance(item.get("geometry"), dict) else None
        )
        if column not in own and place is not None and column in (*_LATITUDES, *_LONGITUDES):
            place[1 if column in _LATITUDES else 0] = cell
            return
        item["properties"] = own
        item = own
    elif isinstance(item.get("_source"), dict) and "_id" in item:
        item = item["_source"]
    elif item and all(isinstance(one, dict) and "value" in one and "type" in one for one in item.values()):
        item.setdefault(column, {"type": "literal"})["value"] = cell
        return
    if cell is None and column in item and item[column] is not None and not _has_nulls(item):
        del item[column]
    else:
        item[column] = cell


def _has_nulls(item: dict[str, Any]) -> bool:
    return any(value is None for value in item.values())


def _dropped(content: mmap.mmap, start: int, end: int, in_lines: bool) -> tuple[int, int]:
    """Return the place of a row with the comma or the line end that belongs to it."""
    if in_lines:
        while end < len(content) and content[end : end + 1] in b", \t\r":
            end += 1
        return start, min(end + 1, len(content))
    after = end
    while content[after : after + 1].isspace():
        after += 1
    if content[after : after + 1] == b",":
        after += 1
        while content[after : after + 1].isspace():
            after += 1
        return start, after
    while content[start - 1 : start].isspace():
        start -= 1
    return (start - 1 if content[start - 1 : start] == b"," else start), end
