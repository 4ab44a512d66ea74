"""Imports that bring nothing, and what the native format doesn't read."""

import contextlib
import json
from pathlib import Path

import pytest

from db.store.connection import open_file
from tui.cli import main

GOOD = {"id": "d", "text": "Kyiv fell.", "events": []}


@pytest.mark.parametrize(
    ("contents", "status", "told"),
    [
        ([""], 1, "1.jsonl: is empty"),
        (["", " \n"], 1, "2.jsonl: is empty"),
        (['{"id": 7}\n'], 1, "has neither text nor title; a document needs at least one, but its keys are id"),
        (['{"foo": 1, "bar": {}}\n'], 2, "unknown format; its objects have the keys foo, bar"),
        (["", '{"foo": 1}\n'], 2, "unknown format; its objects have the keys foo"),
        (["[]"], 2, "unknown format"),
    ],
)
def test_a_file_is_not_created_for_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], contents: list[str], status: int, told: str
) -> None:
    names = []
    for number, content in enumerate(contents, 1):
        (tmp_path / f"{number}.jsonl").write_text(content)
        names.append(str(tmp_path / f"{number}.jsonl"))
    assert main(["import", str(tmp_path / "new.db"), *names]) == status
    assert told in capsys.readouterr().err
    assert not list(tmp_path.glob("new.db*"))


def test_refused_lines_are_written_though_the_file_is_not_created(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"id": 7}\n')
    refused = tmp_path / "refused.jsonl"
    command = ["import", str(tmp_path / "new.db"), str(tmp_path / "bad.jsonl"), "--refused", str(refused)]
    assert main(command) == 1
    assert refused.read_text() == '{"id": 7}\n'
    assert not (tmp_path / "new.db").exists()


def test_an_existing_file_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.jsonl").write_text(json.dumps(GOOD))
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "bad.jsonl").write_text('{"id": 7}\n')
    file = tmp_path / "a.db"
    assert main(["import", str(file), str(tmp_path / "good.jsonl")]) == 0
    assert main(["import", str(file), str(tmp_path / "empty.jsonl")]) == 0
    assert "is empty" in capsys.readouterr().err
    assert main(["import", str(file), str(tmp_path / "bad.jsonl")]) == 1
    with contextlib.closing(open_file(file)) as connection:
        assert [row[0] for row in connection.execute("SELECT file FROM imports")] == [str(tmp_path / "good.jsonl")]


def test_unknown_keys_of_native_documents_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    field = {"name": "place", "value": "Kyiv", "grounding": "exact", "unit": "m", "alternatives": [], "optional": True}
    event = {"type": "fall", "fields": [field, field], "realis": "actual"}
    document = GOOD | {"events": [event], "labels": ["x"], "muc": {"own": 1}, "annotations": [1]}
    (tmp_path / "a.jsonl").write_text(json.dumps(document) + "\n" + json.dumps(document | {"id": "e"}) + "\n")
    assert main(["import", str(tmp_path / "a.db"), str(tmp_path / "a.jsonl")]) == 0
    told = capsys.readouterr().err
    assert "not read: key fields.unit (4), key labels (2), key annotations (2), key events.realis (2)" in told


@pytest.mark.parametrize("format", ["text-folder", "brat"])
def test_files_of_a_folder_that_are_not_read_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("Kyiv fell.")
    (folder / "notes.json").write_text("{}")
    if format == "brat":
        (folder / "a.ann").write_text("T1\tplace 0 4\tKyiv\n")
    assert main(["import", str(tmp_path / "a.db"), str(folder)]) == 0
    assert "not read: file notes.json (1)" in capsys.readouterr().err
    for number in range(11):
        (folder / f"{number}.xml").write_text("<a/>")
    assert main(["import", str(tmp_path / "b.db"), str(folder)]) == 0
    assert "not read: files *.xml (11), files *.json (1)" in capsys.readouterr().err


def test_a_folder_that_no_format_reads_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.json").write_text("{}")
    assert main(["import", str(tmp_path / "a.db"), str(tmp_path / "folder")]) == 2
    assert "a folder of 1 .json, which no format reads as a whole" in capsys.readouterr().err
