"""A long session takes no more memory than a short one: closed screens are released. In full: tests/bench/soak.py."""

import asyncio
import gc
import sqlite3
import weakref

import pytest
from support.builders import ARTICLE
from support.driving import Desk, desk_of, fill

from tui.review.lookup import LookupScreen


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    fill(connection, "", ARTICLE)
    return connection


def documents(count: int) -> list[object]:
    result: list[object] = []
    for number in range(count):
        events = [ARTICLE["events"][0] | {"id": f"{number}/1"}]
        result.append(ARTICLE | {"id": f"report-{number}", "events": events})
    return result


async def test_only_recent_documents_keep_their_drawn_lines(connection: sqlite3.Connection) -> None:
    fill(connection, "", *documents(20))
    async with desk_of(connection) as desk:
        for _ in range(19):
            await desk.press("j")
        layouts = desk.source._layouts._kept.values()
        assert len(layouts) >= 20  # each can be shown again without being laid out
        assert len([layout for layout in layouts if layout.strips]) <= 6
        assert desk.source._layout.strips


async def closed_lookup(desk: Desk) -> list[weakref.ref[object]]:
    """Open and close a lookup; return references to its screen, its queue and what it drew."""
    await desk.press("%", "j", "k")
    screen = desk.app.screen
    assert isinstance(screen, LookupScreen)
    references: list[weakref.ref[object]] = [weakref.ref(screen), weakref.ref(screen.session.queue)]
    references += [weakref.ref(widget._styles_cache) for widget in screen.query("*")]
    await desk.press("?", "escape", "escape")
    assert desk.app.screen is desk.screen
    return references


async def test_a_closed_lookup_is_released(file: sqlite3.Connection) -> None:
    async with desk_of(file) as desk:
        references = await closed_lookup(desk)
        async with asyncio.timeout(10):  # its search or timer may have to end first
            while any(reference() is not None for reference in references):
                await asyncio.sleep(0.1)
                await desk.press("j", "k")
                gc.collect()
