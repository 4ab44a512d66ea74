"""ctrl+z without a shell to return to, such as in a browser, says so. With a shell: tests/end_to_end."""

import sqlite3

import pytest
from support.builders import ARTICLE
from support.driving import desk_of, fill

from tui.config.keymap import read_keymap
from tui.config.settings import Settings

NO_SHELL = "a browser page has no shell"


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    fill(connection, "", ARTICLE)
    return connection


async def test_without_a_shell_it_says_so(file: sqlite3.Connection) -> None:
    async with desk_of(file) as desk:
        await desk.press("ctrl+z")
        assert NO_SHELL in desk.text("detail")
        await desk.press("%", "ctrl+z")  # in a lookup too
        assert NO_SHELL in str(desk.app.screen.query_one("#detail").render())


async def test_a_remapped_key_suspends_and_the_default_no_longer_does(file: sqlite3.Connection) -> None:
    settings = Settings(keymap=read_keymap({"app.suspend": "ctrl+y"}, "", "test"))
    async with desk_of(file, settings=settings) as desk:
        await desk.press("ctrl+z")
        assert NO_SHELL not in desk.text("detail")
        await desk.press("ctrl+y")
        assert NO_SHELL in desk.text("detail")


async def test_a_letter_that_suspends_can_still_be_typed(file: sqlite3.Connection) -> None:
    settings = Settings(keymap=read_keymap({"app.suspend": "Z"}, "", "test"))
    async with desk_of(file, settings=settings) as desk:
        await desk.press("n", "Z", "enter")
        assert file.execute("SELECT note FROM events WHERE note IS NOT NULL").fetchall() == [("Z",)]
        await desk.press("Z")
        assert NO_SHELL in desk.text("detail")


async def test_it_is_in_the_command_palette(file: sqlite3.Connection) -> None:
    async with desk_of(file) as desk:
        await desk.press(":")
        await desk.write("suspend to the shell", "enter")
        assert NO_SHELL in desk.text("detail")
