"""Days by their distance from today, and values that a property can't have: an error, never an empty result."""

import os
import sqlite3
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from support.builders import event, import_documents

from db.decisions.review import Review
from db.query import QueryError, compile_query, parse
from db.query.running import event_ids
from db.query.values import bound_of_day

TODAY = date.today()


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    days = {"new": TODAY, "old": TODAY - timedelta(1), "week": TODAY - timedelta(7), "none": date(1999, 1, 1)}
    events = [
        {"id": name, "type": "raid", "fields": [{"name": "date", "value": day.isoformat()}]}
        for name, day in days.items()
    ]
    document = {"id": "d", "text": "Raids.", "published": "Fri, 14 Feb 2025", "events": events}
    import_documents(connection, document, {"id": "e", "text": "None.", "published": TODAY.isoformat(), "events": []})
    for name, day in days.items():
        at = datetime(day.year, day.month, day.day, 12).astimezone(UTC).isoformat(timespec="milliseconds")
        now = at.replace("+00:00", "Z")
        if name != "none":
            Review(connection, "ana", now=lambda now=now: now).accept(event(connection, name))
    return connection


def found(file: sqlite3.Connection, query: str) -> set[str]:
    names = dict(file.execute("SELECT id, external_id FROM events"))
    return {names[id_] for id_ in event_ids(file, compile_query(file, parse(query)))}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("decided:today", {"new"}),
        ("decided:TODAY", {"new"}),
        ("decided:yesterday", {"old"}),
        ("decided:-7d", {"week"}),
        ("decided>=-7d", {"new", "old", "week"}),
        ("decided<today", {"old", "week"}),
        ("decided:-7d..yesterday", {"old", "week"}),
        ("decided>today", set()),
        ("-decided>=yesterday", {"week", "none"}),
        ("date:today", {"new"}),
        ("date>=yesterday", {"new", "old"}),
        ("date<tomorrow date>=-1d", {"new", "old"}),
        ("published:2025-02*", {"new", "old", "week", "none"}),
        ("published:2025-02-14", {"new", "old", "week", "none"}),
        (f"decided:{datetime(TODAY.year, TODAY.month, TODAY.day, 12).astimezone(UTC):%Y-%m-%dT%H}", {"new"}),
        ("decided:*", {"new", "old", "week"}),
        ("reason:dup*", set()),
    ],
)
def test_a_day_is_found(file: sqlite3.Connection, query: str, names: set[str]) -> None:
    assert found(file, query) == names


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("decided:tomorow", "tomorow is not a date; did you mean tomorrow?"),
        ("decided:todya", "did you mean today?"),
        ("decided>=monday", "monday is not a date"),
        ("decided:2026-13", "2026-13 is not a date"),
        ("decided:14/02/2025", "is not a date"),
        ("decided:-7", "is not a date"),
        ("published>=lately", "lately is not a date"),
        ("published:2025-02-1", "is not a date"),
        ("published:yesterdy", "did you mean yesterday?"),
        ("reason:duplicat", "did you mean duplicate?"),
        ("reason:wrong", "unknown reason wrong; use one of not_an_event"),
        ("date==2025", "== is not an operator"),
        ("date:>2025", ":> is not an operator"),
        ("type<>raid", "<> is not an operator; to exclude, put - before the term"),
    ],
)
def test_what_can_find_nothing_is_an_error(file: sqlite3.Connection, query: str, says: str) -> None:
    with pytest.raises(QueryError, match="column") as error:
        found(file, query)
    assert says in str(error.value)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="needs a time zone")
def test_today_begins_at_midnight_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "Asia/Tokyo")
    time.tzset()
    try:
        bound = bound_of_day(date(2025, 3, 8), times=True)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (bound.begin, bound.after) == ("2025-03-07T15:00:00.000Z", "2025-03-08T15:00:00.000Z")
