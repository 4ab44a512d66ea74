"""The command palette, notes with several lines, the clipboard, and the help."""

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.builders import event, exported
from support.driving import Desk, desk_of, fill
from textual.events import Paste

from tui.config.bindings import BINDINGS, EVERYWHERE, PANE_KEYS
from tui.widgets.help import HelpScreen
from tui.widgets.prompt import Suggestions, TextPrompt

TYPES = """
[exchange.fields.date]
kind = "date"
[exchange.fields.count]
kind = "integer"
group = "transfer"
"""
TEXT = "On Friday 40 men crossed."
REPORT: dict[str, Any] = {
    "id": "report",
    "title": "Exchange",
    "publisher": "The Border Post",
    "published": "2025-03-07",
    "url": "https://example.org/1",
    "text": TEXT,
    "events": [
        {
            "id": "report/1",
            "type": "exchange",
            "extractor": "rules",
            "fields": [
                {"name": "date", "value": "2025-03-07", "spans": [[3, 9]]},
                {"name": "count", "value": 40, "group": "transfer:1", "spans": [[10, 12], [13, 16]]},
            ],
        },
        {"id": "report/2", "type": "exchange", "extractor": "rules", "fields": [{"name": "date", "value": "1999"}]},
        {"id": "report/3", "type": "exchange", "extractor": "rules", "fields": []},
    ],
}


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, REPORT)
    async with desk_of(connection) as desk:
        yield desk


# The palette


@pytest.mark.parametrize(("pane", "way"), [("queue", []), ("fields", ["l"]), ("source", ["tab"])])
async def test_the_palette_lists_every_command_with_its_key(desk: Desk, pane: str, way: list[str]) -> None:
    await desk.press(*way, ":")
    listed = desk.screen.query_one(TextPrompt)._question.suggestions
    elsewhere = ("app.commands", "lookup.leave", "lookup.review")  # in the list itself, and in a lookup
    wanted = [item for item in (*EVERYWHERE, *PANE_KEYS[pane]) if item.id not in elsewhere]
    assert list(listed) == [f"{item.description}  ({item.key_display or item.key})" for item in wanted]
    for item in wanted if pane == "queue" else PANE_KEYS[pane]:
        desk.send("ctrl+u")
        desk.app.post_message(Paste(item.description))
        await desk.idle()
        assert f"▸ {item.description}" in str(desk.screen.query_one(Suggestions).render())


async def test_a_command_acts_on_the_pane_it_was_asked_from(desk: Desk) -> None:
    await desk.press("l", ":", *"last field", "enter")
    assert (desk.fields.cursor, desk.focus) == (1, "fields")
    await desk.press(":", *"remove a fi", "enter")
    assert [item.name for item in event(desk.connection, "report/1").live_fields] == ["date"]


@pytest.mark.parametrize(
    ("way", "command", "why"),
    [
        pytest.param(["/", *"nowhere", "enter"], "accept", "no event is open", id="no event"),
        pytest.param(["/", *"nowhere", "enter"], "select text", "no event is open", id="no event to select for"),
        pytest.param(["G"], "pick a field", "this event has no fields", id="no fields"),
        pytest.param(["G"], "remove a field", "this event has no fields", id="no field to remove"),
        pytest.param(["J"], "remove a whole", "this event has no groups", id="no groups"),
        pytest.param(["J"], "split", "this event has no groups", id="no groups to split"),
        pytest.param([], "undo", "you have nothing to undo in this file", id="nothing to undo"),
    ],
)
async def test_the_palette_says_why_a_command_is_unavailable(
    desk: Desk, way: list[str], command: str, why: str
) -> None:
    await desk.press(*way, ":", *command)
    assert desk.text("prompt-remark") == f"not now: {why}"
    before = exported(desk.connection)
    await desk.press("enter")
    assert desk.asked.startswith("Command")
    assert desk.text("prompt-remark") == f"not now: {why}"
    await desk.press("escape")
    assert (desk.asked, exported(desk.connection)) == ("", before)


@pytest.mark.parametrize(
    ("way", "key", "why"),
    [
        ([], "u", "you have nothing to undo"),
        ([], "ctrl+r", "nothing to redo"),
        (["J"], "S", "this event has no groups"),
        (["G"], "e", "this event has no fields"),
        (["/", *"nowhere", "enter"], "x", "no event is open"),
        (["/", *"nowhere", "enter"], "N", "no document is open"),
    ],
)
async def test_the_key_of_an_unavailable_command_says_why(desk: Desk, way: list[str], key: str, why: str) -> None:
    await desk.press(*way, key)
    assert why in desk.text("detail")
    assert desk.asked == ""


async def test_escape_closes_the_palette(desk: Desk) -> None:
    await desk.press("l", ":", *"accept", "escape")
    assert (event(desk.connection, "report/1").status, desk.focus) == ("pending", "fields")


# Notes

