import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats.tables.cells import exact_number, read_cell, write_value
from db.kinds import KINDS, is_date
from db.notation.any_date import read_date


@given(st.text(alphabet="0123456789.-+eE, _x") | st.text())
def test_an_exact_number_is_written_with_the_same_characters(cell: str) -> None:
    number = exact_number(cell)
    if number is not None:
        assert write_value(number) == cell


@given(st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_written_as_json_read_back(number: float) -> None:
    cell = json.dumps(number)
    read = read_cell(cell, "number")
    assert read.value == number
    assert not read.rewritable or write_value(read.value) == cell


@given(st.text(), st.sampled_from([None, *KINDS]))
def test_a_rewritable_cell_is_written_with_the_same_characters(cell: str, kind: str | None) -> None:
    read = read_cell(cell, kind)
    assert not read.rewritable or read.missing or write_value(read.value, read.modifier) == cell


@pytest.mark.parametrize(
    "cell", ["2013.0", "0.10", "1e5", "007", "1,234", "+5", "1_000", "NaN", "inf", "١٢", "1.", "-0"]
)
def test_without_a_kind_cells_keep_their_characters(cell: str) -> None:
    value = read_cell(cell, None).value
    assert write_value(value) == cell
    assert isinstance(value, float) == (cell == "2013.0")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2013.0", 2013.0),
        ("0.10", 0.1),
        ("1e5", 1e5),
        ("007", 7),
        ("1,234,567", 1234567),
        ("1.234,5", 1234.5),
        ("3,5", 3.5),
    ],
)
def test_a_declared_number_is_read_in_any_notation(cell: str, value: float) -> None:
    read = read_cell(cell, "number")
    assert (read.value, read.rewritable) == (value, cell == "2013.0")


def test_numbers_can_have_modifiers() -> None:
    assert read_cell("~50", "integer")[:3] == (50, "about", False)
    assert read_cell("500-600", "integer")[:3] == (500, "to 600", False)
    assert write_value(500, "to 600") == "500-600"
    assert write_value(50, "about") == "~50"


@pytest.mark.parametrize("cell", ["NA", "n/a", "None", "-", "unknown"])
def test_words_for_missing_values_are_recognised(cell: str) -> None:
    assert read_cell(cell, "number").missing
    assert read_cell(cell, "date").missing
    assert read_cell(cell, "text").value == cell


@pytest.mark.parametrize(
    "cell",
    ["2024-03-05", "2024/03/05", "20240305", "5 March 2024", "05 Mar 2024", "March 5, 2024", "5th March 2024",
     "2024-03-05 00:00:00.000", "2024-03-05T12:00:00Z", "20240305121500"],
)  # fmt: skip
def test_unambiguous_dates_are_read_in_any_notation(cell: str) -> None:
    assert read_date(cell).value == "2024-03-05"


def test_a_numeric_date_needs_the_order_of_day_and_month() -> None:
    assert read_date("05/03/2024").ambiguous
    assert read_date("05/03/2024", "dmy").value == "2024-03-05"
    assert read_date("05/03/2024", "mdy").value == "2024-05-03"
    assert read_date("25/03/2024", "mdy").value == "2024-03-25"
    assert read_date("05.05.2024").value == "2024-05-05"


@given(st.text(alphabet="0123456789/.- :TJanuryMch,") | st.text())
def test_every_date_that_is_read_is_valid(cell: str) -> None:
    for order in (None, "dmy", "mdy"):
        read = read_date(cell, order)
        assert read.value is None or is_date(read.value)
        assert read.value is not None or read.problem


@pytest.mark.parametrize(
    "cell", ["2024-02-30", "32/01/2024", "13/13/2024", "5 Nonsense 2024", "soon", "99999999", "", " "]
)
def test_impossible_dates_are_not_read(cell: str) -> None:
    assert read_date(cell, "dmy").value is None


@given(st.lists(st.text(), min_size=1))
def test_any_csv_reader_reads_a_written_row(cells: list[str]) -> None:
    from db.formats.tables.mapping.mapping import Mapping
    from db.formats.tables.write.csv_file import _quoted

    line = _quoted(Mapping())(cells)
    assert list(csv.reader(io.StringIO(line, newline=""))) == [cells]
