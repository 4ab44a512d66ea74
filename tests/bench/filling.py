"""Writes generated events to a new file in bulk: rows from a pool in SQL first, then indexes and full text."""

import multiprocessing
import sqlite3
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from bench.decided import chosen, decide_by_acts, decide_in_bulk
from bench.pool import Pool, make_pool
from bench.stories import Story, external_id, stories

from db.store.connection import open_file
from db.store.event_types import TypeLearner
from db.store.lookup_index import index_documents, index_values

FIELDS_AN_EVENT = 10
MOST_IN_POOL = 100_000
_DOCUMENTS_AT_ONCE = 20_000
_BULK = {
    "foreign_keys": "OFF",
    "ignore_check_constraints": "ON",
    "journal_mode": "OFF",
    "synchronous": "OFF",
    "cache_size": -600_000,  # also what sorting for an index takes before it goes to disk
    "temp_store": "MEMORY",
}

_POOL = """
CREATE TEMP TABLE pool_events (id INTEGER PRIMARY KEY, type TEXT);
CREATE TEMP TABLE pool_fields (
    event INTEGER, position INTEGER, name TEXT, field_group TEXT, value ANY, modifier TEXT, start_offset INTEGER,
    end_offset INTEGER, after_date INTEGER, doubt INTEGER, extra TEXT, PRIMARY KEY (event, position)
) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE drawn (
    id INTEGER PRIMARY KEY, document_id INTEGER, external_id TEXT, pool INTEGER, date TEXT, before_at INTEGER,
    date_at INTEGER, date_end INTEGER, after_at INTEGER, extractor TEXT, thousandths INTEGER
);
"""
_EVENTS = """
INSERT INTO events (id, document_id, external_id, extractor, type, extracted_type, confidence)
SELECT drawn.id, document_id, external_id, extractor, type, type, thousandths / 1000.0
FROM drawn CROSS JOIN pool_events ON pool_events.id = drawn.pool
"""
_FIELD_ID = f"(drawn.id - 1) * {FIELDS_AN_EVENT} + position + 1"
_FIELDS = f"""
INSERT INTO fields (id, event_id, position, name, field_group, value, extracted_name, extracted_group,
                    extracted_value, confidence, extra, modifier, extracted_modifier)
SELECT {_FIELD_ID}, drawn.id, position, name, field_group, iif(position, value, date), name, field_group,
       iif(position, value, date), max(20, thousandths - doubt) / 1000.0, extra, modifier, modifier
FROM drawn CROSS JOIN pool_fields ON event = drawn.pool
"""
_EVIDENCE = f"""
INSERT INTO evidence (field_id, position, start_offset, end_offset)
SELECT {_FIELD_ID}, 0,
       iif(position, iif(after_date, after_at, before_at) + start_offset, date_at),
       iif(position, iif(after_date, after_at, before_at) + end_offset, date_end)
FROM drawn CROSS JOIN pool_fields ON event = drawn.pool
WHERE start_offset IS NOT NULL OR position = 0
"""

Said = Callable[[str], None]


def fill(path: Path, events: int, seed: int, say: Said = lambda _: None) -> None:
    """Make a file of as many events at a path where there is none; the same bytes of content for the same seed."""
    connection = open_file(path, create=True)
    kept = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _BULK}
    _set(connection, _BULK)
    pool = make_pool(pool_size(events), seed)
    say("pool")
    words = path.with_name(f"{path.name}.words")
    words.unlink(missing_ok=True)
    indexing = multiprocessing.get_context("fork").Process(
        target=_index_words, args=(words, _schema_of(connection, "documents_fts"), pool, events, seed)
    )
    indexing.start()
    try:
        indexes = _drop_indexes(connection)
        _insert_rows(connection, pool, events, seed)
        say("rows")
        in_bulk, by_acts = chosen(events, seed)
        decide_in_bulk(connection, in_bulk, seed)
        say("decisions")
        connection.execute("PRAGMA temp_store = DEFAULT")  # what is sorted for an index may outgrow the memory
        for statement in indexes:
            connection.execute(statement)
        say("indexes")
        index_values(
            connection,
            connection.execute(
                "SELECT name, value, count(*) FROM fields WHERE state <> 'removed' AND value >= '' GROUP BY name, value"
            ),
        )
        say("values")
        decide_by_acts(connection, by_acts, len(in_bulk))
        say("acts")
    finally:
        indexing.join()
    if indexing.exitcode:
        raise RuntimeError("the full-text index could not be made")
    _take_words(connection, words)
    say("full text")
    _set(connection, kept)
    connection.close()


