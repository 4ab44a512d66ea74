"""CSV reads back exactly, and no spreadsheet runs a cell of it as a formula."""

import csv
import io
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tui.output.pages import print_csv_pages

BEGINS_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.text("=+-@\t\r\n'\",;\x00＝ a1", max_size=6),
)


def read_back(text: str) -> list[list[str]]:
    """Read CSV as a program that knows about the apostrophe."""
    return [[cell.removeprefix("'") for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.lists(st.lists(_TEXTS, min_size=2, max_size=2), max_size=4))
@example([["a\rb", "\r"], ["'=1", "=1"], ["\n", "''"]])
def test_any_text_reads_back_exactly_and_is_not_a_formula(
    monkeypatch: pytest.MonkeyPatch, rows: list[list[str]]
) -> None:
    stream = io.StringIO(newline="")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        print_csv_pages(["=one", "two\r"], [rows])
    written = stream.getvalue()
    assert read_back(written) == [["=one", "two\r"], *rows]
    for row in csv.reader(io.StringIO(written, newline="")):
        assert not any(cell.startswith(BEGINS_FORMULAS) for cell in row)
