"""Digits before a movement, other keyboards, and the terminal's cursor, which follows what is selected."""

import sqlite3
from collections.abc import AsyncIterator

import pytest
from support.driving import Desk, desk_of, fill
from textual import events

TYPES = """
[raid.fields.killed]
kind = "integer"
[raid.fields.place]
kind = "place"
"""
EVENTS = [
    {
        "id": f"e{n}",
        "type": "raid",
        "fields": [{"name": "killed", "value": n}, {"name": "place", "value": "Lesna", "spans": [[3, 8]]}],
    }
    for n in range(1, 31)
]
TEXT = "At Lesna.\n" + "\n".join(f"Line {n}." for n in range(60))


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, {"id": "d", "text": TEXT, "events": EVENTS})
    async with desk_of(connection) as desk:
        yield desk


def place(desk: Desk) -> int:
    return desk.screen.session.place + 1


async def test_digits_repeat_a_movement(desk: Desk) -> None:
    await desk.press("1")
    assert "1: a movement key, such as j or G, goes so far · esc cancels" in desk.text("detail")
    await desk.press("2", "j")
    assert place(desk) == 13
    assert "movement key" not in desk.text("detail")
    await desk.press("3", "k", "j")
    assert place(desk) == 11
    await desk.press("5", "G")
    assert place(desk) == 5
    await desk.press("9", "9", "g")
    assert place(desk) == 30
    await desk.press("3", "escape", "k")  # cancelled
    assert (place(desk), desk.focus) == (29, "queue")
    await desk.press("4", "l", "j", "2", "k", "1", "G", "2", "J")  # the number is only for the key after it
    assert (place(desk), desk.focus, desk.fields.cursor) == (30, "fields", 0)
    await desk.press("tab", "tab", "2", "0", "j")
    assert desk.source.scroll_offset.y == 20
    await desk.press("v", "g", "3", "w")
    assert "Line" in desk.asked
    await desk.press("0", "escape")
    assert desk.focus == "source"


async def test_digits_in_a_question_are_its_answers(desk: Desk) -> None:
    await desk.press("l", "e")
    await desk.write("25", "enter")
    event = desk.screen.session.event
    assert event is not None
    assert event.live_fields[0].value == 25


async def test_the_cursor_of_the_terminal_follows_what_is_selected(desk: Desk) -> None:
    queue, fields = desk.screen.panes.queue, desk.fields
    await desk.press("j", "j")
    assert desk.app.cursor_position == queue.region.offset + (0, 3)  # noqa: RUF005 (below the title)
    await desk.press("l", "j")
    assert desk.app.cursor_position == fields.region.offset + (0, 2)  # noqa: RUF005
    await desk.press("f")
    prompt = desk.screen.foot.key_prompt
    assert desk.app.cursor_position == prompt.content_region.offset
    await desk.press("escape", "v")
    x, y = desk.app.cursor_position
    left, top = desk.source.scrollable_content_region.offset
    assert desk.source.render_line(y - top).text[x - left :].startswith("Lesna")
    await desk.press("escape", ":")
    text = desk.screen.foot.text_prompt
    assert desk.app.cursor_position == text.line.content_region.offset
    await desk.press("down", "down")
    assert desk.app.cursor_position.y == text.line.region.y + 3
    await desk.press("x")
    assert desk.app.cursor_position.y == text.line.region.y


async def test_a_keyboard_without_latin_letters(desk: Desk) -> None:
    await desk.press("о")
    assert "о is no key. Russian layout? F4 reads keys by position" in desk.text("detail")
    await desk.press("f4", "о", "о")
    assert place(desk) == 3
    await desk.press("т")  # a note
    await desk.write("он", "enter")
    event = desk.screen.session.event
    assert event is not None
    assert event.note == "он"
    await desk.press("ч", "р")  # reject as historical
    event = desk.screen.session.queue.rows(2, 3)[0]
    assert event.status == "rejected"


async def test_an_unknown_letter_in_a_question_is_explained_in_the_status_line(desk: Desk) -> None:
    await desk.press("x", "р")
    assert "Russian layout?" in desk.text("status")
    await desk.press("f4", "р")
    assert desk.screen.session.queue.rows(0, 1)[0].status == "rejected"


async def test_a_control_key_of_such_a_keyboard_works_in_a_question_too(desk: Desk) -> None:
    await desk.press("f4", "x")
    desk.app.post_message(events.Key("ctrl+я", None))
    await desk.idle()
    assert "no shell" in str(desk.screen.view.message)


async def test_caps_lock_never_changes_an_event_silently(desk: Desk) -> None:
    await desk.press("A")
    assert "A is no key. Is Caps Lock on?" in desk.text("detail")
    await desk.press("C")
    assert "Is Caps Lock on? C: copy the event. Press it again to do it" in desk.text("detail")
    assert len(desk.screen.session.queue) == 30
    desk.app.post_message(events.Key("C", "C"))
    await desk.idle()
    assert len(desk.screen.session.queue) == 31
