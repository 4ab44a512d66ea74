"""Proposals: what is told apart by names and by values, with the reasons."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from db.formats.tables.mapping.mapping import EventColumns
from db.formats.tables.read.event_place import place_event
from db.sources.database.database import open_database
from db.sources.plan import Plan
from db.sources.proposing.findings import NoEvents
from db.sources.proposing.propose import propose

ATTACK = (
    "Gunmen attacked a police post in Kano on Monday, killing 12 people and wounding 30, officials said in case {}."
)
BEACH = "The weather was fine in the whole region and people went to the beach with their families to enjoy the summer."


def _plan(folder: Path, script: str, **rows: Sequence[Sequence[object]]) -> Plan:
    path = folder / "my.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        for table, values in rows.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
        connection.commit()
    with open_database(path) as database:
        return propose(database)


def test_the_text_may_be_two_tables_away_with_the_model_between(tmp_path: Path) -> None:
    plan = _plan(
        tmp_path,
        "CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE articles (id INTEGER PRIMARY KEY, source_id INT REFERENCES sources, body TEXT, published_at INT);"
        "CREATE TABLE extraction_runs (id INTEGER PRIMARY KEY, article_id INT REFERENCES articles, model TEXT);"
        "CREATE TABLE events (id INTEGER PRIMARY KEY, run_id INT REFERENCES extraction_runs, type TEXT, place TEXT,"
        " killed INT, snippet TEXT, score REAL, created_at TEXT)",
        sources=[(1, "Daily")],
        articles=[(n, 1, ATTACK.format(n), 1704067200) for n in range(1, 6)],
        extraction_runs=[(n, n, "small-2") for n in range(1, 6)],
        events=[(n, n, "attack", "Kano", 12, "police post in Kano", 0.9, "2024-01-01") for n in range(1, 6)],
    )
    [events] = plan.events
    document, event = events.mapping.document, events.mapping.event
    assert document.text == ("articles.body",)
    assert (document.publisher, document.published) == ("sources.name", "articles.published_at")
    assert (event.type, event.extractor, event.confidence, event.quote) == (
        "type", "extraction_runs.model", "score", "snippet",
    )  # fmt: skip
    assert [item.name for item in events.mapping.fields] == ["place", "killed"]
    assert "created_at" in events.mapping.ignored
    assert events.reasons["join"].startswith("events.run_id refers to extraction_runs.id; ")


def test_a_column_without_a_telling_name_is_joined_by_its_values(tmp_path: Path) -> None:
    plan = _plan(
        tmp_path,
        "CREATE TABLE raw (ext TEXT, txt TEXT); CREATE TABLE attacks (src TEXT, place TEXT, killed INT)",
        raw=[(f"doc-{n:05}", ATTACK.format(n)) for n in range(6)],
        attacks=[*((f"doc-{n:05}", "Kano", 12) for n in range(6))],
    )
    [attacks] = plan.events
    assert attacks.key == ("rowid",)
    assert attacks.mapping.event.constant_type == "attack"
    assert attacks.reasons["join"] == "all values of attacks.src match raw.ext"


def test_a_foreign_key_that_is_wrong_gives_way_to_the_table_that_has_the_values(tmp_path: Path) -> None:
    plan = _plan(
        tmp_path,
        "CREATE TABLE articles (id INTEGER PRIMARY KEY, body TEXT);"
        "CREATE TABLE users (id INTEGER PRIMARY KEY, n TEXT);"
        "CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INT REFERENCES users, type TEXT, place TEXT)",
        articles=[(n, ATTACK.format(n)) for n in range(1, 6)],
        users=[(1, "ana")],
        events=[(n, n, "attack", "Kano") for n in range(1, 6)],
    )
    [events] = plan.events
    assert events.mapping.document.text == ("articles.body",)
    assert events.reasons["join"] == "all values of events.article_id match articles.id"


@pytest.mark.parametrize(
    ("script", "rows", "what"),
    [
        (
            "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, body TEXT, author TEXT);"
            "CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INT REFERENCES posts, author TEXT, body TEXT)",
            {"posts": [(1, "Sea", BEACH, "ana")], "comments": [(1, 1, "bob", BEACH)]},
            "texts in posts, comments, but no events",
        ),
        (
            "CREATE TABLE events (id INTEGER PRIMARY KEY, user_id TEXT, session_id TEXT, name TEXT, ip TEXT, at TEXT)",
            {"events": [(1, "u", "s", "click", "::1", "2024-01-01")]},
            "no events: none of its tables",
        ),
        (
            "CREATE TABLE documents (id INTEGER PRIMARY KEY, content TEXT);"
            "CREATE TABLE chunks (id INTEGER PRIMARY KEY, document_id INT REFERENCES documents, content TEXT,"
            " start_offset INT, end_offset INT, embedding BLOB)",
            {"documents": [(1, BEACH)], "chunks": [(1, 1, BEACH, 0, 9, b"\x00\xff")]},
            "texts in documents, chunks, but no events",
        ),
        ("CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT)", {}, "its tables have no rows yet"),
    ],
)
def test_what_is_no_event(script: str, rows: dict[str, list[tuple[object, ...]]], what: str, tmp_path: Path) -> None:
    with pytest.raises(NoEvents, match=what):
        _plan(tmp_path, script, **rows)


def test_values_are_found_in_the_place_of_their_event() -> None:
    text = "12 men walked to Kano. Gunmen attacked Kano, killing 12."
    quote = "Gunmen attacked Kano, killing 12."
    start = text.index(quote)
    for row, columns in (
        ({"q": quote}, EventColumns(quote="q")),
        ({"s": start, "e": str(len(text))}, EventColumns(start="s", end="e")),
    ):
        fields = [
            {"name": "place", "value": "Kano"},
            {"name": "killed", "value": 12},
            {"name": "type", "value": "raid"},
        ]
        assert place_event(columns, row, text, fields) == ()
        assert [[text[one:two] for one, two in item.get("spans", [])] for item in fields] == [["Kano"], ["12"], []]
        assert fields[0]["spans"][0][0] > start
    [note] = place_event(EventColumns(quote="q"), {"q": "Kano fell"}, text, [])
    assert note == "column q: 'Kano fell' occurs nowhere in the text; it is no evidence"
