"""A damaged row costs itself: commands skip and name it, the reviewer shows the rest, and the check finds it.

The long run over every column is tests/fuzz/stored_file.py.
"""

import json
import random
import shutil
from pathlib import Path

import pytest
from support.damaging import Damage, damage, every_damage, reviewed_file
from support.scrutiny import COMMANDS, press_keys, run_commands

from tui.cli import main

SAMPLE = 5  # damaged files of a run; each costs half a second
KEYS = ("j", "l", "h", "a", "u", "G", "g", "x", "escape", "j")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "base.db"
    reviewed_file(path)
    return path


def damaged(base: Path, folder: Path, what: Damage) -> Path:
    path = folder / "w.db"
    shutil.copy(base, path)
    assert damage(path, what)
    return path


@pytest.mark.parametrize(
    ("what", "named"),
    [
        (Damage("documents", "text", "text that is not UTF-8"), "documents row 1: text is not valid UTF-8"),
        (Damage("documents", "extra", "a JSON array"), "documents row 1: extra is not a JSON object"),
        (Damage("events", "type", "bytes"), "events row 1: type holds bytes"),
        (Damage("events", "status", "a text"), "events row 1: status can't be 'junk'"),
        (Damage("events", "extra", "very deep JSON"), "events row 1: extra is not valid JSON"),
        (Damage("events", "extra", "a patch with a huge span"), "events row 1: extra has the key fields, which is"),
        (Damage("fields", "value", "a deep BLOB"), "fields row 1: value is nested more than 100 levels deep"),
        (Damage("fields", "value", "infinity"), "fields row 1: value is not a finite number"),
        (Damage("fields", "state", "a text"), "fields row 1: state can't be 'junk'"),
        (Damage("evidence", "start_offset", "a huge integer"), "evidence row of field 1: ["),
    ],
    ids=lambda item: f"{item.table}.{item.column}: {item.value}" if isinstance(item, Damage) else "",
)
def test_an_export_skips_and_names_a_damaged_row(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: Damage, named: str
) -> None:
    file = damaged(base, tmp_path, what)
    assert main(["export", str(file)]) == 1
    output, errors = capsys.readouterr()
    documents = [json.loads(line) for line in output.splitlines()]
    assert "report-2/1" in [event["id"] for document in documents for event in document["events"]]
    assert named in errors
    assert f"1 damaged row skipped; for details: eventdesk check {file}" in errors
    assert main(["find", str(file), "--json"]) == 1
    output, errors = capsys.readouterr()
    assert "report-2/1" in [event["id"] for event in json.loads(output)] or what.table == "documents"
    assert main(["check", str(file)]) == 1
    output, _ = capsys.readouterr()
    assert named.partition(": ")[0] in output or "evidence" in output


@pytest.mark.parametrize(
    ("what", "command", "named"),
    [
        (Damage("event_types", "headline", "null"), "types", "event_types row prisoner_exchange: headline is not"),
        (Damage("event_type_fields", "choices", "cut JSON"), "types", "choices is not a JSON array of texts"),
        (Damage("event_type_fields", "kind", "SQL"), "types", "kind can't be"),
        (Damage("saved_queries", "query", "bytes"), "queries", "saved_queries row big: query holds bytes"),
        (Damage("decisions", "after", "a patch with SQL"), "log", "decisions row 1: after is not a change of events"),
        (Damage("decisions", "after", "a patch with a huge span"), "log", "after is not a change of events and fields"),
        (Damage("decisions", "reviewer", "text that is not UTF-8"), "log", "reviewer is not valid UTF-8"),
    ],
    ids=lambda item: f"{item.table}.{item.column}: {item.value}" if isinstance(item, Damage) else "",
)
def test_types_queries_and_the_log_name_what_they_skip(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: Damage, command: str, named: str
) -> None:
    file = damaged(base, tmp_path, what)
    assert main([command, str(file)]) == 1
    assert named in capsys.readouterr().err
    assert main(["check", str(file)]) == 1
    assert named.partition(": ")[2][:20] in capsys.readouterr().out


def test_sql_in_the_key_of_a_patch_never_runs(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = damaged(base, tmp_path, Damage("decisions", "after", "a patch with SQL"))
    newer = tmp_path / "newer.jsonl"
    main(["export", str(base)])
    text = capsys.readouterr().out.replace('"total", "value": 40', '"total", "value": 44')
    documents = [json.loads(line) for line in text.splitlines()]
    keys = ("id", "type", "extractor", "fields")
    for document in documents:
        document["events"] = [{key: event[key] for key in keys if key in event} for event in document["events"][:1]]
        for event in document["events"]:
            event["fields"] = [{"name": field["name"], "value": field["value"]} for field in event["fields"]]
    newer.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    assert main(["import", str(file), str(newer)]) == 2
    assert "decisions row 1: after is not a change of events and fields" in capsys.readouterr().err


def test_the_reviewer_opens_a_file_whose_rows_are_damaged(base: Path, tmp_path: Path) -> None:
    file = damaged(base, tmp_path, Damage("documents", "text", "text that is not UTF-8"))
    for what in (
        Damage("event_types", "headline", "null"),
        Damage("fields", "value", "very deep JSON", last=True),
        Damage("decisions", "after", "cut JSON", last=True),
    ):
        assert damage(file, what)
    assert press_keys(file, KEYS) == ""


@pytest.mark.parametrize("number", range(SAMPLE))
def test_nothing_crashes_on_any_damaged_value(base: Path, tmp_path: Path, number: int) -> None:
    chosen = random.Random(number)
    small = [what for what in every_damage(base) if "huge text" not in what.value and "huge line" not in what.value]
    what = chosen.choice(small)
    file = tmp_path / "w.db"
    shutil.copy(base, file)
    if damage(file, what):
        commands = tuple(chosen.sample(COMMANDS, 8))
        assert [*run_commands(file, tmp_path, commands)] == [], what
        assert press_keys(file, KEYS[:6]) == "", what
