"""Columns in the notations of people and spreadsheets: what becomes of their cells, the notes, and the export."""

import json
import sqlite3
from pathlib import Path

import pytest
from support.table_files import documents, exported, fields_of, imported, records, refusals, source_of

from db.errors import InputError
from db.formats.tables.files.opening import open_table
from db.formats.tables.formats import JSON_TABLE
from db.formats.tables.mapping.toml import parse_mapping, to_toml
from db.formats.tables.read.documents import choose_mapping

_WRITTEN = """id;text;day;lat;killed;who;cost;share
1;Shells hit Lesna.;14-Feb-25;50,450;1.234;NaN;5 km;81
2;Shells hit Brod.;45703;49,98;12;Army;7 km;"1"
3;Shells hit Dolna.;mid-2024;48,137;2.500;#REF!;1.200 km;64
4;Shells hit Mill.;1739527200000;47,5;n/a;None;8 km;99
""".replace("share", "confidence")


def test_cells_are_read_as_their_columns_show_with_one_note_each() -> None:
    found = records(_WRITTEN)
    rows = [fields_of(record.document) for record in found if isinstance(record.document, dict)]
    assert [row.get("day") for row in rows] == ["2025-02-14", "2025-02-15", "mid-2024", "2025-02-14"]
    assert [row.get("lat") for row in rows] == [50.45, 49.98, 48.137, 47.5]
    assert [row.get("killed") for row in rows] == [1234, 12, 2500, None]
    assert [row.get("who") for row in rows] == [None, "Army", None, None]
    assert [row.get("cost") for row in rows] == [5, 7, 1200, 8]
    shares = [record.document["events"][0]["confidence"] for record in found if isinstance(record.document, dict)]
    assert shares == [0.81, 0.01, 0.64, 0.99]
    assert len([note for note in found[2].notes if '"mid-2024" is not a date; kept as text' in note]) == 1
    for column in ("day", "lat", "killed", "who"):
        assert len({note for record in found for note in record.notes if note.startswith(f"column {column}:")}) <= 4


def test_the_export_has_every_cell_as_it_was(connection: sqlite3.Connection, tmp_path: Path) -> None:
    table = open_table(source_of(_WRITTEN))
    mapping, _ = choose_mapping(table, None)
    toml = tmp_path / "guess.toml"
    toml.write_text(to_toml(table.settings(mapping)))
    imported(connection, source_of(_WRITTEN), toml)
    assert exported(connection, toml).decode() == _WRITTEN.replace('"1"', "1")


def test_equal_notes_are_counted_in_the_report(connection: sqlite3.Connection) -> None:
    report = imported(connection, source_of(_WRITTEN))
    lines = report.counted_notes()
    assert any(line.endswith('column who: "NaN" is read as no value (and 2 more)') for line in lines)
    assert any("column day: 3 of the first 4 cells are dates" in line for line in lines)


def test_an_undecided_column_stays_text_and_a_mapping_decides(tmp_path: Path) -> None:
    rows = "id,type,sum\n1,a,1.234\n2,a,1.250\n"
    (first, _) = records(rows)
    assert isinstance(first.document, dict)
    assert fields_of(first.document)["sum"] == "1.234"
    assert any("nothing in the column shows which" in note for note in first.notes)
    mapping = tmp_path / "m.toml"
    for key, value in (('thousands = "."', 1234), ('decimal = "."', 1.234)):
        mapping.write_text(f'{key}\nfields = [{{ column = "sum", kind = "number" }}]\n[event]\ntype = "type"\n')
        title = 'document = { title = "id" }\n'
        mapping.write_text(title + mapping.read_text())
        assert fields_of(documents(rows, mapping)[0])["sum"] == value


def test_a_mapping_decides_on_words_for_no_value(tmp_path: Path) -> None:
    rows = "id,type,iso,who\n1,a,NA,None\n2,a,ZA,Army\n"
    (first, _) = documents(rows)
    assert fields_of(first) == {"iso": "NA"}
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'document = { title = "id" }\nevent = { type = "type" }\n'
        'fields = [{ column = "iso", missing = ["NA"] }, { column = "who", missing = [] }]\n'
    )
    assert fields_of(documents(rows, mapping)[0]) == {"who": "None"}
    assert parse_mapping(to_toml(parse_mapping(mapping.read_text(), "m")), "m").fields[1].missing == ()


@pytest.mark.parametrize("cell", ["812", "-3", "high"])
def test_a_confidence_that_is_none_is_refused_by_its_value(cell: str, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('document = { title = "id" }\nevent = { type = "type", confidence = "sure" }\n')
    found = records(f"id,type,sure\n1,a,{cell}\n2,a,0.5\n", mapping)
    assert [f'"{cell}"' in reason for _, reason in refusals(found)] == [True]


def test_json_rows_have_the_same_rules() -> None:
    rows = [
        {"id": 1, "type": "a", "date": 45702, "killed": "1.234", "place": "N/A"},
        {"id": 2, "type": "a", "date": 1739613600000, "killed": "12", "place": "Brod"},
        {"id": 3, "type": "a", "date": 45704, "killed": "105", "place": "null"},
    ]
    found = records("".join(json.dumps(row) + "\n" for row in rows), format=JSON_TABLE)
    assert not any(isinstance(record.document, InputError) for record in found)
    values = [fields_of(record.document) for record in found if isinstance(record.document, dict)]
    assert [value["date"] for value in values] == ["2025-02-14", "2025-02-15", "2025-02-16"]
    assert [value["killed"] for value in values] == [1234, 12, 105]
    assert [value.get("place") for value in values] == [None, "Brod", None]


def test_a_day_of_publication_is_read_in_the_order_of_its_column() -> None:
    found = documents("id,type,published,text\n1,a,03/04/2025,One text.\n2,a,14/04/2025,Two texts.\n")
    assert [document["published"] for document in found] == ["2025-04-03", "2025-04-14"]
