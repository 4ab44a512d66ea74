"""The modifier of a number, as in "about 20000", is never lost where its value is printed."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import event, new_file

from db.decisions.review import Review
from db.store.connection import open_file
from db.store.reading import read_queue_rows
from tui.cli import main

DOCUMENT = {
    "id": "d1", "text": "Some 20,000 to 30,000 fled; at least 5 died.",
    "events": [{"id": "e1", "type": "flight", "fields": [
        {"name": "fled", "value": 20000, "modifier": "to 30000"},
        {"name": "died", "value": 5, "modifier": "at least"},
        {"name": "part", "value": 1, "modifier": "about"}, {"name": "part", "value": 2},
        {"name": "left", "value": 7},
    ]}],
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return new_file(tmp_path / "w.db", DOCUMENT)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_show_and_find_print_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(capsys, "show", str(file), "e1")
    assert "\t20000 to 30000\t" in shown
    assert "\tat least 5\t" in shown
    assert "20000 to 30000 · at least 5" in printed(capsys, "find", str(file))
    fields = ("--fields", "fled,died,part,left")
    assert "20000 to 30000\tat least 5\tabout 1; 2\t7" in printed(capsys, "find", str(file), *fields)
    assert "20000 to 30000,at least 5,about 1; 2,7" in printed(capsys, "find", str(file), *fields, "--csv")


@pytest.mark.parametrize("form", ["--json", "--ndjson"])
def test_json_keeps_numbers_and_has_it_beside_them(file: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    found = json.loads(printed(capsys, "find", str(file), "--fields", "fled,part,left", form))
    assert (found if form == "--ndjson" else found[0]) == {
        "fled": 20000, "fled.modifier": "to 30000", "part": [1, 2], "part.modifier": ["about", None], "left": 7,
    }  # fmt: skip


def test_the_machines_value_has_its_own(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(open_file(file)) as connection:
        item = event(connection, "e1")
        Review(connection, "ana").correct(item, item.fields[1], 5, [], "about")
    assert "\tabout 5\tat least 5\t" in printed(capsys, "show", str(file), "e1")
    with closing(sqlite3.connect(file)) as plain:
        assert plain.execute("SELECT extracted_modifier, reviewed_modifier FROM corrections").fetchall() == [
            ("at least", "about")
        ]


def test_views_and_the_queue_have_it(file: Path) -> None:
    with closing(open_file(file)) as connection:
        (fields,) = connection.execute("SELECT fields FROM current_events").fetchone()
        assert fields == "fled: 20000 to 30000; died: at least 5; part: about 1; part: 2; left: 7"
        (row,) = read_queue_rows(connection, [1], {})
        assert row.headline == ("20000 to 30000", "at least 5")
