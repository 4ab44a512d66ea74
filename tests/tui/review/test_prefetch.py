"""The documents that the next keys need are read ahead, and are never stale."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from support.builders import import_documents
from support.driving import Desk, desk_of

from db.model import Document
from db.store.reading import read_document
from tui.review.session.prefetch import Prefetch
from tui.text.layouts import Layouts

LONG = ("Sixty prisoners came home. " * 9 + "\n") * 2_000


def report(number: int, text: str = "", events: int = 1) -> dict[str, Any]:
    field = {"name": "count", "value": number, "spans": [[0, 5]]}
    made = [{"id": f"r{number}/{event}", "type": "exchange", "fields": [field]} for event in range(events)]
    return {"id": f"r{number}", "text": text or f"Count {number} of the day.", "events": made}


@pytest.fixture
def reports(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(connection, report(1), report(2, LONG), report(3, events=2), report(4))
    return connection


class Ahead(Prefetch):
    """A prefetch that notes which documents were prepared."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.prepared: list[str] = []

    def want(self, shown: Document | None, event_ids: list[int]) -> None:
        self.begin(shown, event_ids, self._prepare)

    def _prepare(self, document: Document) -> Iterator[None]:
        yield
        self.prepared.append(document.external_id)


def statements(connection: sqlite3.Connection) -> list[str]:
    """Collect every statement from now on that reads a document."""
    seen: list[str] = []
    connection.set_trace_callback(lambda sql: seen.append(sql) if "FROM documents WHERE id" in sql else None)
    return seen


def test_each_document_is_prepared_once_and_then_served_from_memory(reports: sqlite3.Connection) -> None:
    ahead = Ahead(reports)
    shown = ahead.document(1)
    ahead.want(shown, [1, 3, 4, 2])
    while ahead.work():
        pass
    assert ahead.prepared == ["r3", "r2"]  # not the one that is shown, and the one of two events once
    read = statements(reports)
    assert [ahead.document(id_).external_id for id_ in (1, 2, 3)] == ["r1", "r2", "r3"]
    assert not read
    assert ahead.document(4).external_id == "r4"
    assert len(read) == 1


def test_a_new_plan_replaces_the_one_before(reports: sqlite3.Connection) -> None:
    ahead = Ahead(reports)
    ahead.want(ahead.document(1), [2])
    ahead.want(ahead.document(1), [5])
    while ahead.work():
        pass
    assert ahead.prepared == ["r4"]


def test_forgotten_documents_are_read_again(reports: sqlite3.Connection) -> None:
    ahead = Ahead(reports)
    assert ahead.document(1).text == "Count 1 of the day."
    reports.execute("UPDATE documents SET text = 'another' WHERE id = 1")
    ahead.forget()
    assert ahead.document(1).text == "another"


def test_a_deleted_event_is_skipped(reports: sqlite3.Connection) -> None:
    ahead = Ahead(reports)
    ahead.want(None, [999, 1])
    while ahead.work():
        pass
    assert ahead.prepared == ["r1"]


def test_a_layout_is_built_in_steps_and_reused_for_the_same_width_and_text(reports: sqlite3.Connection) -> None:
    layouts, document = Layouts(), read_document(reports, 2)
    assert len(list(layouts.prepare(document, 40))) > 5
    assert not list(layouts.prepare(document, 40))
    kept = layouts.of(document, 40)
    assert layouts.of(read_document(reports, 2), 40) is kept
    assert layouts.of(document, 30) is not kept
    reports.execute("UPDATE documents SET text = 'another' WHERE id = 2")
    assert layouts.of(read_document(reports, 2), 40).text == "another"


def test_an_unfinished_layout_is_not_used(reports: sqlite3.Connection) -> None:
    layouts, document = Layouts(), read_document(reports, 2)
    next(layouts.prepare(document, 40))
    assert layouts.of(document, 40).lines[-1][1] == len(LONG)


async def idle(desk: Desk) -> None:
    """Wait until nothing more is prefetched."""
    while desk.screen.view._idle is None or desk.screen.view._idle._active.is_set():
        await desk.pilot.pause(0.02)


async def test_both_neighbours_are_prefetched(reports: sqlite3.Connection) -> None:
    async with desk_of(reports) as desk:
        await desk.press("j", "j")
        await idle(desk)
        read = statements(reports)
        await desk.press("k")
        assert desk.screen.session.document is not None
        assert desk.screen.session.document.external_id == "r2"
        await desk.press("j", "j", "j")
        assert desk.screen.session.document.external_id == "r4"
        assert not [sql for sql in read if "id = 2" in sql or "id = 3" in sql]
        assert desk.lines("source")[1].strip() == "" or desk.source.text == "Count 4 of the day."


async def test_keys_typed_ahead_end_at_the_last_ones_event(reports: sqlite3.Connection) -> None:
    async with desk_of(reports) as desk:
        await desk.press(*"jjjkj")
        assert desk.screen.session.place == 3
        assert desk.source.text == "Count 3 of the day."
        await idle(desk)
        assert desk.source.text == "Count 3 of the day."


async def test_the_source_is_redrawn_in_another_theme_and_width(reports: sqlite3.Connection) -> None:
    async with desk_of(reports) as desk:
        await desk.press("j", "k")
        before = desk.source.render_line(2)
        await desk.press("f2")
        assert desk.source.render_line(2).text == before.text
        assert desk.source.render_line(2) != before
        await desk.pilot.resize_terminal(70, 30)
        await desk.press("j")
        assert max(end - start for start, end in desk.source.lines) <= desk.source.scrollable_content_region.width
