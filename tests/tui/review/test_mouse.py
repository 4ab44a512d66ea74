"""Every key that the foot offers can be clicked too."""

import sqlite3
from collections.abc import AsyncIterator

import pytest
from support.builders import ARTICLE, event
from support.driving import Desk, desk_of, fill

from tui.widgets.pane import Pane

TYPES = """
[prisoner_exchange.fields.location]
kind = "place"
[prisoner_exchange.fields.crossing]
kind = "place"
"""


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, ARTICLE)
    async with desk_of(connection) as desk:
        yield desk


async def click(desk: Desk, widget: str, text: str, left: int = 0) -> None:
    """Click on a text in a widget."""
    lines = desk.screen.query_one(widget).render().plain.split("\n")  # type: ignore[attr-defined]
    row = next(number for number, line in enumerate(lines) if text in line)
    await desk.pilot.click(widget, offset=(lines[row].index(text) + left, row))
    await desk.idle()


def values(connection: sqlite3.Connection) -> dict[str, object]:
    return {field.name: field.value for field in event(connection).live_fields}


async def test_a_hint_at_the_foot_does_what_its_key_does(desk: Desk) -> None:
    await click(desk, "#hints", "accept")
    assert event(desk.connection).status == "confirmed"
    await click(desk, "#hints", "undo")
    assert event(desk.connection).status == "pending"


async def test_a_click_on_an_answer_gives_it(desk: Desk) -> None:
    await click(desk, "#hints", "reject")
    await click(desk, "#key-prompt", "duplicate", left=1)
    assert event(desk.connection).reason == "duplicate"


async def test_a_click_on_a_suggestion_submits_it(desk: Desk) -> None:
    await desk.press("l", "j", "j", "m", *"cross")
    await click(desk, "Suggestions", "crossing")
    assert values(desk.connection)["crossing"] == "Lesna"


async def test_a_click_on_a_key_of_the_selection_saves_it(desk: Desk) -> None:
    await desk.press("l", "j", "j", "v", "w")
    await click(desk, "#hints", "use")
    assert values(desk.connection)["location"] == ","
    assert "correct location" in desk.text("status")


async def test_a_click_on_a_panes_name_opens_it_in_a_narrow_terminal(connection: sqlite3.Connection) -> None:
    fill(connection, TYPES, ARTICLE)
    async with desk_of(connection, size=(50, 20)) as desk:
        title = desk.screen.query_one("#queue", Pane)._border_title
        assert title is not None
        await desk.pilot.click("#queue", offset=(title.plain.index("source") + 2, 0))
        await desk.idle()
        assert desk.focus == "source"
