"""`f`: a field by its letter, then a value by the letter over it in the text."""

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, event, exported
from support.driving import Desk, desk_of, fill

from db.model import Field, Span
from db.store.reading import read_decisions

TYPES = """
[prisoner_exchange.fields.date]
kind = "date"
[prisoner_exchange.fields.total]
kind = "integer"
[prisoner_exchange.fields.location]
kind = "place"
[prisoner_exchange.fields.category]
kind = "choice"
choices = ["soldiers", "civilians"]
[prisoner_exchange.fields.count]
kind = "integer"
group = "transfer"
[prisoner_exchange.fields.recipient]
kind = "actor"
group = "transfer"
"""


def report(text: str, *fields: dict[str, Any], id_: str = "report-1", **more: object) -> dict[str, Any]:
    events = [{"id": f"{id_}/1", "type": "prisoner_exchange", "extractor": "rules", "fields": list(fields)}]
    return {"id": id_, "published": "2025-03-07", "language": "en", "text": text, "events": events} | more


def field(connection: sqlite3.Connection, name: str) -> Field:
    return next(item for item in event(connection).live_fields if item.name == name)


def quote(connection: sqlite3.Connection, name: str, text: str = ARTICLE["text"]) -> list[str]:
    return [text[start:end] for start, end in field(connection, name).spans]


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, ARTICLE)
    async with desk_of(connection) as desk:
        yield desk


# Which field


async def test_from_the_fields_f_picks_for_the_selected_one(desk: Desk) -> None:
    await desk.press("l", "j", "f")
    assert "total" in desk.asked
    await desk.press(desk.label("25"))
    assert field(desk.connection, "total").value == 25
    assert desk.focus == "fields"


@pytest.mark.parametrize(("pane", "way"), [("queue", []), ("source", ["tab"])])
async def test_from_elsewhere_a_letter_chooses_the_field_and_the_focus_returns(
    desk: Desk, pane: str, way: list[str]
) -> None:
    await desk.press(*way, "f")
    assert desk.labels("fields") == list("asdfg")
    await desk.press("f")
    assert "count" in desk.asked
    assert desk.fields.selected == field(desk.connection, "count")
    await desk.press(desk.label("15"))
    assert field(desk.connection, "count").value == 15
    assert desk.focus == pane


# Which value


async def test_a_hint_saves_value_and_evidence_in_one_decision(desk: Desk) -> None:
    await desk.press("f", "s", "a")
    assert (field(desk.connection, "total").value, quote(desk.connection, "total")) == (25, ["25"])
    assert [decision.action for decision in read_decisions(desk.connection)] == ["correct"]
    assert desk.labels("source") == []
    await desk.press("u")
    assert (field(desk.connection, "total").value, quote(desk.connection, "total")) == (40, ["40"])


async def test_the_nearest_value_comes_first_and_the_current_one_last(desk: Desk) -> None:
    await desk.press("f", "s")
    assert [desk.label(value) for value in ("25", "15", "40")] == list("asd")


async def test_a_picked_number_keeps_its_modifier(connection: sqlite3.Connection) -> None:
    fill(
        connection, TYPES, report("12 men, then some 15,000 people.", {"name": "total", "value": 12, "spans": [[0, 2]]})
    )
    async with desk_of(connection) as desk:
        await desk.press("f", "a")
        await desk.press(desk.label("about 15000"))
    total = field(connection, "total")
    assert (total.value, total.modifier) == (15_000, "about")


async def test_more_than_26_candidates_get_two_letters_and_backspace_undoes_the_first(
    connection: sqlite3.Connection,
) -> None:
    text = " ".join(f"n {number}" for number in range(101, 131))
    fill(connection, TYPES, report(text, {"name": "total", "value": 777}))
    async with desk_of(connection) as desk:
        await desk.press("f", "a")
        all_labels = desk.labels("source")
        assert all_labels == [*"asdfghjklqwertyuiopzxcvbn", "ma", "ms", "md", "mf", "mg"]
        await desk.press("m")
        assert desk.labels("source") == list("asdfg")
        await desk.press("backspace")
        assert desk.labels("source") == all_labels
        await desk.press("m", "s")
    assert (field(connection, "total").value, quote(connection, "total", text)) == (127, ["127"])


