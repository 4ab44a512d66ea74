"""The rows that the mapping screen shows as importable are those that an import takes."""

import io
import sqlite3
from pathlib import Path

import pytest

from db.formats.format import ReadOptions, Source
from db.formats.tables.files.opening import open_table
from db.formats.tables.formats import CSV
from db.formats.tables.mapping.loading import load_mapping
from db.formats.tables.mapping.toml import to_toml
from db.importing.importing import import_source
from db.importing.report import ImportReport
from tui.mapping.rows import Sample, initial_mapping


@pytest.mark.parametrize(
    ("rows", "refused", "noted"),
    [
        ("1,d1,One text.,riot\n2,d1,One text.,riot\n3,d2,Other.,riot\n", [], []),
        ("1,d1,One text.,riot\n2,d2,Other.,riot\n3,d1,Another text.,riot\n", [2], []),
        ("1,d1,One text.,riot\n2,d2,Other.,riot\n1,d1,One text.,attack\n", [], [2]),
        ("1,d1,One text.,riot\n2,,,riot\n,d1,One text.,\n", [2], [1]),
    ],
)
def test_the_preview_refuses_what_an_import_refuses(
    connection: sqlite3.Connection, tmp_path: Path, rows: str, refused: list[int], noted: list[int]
) -> None:
    content = f"id,doc,text,kind\n{rows}".encode()
    mapping = tmp_path / "m.toml"
    mapping.write_text('[document]\nid = "doc"\ntext = "text"\n[event]\nid = "id"\ntype = "kind"\n')
    sample = Sample(open_table(Source("t.csv", io.BytesIO(content))))
    outcomes = list(sample.outcomes(load_mapping(str(mapping))))
    assert [number for number, outcome in enumerate(outcomes) if outcome.refusal] == refused
    assert [number for number, outcome in enumerate(outcomes) if outcome.notes] == noted
    report = ImportReport()
    import_source(connection, Source("t.csv", io.BytesIO(content)), report, CSV, ReadOptions(str(mapping)))
    assert report.refused == len(refused)
    places = [outcomes[number].place for number in refused]
    assert [refusal.line for refusal in report.refusals] == places


def test_rows_of_a_story_with_other_titles_are_imported_as_the_preview_says(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    content = b"doc,head,kind\n1,A,x\n2,C,x\n1,B,y\n"
    mapping = tmp_path / "m.toml"
    mapping.write_text('[document]\nid = "doc"\ntitle = "head"\n[event]\ntype = "kind"\n')
    sample = Sample(open_table(Source("t.csv", io.BytesIO(content))))
    outcomes = list(sample.outcomes(load_mapping(str(mapping))))
    assert [outcome.notes for outcome in outcomes] == [
        (), (), ("document 1 has another title before; the first one stays",)
    ]  # fmt: skip
    report = ImportReport()
    import_source(connection, Source("t.csv", io.BytesIO(content)), report, CSV, ReadOptions(str(mapping)))
    assert (report.refused, report.documents, report.events) == (0, 2, 3)
    assert connection.execute("SELECT title FROM documents ORDER BY id").fetchall() == [("A",), ("C",)]
    assert any("has another title here; the first one stays" in note.reason for note in report.notes)


def test_the_guess_survives_as_a_mapping() -> None:
    table = open_table(Source("t.csv", io.BytesIO(b"id,text,killed,killed,,\n1,Shells hit Lesna.,3,4,,\n")))
    mapping, known = initial_mapping(table)
    assert known is None
    assert to_toml(mapping)
