"""Repair: derived data is rebuilt, and other damage is reported."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, create, event, exported, import_documents, problems

from db.decisions.review import Review
from db.errors import FileError
from db.maintenance.backups import list_backups
from db.maintenance.check import check
from db.maintenance.repair import repair
from db.store.connection import open_file
from db.store.schema import SCHEMA_VERSION

_KEPT = {
    "documents": "*", "imports": "*", "decisions": "*", "decision_events": "*", "event_types": "*",
    "fields": "*", "evidence": "field_id, start_offset, end_offset, extracted, current",
    "events": "id, document_id, external_id, extractor, type, extracted_type, confidence, extra, status, reason,"
              " reason_text, note, reviewer, decided_at, live, merged_into, extracted_again",
}  # fmt: skip


def reviewed(path: Path) -> sqlite3.Connection:
    """A file with decisions of every kind."""
    connection = create(path)
    import_documents(connection, ARTICLE, LATER)
    ana, ben = Review(connection, "ana"), Review(connection, "ben")
    first = event(connection)
    ana.correct(first, first.fields[1], 25, [])
    ana.swap(event(connection), *event(connection).fields[3:5])
    ana.accept(event(connection))
    ben.split(event(connection), ["transfer:1"])
    ben.note(event(connection, "report-1/2"), "look again")
    ben.merge(event(connection, "report-2/1"), event(connection), fill=True)
    ben.undo()
    ben.redo()
    ana.add(event(connection), "mediator", None, {"who": "the Red Cross"}, [])
    return connection


def state(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the meaningful columns of all rows, without the number of changes of an event."""
    rows = {
        table: sorted(connection.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)
        for table, columns in _KEPT.items()
    }
    used = connection.execute("SELECT name, value, folded, uses FROM field_values WHERE uses > 0")
    return rows | {"values": sorted(used.fetchall(), key=repr), "lines": exported(connection)}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    with contextlib.closing(reviewed(tmp_path / "war.db")) as connection:
        yield tmp_path / "war.db", connection


DAMAGES = (
    "UPDATE events SET status = 'unsure', reviewer = 'nobody' WHERE id % 2",
    "UPDATE events SET note = 'never written'",
    "UPDATE events SET type = 'riot', live = 1 - live",
    "UPDATE events SET merged_into = 1 WHERE id = 2",
    "UPDATE fields SET value = 7",
    "UPDATE fields SET state = 'removed' WHERE id % 2",
    "UPDATE fields SET name = 'odd', field_group = 'transfer:9', modifier = 'about', note = 'a' WHERE id < 5",
    "UPDATE evidence SET current = 1 - current WHERE extracted",
    "INSERT INTO evidence SELECT id, 99, 1, 2, 0, 1 FROM fields WHERE id % 2",
    "UPDATE field_values SET uses = uses + 1",
    "UPDATE field_values SET folded = 'x'",
    "DELETE FROM field_values",
    "INSERT INTO documents_fts (documents_fts) VALUES ('delete-all')",
    "INSERT INTO field_values_fts (rowid, value) VALUES (1000, 'astrolabe')",
    "DROP TRIGGER decisions_are_not_updated",
    "DROP VIEW current_events",
    "DROP INDEX fields_by_value",
    "DROP INDEX events_by_status",
    "DROP TRIGGER decision_events_are_not_deleted; DELETE FROM decision_events",
    "INSERT INTO decision_events SELECT max(id), 2 FROM decisions",
)


@settings(max_examples=40)
@given(damages=st.lists(st.sampled_from(DAMAGES), min_size=1, max_size=4, unique=True))
def test_a_repair_rebuilds_any_derived_data(tmp_path_factory: pytest.TempPathFactory, damages: list[str]) -> None:
    path = tmp_path_factory.mktemp("law") / "war.db"
    with contextlib.closing(reviewed(path)) as connection:
        before = state(connection)
        for damage in damages:
            connection.executescript(damage)
    repaired, _ = repair(path)
    with contextlib.closing(repaired):
        assert problems(repaired) == []
        assert state(repaired) == before
    with contextlib.closing(open_file(path)) as connection:
        schema = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'view'").fetchone()
        assert schema == (7,)
        undone = Review(connection, "ana").undo()
        assert undone is not None
        assert problems(connection) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_check_finds_each_damage(file: tuple[Path, sqlite3.Connection], damage: str) -> None:
    _, connection = file
    assert problems(connection) == []
    connection.executescript(damage)
    what_changes_no_answer = ("DROP VIEW", "DROP INDEX")
    assert bool(problems(connection)) is not damage.startswith(what_changes_no_answer)


