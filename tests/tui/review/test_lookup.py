"""Lookups: other events without leaving the place, and without decisions."""

import sqlite3
from collections.abc import AsyncIterator

import pytest
from support.builders import ARTICLE, LATER
from support.driving import Desk, desk_of, fill
from textual.widget import Widget

from tui.config.settings import Settings
from tui.review.lookup import LookupScreen

TYPES = """
[prisoner_exchange.fields.date]
kind = "date"
[prisoner_exchange.fields.total]
kind = "integer"
[prisoner_exchange.fields.location]
kind = "place"
[prisoner_exchange.fields.mediator]
kind = "actor"
[prisoner_exchange.fields.recipient]
kind = "actor"
group = "transfer"
"""
FAR = {
    "id": "report-3",
    "text": "In 2019 forty crossed.",
    "events": [
        {"id": "report-3/1", "type": "prisoner_exchange", "fields": [
            {"name": "date", "value": "2019-03-07"}, {"name": "mediator", "value": "the Red Cross"}]},
        {"id": "report-3/2", "type": "prisoner_exchange", "fields": [
            {"name": "date", "value": "2025-03-01"}, {"name": "recipient", "value": "The Red Cross"}]},
    ],
}  # fmt: skip


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, ARTICLE, LATER, FAR)
    async with desk_of(connection) as desk:
        yield desk


def shown(desk: Desk) -> list[str]:
    """Ids of the events in the lookup."""
    names = dict(desk.connection.execute("SELECT id, external_id FROM events"))
    screen = desk.app.screen
    assert isinstance(screen, LookupScreen)
    return [names[id_] for id_ in screen.session.queue.ids]


def line(desk: Desk, name: str) -> str:
    widget: Widget = desk.app.screen.query_one(f"#{name}")
    return str(widget.render())


async def test_escape_returns_from_a_lookup_to_the_same_place(desk: Desk) -> None:
    await desk.press("j", "l", "ctrl+f")
    await desk.write("location:lesna", "enter")
    assert shown(desk) == ["report-1/1", "report-2/1"]
    await desk.press("j", "escape")
    assert desk.app.screen is desk.screen
    assert desk.screen.session.event is not None
    assert desk.screen.session.event.external_id == "report-1/2"
    assert desk.focus == "fields"


async def test_the_value_of_a_field_is_looked_up(desk: Desk) -> None:
    await desk.press("l", "j", "asterisk")  # total 40
    assert shown(desk) == ["report-1/1", "report-2/1"]
    assert "total:40" in line(desk, "status")


async def test_from_the_queue_hint_letters_choose_the_field_to_look_up(desk: Desk) -> None:
    await desk.press("asterisk")
    letter = desk.labels("fields")[2]
    await desk.press(letter)
    assert 'location:"Lesna"' in line(desk, "status")


async def test_near_finds_events_with_a_party_within_a_week_or_a_count(desk: Desk) -> None:
    await desk.press("j", "j", "percent_sign")  # report-2/1: 40, the Red Cross, 7 March 2025
    assert shown(desk) == ["report-1/1", "report-3/2", "report-2/1"]
    screen = desk.app.screen
    assert isinstance(screen, LookupScreen)
    assert screen.session.event is not None
    assert screen.session.event.external_id == "report-2/1"


@pytest.mark.parametrize("keys", [["a"], ["x"], ["l", "d"], ["u"], ["f"], ["N"], ["M"], ["l", "e"], ["l", "full_stop"]])
async def test_nothing_is_decided_in_a_lookup(desk: Desk, keys: list[str]) -> None:
    await desk.press("percent_sign", *keys)
    assert "this is a lookup" in line(desk, "detail")
    assert desk.connection.execute("SELECT count(*) FROM decisions").fetchone()[0] == 0


async def test_r_reviews_the_events_of_the_lookup(desk: Desk) -> None:
    await desk.press("ctrl+f")
    await desk.write("type:prisoner_exchange sort:-date", "enter", "j", "r")
    assert desk.app.screen is desk.screen
    assert desk.screen.session.queue.query == "type:prisoner_exchange sort:-date"
    assert desk.screen.session.event is not None
    assert desk.screen.session.event.external_id == "report-3/2"


async def test_quit_in_a_lookup_only_closes_the_lookup(desk: Desk) -> None:
    await desk.press("percent_sign", "q")
    assert desk.app.screen is desk.screen
    assert desk.app.is_running


async def test_a_lookup_in_a_lookup_replaces_it(desk: Desk) -> None:
    await desk.press("percent_sign", "slash")
    await desk.write("report-3/1", "enter", "percent_sign", "escape")
    assert desk.app.screen is desk.screen


async def test_a_mistake_in_the_query_keeps_the_question_open(desk: Desk) -> None:
    await desk.press("ctrl+f")
    await desk.write("locaton:lesna", "enter")
    assert "did you mean location?" in desk.text("prompt-remark")


async def test_a_query_is_saved_under_a_name_and_used(desk: Desk) -> None:
    await desk.press("w")
    assert "no query to save" in desk.text("detail")
    await desk.press("slash")
    await desk.write("location:lesna", "enter", "w")
    await desk.write("border", "enter", "slash", "backspace")
    await desk.write("@bo", "tab", "enter")
    assert desk.screen.session.queue.query == "@border"
    assert len(desk.screen.session.queue) == 2
    await desk.press("slash")
    await desk.write("total:40", "enter", "w")
    await desk.write("Border", "enter")
    assert "@Border is already location:lesna" in desk.text("prompt-remark")
    await desk.press("enter")
    assert "saved total:40 as @Border" in desk.text("detail")
    await desk.press("w")
    await desk.write("two words", "enter")
    assert "is not a query name" in desk.text("prompt-remark")


async def test_completions_and_history_of_queries(connection: sqlite3.Connection, tmp_path: object) -> None:
    fill(connection, TYPES, ARTICLE, LATER, FAR)
    from pathlib import Path

    kept = Path(str(tmp_path)) / "state" / "queries.jsonl"
    async with desk_of(connection, settings=Settings(queries=kept)) as desk:
        await desk.press("slash")
        await desk.write("loc", "tab")
        await desk.write("les", "tab")
        assert desk.screen.query_one("#text-prompt LineInput").value == "location:Lesna"  # type: ignore[attr-defined]
        await desk.press("enter", "slash")
        await desk.write("is:pen", "down", "enter", "enter")
        assert desk.screen.session.queue.query == "is:pending"
        await desk.press("slash")
        await desk.write("to")
        await desk.press("up", "up", "enter")
        assert desk.screen.session.queue.query == "location:Lesna"
        await desk.press("slash")
        await desk.write("t", "up", "down")
        assert desk.screen.query_one("#text-prompt LineInput").value == "t"  # type: ignore[attr-defined]
    assert kept.read_text() == '"is:pending"\n"location:Lesna"\n'
    assert kept.stat().st_mode & 0o077 == 0
