"""Small documents, and hypothesis strategies for any document that the native format can hold."""

import io
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from db.exporting import export_documents
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.maintenance.check import check
from db.model import REASONS, Event
from db.store.connection import open_file
from db.store.reading import find_event_ids, read_event
from db.store.schema import open_in_memory
from db.store.sqlite import connect_in_memory

ARTICLE: dict[str, Any] = {
    "id": "report-1",
    "title": "Exchange at the border",
    "publisher": "The Border Post",
    "published": "2025-03-07",
    "language": "en",
    "text": "On Friday 40 prisoners crossed at Lesna, 25 to the north and 15 to the south, said the Red Cross.",
    "events": [
        {
            "id": "report-1/1",
            "type": "prisoner_exchange",
            "extractor": "rules",
            "confidence": 0.8,
            "fields": [
                {"name": "date", "value": "2025-02-28", "spans": [[3, 9]], "confidence": 0.5},
                {"name": "total", "value": 40, "spans": [[10, 12]]},
                {"name": "location", "value": "Lesna", "spans": [[34, 39]]},
                {"name": "count", "value": 40, "group": "transfer:1", "spans": [[10, 12]], "confidence": 0.6},
                {"name": "recipient", "value": "the north", "group": "transfer:1", "spans": [[47, 56]]},
            ],
        },
        {"id": "report-1/2", "type": "protest", "extractor": "rules", "fields": [{"name": "size", "value": "dozens"}]},
    ],
}


LATER: dict[str, Any] = {
    "id": "report-2",
    "title": "Forty cross",
    "publisher": "The Valley Paper",
    "published": "2025-03-09",
    "text": "At Lesna 40 people were exchanged two days ago, both sides say; the Red Cross went with them.",
    "events": [
        {
            "id": "report-2/1",
            "type": "prisoner_exchange",
            "extractor": "rules",
            "fields": [
                {"name": "date", "value": "2025-03-07"},
                {"name": "total", "value": 40, "modifier": "about", "spans": [[9, 11]]},
                {"name": "location", "value": "Lesna", "spans": [[3, 8]]},
                {"name": "mediator", "value": "the Red Cross"},
            ],
        }
    ],
}


def import_documents(
    connection: sqlite3.Connection, *documents: object, text: str | None = None, report: ImportReport | None = None
) -> ImportReport:
    """Import documents given as objects, or raw text, adding to a report if one is given."""
    lines = text if text is not None else "".join(json.dumps(document) + "\n" for document in documents)
    report = report or ImportReport()
    import_source(connection, Source("test.jsonl", io.BytesIO(lines.encode("utf-8", "surrogatepass"))), report)
    return report


def create(path: Path) -> sqlite3.Connection:
    """Create an empty file and open it. It is a copy, since to migrate a new file takes ten times as long."""
    path.write_bytes(_empty_file())
    return open_file(path)


@cache
def _empty_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_file(path, create=True).close()
        return path.read_bytes()


def in_memory() -> sqlite3.Connection:
    """Open an empty file in memory: a copy too."""
    connection = connect_in_memory()
    connection.deserialize(_empty_in_memory())
    return connection


@cache
def _empty_in_memory() -> bytes:
    with closing(open_in_memory()) as connection:
        return connection.serialize()


def new_file(path: Path, *documents: object) -> Path:
    """Create a file of some documents, and close it."""
    with closing(create(path)) as connection:
        import_documents(connection, *documents)
    return path


def exported(connection: sqlite3.Connection, **options: Any) -> list[dict[str, Any]]:
    """Return the exported documents."""
    return list(export_documents(connection, **options))


def event(connection: sqlite3.Connection, external_id: str = "report-1/1") -> Event:
    """Read an event by its external id."""
    return read_event(connection, find_event_ids(connection, external_id)[0])


def added_id(connection: sqlite3.Connection, document: str, number: int = 1) -> str:
    """Return the external id of an event that somebody added to a document: the first, or another by its number."""
    rows = connection.execute(
        "SELECT external_id FROM events WHERE external_id LIKE ? AND live ORDER BY id", (f"{document}/added/%",)
    )
    return [str(row[0]) for row in rows][number - 1]


def problems(connection: sqlite3.Connection) -> list[str]:
    """Return the problems that `eventdesk check` finds."""
    return [problem for finding in check(connection) for problem in finding.problems]


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_names = st.sampled_from(["date", "count", "location", "giver", "名前", "human_target.type"])
_values = st.one_of(
    _texts,
    st.integers(-(2**70), 2**70),
    st.floats(-1e300, 1e300),  # sums of more are infinite
    st.booleans(),
    st.none(),
    st.lists(st.integers(), max_size=2),
)
_confidences = st.floats(0, 1)


def _optional(values: st.SearchStrategy[Any], *names: str) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(names, values)


@st.composite
def _fields(draw: st.DrawFn, length: int) -> dict[str, Any]:
    field = draw(
        st.fixed_dictionaries(
            {"name": _names, "value": _values},
            optional={
                "group": st.sampled_from(["transfer:1", "transfer:2"]),
                "confidence": _confidences,
                "modifier": st.sampled_from(["about", "to 600", "unknown to us"]),
                "optional": st.booleans(),
                "alternatives": st.lists(_texts, max_size=2),
            },
        )
    )
    if length and draw(st.booleans()):
        start = draw(st.integers(0, length - 1))
        field["spans"] = [[start, draw(st.integers(start + 1, length))]]
    return field


@st.composite
def documents(draw: st.DrawFn, id_: str = "") -> dict[str, Any]:
    """A document of the native format with up to three events."""
    text = draw(_texts)
    document = draw(
        st.fixed_dictionaries(
            {"id": st.just(id_ or "d"), "text": st.just(text)},
            optional={**_optional(_texts, "title", "publisher", "published"), "source_key": _values},
        )
    )
    document["events"] = [
        draw(
            st.fixed_dictionaries(
                {
                    "id": st.just(f"e{number}"),
                    "type": st.sampled_from(["attack", "protest"]),
                    "fields": st.lists(_fields(len(text)), max_size=4),
                },
                optional={"extractor": st.sampled_from(["a", "b"]), "confidence": _confidences, "run": _values},
            )
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return document


reasons = st.sampled_from(REASONS)


def without_found(field: dict[str, Any]) -> dict[str, Any]:
    """Return an exported field without its state, and without the evidence that eventdesk found for it."""
    added = {"state"} | ({"spans", "grounding", "places"} if "grounding" in field else set())
    return {key: value for key, value in field.items() if key not in added}


def without_review(documents_: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return exported documents without what export adds to undecided events: states, and evidence that was found."""
    plain = []
    for document in documents_:
        events = []
        for item in document["events"]:
            fields = [without_found(field) for field in item["fields"]]
            events.append({key: value for key, value in item.items() if key != "status"} | {"fields": fields})
        plain.append(document | {"events": events})
    return plain
