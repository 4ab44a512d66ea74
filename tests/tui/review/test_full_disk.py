"""On a full disk a question stays open, and the same key saves once there is room."""

import contextlib
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator

import pytest
from support.builders import ARTICLE, LATER, import_documents
from support.driving import Desk, desk_of
from textual import events


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(connection, ARTICLE, LATER)
    return connection


@pytest.fixture
async def desk(file: sqlite3.Connection) -> AsyncIterator[Desk]:
    async with desk_of(file) as desk:
        yield desk


@contextlib.contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def written(file: sqlite3.Connection) -> list[tuple[str, str]]:
    return [
        *file.execute("SELECT action, after FROM decisions ORDER BY id"),
        *file.execute("SELECT name, query FROM saved_queries"),
    ]


QUESTIONS = {  # keys that open it, what it asks, the key that decides
    "a reason": (["x"], "Reject as", "g"),
    "a reason in words": (["x", "o", *"because"], "Reject: give a reason", "enter"),
    "a note": (["n", *"words"], "Note on this event", "enter"),
    "a value": (["l", "j", "j", "e", *"Nowhere"], "location", "enter"),
    "which of several places": (["l", "j", "j", "e", *"the", "enter"], "Where is “the”?", "enter"),
    "a hint": (["l", "j", "f"], "Pick a value for total", "a"),
    "a new name": (["l", "m", *"brandnew", "enter"], "Move date", "enter"),
    "which group": (["D"], "Remove which group?", "1"),
    "a split": (["S", "1"], "Split off which groups", "enter"),
    "a duplicate": (["M", "enter"], "Merge into", "enter"),
    "a type": (["t", *"uprising", "enter"], "Change type to", "enter"),
    "a new event": (["N", *"uprising", "enter"], "Add event of type", "enter"),
    "a query's name": (["slash", *"type:prisoner_exchange", "enter", "w", *"mine"], "", "enter"),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_stays_open_on_a_full_disk_and_the_same_key_saves_later(
    desk: Desk, file: sqlite3.Connection, question: str
) -> None:
    keys, asks, key = QUESTIONS[question]
    await desk.press(*keys)
    asked = desk.asked
    assert asks in asked
    with no_room():
        await desk.press(key)
    assert written(file) == []
    assert "not saved: the file could not be written" in desk.text("status")
    assert desk.asked == asked
    await desk.press(key)
    assert len(written(file)) == 1
    assert desk.asked == ""
    assert "not saved" not in desk.text("status")


@pytest.mark.parametrize("key", ["a", "exclamation_mark", "C"])
async def test_a_key_on_a_full_disk_changes_nothing_and_saves_later(
    desk: Desk, file: sqlite3.Connection, key: str
) -> None:
    with no_room():
        await desk.press(key)
    assert "not saved: the file could not be written" in desk.text("detail")
    assert written(file) == []
    await desk.press(key)
    assert len(written(file)) == 1


@pytest.mark.parametrize("keys", [[], ["slash"], ["n"], ["l", "e"]])
async def test_a_paste_of_megabytes_is_refused_and_what_was_typed_stays(desk: Desk, keys: list[str]) -> None:
    await desk.press(*keys)
    asked = desk.asked
    desk.app.post_message(events.Paste("pasted " * 720_000))
    await desk.idle()
    assert "the pasted text has 5,040,000 characters" in desk.text("status" if keys else "detail")
    assert desk.asked == asked


async def test_selected_text_stays_selected_on_a_full_disk(desk: Desk, file: sqlite3.Connection) -> None:
    await desk.press("l", "j", "j", "v", "w", "v", "w")
    with no_room():
        await desk.press("enter")
    assert "not saved: the file could not be written" in desk.text("status")
    await desk.press("enter")
    assert len(written(file)) == 1


async def test_undo_and_redo_work_once_the_disk_has_room(desk: Desk, file: sqlite3.Connection) -> None:
    await desk.press("a")
    for key in ("u", "ctrl+r"):
        before = len(written(file))
        with no_room():
            await desk.press(key)
        assert len(written(file)) == before
        await desk.press(key)
        assert len(written(file)) == before + 1
