"""Salvage: what can be read of a damaged file is saved to a new one that passes every check."""

import contextlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from bench import flipped
from support.builders import ARTICLE, event, exported, import_documents, problems

from db.decisions.review import Review
from db.errors import FileError, InputError
from db.maintenance.backups import back_up, list_backups
from db.maintenance.compare import compare
from db.maintenance.restore import restore
from db.maintenance.salvage import SalvageReport, salvage
from db.maintenance.salvage.pages import Pages
from db.maintenance.salvage.rows import TABLES, roots
from db.store.connection import open_file

PAGE = 4096
TRIALS = 36


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with some pages of each table, and decisions of every kind."""
    path = tmp_path_factory.mktemp("reviewed") / "war.db"
    flipped.make(path)
    return path


@pytest.fixture
def file(reviewed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(reviewed, tmp_path / "war.db"))


def pages_of(path: Path, table: str) -> list[int]:
    """The pages of a table, interior ones and those of long texts among them, as SQLite counts them."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT pageno FROM dbstat WHERE name = ? ORDER BY pageno", (table,))
        return [row[0] for row in rows]


def overwrite(path: Path, number: int, content: bytes = bytes(PAGE), at: int = 0) -> None:
    with path.open("r+b") as stream:
        stream.seek((number - 1) * PAGE + at)
        stream.write(content)


def saved_from(path: Path) -> tuple[SalvageReport, Path]:
    """Salvage a file; the new one passes every check."""
    new = path.with_name("saved.db")
    saved = salvage(path, new)
    with contextlib.closing(open_file(new)) as connection:
        assert problems(connection) == []
    return saved, new


def test_a_sound_file_is_saved_completely(file: Path) -> None:
    before = flipped.dump(file)
    saved, new = saved_from(file)
    assert saved.whole
    assert saved.events == ()
    assert flipped.dump(new) == before
    with contextlib.closing(open_file(file)) as old, contextlib.closing(open_file(new)) as connection:
        assert exported(connection) == exported(old)
        assert Review(connection, "ana").undo() is not None


def test_the_write_ahead_log_is_saved_and_the_file_is_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with contextlib.closing(open_file(path, create=True)) as connection:  # nothing is checkpointed
        import_documents(connection, ARTICLE)
        Review(connection, "ana").accept(event(connection))
        files = {item: item.read_bytes() for item in (path, Path(f"{path}-wal"))}
        assert len(files[path]) <= PAGE
        saved, new = saved_from(path)
        assert saved.whole
        assert {item: item.read_bytes() for item in files} == files
    with contextlib.closing(open_file(new)) as connection:
        assert event(connection).status == "confirmed"


@pytest.mark.parametrize(
    "table",
    ["documents", "events", "fields", "evidence", "decisions", "decision_events", "imports", "event_types",
     "event_type_fields", "saved_queries", "field_values", "documents_fts_data", "events_by_external_id",
     "fields_by_event", "decisions_by_event", "sqlite_sequence"],
)  # fmt: skip
def test_if_a_page_is_zeroed_the_rest_is_saved_and_the_loss_is_reported(file: Path, table: str) -> None:
    before = flipped.dump(file)
    content = file.read_bytes()
    derived = table not in TABLES
    for number in pages_of(file, table)[:4]:
        file.write_bytes(content)
        overwrite(file, number)
        saved, new = saved_from(file)
        there = flipped.dump(new)
        lost = {item.name: item.lost for item in saved.tables}
        for name in ("documents", "events", "fields", "decisions"):
            missing = {row[0] for row in before[name]} - {row[0] for row in there[name]}
            assert lost[name] == len(missing)
            changed = [row for row in there[name] if row[0] in {old[0] for old in before[name]} - missing]
            assert not derived or sorted(set(changed) ^ set(before[name])) == []
        assert saved.whole is derived
        new.unlink()


def test_rows_of_a_lost_page_are_rebuilt_from_indexes_and_decisions(file: Path) -> None:
    before = flipped.dump(file)
    leaf = next(number for number in pages_of(file, "events") if file.read_bytes()[(number - 1) * PAGE] == 13)
    overwrite(file, leaf)
    saved, new = saved_from(file)
    there = flipped.dump(new)
    events = next(item for item in saved.tables if item.name == "events")
    assert (events.saved, events.lost) == (len(before["events"]), 0)
    assert events.in_part > 10
    without_unknown_keys = [row[:6] + row[7:] for row in before["events"]]
    assert [row[:6] + row[7:] for row in there["events"]] == without_unknown_keys
    assert all("unknown keys" in line for line in saved.events)
    assert there["fields"] == before["fields"]
    assert there["decisions"] == before["decisions"]


