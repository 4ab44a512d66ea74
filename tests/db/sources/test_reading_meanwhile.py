"""A database that others write to while it is read, and joins of large tables without an index."""

import sqlite3
from contextlib import closing
from pathlib import Path

from support.source_tables import database, event_table

from db.sources.database.database import open_database
from db.sources.plan import Children, FieldRows, Label, Link, Plan
from db.sources.reading.records import read_plan

_ROWS = """
    CREATE TABLE articles (id TEXT, title TEXT, body TEXT);
    CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, killed INTEGER);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO events SELECT i, i % 100, i FROM n;
    INSERT INTO articles SELECT DISTINCT article_id, 'Report', 'before' FROM events;
"""


def test_one_state_is_read_whatever_others_write_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    with closing(sqlite3.connect(path)) as writer:
        writer.executescript(f"PRAGMA journal_mode = WAL; {_ROWS}")
        with open_database(path) as opened:
            found = read_plan(opened, Plan((event_table(),)))
            first = next(found)
            writer.execute("UPDATE articles SET body = 'after'")
            writer.execute("UPDATE events SET killed = -1")
            writer.execute("INSERT INTO events SELECT id + 1000, article_id, 0 FROM events")
            writer.commit()
            documents = [record.document for record in (first, *found) if isinstance(record.document, dict)]
        assert {document["text"] for document in documents} == {"before"}
        events = [event for document in documents for event in document["events"]]
        assert sorted(int(event["id"]) for event in events) == list(range(1, 301))
        assert all(event["fields"][0]["value"] > 0 for event in events)


def test_tables_without_an_index_are_read_once_and_not_for_each_event() -> None:
    """Each step of SQLite's virtual machine is counted: their number grows with the rows, and not with their square."""
    more = """
        CREATE TABLE victims (event_id INTEGER, name TEXT); INSERT INTO victims SELECT id, 'A' FROM events;
        CREATE TABLE tags (event TEXT, tag INTEGER); INSERT INTO tags SELECT id, killed FROM events;
        CREATE TABLE names (id INTEGER, name TEXT); INSERT INTO names SELECT id, 'n' || id FROM events;
        CREATE TABLE facts (event_id INTEGER, name TEXT, value TEXT); INSERT INTO facts SELECT id, 'f', 'v' FROM events;
    """
    tags = Label("tags", Link(("id",), "tags", ("event",), Link(("tag",), "names", ("id",))), "name", several=True)
    table = event_table(
        children=(Children("victims", Link(("id",), "victims", ("event_id",)), ("name",)),),
        labels=(tags,),
        fields=FieldRows(Link(("id",), "facts", ("event_id",)), "name", "value"),
    )
    with database(_ROWS + more) as opened:
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        opened.connection.set_progress_handler(count, 100)
        records = list(read_plan(opened, Plan((table,))))
        assert sum(len(record.document["events"]) for record in records if isinstance(record.document, dict)) == 300
        assert steps * 100 < 300 * 300  # 90,000 for one nested loop of two tables alone
