"""Sync finds changes by the pages of the database file: after any writes, in any journal mode and page size."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.source_tables import event_table, mapped
from support.synced import desk

from db.formats.tables.mapping.mapping import MappedField
from db.sources.plan import Plan
from db.sources.sync import changes
from db.sources.sync.blocks import TrackedRows

PLAN = Plan((event_table(mapping=mapped(MappedField("killed", "killed", "integer"))),))
ROWS = """
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, killed INTEGER, place TEXT);
    INSERT INTO articles VALUES (1, 'First', 'Nothing.');
    INSERT INTO events VALUES (1, 1, 1, 'Kyiv');
"""


def _write(source: sqlite3.Connection, rng: random.Random) -> None:
    """Change some rows in one of many ways."""
    (highest,) = source.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    row, article = rng.randint(1, highest + 1), rng.randint(1, 9)
    text = f"Text {rng.random()} " + "of people in Kyiv. " * rng.choice((1, 20, 300))
    way = rng.randrange(8)
    if way < 2:
        rows = [(rng.choice((None, rng.randrange(-50, 1 << 40))), article, n) for n in range(rng.choice((1, 20)))]
        source.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, 'Lviv')", rows)
    elif way == 2:
        source.execute("UPDATE events SET killed = killed + 1 WHERE id % 7 = ?", (row % 7,))
    elif way == 3:
        source.execute("DELETE FROM events WHERE id % 11 = ? AND id <> 1", (row % 11,))
    elif way == 4:
        source.execute("REPLACE INTO articles VALUES (?, 'Title', ?)", (article, text))
    elif way == 5:
        source.execute("UPDATE articles SET body = ? WHERE id = ?", (text, article))
    elif way == 6:
        source.commit()
        source.execute("VACUUM")
    else:
        source.execute("UPDATE events SET article_id = ? WHERE id = ?", (article, row))
    source.commit()


@pytest.mark.parametrize(("journal", "size", "seed"), [("DELETE", 512, 1), ("WAL", 512, 2), ("WAL", 4096, 3)])
def test_a_sync_after_any_writes_is_complete(
    tmp_path: Path, journal: str, size: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("all rows were read")

    rng = random.Random(seed)
    with (
        desk(tmp_path, f"PRAGMA page_size = {size}; PRAGMA journal_mode = {journal};{ROWS}", PLAN) as made,
        closing(sqlite3.connect(made.path)) as source,
    ):
        monkeypatch.setattr(changes, "compare_rows", refused)
        for _ in range(8):
            for _ in range(rng.choice((1, 1, 3))):
                _write(source, rng)
            made.sync(replaced=True)
            there = source.execute(
                "SELECT events.id, killed, coalesce(body, '') FROM events LEFT JOIN articles"
                " ON articles.id = article_id ORDER BY 1"
            ).fetchall()
            here = made.connection.execute(
                "SELECT CAST(external_id AS INTEGER), (SELECT value FROM fields WHERE event_id = events.id"
                " AND name = 'killed'), coalesce((SELECT text FROM documents WHERE id = document_id), '')"
                " FROM events JOIN source_events ON event_id = id WHERE gone_at IS NULL ORDER BY 1"
            ).fetchall()
            assert [row[:2] for row in here] == [row[:2] for row in there]
            # A document whose row is gone keeps its text.
            assert all(one[2] == two[2] or not two[2] for one, two in zip(here, there, strict=True))


def test_only_rows_on_changed_pages_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"INSERT INTO events VALUES ({n}, 1, {n}, 'Kyiv');" for n in range(2, 300))
    with desk(tmp_path, f"PRAGMA page_size = 512;{ROWS}{rows}", PLAN) as made:
        read: list[int] = []
        entries = TrackedRows.entries

        def counted(self: TrackedRows, some: list[tuple[object, ...]]) -> list[tuple[str, int]]:
            read.append(len(some))
            return entries(self, some)

        monkeypatch.setattr(TrackedRows, "entries", counted)
        assert made.sync("UPDATE events SET killed = 0 WHERE id IN (100, 200)").changed == 2
        assert 2 <= sum(read) < 200
