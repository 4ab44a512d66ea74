"""Pasting into a question: the text arrives once, and safe for the terminal."""

import sqlite3

import pytest
from support.builders import ARTICLE
from support.driving import desk_of, fill
from textual import events


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    fill(connection, "", ARTICLE)
    return connection


async def test_text_pasted_into_a_note_is_inserted_once_and_made_safe(file: sqlite3.Connection) -> None:
    async with desk_of(file) as desk:
        await desk.press("n")
        desk.app.post_message(events.Paste("two\nlines\x85 \x1b]0;title\x07"))
        await desk.idle()
        await desk.press("enter")
    (note,) = file.execute("SELECT note FROM events WHERE note IS NOT NULL").fetchone()
    assert note == "two\nlines� ␛]0;title␇"
