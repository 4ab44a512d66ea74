"""Completion of queries, and queries made from events."""

import copy
import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, documents, event, import_documents

from db.decisions.review import Review
from db.query import compile_query, parse
from db.query.completing import complete
from db.query.names import KEYWORDS, PROPERTIES
from db.query.related import related_query, value_query
from db.query.running import event_ids
from db.store.event_types import read_event_types
from db.store.reading import read_event


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(connection, ARTICLE, LATER)
    connection.execute("INSERT INTO saved_queries (name, query) VALUES ('large', 'count>=500')")
    return connection


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ("lo", ("location:",)),
        ("-lo", ("location:",)),
        ("(type:protest or lo", ("location:",)),
        ("cou", ("count>=",)),
        ("publis", ("publisher:", "published>=")),
        ("location:", ("Lesna",)),
        ("location:le", ("Lesna",)),
        ("LOCATION:LE", ("Lesna",)),
        ("location:Lesna", ()),
        ("mediator:the", ('"the Red Cross"',)),
        ('mediator:"the r', ('"the Red Cross"',)),
        ("type:pri", ("prisoner_exchange",)),
        ("status:conf", ("confirmed",)),
        ("is:pen", ("pending",)),
        ("is:re", ("rejected", "reviewed")),
        ("in:ti", ("title",)),
        ("has:loc", ("location",)),
        ("sort:-tot", ("-total",)),
        ('publisher:"the b', ('"The Border Post"',)),
        ("@la", ("large",)),
        ("confidence<0.", ()),
        ("word", ()),
        ('"lo', ()),
        ("", ()),
    ],
)
def test_completions_of_a_query(file: sqlite3.Connection, typed: str, options: tuple[str, ...]) -> None:
    assert complete(file, typed, len(typed), 5).options[: len(options) or None] == options


def test_the_most_used_value_comes_first(file: sqlite3.Connection) -> None:
    for number, place in enumerate(["Lower", "Lodz", "Lodz", "Lima", "Lower", "Lower"]):
        fields = [{"name": "location", "value": place}]
        import_documents(file, {"id": f"more-{number}", "text": "x", "events": [{"type": "t", "fields": fields}]})
    assert complete(file, "location:l", 10, 9).options == ("Lower", "Lesna", "Lodz", "Lima")
    first = event(file, "report-1/1")
    location = next(field for field in first.fields if field.name == "location")
    Review(file, "ana").correct(first, location, "Lodz", [])
    assert complete(file, "location:l", 10, 9).options == ("Lodz", "Lower", "Lesna", "Lima")


def test_a_name_is_completed_in_the_middle(file: sqlite3.Connection) -> None:
    completion = complete(file, "x loc type:protest", 5, 5)
    assert (completion.start, completion.end, completion.options[0]) == (2, 5, "location:")


_PIECES = st.sampled_from(
    [*"abc:\"'()-@*<>=. ", "location:", "type:", "sort:", "confidence<", "has:", "near:", "é", "遗"]
)


@given(st.lists(_PIECES, max_size=12).map("".join), st.integers(0, 12))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_completions_replace_a_part_of_it(file: sqlite3.Connection, text: str, cursor: int) -> None:
    completion = complete(file, text, min(cursor, len(text)), 5)
    assert 0 <= completion.start <= completion.end <= len(text)
    assert len(completion.options) <= 5


@given(documents())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_queries_made_from_an_event_find_it(connection: sqlite3.Connection, document: dict[str, Any]) -> None:
    import_documents(connection, copy.deepcopy(document))
    types = read_event_types(connection)
    for (event_id,) in connection.execute("SELECT id FROM events WHERE live").fetchall():
        here = read_event(connection, event_id)
        queries = [value_query(field.name, field.value) for field in here.live_fields if _addressed(field.name)]
        if all(_addressed(field.name) for field in here.live_fields):
            queries.append(related_query(here, types[here.type]))
        for query in queries:
            if query is not None:
                assert event_id in set(event_ids(connection, compile_query(connection, parse(query)))), query


def test_a_null_character_is_left_out_of_queries(connection: sqlite3.Connection) -> None:
    fields = [{"name": "place", "value": "Lesna\0", "group": "side:1"}, {"name": "size", "value": 500}]
    import_documents(connection, {"id": "d", "text": "t", "events": [{"id": "e", "type": "raid\0", "fields": fields}]})
    here = read_event(connection, 1)
    assert value_query("place", "Lesna\0") is None
    assert related_query(here, read_event_types(connection)[here.type]) == "size:500"


def _addressed(name: str) -> bool:
    """Return True if the name means a field in a query, not a property or a keyword."""
    return name.lower() not in (*PROPERTIES, *KEYWORDS)


def test_related_events_share_a_party_within_a_week_or_a_count(file: sqlite3.Connection) -> None:
    types = read_event_types(file)
    query = related_query(event(file, "report-2/1"), types["prisoner_exchange"])
    assert query == 'type:"prisoner_exchange" (date:2025-02-28..2025-03-14 or total:40) sort:date'


def test_in_learnt_types_the_texts_of_groups_are_parties(file: sqlite3.Connection) -> None:
    types = read_event_types(file)
    query = related_query(event(file, "report-1/1"), types["prisoner_exchange"])
    parties = '(date:2025-02-21..2025-03-07 recipient:"the north")'
    assert query == f'type:"prisoner_exchange" ({parties} or total:40 or count:40) sort:date'
