"""The queue: a page at once, all events later, and nothing moves under the reviewer's eyes."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Gate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import import_documents

from db.decisions.review import Review
from db.errors import ConflictError
from db.query import plan, running
from db.query.queue import Queue
from db.query.running import QueryRun
from db.store.connection import open_file
from db.store.reading import read_event, read_queue_rows

EVENTS = 60


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    documents = [
        {
            "id": f"d{number}",
            "text": f"Report {number}",
            "events": [
                {"id": f"d{number}/{n}", "type": "attack", "confidence": (number * 7 + n) % 10 / 10,
                 "fields": [{"name": "killed", "value": number % 9}, {"name": "killed", "value": n}]}
                for n in range(3)
            ],
        }
        for number in range(EVENTS // 3)
    ]  # fmt: skip
    import_documents(connection, *documents)
    return connection


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_FEW", 0)
    monkeypatch.setattr(running, "PAGE", 5)
    monkeypatch.setattr(running, "_BEFORE", 3)
    monkeypatch.setattr(running, "_ROWS", 50)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, small_pages: None) -> Iterator[Gate]:
    """A gate that keeps the search at the first page until it is set."""
    gate = Gate()
    find_all = QueryRun._find_all

    def wait_at_gate(self: QueryRun, connection: sqlite3.Connection) -> None:
        gate.wait(10)
        find_all(self, connection)

    monkeypatch.setattr(QueryRun, "_find_all", wait_at_gate)
    yield gate
    gate.set()


def decide(connection: sqlite3.Connection, *ids: int, reviewer: str = "ana") -> None:
    review = Review(connection, reviewer)
    for event_id in ids:
        review.accept(read_event(connection, event_id))


def test_a_page_comes_first_and_all_events_later(file: sqlite3.Connection, gate: Gate) -> None:
    queue = Queue(file, in_background=True)
    assert queue.wait_for_page(10)
    assert (list(queue.ids), queue.complete, queue.from_start) == ([1, 2, 3, 4, 5], False, True)
    assert queue.wait_for_all(0) is None
    gate.set()
    assert queue.wait_for_all(10) == 0
    assert (list(queue.ids), queue.pending, queue.complete) == (list(range(1, EVENTS + 1)), EVENTS, True)


def test_the_page_begins_a_little_before_the_first_pending_event(file: sqlite3.Connection, gate: Gate) -> None:
    decide(file, *range(1, 21))
    queue = Queue(file, in_background=True)
    assert queue.wait_for_page(10)
    assert (list(queue.ids), queue.from_start) == ([18, 19, 20, 21, 22, 23, 24, 25], False)
    assert queue.next_pending(-1) == 3
    gate.set()
    assert queue.wait_for_all(10) == 17
    assert queue.ids[17 + 3] == 21
    assert queue.pending == EVENTS - 20


def test_the_page_begins_a_little_before_the_event_to_start_at(file: sqlite3.Connection, gate: Gate) -> None:
    queue = Queue(file, "killed:5 or killed:1", in_background=True, start_at=44)
    assert queue.wait_for_page(10)
    place = queue.place(44)
    assert place == 3
    gate.set()
    moved = queue.wait_for_all(10)
    assert moved is not None
    assert queue.ids[place + moved] == 44


def test_events_decided_during_the_search_keep_their_places(file: sqlite3.Connection, gate: Gate) -> None:
    queue = Queue(file, "status:pending", in_background=True)
    assert queue.wait_for_page(10)
    review = Review(file, "ana")
    for place in (0, 1):
        queue.apply(review.accept(read_event(file, queue.ids[place])), place)
    gate.set()
    assert queue.wait_for_all(10) == 0
    assert list(queue.ids) == list(range(1, EVENTS + 1))
    assert queue.pending == EVENTS - 2
    assert queue.next_pending(-1) == 2


def test_an_event_added_during_the_search_is_in_the_queue_once(file: sqlite3.Connection, gate: Gate) -> None:
    queue = Queue(file, in_background=True)
    assert queue.wait_for_page(10)
    made = Review(file, "ana").add_event(1, "attack")
    queue.apply(made)
    assert list(queue.ids) == [1, 2, 3, made.event.id, 4, 5]
    gate.set()
    assert queue.wait_for_all(10) == 0
    assert list(queue.ids) == [1, 2, 3, made.event.id, *range(4, EVENTS + 1)]


def test_events_decided_by_others_are_not_pending_any_more(file: sqlite3.Connection, tmp_path: Path) -> None:
    queue = Queue(file)
    other = open_file(tmp_path / "events.db")
    decide(other, 1, 2, reviewer="ben")
    assert queue.next_pending(-1) == 2  # read from the file, before any refresh
    decide(other, *range(10, 40), reviewer="ben")
    Review(other, "ben").undo()
    other.close()
    queue.refresh()
    assert queue.pending == EVENTS - 2 - 29
    assert queue.next_pending(8) == 38
    assert list(queue.ids) == list(range(1, EVENTS + 1))


def test_a_cancelled_search_keeps_what_it_found(file: sqlite3.Connection, gate: Gate) -> None:
    queue = Queue(file, in_background=True)
    assert queue.wait_for_page(10)
    queue.cancel()
    gate.set()
    assert queue.wait_for_all(10) == 0
    assert queue.complete
    assert list(queue.ids)[:5] == [1, 2, 3, 4, 5]


def test_a_walk_that_takes_too_long_is_replaced_by_sets(
    file: sqlite3.Connection, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = list(Queue(file, "killed>=2 -killed:8").ids)
    monkeypatch.setattr(running, "_PAGE_TIME", -1.0)
    monkeypatch.setattr(running, "_STEPS", 1)
    queue = Queue(file, "killed>=2 -killed:8", in_background=True)
    assert queue.wait_for_page(10)
    assert queue.wait_for_all(10) == 0
    assert list(queue.ids) == expected


def test_an_error_in_the_thread_is_raised_for_whoever_waits(
    file: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(QueryRun, "_find_page", fails)
    queue = Queue(file, in_background=True)
    with pytest.raises(sqlite3.DatabaseError, match="malformed"):
        queue.wait_for_page(10)


@given(st.lists(st.integers(1, 2**40), unique=True), st.data())
def test_a_place_is_found_whatever_the_ids(ids: list[int], data: st.DataObject) -> None:
    found = running.Found()
    found.extend([(id_, 1) for id_ in ids])
    assert list(found.ids) == ids
    queue = Queue.__new__(Queue)
    queue.ids = found.ids
    event_id = data.draw(st.sampled_from(ids) | st.integers(0, 2**33)) if ids else 5
    assert queue.place(event_id) == (ids.index(event_id) if event_id in ids else None)


@given(st.lists(st.sampled_from("accept undo new other".split()), max_size=12), st.integers(0, EVENTS - 1))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_number_of_pending_events_is_right_after_any_acts(
    file: sqlite3.Connection, acts: list[str], start: int
) -> None:
    review = Review(file, "ana")
    queue = Queue(file)
    place: int | None = start
    for act in acts:
        if act == "other":
            decide(file, queue.ids[(start * 7) % len(queue)], reviewer="ben")
            queue.refresh()
        elif act == "new":
            queue.apply(review.add_event(1 + start % 20, "attack"))
        elif act == "undo":
            with contextlib.suppress(ConflictError):  # ben has decided since
                if (change := review.undo()) is not None:
                    queue.apply(change)
        elif place is not None:
            queue.apply(review.accept(read_event(file, queue.ids[place])), place)
            place = queue.next_pending(place)
    queue.refresh()
    rows = file.execute("SELECT id FROM events WHERE status = 'pending' AND live ORDER BY document_id, id").fetchall()
    assert queue.pending == len(rows)
    found = set()
    at = queue.next_pending(-1)
    while at is not None and queue.ids[at] not in found:
        found.add(queue.ids[at])
        at = queue.next_pending(at)
    assert found == {row[0] for row in rows}


def test_events_that_others_add_during_the_search_are_found() -> None:
    found, seen = running.Found(), bytearray(3)
    found.extend([(1, 1), (70_000, 0), (1, 1), (70_000, 0), (80_500, 1)], seen)
    assert (list(found.ids), list(found.pending)) == ([1, 70_000, 80_500], [1, 0, 1])


def test_without_a_field_named_date_the_first_field_with_date_in_its_name_is_shown(
    connection: sqlite3.Connection,
) -> None:
    fields = [("update", "yesterday"), ("Date_Start", "2013-01-03"), ("date_end", "2013-01-05")]
    event = {"id": "e", "type": "t", "fields": [{"name": name, "value": value} for name, value in fields]}
    import_documents(connection, {"text": "a", "events": [event]})
    (row,) = read_queue_rows(connection, [1], {})
    assert row.date == "2013-01-03"
