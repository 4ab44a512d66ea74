"""Opens Parquet files with pyarrow, an optional dependency."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.mapping.loading import preset_for_columns
from db.formats.tables.table import MAX_ROW_BYTES, Row, Table, refuse_duplicates, sample_of
from db.io.json_lines import shorten

MAGIC = b"PAR1"
_BATCH_ROWS = 500  # few, because cells may hold whole texts


def open_parquet(source: Source) -> Table:
    """Return the table of a Parquet file. Raises InputError, also if pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError(
            f"{source.name}: reading Parquet needs pyarrow; install it with: pip install 'eventdesk[parquet]'"
        ) from None
    failures = (pyarrow.ArrowException, OSError, ValueError, NotImplementedError)
    try:
        source.required_stream.seek(0)
        file = parquet.ParquetFile(source.required_stream)
        columns = tuple(str(name) for name in file.schema_arrow.names)
    except failures as error:
        raise _unreadable(source.name, error) from None
    refuse_duplicates(source.name, columns)
    if not columns:
        raise InputError(f"{source.name}: has no columns; there is nothing to import")

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                size = batch.nbytes // max(batch.num_rows, 1)
                for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield _row(columns, number, values, number * size)
        except failures as error:
            raise _unreadable(source.name, error) from None

    return Table(source.name, columns, rows, sample_of(rows()), typed=True, preset=preset_for_columns(columns))


def _row(columns: tuple[str, ...], number: int, values: tuple[Any, ...], bytes_read: int) -> Row:
    cells: list[Any] = []
    notes: list[str] = []
    problem = None
    for column, value in zip(columns, values, strict=True):
        try:
            cell = _json_value(value)
        except InputError as error:
            notes.append(f"column {column}: {error}")
            cell = None
        if isinstance(cell, str) and len(cell) > MAX_ROW_BYTES:
            problem = problem or f"column {column}: longer than {MAX_ROW_BYTES:,} characters; shorten it"
        cells.append(cell)
    filled = {column: cell for column, cell in zip(columns, cells, strict=True) if cell is not None}
    raw = b"" if problem else json.dumps(filled, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    return Row(number, InputError(problem) if problem else cells, raw, bytes_read, notes=tuple(notes))


def _json_value(value: Any) -> Any:
    """Return an Arrow value as a JSON value. Raises InputError, which becomes a note, if there is none."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, bytes):
        raise InputError("holds bytes, not text; skipped")
    return str(value)


def _unreadable(name: str, error: Exception) -> InputError:
    return InputError(f"{name}: can't be read as Parquet ({shorten(' '.join(str(error).split()))}); is it complete?")
