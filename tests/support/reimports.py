"""Newer extractions of an article that was reviewed."""

import copy
import sqlite3
from typing import Any

from db.decisions.review import Review
from db.importing.releases.changes import FieldValue
from db.importing.report import ImportReport
from db.query import compile_query, parse
from db.query.running import event_ids
from support.builders import ARTICLE, event, import_documents

COUNT = 3  # index of the count of transfer:1 among the fields of ARTICLE


def newer(count: int = 802, **more: Any) -> dict[str, Any]:
    """Return ARTICLE from a newer extraction, with another count."""
    document = copy.deepcopy(ARTICLE)
    document["events"][0]["fields"][COUNT]["value"] = count
    document["events"][0] |= more
    return document


def correct_count(connection: sqlite3.Connection, value: int = 757) -> Review:
    """Import ARTICLE and correct its count as ana."""
    import_documents(connection, ARTICLE)
    review = Review(connection, "ana")
    item = event(connection)
    review.correct(item, item.fields[COUNT], value, [])
    return review


def matching(connection: sqlite3.Connection, query: str = "is:changed") -> list[str]:
    """Return the external ids of the events that match a query."""
    names = dict(connection.execute("SELECT id, external_id FROM events"))
    return [names[event_id] for event_id in event_ids(connection, compile_query(connection, parse(query)))]


def changes_in(report: ImportReport) -> list[tuple[str, str | None, Any, Any, Any, bool]]:
    """Return each change as kind, field, extracted value before and now, reviewed value, and if it is settled."""

    def value(item: FieldValue | None) -> object:
        return item and item.value

    assert report.changed == len(report.changes)
    return [(c.what, c.field, value(c.before), value(c.now), value(c.reviewed), c.settled) for c in report.changes]
