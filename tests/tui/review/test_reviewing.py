"""The reviewer's main flows, by keys through Textual's pilot."""

import sqlite3
from collections.abc import AsyncIterator

import pytest
from support.builders import ARTICLE, event, import_documents
from textual.pilot import Pilot

from db.decisions.review import Review
from db.io.types_toml import parse_event_types
from db.model import Span
from db.store.connection import writing
from db.store.event_types import declare
from tui.review.app import EventdeskApp
from tui.widgets.prompt import TextPrompt

TYPES = """
[prisoner_exchange.fields.date]
kind = "date"
help = "The day of the exchange."
[prisoner_exchange.fields.total]
kind = "integer"
[prisoner_exchange.fields.category]
kind = "choice"
choices = ["soldiers", "civilians"]
[prisoner_exchange.fields.location]
kind = "place"
[prisoner_exchange.fields.crossing]
kind = "place"
[prisoner_exchange.fields.count]
kind = "integer"
group = "transfer"
unit = "people"
[prisoner_exchange.fields.recipient]
kind = "actor"
group = "transfer"
"""

Reviewer = Pilot[None]


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    with writing(connection):
        declare(connection, parse_event_types(TYPES, "test"))
    import_documents(connection, ARTICLE)
    return connection


@pytest.fixture
async def pilot(file: sqlite3.Connection) -> AsyncIterator[Reviewer]:
    app = EventdeskApp(Review(file, "ana"))
    async with app.run_test(size=(100, 30)) as pilot:
        yield pilot


def screen_of(pilot: Reviewer) -> "EventdeskApp":
    assert isinstance(pilot.app, EventdeskApp)
    return pilot.app


def bar(pilot: Reviewer, name: str) -> str:
    return screen_of(pilot).review_screen.query_one(f"#{name}").render().plain  # type: ignore[attr-defined, no-any-return]


async def type_text(pilot: Reviewer, text: str) -> None:
    names = {
        " ": "space",
        "-": "minus",
        ":": "colon",
        ">": "greater_than_sign",
        "=": "equals_sign",
        "(": "left_parenthesis",
    }
    await pilot.press(*(names.get(character, character) for character in text))


def values(file: sqlite3.Connection) -> dict[str, object]:
    return {field.name: field.value for field in event(file).live_fields}


@pytest.mark.parametrize(
    ("size", "beside"),
    [((80, 24), {"source", "fields"}), ((140, 40), {"source", "fields"}), ((180, 45), {"queue", "source", "fields"})],
)
async def test_panes_are_laid_out_for_every_terminal_size(
    file: sqlite3.Connection, size: tuple[int, int], beside: set[str]
) -> None:
    app = EventdeskApp(Review(file, "ana"))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        panes = {name: app.review_screen.query_one(f"#{name}").region for name in ("queue", "source", "fields")}
        rows = {name: region.y for name, region in panes.items()}
        assert {name for name in panes if rows[name] == rows["fields"]} == beside
        assert all(region.width >= 36 and region.height >= 6 for region in panes.values())
        assert max(region.bottom for region in panes.values()) == size[1] - 3


async def test_accept_goes_on_to_the_next_pending_event_and_stops_at_the_last(
    pilot: Reviewer, file: sqlite3.Connection
) -> None:
    await pilot.press("a")
    assert event(file).status == "confirmed"
    assert "2/2" in bar(pilot, "status")
    assert "1 left" in bar(pilot, "status")
    await pilot.press("a")
    assert event(file, "report-1/2").status == "confirmed"
    assert "no other pending event" in bar(pilot, "detail")