async def test_a_picked_date_phrase_becomes_an_iso_date_and_shows_its_words(desk: Desk) -> None:
    await desk.press("f", "a")
    await desk.press(desk.label("Friday → 2025-03-07"))
    assert field(desk.connection, "date").value == "2025-03-07"
    assert quote(desk.connection, "date") == ["Friday"]
    date, words = desk.lines("fields")[0], desk.lines("fields")[1:3]
    assert "2025-03-07" in date
    assert any("“Friday”" in line for line in words)


async def test_known_values_missing_from_the_text_are_offered(connection: sqlite3.Connection) -> None:
    elsewhere = report("At Zvenka.", {"name": "location", "value": "Zvenka"}, id_="elsewhere")
    fill(connection, TYPES, ARTICLE, elsewhere)
    async with desk_of(connection) as desk:
        await desk.press("f", "d")
        assert "Lesna (known)" not in desk.asked
        await desk.press(desk.label("Zvenka (known)"))
    assert (field(connection, "location").value, quote(connection, "location")) == ("Zvenka", [])


async def test_values_of_a_closed_set_get_the_first_letters(connection: sqlite3.Connection) -> None:
    """A field whose evidence is the place of its value, if it occurs."""
    text = "The Red Cross says that it was confirmed."
    stages = ["planned"] * 4 + ["confirmed"] * 3 + ["reported"] * 2
    others = [
        {"id": f"report-1/{n}", "type": "protest", "extractor": "rules", "fields": [{"name": "stage", "value": stage}]}
        for n, stage in enumerate(["reported", *stages], 1)
    ]
    fill(connection, "", report(text, events=others))
    async with desk_of(connection) as desk:
        await desk.press("f", "a")
        assert [desk.label(value) for value in ("planned (known)", "confirmed (known)", "Red Cross")] == list("asd")
        await desk.press("s")
    assert (field(connection, "stage").value, quote(connection, "stage", text)) == ("confirmed", ["confirmed"])


async def test_a_choice_gets_one_letter_and_the_nearest_evidence(connection: sqlite3.Connection) -> None:
    text = "Of the soldiers none crossed; the civilians did, and some soldiers later."
    fill(connection, TYPES, report(text, {"name": "category", "value": "civilians", "spans": [[34, 43]]}))
    async with desk_of(connection) as desk:
        await desk.press("f", "a")
        assert [desk.label(value) for value in ("soldiers", "civilians")] == list("as")
        await desk.press("a")
    assert field(connection, "category").value == "soldiers"
    assert field(connection, "category").spans == (Span(58, 66),)


# Filtering and typing


@pytest.mark.parametrize("keys", ["/5", "5"])
async def test_slash_or_a_digit_filters_candidates_and_enter_saves_the_nearest(
    connection: sqlite3.Connection, keys: str
) -> None:
    text = "First 15 men came, many days later 40 more, 25 of them old."
    fill(connection, TYPES, report(text, {"name": "total", "value": 40, "spans": [[35, 37]]}))
    async with desk_of(connection) as desk:
        await desk.press("f", "a", *keys)
        assert desk.text("prompt-remark") == "2 matches; enter saves 25"
        await desk.press("enter")
    assert (field(connection, "total").value, quote(connection, "total", text)) == (25, ["25"])


async def test_a_filter_without_match_says_so_and_saves_nothing(desk: Desk) -> None:
    await desk.press("f", "s", "9", "enter")
    assert desk.text("prompt-remark") == "no match; esc cancels"
    assert event(desk.connection).revision == 0


