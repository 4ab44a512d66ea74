"""Saved queries: which ones are valid, and that changing one never breaks another."""

import re
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, import_documents

from db.demo import make_demo
from db.errors import EventdeskError, InputError
from db.figures.summaries import count_events
from db.query import QueryError, compile_query, parse
from db.query.running import event_ids
from db.query.saved import (
    SavedQuery,
    parse_saved_queries,
    read_saved_queries,
    read_saved_query,
    remove_query,
    save_query,
)


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(connection, ARTICLE, LATER)
    return connection


def finds(connection: sqlite3.Connection, query: str) -> int:
    return len(list(event_ids(connection, compile_query(connection, parse(query)))))


@pytest.mark.parametrize("name", ["big", "Big-2.1_x", "обмін", "交換", "युद्ध", "2024"])
def test_a_query_name_may_be_in_any_script(file: sqlite3.Connection, name: str) -> None:
    assert save_query(file, name, " total>=40 ", "large ones") == SavedQuery(name, "total>=40", "large ones")
    assert read_saved_queries(file) == [SavedQuery(name, "total>=40", "large ones")]
    assert finds(file, f"@{name}") == finds(file, f"-type:protest (@{name})") == 2


@pytest.mark.parametrize("name", ["", "a b", "@a", "-a", ".a", "a:b", "a\x1b[1m", "a" * 101, 'a"', "a,b", "a/b"])
def test_an_invalid_name_is_refused(file: sqlite3.Connection, name: str) -> None:
    with pytest.raises(InputError, match="is not a query name"):
        save_query(file, name, "total>=40")
    assert read_saved_queries(file) == []


def test_saving_replaces_a_query_whatever_its_case_and_keeps_its_help(file: sqlite3.Connection) -> None:
    save_query(file, "Big", "total>=40", "large ones")
    save_query(file, "big", "total>=30")
    assert read_saved_queries(file) == [SavedQuery("big", "total>=30", "large ones")]
    save_query(file, "big", "total>=30", "")
    assert read_saved_query(file, "BIG") == SavedQuery("big", "total>=30", "")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("(total>=40", "this bracket is not closed"),
        ("totl>=40", "did you mean total?"),
        ("@other", "no saved query @other"),
        ("@a", "refers to itself"),
        ("type:protest or @B", "refers to itself"),
        ("-(@c)", "refers to itself"),
    ],
)
def test_a_wrong_query_is_refused_and_nothing_changes(file: sqlite3.Connection, query: str, says: str) -> None:
    save_query(file, "a", "total>=40")
    save_query(file, "b", "@a or is:unsure")
    save_query(file, "c", "@b lesna")
    before = read_saved_queries(file)
    with pytest.raises(QueryError, match=re.escape(says)):
        save_query(file, "a", query)
    assert read_saved_queries(file) == before
    assert not file.in_transaction


def test_queries_that_double_with_each_use_are_refused_at_200_terms(file: sqlite3.Connection) -> None:
    save_query(file, "q0", "lesna or total>=40")
    for number in range(6):
        save_query(file, f"q{number + 1}", f"@q{number} or @q{number}")
    with pytest.raises(QueryError, match="more than 200 terms"):
        save_query(file, "q7", "@q6 or @q6")
    save_query(file, "last", " or ".join(["@q1"] * 40))
    with pytest.raises(InputError, match="@last uses @q0 and would no longer work"):
        save_query(file, "q0", "lesna or total>=40 or total>=50")


def test_queries_without_terms_count_too(file: sqlite3.Connection) -> None:
    file.execute(
        "INSERT INTO saved_queries WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 28)"
        " SELECT 'q' || i, CASE i WHEN 28 THEN 'sort:date' ELSE '@q' || (i + 1) || ' or @q' || (i + 1) END, '' FROM n"
    )
    with pytest.raises(QueryError, match="more than 400 terms"):
        finds(file, "@q0")
    with pytest.raises(QueryError, match="more than 400 terms"):
        save_query(file, "more", "@q1")
    assert finds(file, "@q25") == 3


def test_a_long_chain_of_queries_is_searched_once(file: sqlite3.Connection) -> None:
    file.execute(
        "INSERT INTO saved_queries WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " SELECT 'q' || i, '@q' || (i + 1), '' FROM n"
    )
    with pytest.raises(InputError, match="uses @q2001 and would no longer work"):
        save_query(file, "q2001", "total>=40")


def test_a_query_that_others_use_is_not_deleted(file: sqlite3.Connection) -> None:
    save_query(file, "a", "total>=40")
    save_query(file, "b", "not @A")
    save_query(file, "c", "@a or @b")
    with pytest.raises(InputError, match="@a is used by @b, @c; change them first"):
        remove_query(file, "a")
    with pytest.raises(InputError, match="no saved query d"):
        remove_query(file, "d")
    assert remove_query(file, "C").name == "c"
    remove_query(file, "b")
    remove_query(file, "a")
    assert read_saved_queries(file) == []


def test_a_wrong_query_from_another_program_can_be_deleted(file: sqlite3.Connection) -> None:
    file.execute("INSERT INTO saved_queries (name, query) VALUES ('broken', '((')")
    save_query(file, "a", "total>=40")
    assert remove_query(file, "broken").query == "(("


@pytest.mark.parametrize("toml", ["a = 1", "[a]\nhelp = 'x'", "[a"])
def test_invalid_toml_is_reported_with_its_file(toml: str) -> None:
    with pytest.raises(EventdeskError, match=r"q\.toml: "):
        parse_saved_queries(toml, "q.toml")


def test_every_saved_query_of_the_demo_finds_events_and_has_a_help_text(tmp_path: Path) -> None:
    demo = make_demo(tmp_path / "demo.db")
    saved = read_saved_queries(demo)
    (events,) = demo.execute("SELECT count(*) FROM events").fetchone()
    assert len(saved) >= 5
    for item in saved:
        assert item.help
        assert 0 < count_events(demo, compile_query(demo, parse(item.query))) < events, item.name
        assert finds(demo, f"@{item.name}") == finds(demo, item.query)
    demo.close()
