"""Questions with more than nine choices: all of them can be reached, by pages, by a part of their words, and by ↓."""

import sqlite3
from collections.abc import AsyncIterator

import pytest
from support.driving import Desk, desk_of, fill

from tui.widgets.prompt import Suggestions

CHOICES = ", ".join(f'"kind {number}"' for number in range(1, 41))
TYPES = f"""
[exchange.fields.count]
kind = "integer"
group = "transfer"
[exchange.fields.sort]
kind = "choice"
choices = [{CHOICES}]
"""
TRANSFERS = [{"name": "count", "value": 100 + n, "group": f"transfer:{n}"} for n in range(1, 13)]
EVENT = {"id": "e", "type": "exchange", "fields": [{"name": "sort", "value": "kind 1"}, *TRANSFERS]}


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, {"id": "d", "text": "Twelve transfers.", "events": [EVENT]})
    async with desk_of(connection) as desk:
        yield desk


def groups(desk: Desk, count: int) -> list[str | None]:
    event = desk.screen.session.event
    return [field.group for field in event.live_fields if field.value == count] if event else []


async def test_a_field_goes_to_a_group_on_the_second_page_and_the_pages_go_round(desk: Desk) -> None:
    await desk.write("ocount", "enter")
    assert "9 transfer 9" in desk.asked
    assert "tab 10–12 of 12" in desk.asked
    await desk.press("tab")
    assert "3 transfer 12" in desk.asked
    assert "transfer 9" not in desk.asked
    assert "n new: transfer 13" in desk.asked
    await desk.press("tab")
    assert "1 transfer 1" in desk.asked
    await desk.press("shift+tab", "2", "enter")
    await desk.write("7777", "enter")
    assert groups(desk, 7777) == ["transfer:11"]


async def test_any_of_twelve_groups_can_be_split_off_and_removed(desk: Desk) -> None:
    await desk.press("S", "2", "tab", "3")
    assert "3 ✓ transfer 12" in desk.asked  # still on the page that was chosen from
    assert "enter split off 2" in desk.asked
    await desk.press("escape", "D", "slash")
    await desk.write("12", "enter")
    assert groups(desk, 112) == []
    assert groups(desk, 101) == ["transfer:1"]


async def test_nine_choices_or_fewer_have_no_pages(desk: Desk) -> None:
    for _ in range(3):
        await desk.press("D", "1")
    await desk.press("D")
    assert "9 transfer 12" in desk.asked
    assert "tab" not in desk.asked


async def test_a_choice_that_does_not_fit_at_the_foot_is_found_by_its_words(desk: Desk) -> None:
    await desk.press("l", "f", "slash")
    await desk.write("37", "enter")
    event = desk.screen.session.event
    assert event is not None
    assert event.live_fields[0].value == "kind 37"


async def test_the_down_key_goes_on_to_suggestions_out_of_view(desk: Desk) -> None:
    await desk.press("l", "f", "slash", *["down"] * 12)
    assert [line.strip(" ▸") for line in str(desk.screen.query_one(Suggestions).render()).splitlines()] == [
        f"kind {n}" for n in range(9, 14)
    ]
    await desk.press("up", "up", "enter")
    event = desk.screen.session.event
    assert event is not None
    assert event.live_fields[0].value == "kind 11"