def test_lost_decisions_are_reconstructed_from_the_state(file: Path) -> None:
    before = flipped.dump(file)
    leaves = [number for number in pages_of(file, "decisions") if file.read_bytes()[(number - 1) * PAGE] == 13]
    for leaf in leaves[:2]:
        overwrite(file, leaf)
    saved, new = saved_from(file)
    there = flipped.dump(new)
    assert next(item for item in saved.tables if item.name == "decisions").lost > 3
    states = {row[0]: row for row in before["events"]}
    assert {row[0]: row for row in there["events"]} == states
    kept = there["decisions"][-1]
    assert kept[0] > before["decisions"][-1][0]
    assert any("decisions" in line for line in saved.events)
    again, _ = saved_from_again(new)
    assert next(item for item in again.tables if item.name == "decisions").lost == 0


def saved_from_again(new: Path) -> tuple[SalvageReport, Path]:
    again = new.with_name("again.db")
    saved = salvage(new, again)
    with contextlib.closing(open_file(again)) as connection:
        assert problems(connection) == []
    return saved, again


def test_a_truncated_text_keeps_its_length(file: Path) -> None:
    before = {row[0]: row for row in flipped.dump(file)["documents"]}
    long = next(number for number in pages_of(file, "documents") if file.read_bytes()[(number - 1) * PAGE] == 0)
    overwrite(file, long)
    saved, new = saved_from(file)
    there = {row[0]: row for row in flipped.dump(new)["documents"]}
    (changed,) = [id_ for id_ in before if there[id_] != before[id_]]
    old, text = before[changed][-1], there[changed][-1]
    kept = text.rstrip("\ufffd")
    assert len(text) >= len(old)
    assert 0 < len(kept) < len(old)
    assert old.startswith(kept)
    assert next(item for item in saved.tables if item.name == "documents").in_part == 1


@pytest.mark.parametrize("damage", ["magic", "page size", "reserved", "schema", "whole"])
def test_a_file_with_a_damaged_first_page_is_saved(file: Path, damage: str) -> None:
    before = flipped.dump(file)
    at, content = {
        "magic": (0, b"nothing"),
        "page size": (16, b"\x10\x08"),
        "reserved": (20, b"\x10"),
        "schema": (100, bytes(1000)),
        "whole": (0, bytes(PAGE)),
    }[damage]
    overwrite(file, 1, content, at)
    _, new = saved_from(file)
    there = flipped.dump(new)
    for name in ("documents", "events", "fields", "decisions"):
        assert there[name] == before[name]


def test_a_truncated_file_is_saved_up_to_its_end(file: Path) -> None:
    before = flipped.dump(file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 9 // 10 + 100])
    with pytest.raises(FileError):
        open_file(file)
    saved, new = saved_from(file)
    assert not saved.whole
    assert len(flipped.dump(new)["documents"]) == len(before["documents"])


@pytest.mark.parametrize("make", [lambda path: path.write_bytes(bytes(9000)), lambda path: path.write_bytes(b"")])
def test_nothing_readable_is_an_error_and_makes_no_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "war.db")
    with pytest.raises(FileError, match="only a backup helps"):
        salvage(tmp_path / "war.db", tmp_path / "new.db")
    assert [item.name for item in tmp_path.iterdir()] == ["war.db"]


def test_nothing_is_overwritten(file: Path) -> None:
    with pytest.raises((FileError, InputError), match="already exists"):
        salvage(file, file)


def test_an_index_replaced_by_a_page_of_another_index_is_not_used(file: Path) -> None:
    before = flipped.dump(file)
    root = roots(Pages(file))
    overwrite(file, root["sqlite_autoindex_documents_1"], Pages(file)[root["events_by_external_id"]])
    _, new = saved_from(file)
    there = flipped.dump(new)
    for name in ("documents", "events", "fields", "decisions"):
        assert there[name] == before[name]