async def test_enter_asks_for_a_typed_value(desk: Desk) -> None:
    await desk.press("f", "s", "enter", *"15", "enter")
    assert (field(desk.connection, "total").value, quote(desk.connection, "total")) == (15, ["15"])


# Scrolling and cancelling


async def test_the_text_scrolls_under_its_hint_letters(connection: sqlite3.Connection) -> None:
    text = "\n".join(f"line {number}" for number in range(80))
    fill(connection, TYPES, report(text, {"name": "total", "value": 777}))
    async with desk_of(connection) as desk:
        await desk.press("f", "a")
        first = desk.labels("source")
        await desk.press("ctrl+d")
        assert desk.source.scroll_offset.y > 0
        assert desk.labels("source") != first
        await desk.press("ctrl+u")
        assert (desk.source.scroll_offset.y, desk.labels("source")) == (0, first)
        await desk.press("s")
    assert field(connection, "total").value == 1


async def test_the_fields_scroll_under_their_hint_letters(connection: sqlite3.Connection) -> None:
    fields = [{"name": f"part_{number}", "value": number} for number in range(60)]
    fill(connection, TYPES, report("\n".join("ab" * 50), *fields))
    async with desk_of(connection) as desk:
        await desk.press("f")
        await desk.press("ctrl+d")
        assert (desk.fields.scroll_offset.y > 0, desk.source.scroll_offset.y) == (True, 0)
        await desk.press("ctrl+u")
        assert desk.fields.scroll_offset.y == 0
        assert "which field?" in desk.asked


@pytest.mark.parametrize("way", ["f", "fs", "fs/", "fs2", "fa", "f?"])
async def test_escape_changes_nothing_and_clears_the_letters(connection: sqlite3.Connection, way: str) -> None:
    fill(connection, TYPES, ARTICLE)
    async with desk_of(connection, size=(100, 40)) as desk:

        def shown() -> list[str]:
            # Except for the cursor, which stays on the chosen field.
            return [line.replace("▸", " ") for pane in ("queue", "source", "fields") for line in desk.lines(pane)]

        before = exported(connection), shown()
        await desk.press(*way)
        assert shown() != before[1]
        await desk.press("escape")
        assert (exported(connection), shown()) == before
        assert (desk.asked, desk.focus) == ("", "queue")


async def test_a_short_terminal_shows_the_queue_again_after_a_question(desk: Desk) -> None:
    before = desk.lines("queue")
    await desk.press("f")
    await desk.press("s")
    assert desk.lines("queue") == []
    await desk.press("escape")
    assert desk.lines("queue") == before


async def test_an_unused_letter_is_ignored(desk: Desk) -> None:
    await desk.press("f", "z", "s", "z", "a")
    assert field(desk.connection, "total").value == 25


async def test_an_event_without_fields_says_how_to_add_one(connection: sqlite3.Connection) -> None:
    fill(connection, TYPES, report("Nothing."))
    async with desk_of(connection) as desk:
        await desk.press("f")
        assert desk.asked == ""
        assert "this event has no fields" in desk.text("detail")


async def test_a_narrow_terminal_shows_the_pane_with_the_letters(connection: sqlite3.Connection) -> None:
    fill(connection, TYPES, ARTICLE, LATER)
    async with desk_of(connection, size=(50, 20)) as desk:

        def shown() -> list[str]:
            return [pane for pane in ("queue", "source", "fields") if desk.screen.query_one(f"#{pane}").display]

        assert shown() == ["queue"]
        await desk.press("f")
        assert shown() == ["fields"]
        assert desk.labels("fields") == list("asdfg")
        await desk.press("s")
        assert shown() == ["source"]
        assert desk.labels("source") == ["d", "a", "s"]
        await desk.press("a")
        assert (shown(), desk.focus) == (["queue"], "queue")
    assert field(connection, "total").value == 25