async def test_reject_asks_for_the_reason_by_one_key(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("x", "z", "d")
    assert (event(file).status, event(file).reason) == ("rejected", "duplicate")


async def test_rejecting_for_another_reason_asks_for_words(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("x", "o")
    await type_text(pilot, "satire")
    await pilot.press("enter")
    assert (event(file).reason, event(file).reason_text) == ("other", "satire")


async def test_a_cancelled_question_decides_nothing(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("x", "escape", "l", "enter", "9", "escape", "n", "y", "escape")
    assert event(file).revision == 0
    assert pilot.app.focused is not None
    assert pilot.app.focused.id == "fields"


async def test_the_mouse_picks_events_and_fields(pilot: Reviewer) -> None:
    await pilot.click("#queue", offset=(5, 2))
    assert "2/2" in bar(pilot, "status")
    await pilot.click("#queue", offset=(5, 1))
    await pilot.click("#fields", offset=(5, 4))
    await pilot.pause()
    assert "location" in bar(pilot, "detail")
    assert "edit" in bar(pilot, "hints")


async def test_a_click_on_another_event_cancels_the_question(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "enter", "2", "5")
    await pilot.click("#queue", offset=(5, 2))
    await pilot.pause()
    assert not pilot.app.screen.query_one(TextPrompt).display
    assert "2/2" in bar(pilot, "status")
    await pilot.press("a")
    assert event(file, "report-1/2").status == "confirmed"
    assert event(file).revision == 0


async def test_unsure_and_skip_go_on(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("space")
    assert "2/2" in bar(pilot, "status")
    await pilot.press("exclamation_mark")
    assert event(file, "report-1/2").status == "unsure"
    assert "1/2" in bar(pilot, "status")
    assert event(file).status == "pending"


async def test_a_typed_value_is_saved_with_its_place_in_the_text(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "enter")
    await type_text(pilot, "25")
    assert "occurs once in the text" in bar(pilot, "prompt-remark")
    await pilot.press("enter")
    total = next(field for field in event(file).fields if field.name == "total")
    assert (total.value, total.spans) == (25, (Span(41, 43),))


async def test_a_value_that_occurs_twice_asks_for_the_place(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "j", "enter")
    await type_text(pilot, "to the")
    assert "occurs 2 times" in bar(pilot, "prompt-remark")
    await pilot.press("enter")
    assert values(file)["location"] == "Lesna"
    await pilot.press("j", "enter")
    location = next(field for field in event(file).fields if field.name == "location")
    assert location.value == "to the"
    assert location.spans == (Span(64, 70),)


async def test_a_value_not_in_the_text_is_saved_without_evidence(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "enter")
    await type_text(pilot, "2025-03-07")
    await pilot.press("enter")
    date = event(file).live_fields[0]
    assert (date.value, date.spans) == ("2025-03-07", ())
    assert "without evidence" in bar(pilot, "detail")


async def test_a_value_of_the_wrong_kind_needs_a_second_enter(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "enter")
    await type_text(pilot, "many")
    await pilot.press("enter")
    assert values(file)["total"] == 40
    assert "not a whole number" in bar(pilot, "prompt-remark")
    await pilot.press("enter")
    assert values(file)["total"] == "many"


async def test_a_choice_is_one_letter(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("o")
    await type_text(pilot, "categ")
    await pilot.press("down", "enter", "s")
    assert values(file)["category"] == "civilians"
    place = [field.name for field in event(file).live_fields].index("category")
    await pilot.press("l", "g", *"j" * place, "e", "a")
    assert values(file)["category"] == "soldiers"


async def test_known_values_of_a_field_are_suggested(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "j", "enter")
    await type_text(pilot, "les")
    assert pilot.app.screen.query_one(TextPrompt)._matching == ["Lesna"]


async def test_a_new_field_is_added_to_the_chosen_group(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("o")
    await type_text(pilot, "count")
    await pilot.press("enter", "n", "enter")
    await type_text(pilot, "15")
    await pilot.press("enter")
    added = event(file).live_fields[-1]
    assert (added.name, added.group, added.value, added.state) == ("count", "transfer:2", 15, "added")


async def test_a_field_is_moved_and_a_new_name_needs_a_second_enter(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "j", "j", "m")
    await type_text(pilot, "crossing")
    await pilot.press("enter")
    assert values(file)["crossing"] == "Lesna"
    await pilot.press("m")
    await type_text(pilot, "gate")
    await pilot.press("enter")
    assert "new name" in bar(pilot, "prompt-remark")
    await pilot.press("enter")
    assert values(file)["gate"] == "Lesna"


async def test_confirm_goes_to_the_next_field_and_remove_removes_it(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("l", "full_stop", "d")
    assert event(file).fields[0].state == "confirmed"
    assert "total" not in values(file)


async def test_a_note_is_on_the_event_or_on_the_selected_field(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("n")
    await type_text(pilot, "why")
    await pilot.press("enter", "l", "n")
    await type_text(pilot, "ok")
    await pilot.press("enter")
    assert (event(file).note, event(file).fields[0].note) == ("why", "ok")


async def test_undo_and_redo_return_to_the_event(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("a", "u")
    assert event(file).status == "pending"
    assert "1/2" in bar(pilot, "status")
    assert "2 left" in bar(pilot, "status")
    assert "undone: accept" in bar(pilot, "detail")
    await pilot.press("ctrl+r")
    assert event(file).status == "confirmed"
    await pilot.press("u", "u")
    assert "you have nothing to undo" in bar(pilot, "detail")


async def test_a_query_filters_the_queue_and_a_mistake_stays_in_the_prompt(pilot: Reviewer) -> None:
    await pilot.press("slash")
    await type_text(pilot, "type:protest")
    await pilot.press("enter")
    assert "1/1" in bar(pilot, "status")
    await pilot.press("slash")
    await type_text(pilot, "(a")
    await pilot.press("enter")
    assert "column 1: this bracket is not closed" in bar(pilot, "prompt-remark")
    await pilot.press("escape")
    assert "1/1" in bar(pilot, "status")


async def test_no_key_fails_without_events(pilot: Reviewer) -> None:
    await pilot.press("slash")
    await type_text(pilot, "nothing")
    await pilot.press("enter")
    every_key = "a x exclamation_mark space n o j k g G l enter full_stop d m J K ctrl+d ctrl+u tab j k tab j u ctrl+r"
    await pilot.press(*every_key.split())
    assert "0/0" in bar(pilot, "status")


async def test_the_help_opens_and_closes_and_scrolls(pilot: Reviewer) -> None:
    await pilot.press("question_mark", "j", "ctrl+d", "k")
    assert type(pilot.app.screen).__name__ == "HelpScreen"
    await pilot.press("escape", "j")
    assert "2/2" in bar(pilot, "status")


async def test_a_command_is_found_by_a_word_and_run(pilot: Reviewer, file: sqlite3.Connection) -> None:
    await pilot.press("colon")
    assert "no command" not in bar(pilot, "prompt-remark")
    await type_text(pilot, "unsure")
    await pilot.press("enter")
    assert event(file).status == "unsure"
    await pilot.press("l", "ctrl+p")
    await type_text(pilot, "qqqq")
    await pilot.press("enter")
    assert "no command matches qqqq" in bar(pilot, "prompt-remark")
    await pilot.press("escape", "colon")
    await type_text(pilot, "edit the")
    await pilot.press("enter", "x", "escape")
    assert event(file, "report-1/2").revision == 0
