"""Choices of tables, texts and links that a proposal made otherwise."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.sources.database.database import Database, open_database
from db.sources.proposing.choosing import Choices, document_table, with_table, without_table
from db.sources.proposing.propose import propose
from db.sources.reading.wide import open_table

BODY = "On the morning of 3 May {n} soldiers of the Northern Army were killed at the bridge of {place}, they say."
SUMMARY = "A short summary of what the newspaper wrote that day about the war and about the people who live there now."
PLACES = ("Brod", "Lesna", "Kessary", "Dornau", "Varnholt", "Malin")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "my.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE articles (id INTEGER PRIMARY KEY, url TEXT UNIQUE, title TEXT, body TEXT, summary TEXT);"
            "CREATE TABLE attacks (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles, page TEXT,"
            " killed INTEGER, place TEXT);"
            "CREATE TABLE visits (nr INTEGER PRIMARY KEY, article INTEGER REFERENCES articles, person TEXT, town TEXT);"
        )
        for number, place in enumerate(PLACES, 1):
            body, url = BODY.format(n=number + 20, place=place), f"https://example.org/{number}"
            values = (number, url, f"News of {place}", body, SUMMARY)
            connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", values)
            connection.execute("INSERT INTO attacks VALUES (?, ?, ?, ?, ?)", (number, number, url, number + 20, place))
            connection.execute("INSERT INTO visits VALUES (?, ?, ?, ?)", (number, number, "Ana Ruiz", place))
        connection.commit()
    with open_database(path) as opened:
        yield opened


def test_texts_and_links_are_offered_with_what_says_so_and_each_can_be_read(database: Database) -> None:
    choices, plan = Choices(database), propose(database)
    (attacks,) = [table for table in plan.events if table.table == "attacks"]
    texts = choices.texts("attacks")
    assert [(route.text.table.name, route.text.column) for route in texts] == [
        ("articles", "body"),
        ("articles", "summary"),
    ]
    assert texts[0].found > texts[1].found
    other = choices.event_table("attacks", texts[1])
    assert (attacks.mapping.document.text, other.mapping.document.text) == (("articles.body",), ("articles.summary",))
    assert SUMMARY in next(open_table(database, plan, other).rows()).cells
    links = choices.links("attacks", "articles")
    assert [route.link.columns for route in links if route.link][:2] == [("article_id",), ("page",)]
    assert "page" in links[1].reason
    by_url = choices.event_table("attacks", links[1])
    assert by_url.joined[0].link.columns == ("page",)
    alone = choices.event_table("attacks", None)
    assert not alone.joined
    assert not alone.mapping.document.text


def test_a_table_can_be_added_and_left_out(database: Database) -> None:
    choices, plan = Choices(database), propose(database)
    plan = without_table(plan, "visits") if any(table.table == "visits" for table in plan.events) else plan
    first = choices.tables(plan)[0]
    assert (first.name, first.chosen, first.rows) == ("attacks", True, 6)
    both = with_table(plan, choices.event_table("visits", None, best=True))
    assert [table.table for table in both.events] == ["attacks", "visits"]
    assert both.events[1].event_prefix == "visits:"
    assert {document_table(table) for table in both.events} == {"articles"}
    assert both.events[1].document_prefix == both.events[0].document_prefix
    assert "visits" not in both.ignored
    assert without_table(both, "visits").ignored["visits"] == "your choice"