def test_a_cycle_of_pages_terminates(file: Path) -> None:
    root = roots(Pages(file))["fields"]
    content = file.read_bytes()[(root - 1) * PAGE : root * PAGE]
    below = int.from_bytes(content[8:12], "big")
    overwrite(file, below, content)
    saved, _ = saved_from(file)
    assert not saved.whole


def test_circular_overflow_chains_take_no_longer(file: Path) -> None:
    chained = [number for number in pages_of(file, "documents") if file.read_bytes()[(number - 1) * PAGE] == 0]
    for number in chained:
        overwrite(file, number, number.to_bytes(4, "big"))
    read: list[int] = []
    original = Pages.__getitem__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pages, "__getitem__", lambda self, number: read.append(number) or original(self, number))
        saved_from(file)
    assert len(read) < 20 * Pages(file).count


def test_every_damage_is_noticed_or_harmless_and_is_salvaged(tmp_path: Path) -> None:
    trials = flipped.run(TRIALS, 3, tmp_path, documents=10)
    assert [trial.failed for trial in trials if trial.failed] == []
    assert [(trial.damage, trial.less) for trial in trials if trial.less] == []
    assert [(trial.damage, trial.unnoticed) for trial in trials if trial.outcome == "NOT NOTICED"] == []
    assert sum(trial.saved for trial in trials) >= sum(trial.readable for trial in trials)
    assert {trial.outcome for trial in trials} >= {"found", "refused", "nothing differs"}
    assert max(trial.seconds for trial in trials) < 10


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE documents SET text = upper(text) WHERE id = 3", "documents row 3"),
        ("UPDATE decisions SET decided_at = '2020' || substr(decided_at, 5) WHERE id = 4", "decisions row 4"),
        ("UPDATE fields SET confidence = 0.99 WHERE id = 5", "fields row 5"),
        ("UPDATE evidence SET start_offset = start_offset - 1 WHERE field_id = 2", "evidence of field 2"),
        ("UPDATE events SET confidence = 0.1 WHERE id = 6", "events row 6"),
    ],
)
def test_the_comparison_with_a_backup_finds_what_no_check_can(file: Path, sql: str, says: str) -> None:
    with contextlib.closing(open_file(file)) as connection:
        assert list(compare(connection, file)) == []
        back_up(connection, file, "daily")
        Review(connection, "ana").note(flipped.read_event(connection, 1), "more")
        assert [finding.problems for finding in compare(connection, file)] == [()]
        connection.execute("DROP TRIGGER decisions_are_not_updated")
        connection.execute(sql)
        (finding,) = compare(connection, file)
    assert [problem.startswith(says) for problem in finding.problems] == [True]


def test_the_comparison_accepts_a_restore_and_an_import(file: Path) -> None:
    from db.maintenance.backups import list_backups
    from db.maintenance.restore import restore

    with contextlib.closing(open_file(file)) as connection:
        back_up(connection, file, "daily")
        review = Review(connection, "ben")
        for note in ("one", "two"):
            review.note(flipped.read_event(connection, 1), note)
    restore(file, list_backups(file)[0].path)
    with contextlib.closing(open_file(file)) as connection:
        review = Review(connection, "ana")
        for id_ in (2, 4):
            review.note(flipped.read_event(connection, id_), "three")
        import_documents(connection, ARTICLE)
        back_up(connection, file, "asked")
        assert [finding.problems for finding in compare(connection, file)] == [(), ()]
        assert problems(connection) == []


def test_random_bytes_are_not_taken_for_rows(tmp_path: Path) -> None:
    path = tmp_path / "noise.db"
    path.write_bytes(b"SQLite format 3\0" + random.Random(1).randbytes(40 * PAGE))
    with pytest.raises(FileError, match="only a backup helps"):
        salvage(path, tmp_path / "new.db")


def test_a_file_whose_name_is_not_utf_8_is_compared_with_its_backup_and_restored(
    reviewed: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(reviewed, tmp_path / os.fsdecode(b"war\xff.db")))
    with contextlib.closing(open_file(path)) as connection:
        back_up(connection, path, "daily")
        Review(connection, "ana").note(flipped.read_event(connection, 1), "more")
        assert [finding.problems for finding in compare(connection, path)] == [()]
    restore(path, list_backups(path)[0].path)
    with contextlib.closing(open_file(path)) as connection:
        assert problems(connection) == []
