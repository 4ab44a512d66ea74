"""An import in slices: each is committed, all are listed as one import, and whoever stops has what is there."""

import sqlite3
from pathlib import Path

import pytest
from support.source_tables import database, event_table

from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.sources.plan import Plan
from db.sources.reading import slices
from db.sources.reading.format import format_of

_SCRIPT = """
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, killed INTEGER);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
        INSERT INTO articles SELECT i, 'Report ' || i, i || ' died in Kyiv.' FROM n;
    INSERT INTO events SELECT id, id, id FROM articles; INSERT INTO events SELECT id + 100, id, 0 FROM articles;
"""


def _source(path: Path) -> Source:
    with database(_SCRIPT) as opened:
        opened.connection.execute("VACUUM INTO ?", (str(path),))
    return Source(path.name, None, path)


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_each_slice_is_committed_and_all_are_one_import(
    connection: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "_FIRST", 3)
    monkeypatch.setattr(slices, "_MOST", 7)
    source, format = _source(tmp_path / "my.db"), format_of(Plan((event_table(),)))
    seen, highest = [], []
    report = ImportReport()
    for _ in slices.import_slices(connection, source, report, format):
        assert not connection.in_transaction
        seen.append(_count(connection, "documents"))
        highest.append(connection.execute("SELECT max(id), documents, events FROM imports").fetchall())
    assert seen[0] == 3
    assert seen == sorted(set(seen))
    assert seen[-1] == 40 == report.documents
    assert _count(connection, "imports") == 1
    assert highest[-1] == [(len(seen), 40, 80)]
    import_source(connection, source, again := ImportReport(), format)
    assert (again.documents, again.unchanged, again.updated, again.not_extracted) == (0, 80, 0, 0)


def test_an_import_that_is_stopped_keeps_its_slices_and_the_next_one_completes_it(
    connection: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "_FIRST", 3)
    source, format = _source(tmp_path / "my.db"), format_of(Plan((event_table(),)))
    next(slices.import_slices(connection, source, ImportReport(), format))
    assert _count(connection, "events") == 6
    import_source(connection, source, rest := ImportReport(), format)
    assert (rest.events, rest.unchanged) == (74, 6)
    assert _count(connection, "documents") == 40


def test_a_source_without_any_document_is_named(connection: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    with database(_SCRIPT + "DELETE FROM events") as opened:
        opened.connection.execute("VACUUM INTO ?", (str(path),))
    report = ImportReport()
    list(slices.import_slices(connection, Source(path.name, None, path), report, format_of(Plan((event_table(),)))))
    assert report.counted_notes() == ["my.db: is empty: it holds nothing that can be imported"]
