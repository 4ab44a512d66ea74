"""`set` and `apply`: what they print, and their exit status."""

import io
import sys
from pathlib import Path

import pytest
from support.builders import ARTICLE, new_file

from tui.cli import main


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(new_file(tmp_path / "war.db", ARTICLE))


def test_set_prints_each_decision_and_undo_takes_it_back(file: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["set", file, "report-1/1", "mediator=Red Cross", "--reviewer", "me", "--dry-run"]) == 0
    assert "would be saved" in capfd.readouterr().out
    assert main(["log", file]) == 1
    assert main(["set", file, "report-1/1", "mediator=Red Cross", "--reviewer", "me"]) == 0
    assert "1 decision on 1 event saved" in capfd.readouterr().out
    assert main(["set", file, "report-1/1", "mediator=Red Cross", "--reviewer", "me"]) == 0
    assert capfd.readouterr().out == "nothing changed; 1 value was the same already\n"
    assert main(["log", file]) == 0
    assert "\tme\treport-1/1\tadd\t" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["report-1/1", "killed"], "write NAME=VALUE"),
        (["report-1/1", "nosuch=1"], "no field nosuch"),
        (["nosuch", "total=1"], "no event has the id nosuch"),
    ],
)
def test_what_cannot_be_set(words: list[str], reason: str, file: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["set", file, *words]) == 2
    assert reason in capfd.readouterr().err


def test_apply_from_a_file_and_from_standard_input(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "fixes.csv"
    table.write_text("event,field,value\nreport-1/1,mediator,Red Cross\nnosuch,total,3\n", encoding="utf-8")
    assert main(["apply", file, str(table)]) == 1
    captured = capfd.readouterr()
    assert f"{table}:3: no event has the id nosuch" in captured.err
    assert "nothing was saved: 1 row can't be applied" in captured.err
    assert (captured.out, main(["log", file])) == ("", 1)
    stream = io.TextIOWrapper(io.BytesIO(b"event,mediator\nreport-1/1,Red Cross\n"), "utf-8")
    monkeypatch.setattr(sys, "stdin", stream)
    assert main(["apply", file, "-", "--reviewer", "me"]) == 0
    assert "1 decision on 1 event saved" in capfd.readouterr().out
    assert main(["apply", file, str(tmp_path / "missing.csv")]) == 2
