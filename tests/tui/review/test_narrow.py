"""In a narrow terminal, hidden panes are laid out when they are opened."""

import asyncio
import sqlite3

import pytest
from support.builders import ARTICLE, LATER, import_documents
from support.driving import desk_of
from support.looks import screen_as_text

from db.decisions.review import Review
from tui.config.settings import Settings
from tui.review.app import EventdeskApp


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("l h j l", "dozens"),  # the fields were seen of the first event
        ("tab h j j tab", "Forty cross"),  # the text was
    ],
)
async def test_a_hidden_pane_shows_the_current_event_when_it_is_opened_again(
    connection: sqlite3.Connection, keys: str, shown: str
) -> None:
    import_documents(connection, ARTICLE, LATER)
    app = EventdeskApp(Review(connection, "ana"), settings=Settings())
    async with app.run_test(size=(50, 20)) as pilot:
        for key in keys.split():
            await asyncio.gather(pilot.press(key))
            await pilot.pause()
        assert shown in screen_as_text(app)


@pytest.mark.parametrize("size", [(80, 5), (20, 5), (80, 3), (80, 2), (80, 1)])
async def test_a_question_is_in_view_in_a_terminal_of_few_rows(
    connection: sqlite3.Connection, size: tuple[int, int]
) -> None:
    import_documents(connection, ARTICLE)
    async with desk_of(connection, size=size) as desk:
        await desk.press("l", "f")
        prompt, screen = desk.screen.foot.key_prompt, desk.screen.size.region
        assert "Pick a value"[: size[0] - 2] in desk.asked.split("\n")[0]
        assert screen.contains_region(prompt.region), "the whole question is in view"
        await desk.press("enter")
        text = desk.screen.foot.text_prompt
        assert screen.contains_region(text.line.region), "so is the line to type into"
        assert size[1] == 1 or screen.contains_region(text.query_one("#prompt-label").region)
        await desk.press("escape")
        assert desk.screen.foot.status.display