LINES = "first, “quoted”\n  indented [b]\n\nlast … замітка"


def typed(text: str) -> list[str]:
    return ["ctrl+j" if character == "\n" else character for character in text]


async def test_a_note_with_several_lines_is_saved_exactly(desk: Desk) -> None:
    await desk.press("n", *typed(LINES), "enter")
    await desk.press("l", "j", "n", *typed(LINES), "enter")
    noted = exported(desk.connection)[0]["events"][0]
    assert (noted["note"], noted["fields"][1]["note"]) == (LINES, LINES)
    assert "note" not in noted["fields"][0]
    shown = "\n".join(line.strip() for line in desk.lines("fields"))
    assert "# first, “quoted”\n#   indented [b]\n#\n# last … замітка" in shown


async def test_a_note_can_be_extended_and_emptied(desk: Desk) -> None:
    await desk.press("n", *"one", "enter", "n", "ctrl+j", *"two", "enter")
    assert event(desk.connection, "report/1").note == "one\ntwo"
    await desk.press("n", "enter")
    assert event(desk.connection, "report/1").revision == 2
    await desk.press("n", *["backspace"] * 7, "enter")
    assert event(desk.connection, "report/1").note is None


async def test_a_cancelled_note_is_not_saved(desk: Desk) -> None:
    await desk.press("n", *"one", "ctrl+j", *"two", "escape")
    assert (event(desk.connection, "report/1").note, desk.focus) == (None, "queue")


async def test_an_unchanged_note_keeps_its_invisible_characters(connection: sqlite3.Connection) -> None:
    first, *others = REPORT["events"]
    fill(connection, TYPES, REPORT | {"events": [first | {"note": "bell\x07", "status": "pending"}, *others]})
    before = exported(connection)
    async with desk_of(connection) as desk:
        await desk.press("n", "enter")
    assert exported(connection) == before


# The clipboard


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the terminal's clipboard got; the platform's must have got the same."""
    terminal: list[str] = []

    def platform(text: str) -> None:
        assert text == terminal[-1]

    monkeypatch.setattr("textual.app.App.copy_to_clipboard", lambda _, text: terminal.append(text))
    monkeypatch.setattr("pyperclip.copy", platform)
    return terminal


async def test_y_copies_value_quote_or_citation(desk: Desk, copied: list[str]) -> None:
    await desk.press("l", "j", "y", "v", "y", "q", "y", "c", "g", "y", "q")
    assert "copied the quote" in desk.text("detail")
    citation = "“40 … men” (The Border Post, 2025-03-07, Exchange, https://example.org/1)"
    assert copied == ["40", "40 … men", citation, "Friday"]


async def test_without_evidence_there_is_no_quote(desk: Desk, copied: list[str]) -> None:
    await desk.press("J", "y", "q", "c", "G", "y", "v", "c")
    assert copied == ["The Border Post, 2025-03-07, Exchange, https://example.org/1"] * 2


async def test_control_characters_are_made_harmless_before_copying(
    connection: sqlite3.Connection, copied: list[str]
) -> None:
    text = "Run \x1b[31mrm\r\n\x9b2J\u202enow"
    field = {"name": "date", "value": text, "spans": [[0, len(text)]]}
    events = [{"id": "report/1", "type": "exchange", "extractor": "rules", "fields": [field]}]
    fill(connection, TYPES, {"id": "report", "title": "A\x07", "text": text, "events": events})
    async with desk_of(connection) as desk:
        await desk.press("y", "v", "y", "q", "y", "c")
    value, quote, citation = copied
    assert quote == "Run ␛[31mrm␍\n\ufffd2J\ufffdnow"
    assert value == quote.replace("\n", " ")
    assert citation == f"“{quote}” (A␇, report)"


async def test_a_platform_without_a_clipboard_is_no_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyperclip

    def fail(_: str) -> None:
        raise pyperclip.PyperclipException("none here")

    monkeypatch.setattr("pyperclip.copy", fail)
    await desk.press("y", "v")
    assert "copied the value" in desk.text("detail")


# The help


async def test_typing_filters_the_help(desk: Desk) -> None:
    def shown() -> str:
        return str(desk.app.screen.query_one("#help-keys").render())

    await desk.press("?")
    assert isinstance(desk.app.screen, HelpScreen)
    assert all(item.description.split(":")[0][:20] in shown() for item in BINDINGS.values())
    await desk.press(*"UNDO")
    assert [line.split()[:2] for line in shown().split("\n") if line] == [["In", "every"], ["u", "undo"]]
    await desk.press(*["backspace"] * 4, *"historical")
    assert [line.split() for line in shown().split("\n") if line] == [
        ["Reasons", "to", "reject"],
        ["h", "historical", "mention"],
    ]
    await desk.press("z")
    assert "No key matches" in shown()
    await desk.press("escape", "j")
    assert "2/3" in desk.text("status")
    assert event(desk.connection, "report/1").revision == 0
