"""eventdesk import of a SQLite database of another program: by the proposed plan, or by an edited one."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.databases import SAMPLES

from tui.cli import main

BY_NAME = {sample.name: sample for sample in SAMPLES}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "my.db"
    BY_NAME["foreign_key"].write(path)
    return path


def _count(query: str, capsys: pytest.CaptureFixture[str]) -> int:
    capsys.readouterr()
    main(["find", "desk.db", query, "--count"])
    return int(capsys.readouterr().out)


def test_a_database_is_imported_and_synced(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = database.read_bytes()
    assert main(["import", "desk.db", "my.db"]) == 0
    assert "6 new documents, 8 new events" in capsys.readouterr().out
    assert database.read_bytes() == before
    assert sorted(item.name for item in database.parent.iterdir()) == ["desk.db", "my.db"]
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE events SET killed = 15 WHERE id = 100")
        connection.commit()
    assert main(["import", "desk.db", "my.db"]) == 0
    assert "1 event updated" in capsys.readouterr().out
    assert _count("killed:15", capsys) == 1


def test_a_printed_plan_can_be_edited_and_imported(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "desk.db", "my.db", "--plan"]) == 0
    plan = capsys.readouterr().out
    assert "# join: events.article_id refers to articles.id\n" in plan
    assert "import desk.db my.db --mapping plan.toml" in plan
    assert not Path("desk.db").exists()
    edited = database.parent / "plan.toml"
    edited.write_text(plan.replace('name = "killed"', 'name = "deaths"'), "utf-8")
    assert main(["import", "desk.db", "my.db", "--mapping", "plan.toml"]) == 0
    assert _count("deaths>0", capsys) > 0
    assert main(["import", "desk.db", "my.db", "--plan", "--json"]) == 0
    [events] = json.loads(capsys.readouterr().out)["events"]
    assert [item["name"] for item in events["mapping"]["fields"]][2] == "deaths"  # the stored plan
    edited.write_text(plan.replace('column = "killed"', 'column = "klled"'), "utf-8")
    assert main(["import", "desk.db", "my.db", "--mapping", "plan.toml"]) == 2
    assert "plan.toml: events has no column klled (field killed); its columns: id, " in capsys.readouterr().err
    assert _count("deaths>0", capsys) > 0


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (
            ["my.db", "--texts", "--mapping", "gone.toml"],
            "gone.toml: no such file; write a plan with: eventdesk import",
        ),
        (["my.db", "--json"], "--json prints a plan; use it with --plan"),
        (["my.db", "rows.csv", "--plan"], "rows.csv: --plan is for SQLite databases, and this is none"),
        (["my.db", "rows.csv", "--mapping", "m.toml"], "import them separately"),
        (["my.db", "--extractor", "x"], "--extractor is not for databases; change the plan"),
        (["my.db", "--format", "csv"], "my.db: is a SQLite database"),
    ],
)
def test_what_does_not_go_together(
    words: list[str], what: str, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (database.parent / "rows.csv").write_text("id,type\n1,attack\n", "utf-8")
    assert main(["import", "desk.db", *words]) == 2
    assert what in capsys.readouterr().err
    assert not Path("desk.db").exists()


def test_texts_without_events(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database.unlink()
    BY_NAME["only_texts"].write(database)
    assert main(["import", "desk.db", "my.db"]) == 2
    assert "--texts imports the texts alone" in capsys.readouterr().err
    assert main(["import", "desk.db", "my.db", "--texts"]) == 0
    assert "6 new documents, 0 new events" in capsys.readouterr().out
