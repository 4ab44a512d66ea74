"""The metadata describes every table and column, and its queries are valid."""

import json
import sqlite3
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, event, import_documents

from db.decisions.review import Review
from db.event_types import EventType, FieldType
from db.formats.datasette.format import FORMAT, metadata
from db.formats.format import Export
from db.store.event_types import read_event_types

# Tables of SQLite and of full-text search, which Datasette hides.
_INTERNAL = ("sqlite_", "documents_fts", "field_values_fts")


def described(types: dict[str, EventType]) -> dict[str, Any]:
    found: dict[str, Any] = metadata(types, "war")["databases"]["war"]
    return found


def test_every_table_view_and_column_has_a_description(connection: sqlite3.Connection) -> None:
    columns = {
        name: {row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')}
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").fetchall()
        if not name.startswith(_INTERNAL)
    }
    tables = described({})["tables"]
    assert set(tables) == set(columns)
    for name, table in tables.items():
        assert table["description"]
        if not name.startswith("_"):
            assert set(table["columns"]) == columns[name], name
        for key in ("facets", "sortable_columns"):
            assert set(table.get(key, ())) <= columns[name], name
        for key in ("label_column", "sort", "sort_desc"):
            assert table.get(key) in {None, *columns[name]}, name


def test_sortable_columns_of_large_tables_have_an_index(connection: sqlite3.Connection) -> None:
    first = {
        (table, column)
        for table, column in connection.execute(
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_index_list(tables.name) AS indexes,"
            " pragma_index_info(indexes.name) AS columns WHERE tables.type = 'table' AND columns.seqno = 0"
        )
    }
    for name in ("documents", "events", "fields", "decisions", "field_values"):
        for column in described({})["tables"][name]["sortable_columns"]:
            assert column == "id" or (name, column) in first, (name, column)


def test_every_query_returns_rows_of_a_reviewed_file(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE, LATER)
    review = Review(connection, "ana")
    now = event(connection)
    review.correct(now, next(field for field in now.fields if field.name == "count"), 25, [])
    review.accept(event(connection))
    review.reject(event(connection, "report-1/2"), "generic")
    review.merge(event(connection, "report-2/1"), event(connection))
    queries = described(read_event_types(connection))["queries"]
    parameters = {"status": "", "field": "count", "value": "25"}
    found = {name: connection.execute(query["sql"], parameters).fetchall() for name, query in queries.items()}
    # There are no doubtful events once all events are decided.
    assert {name for name, rows in found.items() if not rows} == {"what_is_doubtful"}
    assert found["type_protest"] == [("2025-03-07", "report-1", ARTICLE["title"], "report-1/2", "rejected", "dozens")]
    columns = [
        column for column, *_ in connection.execute(queries["type_prisoner_exchange"]["sql"], parameters).description
    ]
    exchange, duplicate = found["type_prisoner_exchange"]
    values = dict(zip(columns, exchange, strict=True))
    assert (values["count"], values["total"], values["event"]) == (25, 40, "report-1/1")
    assert duplicate[columns.index("total")] == "about 40"


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=6), st.text(min_size=1, max_size=6), st.text(max_size=3)), max_size=4
    )
)
@settings(max_examples=50)
def test_event_types_of_any_name_have_a_valid_query(names: list[tuple[str, str, str]]) -> None:
    clean = [tuple(text.encode("utf-8", "replace").decode().replace("\0", "") for text in each) for each in names]
    types = {name: EventType(name, fields=(FieldType(field, unit=unit or None),)) for name, field, unit in clean}
    queries = described(types)["queries"]
    assert len(queries) == len(described({})["queries"]) + len(types)
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(
            "CREATE TABLE documents (id, published, external_id, title);"
            "CREATE TABLE events (id, document_id, external_id, status, live, type);"
            "CREATE TABLE fields (event_id, name, value, modifier, state, position);"
        )
        for key, query in queries.items():
            if key.startswith("type_"):
                assert connection.execute(query["sql"], {"status": ""}).fetchall() == []
    connection.close()


def test_the_metadata_is_json_about_the_whole_file() -> None:
    assert FORMAT.write is not None
    written = json.loads(b"".join(FORMAT.write(Export(lambda: iter(()), {"protest": EventType("protest")}))))
    (database,) = written["databases"].values()
    assert written["title"]
    assert "type_protest" in database["queries"]
    assert "" not in [query["sql"] for query in database["queries"].values()]
