"""MUC: dates of templates, and the texts of their messages in other files."""

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from db.exporting import export_documents
from db.formats.format import ReadOptions, Record, Source
from db.formats.muc.dates import iso_date, muc_date
from db.formats.muc.format import FORMAT
from db.formats.registry import detect_format
from db.store.connection import open_file
from tui.cli import main

BOMB = '1. MESSAGE: TEMPLATE  1\n4. INCIDENT: TYPE  BOMBING\n6. INCIDENT: INSTRUMENT ID  "BOMB"\n'


def records_of(text: str) -> list[Record]:
    assert FORMAT.read is not None
    return list(FORMAT.read(Source("key", io.BytesIO(text.encode())), ReadOptions()))


def documents_of(text: str) -> list[Any]:
    return [record.document for record in records_of(text)]


def instrument(document: Any) -> Any:
    return next(item for item in document["events"][0]["fields"] if item["name"] == "instrument")


@pytest.mark.parametrize(
    ("written", "iso", "modifier"),
    [
        ("12 MAR 90", "1990-03-12", None),
        ("- 12 MAR 90", "1990-03-12", "at most"),
        ("12 MAR 90 -", "1990-03-12", "at least"),
        ("12 NOV 89 - 15 NOV 89", "1989-11-12/1989-11-15", None),
        ("APR 90 - MAY 90", "1990-04/1990-05", None),
        ("MAR 90", "1990-03", None),
        ("1990", "1990", None),
        ("12 MAR 2031", "2031-03-12", None),
    ],
)
def test_dates_are_read_as_dates_and_written_as_before(written: str, iso: str, modifier: str | None) -> None:
    assert iso_date(written) == (iso, modifier)
    assert muc_date(iso, modifier) == written


@pytest.mark.parametrize("written", ["90", "31 FEB 90", "15 NOV 89 - 12 NOV 89", "SOON", "- 12 MAR 90 - 13 MAR 90"])
def test_what_is_no_date_stays_text(written: str) -> None:
    assert iso_date(written) is None


def test_a_message_id_without_its_closing_bracket_is_the_same_message() -> None:
    (document,) = documents_of("TST9-MUC9-0001 (WIRE)\n\nA BOMB.\n\n0. MESSAGE: ID  TST9-MUC9-0001 (WIRE\n" + BOMB)
    assert document["id"] == "TST9-MUC9-0001"
    assert document["text"] == "A BOMB."
    assert instrument(document)["spans"] == [[2, 6]]


@pytest.mark.parametrize(
    "commands", [[["texts.txt", "key.muc"]], [["key.muc", "texts.txt"]], [["texts.txt"], ["key.muc"]]]
)
def test_templates_find_texts_of_other_files(tmp_path: Path, commands: list[list[str]]) -> None:
    (tmp_path / "texts.txt").write_text("TST9-MUC9-0001\n\nA BOMB.\n\nTST9-MUC9-0002\n\nNOTHING.\n")
    (tmp_path / "key.muc").write_text("0. MESSAGE: ID  TST9-MUC9-0001\n" + BOMB)
    for names in commands:
        assert main(["import", str(tmp_path / "a.db"), *(str(tmp_path / name) for name in names)]) == 0
    with contextlib.closing(open_file(tmp_path / "a.db")) as connection:
        first, second = export_documents(connection)
    assert (first["text"], second["text"]) == ("A BOMB.", "NOTHING.")
    assert instrument(first)["spans"] == [[2, 6]]


def test_a_template_without_its_text_says_so() -> None:
    (record,) = records_of("0. MESSAGE: ID  TST9-MUC9-0001\n" + BOMB)
    assert "its strings were not searched for" in record.notes[0]


def test_texts_are_told_from_a_single_text_by_their_ids() -> None:
    source = Source("a.txt", io.BytesIO(b"TST9-MUC9-0001\n\nA BOMB.\n"))
    assert detect_format(source) is FORMAT
