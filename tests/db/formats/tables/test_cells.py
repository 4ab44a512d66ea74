import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats.tables.cells import exact_number, read_cell, write_value
from db.formats.tables.dates import read_date
from db.kinds import KINDS, is_date


@given(st.text(alphabet="0123456789.-+eE, _x") | st.text())
def test_a_cell_is_a_number_only_where_writing_it_gives_its_characters(cell: str) -> None:
    number = exact_number(cell)
    if number is not None:
        assert write_value(number) == cell


@given(st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_python_writes_it_is_that_number(number: float) -> None:
    cell = json.dumps(number)
    made = read_cell(cell, "number")
    assert made.value == number
    assert made.kept or write_value(made.value) == cell


@given(st.text(), st.sampled_from([None, *KINDS]))
def test_a_value_gives_its_cell_again_or_the_cell_is_kept(cell: str, kind: str | None) -> None:
    made = read_cell(cell, kind)  # type: ignore[arg-type]
    assert made.kept or made.missing or write_value(made.value, made.modifier) == cell


@pytest.mark.parametrize(
    "cell", ["2013.0", "0.10", "1e5", "007", "1,234", "+5", "1_000", "NaN", "inf", "١٢", "1.", "-0"]
)
def test_a_cell_that_shows_its_own_kind_stays_as_it_is(cell: str) -> None:
    value = read_cell(cell, None).value
    assert write_value(value) == cell
    assert isinstance(value, float) == (cell == "2013.0")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("2013.0", 2013.0), ("0.10", 0.1), ("1e5", 1e5), ("007", 7), ("1,234", 1234), ("1.234,5", 1234.5), ("3,5", 3.5)],
)
def test_a_declared_number_is_read_however_it_is_written(cell: str, value: float) -> None:
    made = read_cell(cell, "number")
    assert (made.value, made.kept) == (value, cell != "2013.0")


def test_a_number_may_say_how_it_is_meant() -> None:
    assert read_cell("~50", "integer")[:3] == (50, "about", True)
    assert read_cell("500-600", "integer")[:3] == (500, "to 600", True)
    assert write_value(500, "to 600") == "500-600"
    assert write_value(50, "about") == "~50"


@pytest.mark.parametrize("cell", ["NA", "n/a", "None", "-", "unknown"])
def test_what_stands_for_no_number_is_none(cell: str) -> None:
    assert read_cell(cell, "number").missing
    assert read_cell(cell, "date").missing
    assert read_cell(cell, "text").value == cell


@pytest.mark.parametrize(
    "cell",
    ["2024-03-05", "2024/03/05", "20240305", "5 March 2024", "05 Mar 2024", "March 5, 2024", "5th March 2024",
     "2024-03-05 00:00:00.000", "2024-03-05T12:00:00Z", "20240305121500"],
)  # fmt: skip
def test_a_date_is_read_in_any_style_that_is_sure(cell: str) -> None:
    assert read_date(cell).value == "2024-03-05"


def test_a_date_of_numbers_needs_to_know_whether_the_day_comes_first() -> None:
    assert read_date("05/03/2024").waits
    assert read_date("05/03/2024", "dmy").value == "2024-03-05"
    assert read_date("05/03/2024", "mdy").value == "2024-05-03"
    assert read_date("25/03/2024", "mdy").value == "2024-03-25"
    assert read_date("05.05.2024").value == "2024-05-05"


@given(st.text(alphabet="0123456789/.- :TJanuryMch,") | st.text())
def test_whatever_is_read_as_a_date_is_one(cell: str) -> None:
    for order in (None, "dmy", "mdy"):
        told = read_date(cell, order)  # type: ignore[arg-type]
        assert told.value is None or is_date(told.value)
        assert told.value is not None or told.why


@pytest.mark.parametrize(
    "cell", ["2024-02-30", "32/01/2024", "13/13/2024", "5 Nonsense 2024", "soon", "99999999", "", " "]
)
def test_what_is_no_day_is_no_date(cell: str) -> None:
    assert read_date(cell, "dmy").value is None


@given(st.lists(st.text(), min_size=1))
def test_a_row_is_written_so_that_any_reader_of_csv_reads_it(cells: list[str]) -> None:
    from db.formats.tables.mapping.mapping import Mapping
    from db.formats.tables.write.csv_file import _quoted

    line = _quoted(Mapping())(cells)
    assert list(csv.reader(io.StringIO(line, newline=""))) == [cells]
