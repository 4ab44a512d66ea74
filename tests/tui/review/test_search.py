"""Slow queries: the first events at once, keys that wait, escape that stops."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from threading import Event as Gate

import pytest
from support.builders import import_documents
from support.driving import Desk, desk_of

from db.decisions.review import Review
from db.query import running
from db.query.running import QueryRun
from db.store.reading import read_event

EVENTS = 60


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(
        connection,
        *(
            {"id": f"d{number}", "text": f"Report {number}", "events": [
                {"id": f"d{number}/{n}", "type": "attack", "fields": [{"name": "killed", "value": number}]}
                for n in range(3)]}
            for number in range(EVENTS // 3)
        ),
    )  # fmt: skip
    return connection


class Held:
    """Holds a query before or after its first page."""

    def __init__(self) -> None:
        self.rest = Gate()
        self.first = Gate()
        self.first.set()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held()
    find_all, begin = QueryRun._find_all, QueryRun._find_page

    def rest_later(self: QueryRun, connection: sqlite3.Connection) -> None:
        while not held.rest.wait(0.01) and not self._cancelled:
            pass
        find_all(self, connection)

    def first_later(self: QueryRun, connection: sqlite3.Connection) -> bool | None:
        while not held.first.wait(0.01) and not self._cancelled:
            pass
        return begin(self, connection)

    monkeypatch.setattr(running, "PAGE", 10)
    monkeypatch.setattr(running, "_BEFORE", 4)
    monkeypatch.setattr("tui.review.search.QUERY_WAIT", 0.01)
    monkeypatch.setattr(QueryRun, "_find_all", rest_later)
    monkeypatch.setattr(QueryRun, "_find_page", first_later)
    yield held
    held.rest.set()
    held.first.set()


async def until(desk: Desk, wanted: str, line: str = "status") -> None:
    for _ in range(300):
        await asyncio.sleep(0.01)
        await desk.idle()
        if wanted in desk.text(line):
            return
    raise AssertionError(f"{wanted!r} is not in {desk.text(line)!r}")


@pytest.fixture
async def desk(file: sqlite3.Connection, held: Held) -> AsyncIterator[Desk]:
    async with desk_of(file) as desk:
        yield desk


async def test_the_first_page_is_shown_before_all_is_counted(desk: Desk, held: Held) -> None:
    assert "1/…" in desk.text("status")
    assert "… left" in desk.text("status")
    await desk.press("j", "j", "a")
    assert "4/…" in desk.text("status")
    held.rest.set()
    await until(desk, "4/60")
    assert "59 left" in desk.text("status")


async def test_the_view_stays_when_events_before_it_are_found(file: sqlite3.Connection, held: Held) -> None:
    review = Review(file, "ben")
    for event_id in range(1, 31):
        review.accept(read_event(file, event_id))
    async with desk_of(file) as desk:
        assert "…/…" in desk.text("status")
        assert desk.screen.session.event is not None
        assert desk.screen.session.event.id == 31
        before = desk.lines("queue")[1:]
        held.rest.set()
        await until(desk, "31/60")
        assert desk.lines("queue")[1:] == before
        assert desk.screen.session.event.id == 31
        await desk.press("k")
        assert desk.screen.session.event.id == 30


async def test_the_last_event_waits_for_all_matches_and_says_so(desk: Desk, held: Held) -> None:
    await desk.press("G")
    assert "Searching: 10 events so far" in desk.asked
    assert "stop" in desk.asked
    held.rest.set()
    await until(desk, "60/60")
    assert desk.asked == ""
    assert desk.focus == "queue"


async def test_keys_typed_while_waiting_decide_nothing(desk: Desk, held: Held) -> None:
    await desk.press("G", "a", "x", "h")
    held.rest.set()
    await until(desk, "60/60")
    assert desk.connection.execute("SELECT count(*) FROM decisions").fetchone()[0] == 0


async def test_escape_stops_the_search_and_keeps_the_matches(desk: Desk, held: Held) -> None:
    await desk.press("G", "escape")
    await until(desk, "stopped", "detail")
    assert desk.asked == ""
    await desk.press("a")
    assert desk.connection.execute("SELECT count(*) FROM decisions").fetchone()[0] == 1


async def test_a_slow_query_can_be_stopped_and_the_old_events_stay(desk: Desk, held: Held) -> None:
    held.rest.set()
    await until(desk, "1/60")
    held.first.clear()
    await desk.press("j", "slash")
    await desk.write("killed>=10", "enter", "a")
    assert "Searching" in desk.asked
    await desk.press("escape")
    assert "stopped" in desk.text("detail")
    assert "2/60" in desk.text("status")
    assert desk.connection.execute("SELECT count(*) FROM decisions").fetchone()[0] == 0


async def test_a_slow_query_is_shown_when_it_has_matches(desk: Desk, held: Held) -> None:
    held.first.clear()
    await desk.press("slash")
    await desk.write("killed>=10", "enter")
    held.first.set()
    held.rest.set()
    await until(desk, "1/30")
    assert desk.asked == ""


async def test_going_on_past_the_matches_so_far_waits_for_the_rest(desk: Desk, held: Held) -> None:
    await desk.press(*"j" * 9, "a")
    assert "Searching" in desk.asked
    held.rest.set()
    await until(desk, "11/60")


async def test_a_click_stops_waiting(desk: Desk, held: Held) -> None:
    await desk.press("G")
    await desk.pilot.click("#queue", offset=(5, 3))
    await desk.idle()
    assert desk.asked == ""


@pytest.mark.parametrize(
    ("typed", "place"), [("50%", 30), ("0%", 1), ("100%", 60), ("7", 7), ("999", 60), ("d5/1", 17)]
)
async def test_going_to_a_percentage_a_number_or_an_id(desk: Desk, held: Held, typed: str, place: int) -> None:
    held.rest.set()
    await desk.press("ctrl+g")
    await desk.write(typed, "enter")
    await until(desk, f"{place}/60")


async def test_an_unknown_place_says_why(desk: Desk, held: Held) -> None:
    held.rest.set()
    await desk.press("ctrl+g")
    await desk.write("d99/9", "enter")
    assert "no event has the id d99/9" in desk.text("prompt-remark")
    await desk.press("escape", "slash")
    await desk.write("killed:3", "enter", "ctrl+g")
    await desk.write("d5/1", "enter")
    assert "not in this query" in desk.text("detail")


async def test_an_unreadable_file_is_reported_and_the_matches_stay(
    file: sqlite3.Connection, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(QueryRun, "_find_all", fails)
    async with desk_of(file) as desk:
        await until(desk, "malformed", "detail")
        await desk.press("G")
        assert "malformed" in desk.text("detail")
        await desk.press("g", "j", "a")
        assert desk.connection.execute("SELECT count(*) FROM decisions").fetchone()[0] == 1
