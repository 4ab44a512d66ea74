"""The files that the bench generates are realistic, so that measurements apply to real files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from bench.generate import make_file, make_lines
from support.builders import exported, import_documents, problems, without_review

from db.model import Event
from db.query.queue import Queue
from db.store.connection import open_file
from db.store.reading import read_document, read_event

EVENTS = 203
_IN_WORDS = "no one two three four five six seven eight nine ten eleven twelve".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of the generator."""
    path = tmp_path_factory.mktemp("generated") / "events.db"
    make_file(path, EVENTS, quiet=True)
    return path


@pytest.fixture
def file(generated: Path) -> Iterator[sqlite3.Connection]:
    """It, open."""
    with closing(open_file(generated)) as connection:
        yield connection


def _events(connection: sqlite3.Connection) -> list[Event]:
    return [read_event(connection, row[0]) for row in connection.execute("SELECT id FROM events ORDER BY id")]


def test_a_generated_file_passes_every_check(file: sqlite3.Connection) -> None:
    assert problems(file) == []


def test_the_counts_are_as_requested(file: sqlite3.Connection) -> None:
    def count(of: str) -> int:
        number: int = file.execute(f"SELECT count(*) FROM {of}").fetchone()[0]
        return number

    assert count("documents") == -(-EVENTS // 5)
    assert count("events") == EVENTS
    assert count("fields WHERE in_extraction") == EVENTS * 10
    assert 0.03 < count("events WHERE status <> 'pending'") / EVENTS < 0.07


def test_evidence_quotes_its_value_or_the_words_for_it(file: sqlite3.Connection) -> None:
    quoted = 0
    for event in _events(file):
        text = read_document(file, event.document_id).source
        for field in event.fields:
            if field.extracted is None:
                continue
            for start, end in field.extracted.spans:
                quoted += 1
                assert _says(text[start:end], field.extracted.value), f"{event.external_id} {field.name}"
    assert quoted > EVENTS * 8


def _says(words: str, value: object) -> bool:
    if words in _IN_WORDS:
        return value == _IN_WORDS.index(words)
    if isinstance(value, int | float):
        return words.replace(",", "") == str(value)
    dated = str(value)[:4].isdecimal() and (str(value)[:4] in words or words in _WEEKDAYS)
    return dated or words.casefold() == str(value).casefold()


def test_the_same_seed_gives_the_same_file(file: sqlite3.Connection, tmp_path: Path) -> None:
    make_file(tmp_path / "again.db", EVENTS, quiet=True)
    with closing(open_file(tmp_path / "again.db")) as again:
        assert exported(file) == exported(again)
        first, second = (list(one.execute("SELECT * FROM decisions")) for one in (file, again))
        assert first == second


def test_the_native_format_holds_the_same_events(
    file: sqlite3.Connection, connection: sqlite3.Connection, tmp_path: Path
) -> None:
    make_lines(tmp_path / "events.jsonl", EVENTS)
    text = (tmp_path / "events.jsonl").read_text(encoding="utf-8")
    report = import_documents(connection, text=text)
    assert (report.events, report.refused) == (EVENTS, 0)
    undecided = {event.external_id for event in _events(file) if event.revision == 0}
    assert len(undecided) > EVENTS * 0.9
    generated, imported = (
        [
            event
            for document in without_review(exported(one))
            for event in document["events"]
            if event["id"] in undecided
        ]
        for one in (file, connection)
    )
    assert generated == imported


def test_words_are_found(file: sqlite3.Connection) -> None:
    for query in ("soldiers", "遗体", "Donetsk", "recipient:Ukraine count>=50", '"prisoner swap"', "status:pending"):
        assert 0 < len(Queue(file, query)) < EVENTS, query