def pool_size(events: int) -> int:
    """Return the number of different events from which a file of that size is composed."""
    return min(MOST_IN_POOL, max(200, events // 4))


def _set(connection: sqlite3.Connection, settings: dict[str, object]) -> None:
    for name, value in settings.items():
        connection.execute(f"PRAGMA {name} = {value}").fetchall()


def _schema_of(connection: sqlite3.Connection, name: str) -> str:
    statement: str = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
    return statement


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    """Drop the indexes that are made faster at the end; gives their statements."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name IN ('documents', 'events', 'fields')"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


def _insert_rows(connection: sqlite3.Connection, pool: Pool, events: int, seed: int) -> None:
    connection.executescript(_POOL)
    learner = TypeLearner()
    for event in (event for language in pool.events.values() for event in language):
        connection.execute("INSERT INTO pool_events VALUES (?, ?)", (event.number, event.type))
        connection.executemany(
            "INSERT INTO pool_fields VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (event.number, position, item.name, item.group, item.value, item.modifier, item.start, item.end,
                 item.after_date, item.doubt, item.extra)
                for position, item in enumerate(event.fields)
            ),
        )  # fmt: skip
        learner.observe(event.type, ((item.name, item.group, item.value or "2024-10-12") for item in event.fields))
    learner.store(connection)
    left = stories(pool, events, seed)
    while batch := list(islice(left, _DOCUMENTS_AT_ONCE)):
        connection.execute("BEGIN")
        connection.execute("DELETE FROM drawn")
        connection.executemany(
            "INSERT INTO documents (id, external_id, title, publisher, url, published, language, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (one.id, one.external_id, one.title, one.publisher, one.url, one.published, one.language, one.text)
                for one in batch
            ),
        )
        connection.executemany("INSERT INTO drawn VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _drawn(batch))
        for statement in (_EVENTS, _FIELDS, _EVIDENCE):
            connection.execute(statement)
        connection.execute("COMMIT")
    connection.executescript("DROP TABLE drawn; DROP TABLE pool_fields; DROP TABLE pool_events;")


def _drawn(batch: list[Story]) -> Iterator[tuple[object, ...]]:
    for story in batch:
        for number, one in enumerate(story.events, 1):
            yield (
                one.id, story.id, f"{external_id(story.id)}/{number}", one.pool.number, one.date, one.before_at,
                one.date_at, one.date_end, one.after_at, one.extractor, one.thousandths,
            )  # fmt: skip


def _index_words(path: Path, table: str, pool: Pool, events: int, seed: int) -> None:
    """The full-text index in a file of its own, while another process fills the tables: it draws the texts again."""
    connection = sqlite3.connect(path, isolation_level=None)
    _set(connection, {"journal_mode": "OFF", "synchronous": "OFF", "cache_size": -200_000})
    connection.execute(table)
    connection.execute("INSERT INTO documents_fts (documents_fts, rank) VALUES ('hashsize', 64000000)")
    connection.execute("BEGIN")
    index_documents(connection, ((one.id, one.title, one.text) for one in stories(pool, events, seed)))
    connection.execute("COMMIT")
    connection.close()


def _take_words(connection: sqlite3.Connection, path: Path) -> None:
    """Copy the tables behind the full-text index: as rows they are the index."""
    if sys.version_info >= (3, 12):  # in defensive mode, SQLite protects these tables
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, False)
    connection.execute("ATTACH ? AS words", (str(path),))
    for name in ("data", "idx"):
        connection.execute(f"DELETE FROM main.documents_fts_{name}")
        connection.execute(f"INSERT INTO main.documents_fts_{name} SELECT * FROM words.documents_fts_{name}")
    connection.execute("DETACH words")
    path.unlink()
