"""A Parquet file of a few bytes that stand for gigabytes is refused before they are in memory."""

from pathlib import Path

import pytest

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.files.parquet_file import open_parquet

pyarrow = pytest.importorskip("pyarrow")


def repeated(value: str, times: int) -> object:
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * times, pyarrow.int32()), pyarrow.array([value]))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"a": lambda: pyarrow.nulls(3_000_000, pyarrow.string())}, "holds 3,000,000 rows"),
        ({"a": lambda: ["x" * 70_000_000]}, "its column a holds 70,000,0"),
        ({"a": lambda: range(2_000), "b": lambda: repeated("y" * 200_000, 2_000)}, "rows hold 100,0"),
        ({"a": lambda: [[1] * 3_000_000]}, "list.element holds 3,000,000 values"),
    ],
    ids=["rows", "one value", "one value many times", "one list"],
)
def test_a_bomb_is_refused(tmp_path: Path, columns: dict[str, object], says: str) -> None:
    from pyarrow import parquet

    path = tmp_path / "bomb.parquet"
    table = pyarrow.table({name: make() for name, make in columns.items()})  # type: ignore[operator]
    parquet.write_table(table, path, compression="zstd", use_dictionary=says.startswith(("rows", "list", "holds")))
    with path.open("rb") as stream, pytest.raises(InputError, match=says):
        list(open_parquet(Source(path.name, stream, path)).rows())


def test_a_table_with_a_constant_in_each_row_is_read(tmp_path: Path) -> None:
    from pyarrow import parquet

    path = tmp_path / "table.parquet"
    rows = 30_000
    ids = [f"event {number * 7919 % rows}" for number in range(rows)]
    parquet.write_table(pyarrow.table({"id": ids, "source": ["the same agency"] * rows}), path)
    with path.open("rb") as stream:
        assert sum(1 for _ in open_parquet(Source(path.name, stream, path)).rows()) == rows
