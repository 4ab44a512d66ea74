"""Choices of tables, texts and links that a proposal made otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.attacks_database import SUMMARY, write_attacks

from db.sources.database.database import Database, open_database
from db.sources.proposing.choosing import Choices, document_table, with_table, without_table
from db.sources.proposing.propose import propose
from db.sources.reading.wide import open_table


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "my.db"
    write_attacks(path)
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
