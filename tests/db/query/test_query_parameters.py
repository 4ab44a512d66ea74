"""What is typed as a query reaches SQL only as a parameter, and the SQL only reads."""

import re
import sqlite3

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, import_documents

from db.query import QueryError, compile_query, parse
from db.query.running import event_ids

MARK = "zqx7377"
_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
ATTACKS = (
    "'; DROP TABLE events; --", '" OR 1=1 --', "x' UNION SELECT sql FROM sqlite_schema --", "%_%", "a*') OR ('1",
    "NEAR(a b)", "{title}: x", "^x", "x AND NOT y", "rowid", "load_extension('x')", "\x00'", "''''", '""""', "?1", ":a",
)  # fmt: skip
_TERMS = ("{}", '"{}"', "count:{}", "type:{}", "date:{}", "-recipient:{}", "title:{}", "note:{}", "id:{}", "count>={}",
          "has:{}", "is:{}", "sort:{}", "near:\"{} b\"", "in:{} x", "{}*", "*{}*", "@{}")  # fmt: skip


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(connection, ARTICLE, LATER)
    return connection


def run(connection: sqlite3.Connection, text: str) -> str:
    """Return the SQL of a query, which may do nothing but read, or an empty text for a mistake."""
    statements: list[str] = []
    denied: list[tuple[int, str | None]] = []

    def only_reading(action: int, one: str | None, *_: str | None) -> int:
        # The full-text index checks on its own whether it was written to.
        if (action in _READS and one != "load_extension") or (action, one) == (sqlite3.SQLITE_PRAGMA, "data_version"):
            return sqlite3.SQLITE_OK
        denied.append((action, one))
        return sqlite3.SQLITE_DENY

    connection.set_authorizer(only_reading)
    try:
        search = compile_query(connection, parse(text))
        list(event_ids(connection, search))
        statements += [sql for sql, _ in (*search.first, *search.rest)]
    except QueryError:
        pass
    finally:
        connection.set_authorizer(None)
    assert denied == []
    return "\n".join(statements)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.lists(st.tuples(st.sampled_from(_TERMS), st.one_of(st.sampled_from(ATTACKS), st.text(max_size=12))), max_size=3)
)
@example([("{}", "'; DROP TABLE events; --")])
def test_nothing_typed_is_in_the_sql_and_nothing_is_written(
    file: sqlite3.Connection, terms: list[tuple[str, str]]
) -> None:
    sql = run(file, " ".join(term.format(f"{MARK}{attack}") for term, attack in terms))
    assert MARK not in sql
    assert file.execute("SELECT count(*) FROM events").fetchone() == (3,)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("term", _TERMS)
def test_an_attack_is_a_text_to_search_for_wherever_it_is(file: sqlite3.Connection, term: str, attack: str) -> None:
    sql = run(file, term.format(attack.replace('"', '\\"') if '"' in term else attack))
    assert not re.search(r"DROP|UNION SELECT sql|load_extension|sqlite_schema", sql)
