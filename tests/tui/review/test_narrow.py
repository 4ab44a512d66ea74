"""In a narrow terminal, hidden panes are laid out when they are opened."""

import asyncio
import sqlite3

import pytest
from support.builders import ARTICLE, LATER, import_documents
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
