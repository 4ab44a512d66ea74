import contextlib
import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.table_files import documents, fields_of, records, refusals, source_of

from db.errors import InputError
from db.formats.format import Export, ReadOptions, Record, Source
from db.formats.registry import detect_format
from db.formats.tables.formats import JSON_TABLE, PARQUET, SQLITE
from db.io.documents import parse_document

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", "id", "C d"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=100)
@given(st.lists(st.dictionaries(st.sampled_from(["one", "two", "three", "four"]), _JSON), min_size=1, max_size=4))
def test_any_objects_are_exported_as_they_were_imported(
    tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("law") / "m.toml"
    path.write_text(
        'columns = ["n", "one", "two"]\nfields = [{ column = "one", kind = "integer" }, { column = "two" }]\n'
        '[document]\nid = "n"\n[event]\nid = "n"\nconstant_type = "event"\n'
    )
    rows = [{"n": f"n{number}"} | item for number, item in enumerate(items)]
    found = records("\n".join(map(json.dumps, rows)), path, JSON_TABLE)
    read = {r.document["id"]: r.document for r in found if isinstance(r.document, dict)}
    for document in read.values():
        parse_document(document)
    assert all("column one" in reason for _, reason in refusals(found))
    assert JSON_TABLE.write
    out = b"".join(JSON_TABLE.write(Export(lambda: iter(read.values()), mapping=str(path))))
    assert [json.loads(line) for line in out.splitlines()] == [row for row in rows if row["n"] in read]


_ALL_USES = """
columns = ["n", "type", "title", "text", "url", "published", "sure", "by", "state", "one", "about", "list"]
missing = ["none"]
fields = [
    { column = "one", kind = "number", modifier = "about", group = "g" },
    { column = "list", kind = "date", separator = "; " },
]
[document]
id = "n"
title = ["title", "n"]
text = "text"
url = "url"
published = "published"
[event]
id = ["n", "type"]
type = "type"
types = { "1" = "one", "a" = "one" }
constant_type = "event"
extractor = "by"
confidence = "sure"
confidence_of = 100
[review]
status = "state"
"""
_TEXTS = st.sampled_from(
    ["", "1", "a", "one", "none", "NA", "about", "2024-03-05", "05/03/2024; 13/03/2024", "; ", "confirmed"]
)


@settings(max_examples=100)
@given(st.lists(st.dictionaries(st.sampled_from(_ALL_USES.split('"')[1:24:2]), _JSON | _TEXTS), min_size=1, max_size=4))
def test_any_value_in_any_column_is_exported_unchanged_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("law") / "m.toml"
    path.write_text(_ALL_USES)
    rows = [item | {"n": f"n{number}"} for number, item in enumerate(items)]
    found = records("\n".join(map(json.dumps, rows)), path, JSON_TABLE)
    read = [record.document for record in found if isinstance(record.document, dict)]
    valid = []
    for document in read:
        with contextlib.suppress(InputError):
            parse_document(document)
            valid.append(document)
    assert JSON_TABLE.write
    out = b"".join(JSON_TABLE.write(Export(lambda: iter(valid), mapping=str(path))))
    ids = {document["id"] for document in valid}
    assert [json.loads(line) for line in out.splitlines()] == [row for row in rows if row["n"] in ids]
    records("\n".join(map(json.dumps, rows)), format=JSON_TABLE)  # the same with a guessed mapping


def test_json_lists_repeat_fields_and_objects_become_groups() -> None:
    rows = [
        {"key": 1, "kind": "x", "city": "Rome", "who": ["a", "b"], "by": [{"n": "p"}, {"n": "q"}], "at": {"lat": 1.5}}
    ]
    (document,) = documents(json.dumps(rows), format=JSON_TABLE)
    fields = [(f.get("group"), f["name"], f["value"]) for f in document["events"][0]["fields"]]
    assert fields[-5:] == [
        (None, "who", "a"),
        (None, "who", "b"),
        ("by:1", "n", "p"),
        ("by:2", "n", "q"),
        ("at", "lat", 1.5),
    ]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"when": "2024-01-01", "where": "Rome", "dead": 3, "kind": "riot"}, "json-table"),
        ({"text": "T", "events": []}, "native"),
        ({"id": 1, "title": "T", "text": "A text", "url": "u"}, "native"),
    ],
)
def test_json_rows_are_distinguished_from_documents(item: dict[str, Any], name: str) -> None:
    assert detect_format(source_of(json.dumps(item) + "\n", "standard input")).name == name


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A SQLite file of another program, with a table and a view."""
    path = tmp_path / "their: file?.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute('CREATE TABLE "their events" (id, kind TEXT, dead, share REAL, photo BLOB)')
        rows = [(1, "riot", 3, 0.5, b"\xff"), (2, "attack", "many", 1e999, None), (3, "attack", None, 2.0, None)]
        connection.executemany('INSERT INTO "their events" VALUES (?, ?, ?, ?, ?)', rows)
        connection.execute("CREATE VIEW attacks AS SELECT * FROM \"their events\" WHERE kind = 'attack'")
        connection.commit()
    return path


def _of_sqlite(path: Path, table: str | None) -> list[Record]:
    source = Source(f"sqlite:{path}:{table}", None, path, table)
    assert table is None or detect_format(source).name == "sqlite"
    assert SQLITE.read
    return list(SQLITE.read(source, ReadOptions()))


def test_sqlite_tables_views_and_queries_are_read_without_changing_the_file(database: Path) -> None:
    before = (database.read_bytes(), sorted(database.parent.iterdir()))
    found = _of_sqlite(database, "their events")
    assert refusals(found) == [(2, "column share: an infinite number; omit it with a SELECT")]
    assert fields_of(found[0].document) == {"dead": 3, "share": 0.5, "kind": "riot"} or fields_of(
        found[0].document
    ) == {"dead": 3, "share": 0.5}
    assert "column photo: holds bytes, not text; skipped" in found[0].notes
    assert json.loads(found[1].raw) == {"id": 2, "kind": "attack", "dead": "many"}
    assert len(_of_sqlite(database, "attacks")) == 2
    (record,) = _of_sqlite(database, 'SELECT id, dead + 1 AS more, kind FROM "their events" WHERE dead = 3')
    assert fields_of(record.document)["more"] == 4
    assert (database.read_bytes(), sorted(database.parent.iterdir())) == before


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("nothing", "no table nothing; its tables: their events, attacks; or give a SELECT"),
        ("SELECT 1 AS a; DROP TABLE x", "only a single read-only SELECT is allowed"),
        ('WITH a AS (SELECT 1) DELETE FROM "their events"', "only a single read-only SELECT is allowed"),
        ("SELECT load_extension('x')", "only a single read-only SELECT is allowed"),
        ("SELECT * FROM nowhere", "can't be read as SQLite (no such table: nowhere)"),
        ("SELECT id, id FROM attacks", "two columns are called 'id'; rename one of them with AS"),
        ("SELECT", "can't be read as SQLite"),
    ],
)
def test_only_a_valid_read_only_query_is_allowed(database: Path, query: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        _of_sqlite(database, query)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_query_that_returns_no_row_is_interrupted(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.formats.tables.files.sqlite_file._ROW_SECONDS", 0.05)
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"
    with pytest.raises(InputError, match="returned no row for"):
        _of_sqlite(database, endless)


def test_an_invalid_sqlite_file_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + random.Random(1).randbytes(4000))
    with pytest.raises(InputError, match="can't be read as SQLite"):
        _of_sqlite(path, "t")


def test_rows_in_the_write_ahead_log_of_another_program_are_read(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (id, kind, place)")
        connection.execute("INSERT INTO t VALUES (1, 'riot', 'Rome')")
        connection.commit()
        assert len(_of_sqlite(path, "t")) == 1


def test_parquet_files_are_read(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from datetime import date

    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    columns = {"event_id": list(range(1200)), "type": ["riot"] * 1200, "day": [date(2024, 3, 5)] * 1200,
               "who": [["a", "b"]] * 1200, "share": [0.25] * 1200, "raw": [b"\xff"] * 1200}  # fmt: skip
    parquet.write_table(pyarrow.table(columns), path)
    with path.open("rb") as stream:
        source = Source("t.parquet", stream, path)
        assert detect_format(source).name == "parquet"
        assert PARQUET.read
        found = list(PARQUET.read(source, ReadOptions()))
    assert len(found) == 1200
    event = found[-1].document["events"][0]
    assert event["id"] == "1199"
    assert [(f["name"], f["value"]) for f in event["fields"]] == [
        ("day", "2024-03-05"), ("who", "a"), ("who", "b"), ("share", 0.25),
    ]  # fmt: skip
    assert "column raw: holds bytes, not text; skipped" in found[-1].notes


def test_an_invalid_parquet_file_is_rejected() -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match="can't be read as Parquet"):
        records(b"PAR1" + b"x" * 100 + b"PAR1", format=PARQUET)


def test_without_pyarrow_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"needs pyarrow; install it with: pip install 'eventdesk\[parquet\]'"):
        records(b"PAR1", format=PARQUET)
