"""Writes the demo as people have such data: a pipeline's SQLite database, a table, and JSON Lines."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.io.atomic import new_output, refuse_existing
from db.store.sqlite import connect_in_memory

NAMES = ("news.db", "attacks.csv", "candidates.jsonl")
_TABLES = {  # the types of the events in each table
    "attacks": ("attack",),
    "protests": ("protest",),
    "displacements": ("displacement",),
    "agreements": ("agreement",),
    "sanctions": ("sanction",),
    "handovers": ("repatriation_of_remains", "prisoner_exchange"),
}
_CHILDREN = ("transfers", "transfer")  # a table, and the group of fields that its rows are
_ARTICLE = ("title", "publisher", "url", "published")
_LIST = "; "

_Row = dict[str, Any]


def write_files(folder: Path) -> list[Path]:
    """Write the demo's files into a folder, which is created if needed, and return their paths.

    Raises InputError if one of them exists or can't be written.
    """
    paths = [folder / name for name in NAMES]
    for path in paths:
        refuse_existing(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: no folder can be made there ({error.strerror}); choose another name") from None
    lines = (files("db.demo") / "demo.jsonl").read_bytes()
    documents = [json.loads(line) for line in lines.splitlines()]
    with closing(connect_in_memory()) as connection:
        _fill(connection, documents)
        contents = (connection.serialize(), _table(documents).encode(), lines)
    for path, content in zip(paths, contents, strict=True):
        with new_output(path) as stream:
            stream.write(content)
    return paths


def _fill(connection: sqlite3.Connection, documents: list[_Row]) -> None:
    connection.execute(
        "CREATE TABLE articles"
        " (id INTEGER PRIMARY KEY, title TEXT, publisher TEXT, url TEXT, published TEXT, body TEXT)"
    )
    for number, document in enumerate(documents, 1):
        row = (number, *(document.get(name) for name in _ARTICLE), document["text"])
        connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?)", row)
    for table, types in _TABLES.items():
        rows = [
            (number, event)
            for number, document in enumerate(documents, 1)
            for event in document["events"]
            if event["type"] in types
        ]
        wide = [_wide(event) for _, event in rows]
        several = len(types) > 1
        columns = dict.fromkeys(name for row in wide for name in row)
        declared = [f'"{name}" {_declared([row.get(name) for row in wide])}' for name in columns]
        kind = ["event_type TEXT"] if several else []
        connection.execute(
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles (id),"
            f" {', '.join([*kind, *declared])}, confidence REAL, model TEXT)"
        )
        for key, ((number, event), fields) in enumerate(zip(rows, wide, strict=True), 1):
            values = [key, number, *([event["type"]] if several else []), *(fields.get(name) for name in columns)]
            values += [event.get("confidence"), event.get("extractor")]
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
        if several:
            _add_children(connection, table, [event for _, event in rows])


def _add_children(connection: sqlite3.Connection, parent: str, events: list[_Row]) -> None:
    table, group = _CHILDREN
    rows = [(key, row) for key, event in enumerate(events, 1) for row in _grouped(event, group)]
    columns = list(dict.fromkeys(name for _, row in rows for name in row))
    declared = ", ".join(f"{name} {_declared([row.get(name) for _, row in rows])}" for name in columns)
    connection.execute(
        f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES {parent} (id), {declared})"
    )
    for number, (key, row) in enumerate(rows, 1):
        values = [number, key, *(row.get(name) for name in columns)]
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


def _wide(event: _Row) -> _Row:
    """Return the fields of an event that are in no group; several values of a name are one list."""
    row: _Row = {}
    for field in event["fields"]:
        if "group" not in field:
            name, value = field["name"], field["value"]
            row[name] = f"{row[name]}{_LIST}{value}" if name in row else value
    return row


def _grouped(event: _Row, name: str) -> Iterator[_Row]:
    groups: dict[str, _Row] = {}
    for field in event["fields"]:
        if field.get("group", "").partition(":")[0] == name:
            groups.setdefault(field["group"], {})[field["name"]] = field["value"]
    yield from groups.values()


def _declared(values: list[Any]) -> str:
    given = {type(value) for value in values if value is not None}
    return "INTEGER" if given <= {int} else "REAL" if given <= {int, float} else "TEXT"


def _table(documents: list[_Row]) -> str:
    """Return the attacks as CSV, with the text of each in its row."""
    rows = [
        {"id": f"A{number}", **_wide(event), "report": document["text"]}
        | {name: document.get(name) for name in _ARTICLE}
        for number, (document, event) in enumerate(
            ((document, event) for document in documents for event in document["events"] if event["type"] == "attack"),
            1,
        )
    ]
    stream = io.StringIO(newline="")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    columns.sort(key=("report", *_ARTICLE).__contains__)  # the article after the event
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
