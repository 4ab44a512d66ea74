"""Rewrites values in a Parquet file: the schema, the other values, row groups and compression stay."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from db.formats.format import Source
from db.formats.tables.cells import shown
from db.sources.publish.files.matching import RowChange
from db.sources.publish.report import PublishReport


def rewritten_parquet(source: Source, changes: dict[int, RowChange], report: PublishReport) -> Iterator[bytes]:
    """Yield the content of a file with the changed rows; ``report`` names values that don't fit their column."""
    import pyarrow
    from pyarrow import parquet

    stream, name = source.required_stream, Path(source.name).name
    stream.seek(0)
    file = parquet.ParquetFile(stream)
    groups = file.metadata.num_row_groups
    compression = {}
    if groups:
        chunks = (file.metadata.row_group(0).column(at) for at in range(file.metadata.num_columns))
        compression = {chunk.path_in_schema: str(chunk.compression) for chunk in chunks}
    written = io.BytesIO()
    first = 0
    with parquet.ParquetWriter(
        written, file.schema_arrow, compression=compression or "snappy", version=file.metadata.format_version
    ) as writer:
        for group in range(groups):
            rows = file.read_row_group(group)
            here = {number - first: change for number, change in changes.items() if 0 <= number - first < rows.num_rows}
            first += rows.num_rows
            changed: dict[int, list[str]] = {number: [] for number in here}
            for at, column in enumerate(file.schema_arrow.names):
                cells = {number: change.cells[column] for number, change in here.items() if column in change.cells}
                if not cells:
                    continue
                field = rows.schema.field(at)
                values = rows.column(at).to_pylist()
                for number, cell in cells.items():
                    try:
                        value = _value(cell, field.type)
                        pyarrow.array([value], type=field.type)
                        values[number] = value
                        changed[number].append(column)
                    except (pyarrow.ArrowException, ValueError, TypeError, ArithmeticError):
                        report.add_problem(
                            f"{here[number].where}: {column} is {field.type} and can't hold {shown(cell)}; not written"
                        )
                rows = rows.set_column(at, field, pyarrow.array(values, type=field.type))
            for number, columns in changed.items():
                here[number].report(report, name, columns)
            kept = [number for number in range(rows.num_rows) if number not in here or not here[number].drop]
            writer.write_table(rows if len(kept) == rows.num_rows else rows.take(kept))
    yield written.getvalue()


def _value(cell: Any, kind: Any) -> Any:
    """Return a cell as the Python value of an Arrow type. Raises ValueError or TypeError."""
    from pyarrow import types

    if cell is None:
        return None
    if types.is_string(kind) or types.is_large_string(kind):
        return cell if isinstance(cell, str) else str(cell)
    if types.is_date(kind):
        return date.fromisoformat(str(cell)[:10])
    if types.is_timestamp(kind):
        return datetime.fromisoformat(str(cell))
    if types.is_time(kind):
        return time.fromisoformat(str(cell))
    if types.is_decimal(kind):
        return Decimal(str(cell))
    if types.is_dictionary(kind):
        return _value(cell, kind.value_type)
    if isinstance(cell, str) and (types.is_integer(kind) or types.is_floating(kind)):
        raise ValueError("is no number")
    return cell
