"""What import prints about decisions that differ, how it asks, and its exit status."""

import contextlib
import io
import json
import sys
from pathlib import Path

import pytest
from support.builders import ARTICLE, create, event, exported, import_documents

from db.decisions.review import Review
from db.store.connection import open_file
from tui.cli import main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy in which ana corrected a count; ``ben.jsonl`` is the export of a copy in which ben corrected it later."""
    for hour, (who, value) in enumerate((("ana", 25), ("ben", 15)), 1):
        with contextlib.closing(create(tmp_path / f"{who}.db")) as connection:
            import_documents(connection, ARTICLE)
            review = Review(connection, who, lambda hour=hour: f"2026-01-01T0{hour}:00:00.000Z")
            item = event(connection)
            review.correct(item, item.fields[3], value, [])
            if who == "ben":
                review.reject(event(connection, "report-1/2"), "generic")
            lines = [json.dumps(document) + "\n" for document in exported(connection)]
            (tmp_path / f"{who}.jsonl").write_text("".join(lines), encoding="utf-8")
    return tmp_path / "ana.db"


def count_in(file: Path) -> object:
    with contextlib.closing(open_file(file)) as connection:
        return event(connection).fields[3].value


def test_the_file_is_kept_named_and_the_status_is_1(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = file.parent / "changes.jsonl"
    source = str(file.parent / "ben.jsonl")
    assert main(["import", str(file), source, "--changes", str(changes)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "report-1/1 count (transfer:1): kept 25 (ana, 2026-01-01 01:00), not added 15 (ben, 2026-01-01 02:00)",
        "0 new documents, 0 new events; 1 decision added;"
        " 1 decision not added (--decisions newest or ask replaces the file's); nothing skipped",
    ]
    assert [json.loads(line)["imported"] for line in changes.read_text(encoding="utf-8").splitlines()] == [15]
    assert count_in(file) == 25
    assert main(["import", str(file), source]) == 1
    assert "decision added" not in capsys.readouterr().out


def test_the_newest_replaces(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(file), str(file.parent / "ben.jsonl"), "--decisions", "newest"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.endswith("replaced 25 (ana, 2026-01-01 01:00) by 15 (ben, 2026-01-01 02:00)")
    assert "2 decisions added; 1 decision replaced" in last
    assert count_in(file) == 15
    assert main(["import", str(file), str(file.parent / "ana.jsonl"), "--decisions", "newest"]) == 0
    assert "1 event decided again since the export" in capsys.readouterr().out
    assert count_in(file) == 15


def test_without_a_terminal_ask_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(file), str(file.parent / "ben.jsonl"), "--decisions", "ask"]) == 2
    assert capsys.readouterr().err.endswith("--decisions ask needs a terminal; use --decisions newest or keep\n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "status", "value"), [("x\ni\n", 0, 15), ("f\n", 1, 25), ("I\n", 0, 15), ("", 2, 25)])
def test_ask_asks_for_each_difference(
    file: Path, monkeypatch: pytest.MonkeyPatch, typed: str, status: int, value: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    asked = Terminal()
    monkeypatch.setattr(sys, "stderr", asked)
    assert main(["import", str(file), str(file.parent / "ben.jsonl"), "--decisions", "ask"]) == status
    assert "count (transfer:1): the file has 25 (ana, 2026-01-01 01:00), the import has 15 (ben" in asked.getvalue()
    assert asked.getvalue().count("[f]ile or the [i]mported") == (2 if typed.startswith("x") else 1)
    assert count_in(file) == value


def test_what_differed_is_named_although_a_later_file_is_unusable(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = file.parent / "bad.bin"
    bad.write_bytes(b"\x00\x01\x02")
    assert main(["import", str(file), str(file.parent / "ben.jsonl"), str(bad)]) == 2
    assert "kept 25 (ana" in capsys.readouterr().out
