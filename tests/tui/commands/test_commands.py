"""What each command prints, its exit status, and its errors, which are one line."""

import copy
import csv
import io
import json
import sqlite3
from importlib import import_module
from pathlib import Path

import pytest
from support.builders import ARTICLE, event

from db.decisions.review import Review
from db.store.connection import open_file
from tui.arguments import load
from tui.cli import main
from tui.commands import COMMANDS


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    source = tmp_path / "events.jsonl"
    source.write_text(json.dumps(ARTICLE) + "\n", encoding="utf-8")
    path = tmp_path / "events.db"
    assert main(["import", str(path), str(source)]) == 0
    capsys.readouterr()
    return path


def opened(file: Path) -> sqlite3.Connection:
    return open_file(file)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert f"example:\n  eventdesk {command}" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for name, entry in COMMANDS.items():
        assert f" {name} {entry.summary}" in text


def test_a_module_declares_the_commands_that_are_listed_for_it() -> None:
    listed: dict[str, list[str]] = {}
    for name, entry in COMMANDS.items():
        assert callable(load(name).run)
        listed.setdefault(entry.module, []).append(name)
    for module, names in listed.items():
        assert list(import_module(f"tui.commands.{module}").COMMANDS) == names


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["find", "no.db", "a"], "no.db: no such file"),
        (["find", "FILE", "(a"], "column 1: this bracket is not closed"),
        (["find"], "required: DB"),
        (["frobnicate"], "frobnicate: no such command or file; `eventdesk --help`"),
        (["reviw", "FILE"], "did you mean review?"),
        (["review", "FILE", "--qery", "a"], "did you mean --query?"),
        (["events.cvs"], "events.cvs: no such file"),
        (["show", "FILE", "nobody"], "no event has the id nobody"),
        (["import", "FILE", "absent.jsonl"], "absent.jsonl: no such file"),
        (["types", "FILE", "absent.toml"], "absent.toml: no such file"),
        (["backup", "FILE", "FILE"], "already exists"),
        (["export", "FILE", "--output", "FILE"], "already exists"),
        (["export", "FILE", "--query", "status:odd"], "one of pending"),
        (["review", "FILE", "--query", "(("], "column 3"),
        (["review", "FILE"], "the reviewer needs a terminal"),
    ],
)
def test_an_error_is_one_line_and_exit_status_2(
    file: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main([str(file) if argument == "FILE" else argument for argument in arguments])
    except SystemExit as stopped:
        status = stopped.code  # type: ignore[assignment]
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert says in said.err
    assert said.err.count("\n") == 1


def test_an_import_reports_skipped_lines_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "mixed.jsonl"
    source.write_text(f'{json.dumps(ARTICLE)}\n{{"text": 5}}\n', encoding="utf-8")
    assert main(["import", str(tmp_path / "new.db"), str(source)]) == 1
    said = capsys.readouterr()
    assert said.out == "1 new document, 2 new events; 1 line skipped\n"
    assert said.err == f"{source}:2: text: must be text, is a number\n"


def test_a_damaged_file_is_an_error_of_one_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = bytearray(file.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    file.write_bytes(content)
    assert main(["find", str(file)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(file) in said


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith("eventdesk 0.")


def test_a_failed_import_leaves_no_file_behind(tmp_path: Path) -> None:
    source = tmp_path / "page.xyz"
    source.write_text("nothing that is known", encoding="utf-8")
    assert main(["import", str(tmp_path / "new.db"), str(source)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["page.xyz"]


def test_standard_input_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(json.dumps(ARTICLE).encode())))  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdin", stream)
    assert main(["import", str(tmp_path / "new.db"), "-"]) == 0
    assert "2 new events" in capsys.readouterr().out


def test_find_prints_tab_separated_text_csv_json_or_a_number(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["find", str(file), "count>=40"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t")[:3] == ["event", "status", "date"]
    assert lines[1].split("\t") == [
        "report-1/1",
        "pending",
        "2025-02-28",
        "prisoner_exchange",
        "40 · Lesna",
        "0.8",
        "rules",
    ]
    assert main(["find", str(file), "count>=40", "--csv"]) == 0
    assert next(csv.DictReader(io.StringIO(capsys.readouterr().out)))["event"] == "report-1/1"
    assert main(["find", str(file), "count>=40", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["id"], found["status"], found["document"]["id"]) == ("report-1/1", "pending", "report-1")
    assert main(["find", str(file), "count>=40", "--count"]) == 0
    assert capsys.readouterr().out == "1\n"
    assert main(["find", str(file), "count>41", "--count"]) == 1
    assert capsys.readouterr().out == "0\n"
    assert main(["find", str(file), "count>41", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []


def test_show_and_log_print_decisions(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review = Review(opened(file), "ana")
    item = event(review.connection)
    review.correct(item, item.fields[1], 25, [])
    review.reject(event(review.connection), "other", "satire")
    review.undo()
    review.connection.close()
    assert main(["show", str(file), "report-1/1"]) == 0
    assert "corrected\t\ttotal\t25\t40\t" in capsys.readouterr().out
    assert main(["log", str(file)]) == 0
    whats = [line.split("\t")[5] for line in capsys.readouterr().out.splitlines()[1:]]
    assert whats == ["correct total 40 → 25", "reject, other: satire", "undo of decision 2"]
    assert main(["log", str(file), "report-1/1", "--json"]) == 0
    assert [decision["reviewer"] for decision in json.loads(capsys.readouterr().out)] == ["ana"] * 3
    assert main(["log", str(file), "report-1/2"]) == 1
    capsys.readouterr()
    assert main(["show", str(file), "report-1/1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fields"][1]["extracted"] == 40


def test_stats_print_progress_and_check_prints_if_the_file_is_sound(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review = Review(opened(file), "ana")
    review.accept(event(review.connection))
    review.connection.close()
    assert main(["stats", str(file), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["events"], figures["reviewers"][0]["reviewer"]) == (2, "ana")
    assert main(["stats", str(file)]) == 0
    assert "1 document, 2 events, 1 decided, 1 decision\n" in capsys.readouterr().out
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out.endswith("state = extraction + decisions\n")
    broken = opened(file)
    broken.execute("UPDATE events SET status = 'unsure'")
    broken.close()
    assert main(["check", str(file)]) == 1
    assert "✗" in capsys.readouterr().out


def test_types_are_written_as_toml_and_loaded_again(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["types", str(file), "--toml"]) == 0
    toml = capsys.readouterr().out
    (tmp_path / "types.toml").write_text(toml.replace('kind = "text"', 'kind = "place"'), encoding="utf-8")
    assert main(["types", str(file), str(tmp_path / "types.toml")]) == 0
    assert "location\tplace" in capsys.readouterr().out


def test_an_export_with_reviewed_writes_only_accepted_events(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review = Review(opened(file), "ana")
    review.accept(event(review.connection))
    review.connection.close()
    target = tmp_path / "gold.jsonl"
    assert main(["export", str(file), "--reviewed", "--output", str(target)]) == 0
    assert [item["id"] for item in json.loads(target.read_text(encoding="utf-8"))["events"]] == ["report-1/1"]
    assert main(["export", str(file), "--query", "type:protest"]) == 0
    assert [item["id"] for item in json.loads(capsys.readouterr().out)["events"]] == ["report-1/2"]


def test_csv_cells_that_a_spreadsheet_would_run_are_made_harmless(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = copy.deepcopy(ARTICLE)
    document["events"][1]["fields"] = [{"name": "a", "value": "=1+1"}]
    (tmp_path / "a.jsonl").write_text(json.dumps(document), encoding="utf-8")
    main(["import", str(tmp_path / "a.db"), str(tmp_path / "a.jsonl")])
    capsys.readouterr()
    main(["find", str(tmp_path / "a.db"), "type:protest", "--csv"])
    assert next(csv.DictReader(io.StringIO(capsys.readouterr().out)))["headline"] == "'=1+1"
