"""The demo: in the native form, with correct offsets, in many shapes."""

import json
import sqlite3
from importlib.resources import files
from pathlib import Path

import pytest
from support.builders import without_review

from db.demo import make_demo
from db.exporting import export_documents
from db.maintenance.check import check
from db.store.event_types import read_event_types


@pytest.fixture
def demo(tmp_path: Path) -> sqlite3.Connection:
    return make_demo(tmp_path / "demo.db")


def test_the_demo_shows_every_kind_of_content(demo: sqlite3.Connection) -> None:
    documents = list(export_documents(demo))
    events = [event for document in documents for event in document["events"]]
    assert len(documents) >= 15
    assert len(events) >= 50
    assert len({event["type"] for event in events}) >= 5
    assert {"en", "uk", "ar", "zh"} <= {document["language"] for document in documents}
    assert min(len(document["events"]) for document in documents) == 0
    assert max(len(document["events"]) for document in documents) >= 10
    lengths = [len(document["text"]) for document in documents]
    assert min(lengths) < 300 < 3000 < max(lengths)


def test_the_demo_is_imported_completely_and_declares_all_fields(demo: sqlite3.Connection) -> None:
    source = (files("db") / "demo" / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    exported = without_review(export_documents(demo))
    assert exported == [json.loads(line) for line in source]
    assert demo.execute("SELECT count(*) FROM event_type_fields WHERE source = 'learnt'").fetchone() == (0,)
    assert all(event_type.declared and event_type.help for event_type in read_event_types(demo).values())
    assert [problem for finding in check(demo) for problem in finding.problems] == []


def test_the_evidence_of_integers_contains_their_digits(demo: sqlite3.Connection) -> None:
    rows = demo.execute(
        "SELECT value, substr(text, start_offset + 1, end_offset - start_offset) FROM evidence"
        " JOIN fields ON fields.id = field_id JOIN events ON events.id = event_id"
        " JOIN documents ON documents.id = document_id WHERE typeof(value) = 'integer' AND language <> 'zh'"
    ).fetchall()
    in_digits = [(value, quote) for value, quote in rows if any(character.isdecimal() for character in quote)]
    assert len(in_digits) >= 25
    for value, quote in in_digits:
        digits = "".join(str(int(character)) for character in quote if character.isdecimal())
        assert str(value) in digits, (value, quote)