def test_a_repair_backs_the_file_up_first(file: tuple[Path, sqlite3.Connection]) -> None:
    path, connection = file
    connection.execute("UPDATE events SET status = 'unsure'")
    connected, backup = repair(path)
    connected.close()
    assert [item.reason for item in list_backups(path)] == ["before-repair"]
    with contextlib.closing(sqlite3.connect(backup.path)) as copy:
        assert copy.execute("SELECT DISTINCT status FROM events").fetchall() == [("unsure",)]


def test_a_repair_removes_foreign_triggers(file: tuple[Path, sqlite3.Connection]) -> None:
    path, connection = file
    connection.execute("CREATE TRIGGER spy AFTER UPDATE ON fields BEGIN DELETE FROM evidence; END")
    before = connection.execute("SELECT count(*) FROM evidence").fetchone()
    connection.execute("DROP TRIGGER spy")
    connection.execute("UPDATE fields SET value = 7")
    connection.execute("CREATE TRIGGER spy AFTER UPDATE ON fields BEGIN DELETE FROM evidence; END")
    with pytest.raises(FileError, match="the trigger spy"):
        open_file(path)
    repaired, _ = repair(path)
    assert repaired.execute("SELECT count(*) FROM evidence").fetchone() == before
    repaired.close()
    open_file(path).close()


@pytest.mark.parametrize("pragma", ["application_id = 7", f"user_version = {SCHEMA_VERSION + 3}", "user_version = 0"])
def test_a_repair_corrects_a_header_of_another_program_or_version(
    file: tuple[Path, sqlite3.Connection], pragma: str
) -> None:
    path, connection = file
    connection.execute(f"PRAGMA {pragma}")
    repaired, _ = repair(path)
    repaired.close()
    with contextlib.closing(open_file(path)) as again:
        assert problems(again) == []


def test_a_file_of_another_program_is_refused_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    sqlite3.connect(path).execute("CREATE TABLE notes (id)").connection.close()
    before = path.read_bytes()
    with pytest.raises(FileError, match="not an eventdesk file"):
        repair(path)
    assert path.read_bytes() == before


def test_an_unreadable_decision_is_reported_and_the_rest_is_repaired(
    file: tuple[Path, sqlite3.Connection],
) -> None:
    path, connection = file
    connection.execute("DROP TRIGGER decisions_are_not_updated")
    connection.execute("UPDATE decisions SET after = '{' || after WHERE id = 5")
    connection.execute("UPDATE events SET status = 'unsure' WHERE external_id = 'report-1/1'")
    repaired, _ = repair(path)
    with contextlib.closing(repaired):
        assert event(repaired).status == "corrected"
        left = problems(repaired)
    assert [line.partition(":")[0] for line in left] == ["decisions row 5", "event 2"]


def test_a_damaged_page_ends_the_repair_and_leaves_the_file_unchanged(
    file: tuple[Path, sqlite3.Connection],
) -> None:
    path, connection = file
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'fields'").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\x77" * 4096
    path.write_bytes(content)
    with pytest.raises(FileError, match="--salvage NEW"):
        repair(path)
    assert path.read_bytes()[4096:] == content[4096:]
    assert len(list_backups(path)) == 1


@pytest.mark.parametrize("table", ["documents", "events", "fields", "decisions", "field_values", "documents_fts_data"])
def test_the_check_continues_if_any_table_is_damaged(file: tuple[Path, sqlite3.Connection], table: str) -> None:
    path, connection = file
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\x77" * 4096
    path.write_bytes(content)
    with contextlib.closing(open_file(path)) as damaged:
        findings = list(check(damaged))
    assert len(findings) == 8
    assert any(finding.problems for finding in findings)


@pytest.mark.parametrize("column", ["extra", "value", "after"])
def test_the_check_continues_after_invalid_json(file: tuple[Path, sqlite3.Connection], column: str) -> None:
    _, connection = file
    connection.execute("DROP TRIGGER decisions_are_not_updated")
    connection.execute(
        {
            "extra": "UPDATE events SET extra = '[1, ' WHERE id = 1",
            "value": "UPDATE fields SET value = x'fe7b' WHERE id = 1",
            "after": 'UPDATE decisions SET after = \'{"events": {"x": 1}}\' WHERE id = 1',
        }[column]
    )
    found = problems(connection)
    assert any("can't be read" in line for line in found)
    assert "trigger decisions_are_not_updated is missing: decisions could be changed" in found
