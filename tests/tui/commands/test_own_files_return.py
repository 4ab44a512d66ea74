"""Every file that eventdesk writes, imported again: known already, or refused with the reason."""

import contextlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, create, event, import_documents, problems

from db.decisions.review import Review
from db.exporting import export_documents
from db.formats.registry import all_formats
from db.store.connection import open_file
from tui.cli import main

_INSTALLED = "spacy"
ROUND_TRIP = ("brat", "doccano", "label-studio", "native", "prodigy", "spacy")
WITHOUT_DECISIONS = ("langextract", "llm-json", "muc")
COMMANDS = [
    "find --csv", "find --json", "find --ndjson", "find", "show report-1/1 --json", "show report-1/1", "log --json",
    "log --csv", "log", "stats --json", "stats", "types", "queries --json",
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with an accepted, a rejected, an unsure and a pending event, and one that a person added."""
    path = tmp_path / "war.db"
    pending = ARTICLE["events"][0] | {"id": "report-2/2", "fields": [{"name": "date", "value": "2025-03-07"}]}
    with contextlib.closing(create(path)) as connection:
        import_documents(connection, ARTICLE, LATER | {"events": [*LATER["events"], pending]})
        review = Review(connection, "ana")
        first = event(connection)
        review.correct(first, first.fields[3], 25, [(42, 44)])
        review.remove(event(connection), event(connection).fields[0])
        review.add(event(connection), "mediator", None, "the Red Cross", [(83, 96)])
        review.accept(event(connection))
        review.reject(event(connection, "report-1/2"), "generic")
        review.note(event(connection, "report-2/1"), "which bridge?")
        review.flag(event(connection, "report-2/1"))
        review.add_event(1, "protest")
    return path


def state(path: Path) -> tuple[list[Any], int]:
    """Return all that a file exports, and the number of decisions."""
    with contextlib.closing(open_file(path)) as connection:
        assert problems(connection) == []
        (decisions,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
        return json.loads(json.dumps(list(export_documents(connection)))), decisions


def written(file: Path, name: str, target: Path, *options: str) -> list[Path]:
    """Export, and return the files, the one that was named first."""
    if name == _INSTALLED:
        pytest.importorskip(_INSTALLED)
    assert main(["export", str(file), "--format", name, "--output", str(target), *options]) == 0
    return [target, *sorted(path for path in target.parent.glob(f"{target.stem}.*") if path != target)]


def printed(file: Path, command: str, target: Path) -> Path:
    """Run a command and save what it prints."""
    out = io.StringIO()
    name, *words = command.split()
    with contextlib.redirect_stdout(out):
        main([name, str(file), *words])
    target.write_text(out.getvalue())
    assert out.getvalue() or command.startswith("queries")
    return target


@pytest.mark.parametrize("reviewed", [[], ["--reviewed"]])
@pytest.mark.parametrize("name", ROUND_TRIP)
def test_an_export_comes_back_as_known(name: str, reviewed: list[str], file: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    export = written(file, name, tmp_path / "out" / "x.json", *reviewed)[0]
    before = state(file)
    assert main(["import", str(file), str(export)]) == 0
    assert state(file) == before
    new = tmp_path / "new.db"
    assert main(["import", str(new), str(export)]) == 0
    assert len(state(new)[0]) == (1 if reviewed else 2)


@pytest.mark.parametrize("name", ["native", "doccano", "label-studio", "prodigy"])
def test_an_edited_decision_in_an_export_is_named_and_not_used(
    name: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = written(file, name, tmp_path / "x.json")[0]
    before = stored_events(file)
    text = export.read_text()
    assert '"value": 25,' in text
    export.write_text(text.replace('"value": 25,', '"value": 24,'))
    assert main(["import", str(file), str(export)]) == 1
    assert "kept 25" in (printed_lines := capsys.readouterr().out)
    assert "not added 24" in printed_lines
    assert stored_events(file) == before


def test_an_edit_of_the_machines_side_is_named_and_not_used(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = written(file, "native", tmp_path / "x.jsonl")[0]
    before = state(file)
    export.write_text(export.read_text().replace('"value": "2025-03-07"', '"value": "2025-03-08"'))
    assert main(["import", str(file), str(export)]) == 0
    assert (
        "event report-2/2: the extracted values differ from the file's, which keeps its own" in capsys.readouterr().err
    )
    assert state(file) == before


def stored_events(path: Path) -> list[Any]:
    """Return the events of a file, without what formats keep of a document."""
    return [document["events"] for document in state(path)[0]]


@pytest.mark.parametrize("reviewed", [[], ["--reviewed"]])
@pytest.mark.parametrize("name", WITHOUT_DECISIONS)
def test_an_export_without_decisions_is_for_other_files(
    name: str, reviewed: list[str], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    export, *others = written(file, name, tmp_path / "out" / "x.jsonl", *reviewed)
    before = state(file)
    assert main(["import", str(file), str(export)]) == 1
    assert "already exists, and this export of it has no decisions and ids; export the events as native" in (
        capsys.readouterr().err
    )
    assert state(file) == before
    new = tmp_path / "new.db"
    assert main(["import", str(new), str(export)]) == 0
    assert sum(len(document["events"]) for document in state(new)[0]) >= 1
    assert [main(["import", str(file), str(other)]) for other in others] == [2] * len(others)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("corrections", []), ("hf-bio", []), ("conll", []), ("datasette", []), ("hf-bio", ["--reviewed"]),
        ("conll", ["--reviewed"]), ("csv", ["--layout", "long"]), ("csv", ["--layout", "long", "--reviewed"]),
    ],
)  # fmt: skip
def test_what_is_only_exported_is_refused_with_the_reason(
    name: str, options: list[str], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    before = state(file)
    for path in written(file, name, tmp_path / "out" / "x.txt", *options):
        for target in (file, tmp_path / "new.db"):
            assert main(["import", str(target), str(path)]) == 2
            assert "; export the events as native instead" in capsys.readouterr().err
        for suffix in ("", ".csv", ".jsonl", ".txt"):  # whatever it is called, and edited in a spreadsheet
            if not path.name.endswith(".ids.txt"):
                copy = shutil.copy(path, tmp_path / f"copy{suffix}")
                assert main(["import", str(file), str(copy)]) == 2
    assert state(file) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_prints_is_refused_with_the_reason(
    command: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if command.startswith("queries"):
        main(["queries", str(file), "late", "status:pending"])
    before = state(file)
    for suffix in (".csv", ".json", ".txt"):
        output = printed(file, command, tmp_path / f"output{suffix}")
        capsys.readouterr()
        assert main(["import", str(file), str(output)]) == 2
        assert "; export the events as native instead" in capsys.readouterr().err
    assert state(file) == before


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_spreadsheet_may_have_saved_the_codebook_in_its_own_way(
    delimiter: str, encoding: str, file: Path, tmp_path: Path
) -> None:
    book = written(file, "csv", tmp_path / "x.csv")[1]
    header, _, rest = book.read_text().partition("\n")
    saved = tmp_path / "saved.csv"
    saved.write_text(header.replace(",", delimiter) + "\r\n" + rest, encoding=encoding)
    assert main(["import", str(file), str(saved)]) == 2


@pytest.mark.parametrize("source", ["sqlite:{}:events", "sqlite:{}:SELECT id, title, text FROM documents"])
def test_a_table_of_an_eventdesk_file_is_not_a_source(
    source: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(file)
    assert main(["import", str(file), source.format(file)]) == 2
    capsys.readouterr()
    assert main(["import", str(tmp_path / "new.db"), source.format(file)]) == 2
    assert "is an eventdesk file; import all of it, without sqlite:" in capsys.readouterr().err
    assert state(file) == before


def test_the_report_of_changes_is_refused(file: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.jsonl"
    changed = json.loads(json.dumps(ARTICLE))
    changed["events"][0]["fields"][3]["value"] = 26
    newer.write_text(json.dumps(changed))
    changes = tmp_path / "changes.jsonl"
    assert main(["import", str(file), str(newer), "--changes", str(changes)]) == 0
    before = state(file)
    assert main(["import", str(file), str(changes)]) == 2
    assert state(file) == before


def test_files_of_others_with_some_of_these_keys_are_imported(tmp_path: Path) -> None:
    lines = {
        "ner.jsonl": {"id": 1, "tokens": ["Lesna"], "ner_tags": ["O"], "text": "Lesna", "events": []},
        "log.jsonl": {"event": "fire", "action": "attack", "what": "x", "reviewer": "ana", "text": "Fire at Lesna."},
    }
    for name, line in lines.items():
        (tmp_path / name).write_text(json.dumps(line) + "\n")
        assert main(["import", str(tmp_path / "new.db"), str(tmp_path / name)]) == 0
    (tmp_path / "t.csv").write_text("event,status,date,type,headline\n1,confirmed,2025-03-07,attack,Fire\n")
    assert main(["import", str(tmp_path / "new.db"), str(tmp_path / "t.csv")]) == 0


def test_every_writable_format_is_tested_here() -> None:
    writable = {name for name, item in all_formats().items() if item.write or item.write_folder}
    elsewhere = {"csv", "json-table", "chat"}  # test_edited_tables_return.py, test_llm_json_written.py
    only_exported = {"corrections", "hf-bio", "conll", "datasette"}
    assert writable == {*ROUND_TRIP, *WITHOUT_DECISIONS, *elsewhere, *only_exported}
