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
def test_objects_of_any_form_are_written_as_they_were_read(
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


_EVERYWHERE = """
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
_SAID = st.sampled_from(
    ["", "1", "a", "one", "none", "NA", "about", "2024-03-05", "05/03/2024; 13/03/2024", "; ", "confirmed"]
)


@settings(max_examples=100)
@given(
    st.lists(st.dictionaries(st.sampled_from(_EVERYWHERE.split('"')[1:24:2]), _JSON | _SAID), min_size=1, max_size=4)
)
def test_any_value_in_any_column_is_written_as_it_was_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("law") / "m.toml"
    path.write_text(_EVERYWHERE)
    rows = [item | {"n": f"n{number}"} for number, item in enumerate(items)]
    found = records("\n".join(map(json.dumps, rows)), path, JSON_TABLE)
    read = [record.document for record in found if isinstance(record.document, dict)]
    sound = []
    for document in read:
        with contextlib.suppress(InputError):
            parse_document(document)
            sound.append(document)
    assert JSON_TABLE.write
    out = b"".join(JSON_TABLE.write(Export(lambda: iter(sound), mapping=str(path))))
    ids = {document["id"] for document in sound}
    assert [json.loads(line) for line in out.splitlines()] == [row for row in rows if row["n"] in ids]
    records("\n".join(map(json.dumps, rows)), format=JSON_TABLE)  # by a guess


def test_lists_of_json_are_repeated_fields_and_objects_groups() -> None:
    rows = [
        {"key": 1, "kind": "x", "city": "Rome", "who": ["a", "b"], "by": [{"n": "p"}, {"n": "q"}], "at": {"lat": 1.5}}
    ]
    (document,) = documents(json.dumps(rows), format=JSON_TABLE)
    told = [(f.get("group"), f["name"], f["value"]) for f in document["events"][0]["fields"]]
    assert told[-5:] == [
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
def test_rows_of_json_are_told_from_documents(item: dict[str, Any], name: str) -> None:
    assert detect_format(source_of(json.dumps(item) + "\n", "standard input")).name == name


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A SQLite file with a table and a view."""
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


def test_a_table_a_view_and_a_query_of_sqlite_are_read_and_the_file_is_not_touched(desk: Path) -> None:
    before = (desk.read_bytes(), sorted(desk.parent.iterdir()))
    found = _of_sqlite(desk, "their events")
    assert refusals(found) == [(2, "column share: an infinite number; leave it out with a SELECT")]
    assert fields_of(found[0].document) == {"dead": 3, "share": 0.5, "kind": "riot"} or fields_of(
        found[0].document  # type: ignore[arg-type]
    ) == {"dead": 3, "share": 0.5}
    assert "column photo: is no text but bytes; left out" in found[0].notes
    assert json.loads(found[1].raw) == {"id": 2, "kind": "attack", "dead": "many"}
    assert len(_of_sqlite(desk, "attacks")) == 2
    (record,) = _of_sqlite(desk, 'SELECT id, dead + 1 AS more, kind FROM "their events" WHERE dead = 3')
    assert fields_of(record.document)["more"] == 4  # type: ignore[arg-type]
    assert (desk.read_bytes(), sorted(desk.parent.iterdir())) == before


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("nothing", "no table nothing; there are their events, attacks; or give a SELECT"),
        ("SELECT 1 AS a; DROP TABLE x", "only one SELECT that reads is taken"),
        ('WITH a AS (SELECT 1) DELETE FROM "their events"', "only one SELECT that reads is taken"),
        ("SELECT load_extension('x')", "only one SELECT that reads is taken"),
        ("SELECT * FROM nowhere", "can't be read as SQLite (no such table: nowhere)"),
        ("SELECT id, id FROM attacks", "two columns are called id; give one another name with AS"),
        ("SELECT", "can't be read as SQLite"),
    ],
)
def test_a_query_that_does_more_than_read_or_is_none_is_refused_in_a_line(desk: Path, query: str, said: str) -> None:
    with pytest.raises(InputError) as told:
        _of_sqlite(desk, query)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_query_that_gives_no_row_is_ended(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.formats.tables.files.sqlite_file._SECONDS", 0.05)
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"
    with pytest.raises(InputError, match="gave no row for"):
        _of_sqlite(desk, endless)


def test_a_file_that_is_no_sqlite_is_refused_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + random.Random(1).randbytes(4000))
    with pytest.raises(InputError, match="can't be read as SQLite"):
        _of_sqlite(path, "t")


def test_what_another_program_has_not_yet_moved_out_of_its_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (id, kind, place)")
        connection.execute("INSERT INTO t VALUES (1, 'riot', 'Rome')")
        connection.commit()
        assert len(_of_sqlite(path, "t")) == 1


def test_parquet_is_read_batch_by_batch(tmp_path: Path) -> None:
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
    event = found[-1].document["events"][0]  # type: ignore[index]
    assert event["id"] == "1199"
    assert [(f["name"], f["value"]) for f in event["fields"]] == [
        ("day", "2024-03-05"), ("who", "a"), ("who", "b"), ("share", 0.25),
    ]  # fmt: skip
    assert "column raw: is no text but bytes; left out" in found[-1].notes


def test_a_broken_parquet_is_refused_in_a_line() -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match="can't be read as Parquet"):
        records(b"PAR1" + b"x" * 100 + b"PAR1", format=PARQUET)


def test_without_pyarrow_parquet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"needs pyarrow; install it with: pip install 'eventdesk\[parquet\]'"):
        records(b"PAR1", format=PARQUET)
