"""Rows of Parquet, batch by batch, by pyarrow, which is an extra."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from math import isfinite
from typing import Any

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.mapping.mapping import preset_of
from db.formats.tables.table import LONGEST, SAMPLE, Row, Table
from db.io.json_lines import shorten

MAGIC = b"PAR1"
_BATCH = 500  # rows, since cells may be whole texts


def open_parquet(source: Source) -> Table:
    """A table of a Parquet file. Raises InputError, which says how to install what reads it where that is missing."""
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
        raise _refusal(source.name, error) from None
    for column in columns:
        if columns.count(column) > 1:
            raise InputError(f"{source.name}: two columns are called {shorten(column)}; rename one of them")
    if not columns:
        raise InputError(f"{source.name}: has no columns; there is nothing to import")

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for batch in file.iter_batches(batch_size=_BATCH):
                size = batch.nbytes // max(batch.num_rows, 1)
                for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield _row(columns, number, values, number * size)
        except failures as error:
            raise _refusal(source.name, error) from None

    sample = [
        ["" if cell is None else cell for cell in row.cells]
        for row in islice(rows(), SAMPLE)
        if not isinstance(row.cells, InputError)
    ]
    return Table(source.name, columns, rows, sample, typed=True, preset=preset_of(columns))


def _row(columns: tuple[str, ...], number: int, values: tuple[Any, ...], taken: int) -> Row:
    cells: list[Any] = []
    notes: list[str] = []
    why = None
    for column, value in zip(columns, values, strict=True):
        try:
            cell = _plain(value)
        except InputError as error:
            notes.append(f"column {column}: {error}")
            cell = None
        if isinstance(cell, str) and len(cell) > LONGEST:
            why = why or f"column {column}: longer than {LONGEST:,} characters; shorten it"
        cells.append(cell)
    told = {column: cell for column, cell in zip(columns, cells, strict=True) if cell is not None}
    raw = b"" if why else json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    return Row(number, InputError(why) if why else cells, raw, taken, notes=tuple(notes))


def _plain(value: Any) -> Any:
    """A value of Arrow as one of JSON. Raises InputError, to be noted, where there is none."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        raise InputError("is no text but bytes; left out")
    return str(value)


def _refusal(name: str, error: Exception) -> InputError:
    return InputError(f"{name}: can't be read as Parquet ({shorten(' '.join(str(error).split()))}); get it whole")
