"""Opens Parquet files with pyarrow, an optional dependency."""

import io
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
# No table that people make is packed more tightly: even one with a constant in each row has ids.
_MANY = 100_000  # rows; fewer are no danger
_MOST_PER_BYTE = 100  # rows, or values of a column, in a byte of the file
_LARGE = 2**26  # bytes
_MOST_EXPANDED = 1000  # bytes in memory for a byte of the file


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
        size = source.required_stream.seek(0, io.SEEK_END)
        _refuse_bomb(source.name, file.metadata, size)
        if repeated := _dictionaries(file.metadata):
            file = parquet.ParquetFile(source.required_stream, read_dictionary=repeated)
    except failures as error:
        raise _unreadable(source.name, error) from None
    refuse_duplicates(source.name, columns)
    if not columns:
        raise InputError(f"{source.name}: has no columns; there is nothing to import")

    def rows() -> Iterator[Row]:
        number = expanded = 0
        try:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                expanded += sum(map(_decoded_size, batch.columns))
                if expanded > _LARGE and expanded > _MOST_EXPANDED * size:
                    raise _bomb(source.name, f"its first {number + batch.num_rows:,} rows hold {expanded:,} bytes")
                row_size = batch.nbytes // max(batch.num_rows, 1)
                for values in zip(*(_decoded(column).to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield _row(columns, number, values, number * row_size)
        except failures as error:
            raise _unreadable(source.name, error) from None

    return Table(source.name, columns, rows, sample_of(rows()), typed=True, preset=preset_for_columns(columns))


def _refuse_bomb(name: str, metadata: Any, size: int) -> None:
    """Refuse a file of a few bytes that stand for millions of rows or values, before any of them is read."""
    if metadata.num_rows > _MANY and metadata.num_rows > _MOST_PER_BYTE * size:
        raise _bomb(name, f"holds {metadata.num_rows:,} rows")
    for column in _chunks(metadata):
        expanded, compressed = column.total_uncompressed_size, max(column.total_compressed_size, 1)
        if expanded > _LARGE and expanded > _MOST_EXPANDED * compressed:
            raise _bomb(name, f"its column {column.path_in_schema} holds {expanded:,} bytes")
        if column.num_values > _MANY * 10 and column.num_values > _MOST_PER_BYTE * compressed + metadata.num_rows:
            raise _bomb(name, f"its column {column.path_in_schema} holds {column.num_values:,} values")


def _dictionaries(metadata: Any) -> list[str]:
    """Return the columns of texts that are stored once each: they must not be repeated in memory unmeasured."""
    return sorted(
        {
            column.path_in_schema
            for column in _chunks(metadata)
            if column.physical_type == "BYTE_ARRAY"
            and "." not in column.path_in_schema
            and any("DICTIONARY" in encoding for encoding in column.encodings)
        }
    )


def _chunks(metadata: Any) -> Iterator[Any]:
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            yield metadata.row_group(group).column(number)


def _decoded_size(column: Any) -> int:
    """Return the bytes that a column of a batch takes once its texts are repeated."""
    from pyarrow import compute, types

    if not types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = compute.binary_length(column.dictionary)
    return int(compute.sum(compute.cast(lengths.take(column.indices), "int64")).as_py() or 0)


def _decoded(column: Any) -> Any:
    return column.dictionary_decode() if hasattr(column, "dictionary_decode") else column


def _bomb(name: str, what: str) -> InputError:
    return InputError(
        f"{name}: {what}, far more than its size allows; it is damaged or malicious, nothing was imported"
    )


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
