"""What was left is forgotten: a long sitting takes no more memory than a short one. All of it: tests/bench/soak.py."""

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
    made: list[object] = []
    for number in range(count):
        events = [ARTICLE["events"][0] | {"id": f"{number}/1"}]
        made.append(ARTICLE | {"id": f"report-{number}", "events": events})
    return made


async def test_of_documents_seen_a_while_ago_no_drawn_lines_are_kept(connection: sqlite3.Connection) -> None:
    fill(connection, "", *documents(20))
    async with desk_of(connection) as desk:
        for _ in range(19):
            await desk.press("j")
        layouts = desk.source._layouts._kept.values()
        assert len(layouts) >= 20  # each can be shown again without being laid out
        assert len([layout for layout in layouts if layout.strips]) <= 6
        assert desk.source._layout.strips


async def looked_up(desk: Desk) -> list[weakref.ref[object]]:
    """A lookup, opened and left: its screen, what was found and what was drawn."""
    await desk.press("%", "j", "k")
    screen = desk.app.screen
    assert isinstance(screen, LookupScreen)
    kept: list[weakref.ref[object]] = [weakref.ref(screen), weakref.ref(screen.queue)]
    kept += [weakref.ref(widget._styles_cache) for widget in screen.query("*")]
    await desk.press("?", "escape", "escape")
    assert desk.app.screen is desk.screen
    return kept


async def test_of_a_lookup_nothing_is_kept_once_it_is_left(file: sqlite3.Connection) -> None:
    async with desk_of(file) as desk:
        kept = await looked_up(desk)
        async with asyncio.timeout(10):  # a search or a timer of it may have to end first
            while [what for what in kept if what() is not None]:
                await asyncio.sleep(0.1)
                await desk.press("j", "k")
                gc.collect()
