"""Folders in which answers of models are beside their texts."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.builders import event, in_memory

from db.decisions.review import Review
from db.exporting import export_documents
from db.formats.format import Confidence, Export, Source
from db.formats.llm_json.format import FORMAT
from db.formats.llm_json.write.chat import FORMAT as CHAT
from db.formats.registry import detect_format
from db.importing.importing import import_source
from db.importing.report import ImportReport

TEXT = "Russia handed over the bodies of 757 soldiers on Friday, the agency said."
ANSWER = '[{"type": "exchange", "count": 757}]'


def folder_of(tmp_path: Path, files: dict[str, str]) -> Path:
    folder = tmp_path / "answers"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def imported(folder: Path) -> tuple[sqlite3.Connection, ImportReport]:
    connection, report = in_memory(), ImportReport()
    source = Source(str(folder), None, folder)
    assert detect_format(source).name == "llm-json"
    import_source(connection, source, report)
    return connection, report


def rows(connection: sqlite3.Connection) -> list[Any]:
    return connection.execute(
        "SELECT text, extractor, events.type, value FROM events JOIN documents ON documents.id = document_id"
        " JOIN fields ON event_id = events.id ORDER BY events.id"
    ).fetchall()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a.txt", "a.json"),
        ("a.md", "a.events.json"),
        ("a.txt", "a_output.json"),
        ("a.txt", "a.txt.json"),
        ("a.b.txt", "a.b.json"),
        ("sub/a.txt", "sub/a.json"),
        ("texts/a.txt", "answers/a.json"),
        ("a/text.txt", "a/events.jsonl"),
    ],
)
def test_a_text_and_the_answer_beside_it_are_one_document(text: str, answer: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {text: TEXT, answer: ANSWER})
    connection, report = imported(folder)
    assert rows(connection) == [(TEXT, "llm", "exchange", 757)]
    assert (report.documents, report.refused, dict(report.unread)) == (1, 0, {})


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ('{"type": "exchange", "count": 757}', [757]),
        ('{"title": "T", "model": "m", "events": [{"type": "exchange", "count": 757}]}', [757]),
        ('Here:\n```json\n[{"type": "exchange", "count": 757},]\n```', [757]),
        ('{"type": "exchange", "count": 757}\n{"type": "exchange", "count": 5}\n', [757, 5]),
        ('{"choices": [{"message": {"role": "assistant", "content": "[{\\"count\\": 757}]"}}]}', [757]),
        ('{"response": "[{\\"count\\": 757}]", "prompt": "x"}', [757]),
        ('{"type": "exchange", "response": "The army said", "count": 757}', ["The army said", 757]),
        ("[]", []),
    ],
)
def test_answers_of_any_form_come_back_as_they_were_and_corrected(
    answer: str, values: list[Any], tmp_path: Path
) -> None:
    connection, _ = imported(folder_of(tmp_path, {"a.txt": TEXT, "a.json": answer}))
    assert [row[3] for row in rows(connection)] == values
    assert FORMAT.write_folder
    content = Export(lambda: export_documents(connection))
    assert dict(FORMAT.write_folder(content)) == {"a.txt": TEXT.encode(), "a.json": answer.encode()}
    if not values:
        return
    (number,) = connection.execute("SELECT event_id FROM fields WHERE value = 757").fetchone()
    (name,) = connection.execute("SELECT external_id FROM events WHERE id = ?", (number,)).fetchone()
    review, first = Review(connection, "ana"), event(connection, name)
    review.correct(first, next(field for field in first.fields if field.value == 757), 758, ())
    review.accept(event(connection, name))
    changed = dict(FORMAT.write_folder(content))["a.json"].decode()
    assert changed == answer.replace("757", "758").replace(",]", "]")
    assert FORMAT.write
    assert CHAT.write
    (line,) = FORMAT.write(content)
    assert "758" in json.dumps(json.loads(line))
    (message,) = CHAT.write(Export(lambda: export_documents(connection, reviewed=True), reviewed=True))
    user, assistant = json.loads(message)["messages"]
    assert user["content"] == TEXT
    assert "758" in json.dumps(json.loads(assistant["content"]))


def test_two_models_are_two_extractions_and_what_has_no_pair_is_named(tmp_path: Path) -> None:
    files = {
        "a.txt": TEXT,
        "a.gpt-5.json": ANSWER,
        "a.claude.json": ANSWER,
        "b.txt": TEXT,
        "x/c.json": "[]",
        "d.pdf": "",
    }
    connection, report = imported(folder_of(tmp_path, files))
    assert [row[1] for row in rows(connection)] == ["claude", "gpt-5"]
    assert sorted(report.unread) == ["file b.txt", "file d.pdf", "file x/c.json"]
    assert FORMAT.write_folder
    written = [name for name, _ in FORMAT.write_folder(Export(lambda: export_documents(connection)))]
    assert written == ["a.txt", "a.claude.json", "a.gpt-5.json"]


def test_a_page_and_its_answer_are_one_document(tmp_path: Path) -> None:
    page = f"<html><body><article><p>{TEXT}</p><p>{'The families waited for news. ' * 9}</p></article></body></html>"
    connection, _ = imported(folder_of(tmp_path, {"a.html": page, "a.json": ANSWER}))
    ((text, _, _, value),) = rows(connection)
    assert (text.startswith(TEXT), value) == (True, 757)


def test_a_bad_answer_is_named_with_its_file(tmp_path: Path) -> None:
    files = {
        "a.txt": TEXT,
        "a.json": ANSWER,
        "b.txt": TEXT,
        "b.json": "I'm sorry, I can't.",
        "c.txt": " ",
        "c.json": "[]",
    }
    _, report = imported(folder_of(tmp_path, files))
    assert (report.events, report.refused) == (1, 2)


@pytest.mark.parametrize(
    "files",
    [
        {"a.txt": TEXT, "b.txt": TEXT},
        {"a.txt": TEXT, "b.json": ANSWER, "c.txt": TEXT},
        {"a.txt": TEXT, "a.json": '{"title": "T", "url": "u", "text": "x"}'},
        {"a.txt": TEXT, "a.ann": "T1\tx 0 1\tR", "a.json": ANSWER},
        {"a.txt": TEXT, "a.json": '{"a": '},
    ],
)
def test_other_folders_are_not_recognised(files: dict[str, str], tmp_path: Path) -> None:
    folder = folder_of(tmp_path, files)
    assert FORMAT.recognise(Source(str(folder), None, folder)) is Confidence.NO
