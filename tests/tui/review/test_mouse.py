"""Every key that the foot offers can be clicked too."""

import sqlite3

from support.builders import event
from test_reviewing import Reviewer, bar, file, pilot, screen_of, type_text, values

from db.decisions.review import Review
from tui.review.app import EventdeskApp
from tui.widgets.pane import Pane

__all__ = ["file", "pilot"]


def place(pilot: Reviewer, widget: str, text: str) -> tuple[int, int]:
    """Return the place of a text in a widget."""
    lines = screen_of(pilot).review_screen.query_one(widget).render().plain.split("\n")  # type: ignore[attr-defined]
    row = next(number for number, line in enumerate(lines) if text in line)
    return lines[row].index(text), row


async def click(pilot: Reviewer, widget: str, text: str, left: int = 0) -> None:
    x, y = place(pilot, widget, text)
    await pilot.click(widget, offset=(x + left, y))
    await pilot.pause()


async def test_a_hint_at_the_foot_does_what_its_key_does(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await click(pilot, "#hints", "accept")
    assert event(file).status == "confirmed"
    await click(pilot, "#hints", "undo")
    assert event(file).status == "pending"


async def test_a_click_on_an_answer_gives_it(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await click(pilot, "#hints", "reject")
    await click(pilot, "#key-prompt", "duplicate", left=1)
    assert event(file).reason == "duplicate"


async def test_a_click_on_a_suggestion_submits_it(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "j", "m")
    await type_text(pilot, "cross")
    await click(pilot, "Suggestions", "crossing")
    assert values(file)["crossing"] == "Lesna"


async def test_a_click_on_a_key_of_the_selection_saves_it(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "j", "v", "w")
    await click(pilot, "#hints", "use")
    assert values(file)["location"] == ","
    assert "correct location" in bar(pilot, "status")


async def test_a_click_on_a_panes_name_opens_it_in_a_narrow_terminal(file: sqlite3.Connection) -> None:
    app = EventdeskApp(Review(file, "ana"))
    async with app.run_test(size=(50, 20)) as pilot:
        await pilot.pause()
        title = app.review_screen.query_one("#queue", Pane)._border_title
        assert title is not None
        await pilot.click("#queue", offset=(title.plain.index("source") + 2, 0))
        await pilot.pause()
        assert app.focused is not None
        assert app.focused.id == "source"
