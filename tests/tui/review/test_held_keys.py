"""A key that is held down decides no event after another, and a decision that changes nothing is not repeated."""

import sqlite3
from collections.abc import AsyncIterator

import pytest
from support.builders import ARTICLE, LATER, event, import_documents
from support.driving import Desk, desk_of
from textual import events
from textual.keys import _character_to_key

from db.decisions.review import Review
from tui.runtime.held_key import HeldKey


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    import_documents(connection, ARTICLE, LATER)
    async with desk_of(connection) as desk:
        yield desk


async def hold(desk: Desk, *keys: str, every: float = 0.03, times: int = 30) -> None:
    """Press keys a second apart, and hold the last one down."""
    desk.app.held_key = HeldKey()
    at = 1000.0
    for number, key in enumerate([*keys, *keys[-1:] * times]):
        at += 1.0 if number <= len(keys) else every
        pressed = events.Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else None)
        pressed.time = at
        desk.app.post_message(pressed)
    await desk.idle()
    desk.app.held_key = None


def log(desk: Desk) -> list[str]:
    return [row[0] for row in desk.connection.execute("SELECT action FROM decisions ORDER BY id")]


async def test_a_held_accept_stops_after_the_first_repeat_and_says_so(desk: Desk) -> None:
    await hold(desk, "a")
    assert log(desk) == ["confirm", "confirm"]
    assert "✗ not saved: the key is held down" in desk.text("detail")
    await desk.press("a")
    assert log(desk) == ["confirm"] * 3


@pytest.mark.parametrize("key", ["u", "ctrl+r"])
async def test_a_held_undo_or_redo_stops_too(desk: Desk, key: str) -> None:
    await desk.press("a", "exclamation_mark", "a")
    if key == "ctrl+r":
        await desk.press("u", "j", "u", "j", "u")
    before = len(log(desk))
    await hold(desk, key)
    assert len(log(desk)) == before + 2


@pytest.mark.parametrize(("key", "action"), [("d", "remove"), (".", "confirm"), ("C", "add")])
async def test_no_held_key_decides_again_and_again(desk: Desk, key: str, action: str) -> None:
    await desk.press("l", "j")
    await hold(desk, key)
    assert log(desk) == [action] * 2


async def test_a_held_key_does_not_answer_what_it_asked(desk: Desk) -> None:
    """``d`` asks for a field, one of which has the letter d."""
    await hold(desk, "d")
    assert log(desk) == ["remove"]
    assert "held down" in desk.text("status")


async def test_held_keys_move_and_type(desk: Desk) -> None:
    await hold(desk, "j", times=5)
    assert desk.screen.session.place == 2
    await hold(desk, "n", "o", times=8)
    await desk.press("enter")
    assert event(desk.connection, "report-2/1").note == "o" * 9


async def test_accepting_again_saves_nothing_says_so_and_goes_on(desk: Desk) -> None:
    await desk.press("a", "a", "a")
    assert desk.text("detail").count("no other pending event") == 1
    for _ in range(3):
        await desk.press("a")
    assert log(desk) == ["confirm"] * 3
    assert "you decided this already; no other pending event" in desk.text("detail")
    await desk.press("u", "g", "a")
    assert desk.screen.session.place == 2
    assert "you decided this already" in desk.text("detail")
    assert log(desk) == ["confirm"] * 3 + ["undo"]


@pytest.mark.parametrize("keys", ["!", "xd", "lg.", "lgje9+"])
async def test_the_same_decision_twice_is_one(desk: Desk, keys: str) -> None:
    names = {"!": "exclamation_mark", "+": "enter", ".": "full_stop"}
    pressed = [names.get(key, key) for key in keys]
    await desk.press(*pressed, "h", "g", *pressed)
    assert len(log(desk)) == 1


async def test_a_decision_about_what_another_person_decided_is_appended(desk: Desk) -> None:
    Review(desk.connection, "ben").accept(event(desk.connection))
    await desk.press("j", "k", "a")
    assert event(desk.connection).reviewer == "ana"
    assert log(desk) == ["confirm"] * 2


async def test_a_decision_about_a_newer_extraction_is_appended(desk: Desk) -> None:
    await desk.press("l", "j", "e", "9", "enter", "a")
    fields = [{**field, "value": 26} if field["name"] == "total" else field for field in ARTICLE["events"][0]["fields"]]
    import_documents(desk.connection, {**ARTICLE, "events": [{**ARTICLE["events"][0], "fields": fields}]})
    before = log(desk)
    assert event(desk.connection).changed
    await desk.press("h", "g", "a")
    assert log(desk) == [*before, "confirm"]
