"""How the screens look: a text file each in ``__snapshots__``, renewed by ``pytest --snapshot-update``."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, event, import_documents
from support.looks import TextFile, screen_as_text
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from db.decisions.review import Review
from db.io.types_toml import parse_event_types
from db.model import Event, Field, Span
from db.store.connection import writing
from db.store.event_types import declare
from tui.config.settings import Settings
from tui.review.app import EventdeskApp

TYPES = """
[prisoner_exchange]
headline = ["total", "location"]
[prisoner_exchange.fields.date]
kind = "date"
help = "The day of the exchange, not of the report."
[prisoner_exchange.fields.total]
kind = "integer"
unit = "people"
[prisoner_exchange.fields.location]
kind = "place"
help = "Where they changed hands."
[prisoner_exchange.fields.mediator]
kind = "actor"
[prisoner_exchange.fields.source]
help = "Who says so."
[prisoner_exchange.fields.count]
kind = "integer"
group = "transfer"
unit = "people"
help = "How many went to this recipient."
[prisoner_exchange.fields.recipient]
kind = "actor"
group = "transfer"
[prisoner_exchange.fields.category]
kind = "choice"
choices = ["soldiers", "civilians", "remains"]
group = "transfer"
"""

TEXT = (
    "On Friday the two sides exchanged prisoners at the Lesna crossing, for the third time this year. 25 soldiers went "
    "home to the north and 15 to the south, the Red Cross said; eleven of them are wounded.\n\n"
    "The northern ministry spoke of 40 soldiers, most of them held since the fighting at Brod in 2022. Its minister, "
    "Anna Weil, thanked the Valley Republic for its good offices.\n\n"
    "A month before, on 7 February, the remains of 52 soldiers had been handed over at the same place."
)


def _field(name: str, value: object, quote: str, **more: object) -> dict[str, object]:
    start = TEXT.index(quote)
    return {"name": name, "value": value, "spans": [[start, start + len(quote)]], **more}


BULLETIN: dict[str, Any] = {
    "id": "bulletin-7",
    "title": "Third exchange of prisoners at Lesna",
    "publisher": "The Border Post",
    "published": "2025-03-09",
    "language": "en",
    "text": TEXT,
    "events": [
        {
            "id": "bulletin-7/1",
            "type": "prisoner_exchange",
            "extractor": "rules",
            "confidence": 0.81,
            "fields": [
                _field("date", "2025-03-07", "Friday", confidence=0.55),
                _field("total", 52, "52", confidence=0.4),
                _field("location", "Lesna", "Lesna crossing", confidence=0.97),
                _field("mediator", "Anna Weil", "Anna Weil", confidence=0.3),
                _field("source", "the Red Cross", "the Red Cross"),
                _field("count", 25, "25 soldiers", group="transfer:1", confidence=0.9),
                _field("recipient", "the north", "the north", group="transfer:1", confidence=0.88),
                _field("count", 11, "eleven", group="transfer:2", confidence=0.45),
                _field("recipient", "the south", "the south", group="transfer:2", confidence=1),
            ],
        },
        {
            "id": "bulletin-7/2",
            "type": "repatriation_of_remains",
            "extractor": "rules",
            "confidence": 0.64,
            "fields": [_field("date", "2025-02-07", "7 February"), _field("total", 52, "52")],
        },
    ],
}

HOSTILE_TEXT = (
    "被俘军人\u200b遗体 at e\u0301te\u0301 Z\u0336a\u0336\u0301 and دونيتسك on 7 March.\n"
    "Escape \x1b[31;5mred\x1b[0m, bell \x07, turned \u202eabc\u202c, [/b][@click=app.quit]quit[/], wide 遗体 end."
)
_PLACE = HOSTILE_TEXT.index("دونيتسك")
HOSTILE: dict[str, Any] = {
    "id": "hostile\x1b]0;id\x07",
    "title": "\x1b]0;PWNED\x07 [/b] Обмен 遗体 تبادل",
    "publisher": "[@click=app.quit]Ведомости[/]",
    "text": HOSTILE_TEXT,
    "events": [
        {
            "id": "hostile/1",
            "type": "交换_[/b]",
            "extractor": "\x1b[5mrules",
            "note": "see [/b] \u202eabc",
            "fields": [
                {"name": "location", "value": "دونيتسك", "spans": [[_PLACE, _PLACE + 7]]},
                {"name": "地点", "value": "被俘军人遗体" * 6, "confidence": 0.5, "note": "[/b]\x1b[2J"},
                {"name": "giver", "value": "e\u0301te\u0301 \x1b[31mred", "group": "transfer:[/b]"},
            ],
        }
    ],
}

ROOMY, USUAL, NARROW = (140, 40), (80, 24), (50, 20)


Looks = Callable[..., Awaitable[None]]


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Five events, one of each status, the first of them corrected."""
    with writing(connection):
        declare(connection, parse_event_types(TYPES, "test"))
    import_documents(connection, BULLETIN, ARTICLE, LATER)
    review = Review(connection, "ana")

    def first() -> Event:
        return event(connection, "bulletin-7/1")

    def field(name: str, group: str | None = None) -> Field:
        return next(item for item in first().live_fields if (item.name, item.group) == (name, group))

    def place(quote: str) -> list[Span]:
        start = TEXT.index(quote)
        return [Span(start, start + len(quote))]

    review.reject(event(connection, "report-1/2"), "generic")
    review.flag(event(connection, "report-1/1"))
    review.accept(event(connection, "report-2/1"))
    review.confirm_field(first(), field("date"))
    review.correct(first(), field("total"), 40, place("40"), "about")
    review.remove(first(), field("mediator"))
    review.correct(first(), field("count", "transfer:2"), 15, place("15"))
    review.add(first(), "category", "transfer:2", "soldiers", place("soldiers"))
    review.note(first(), "the ministry counts 40", field("total"))
    review.note(first(), "third of this year")
    return connection


@pytest.fixture
def looks(file: sqlite3.Connection, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Compare the reviewer after some keys with its snapshot."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    async def looks(*keys: str, size: tuple[int, int], theme: str = "dark", hint_seen: Path | None = None) -> None:
        settings = Settings(theme=theme, hint_seen=hint_seen)
        app = EventdeskApp(Review(file, "ana"), settings=settings)
        async with app.run_test(size=size) as pilot:
            await _settled(pilot)
            # Typed ahead: pilot.press waits after each key until the machine is idle.
            await asyncio.gather(*(pilot.press(key) for key in keys))
            drawn = await _settled(pilot)
        assert f"{size[0]}×{size[1]}, {theme}\n\n{drawn}" == snapshot(extension_class=TextFile)

    return looks


async def _settled(pilot: Pilot[None]) -> str:
    """Return the screen once it no longer changes."""
    drawn, before = screen_as_text(pilot.app), ""
    while drawn != before:
        await pilot.pause()
        drawn, before = screen_as_text(pilot.app), drawn
    return drawn


@pytest.mark.parametrize(
    ("size", "theme", "keys"),
    [
        pytest.param(USUAL, "dark", "g", id="usual-dark"),
        pytest.param(USUAL, "light", "g l j", id="usual-light"),
        pytest.param(ROOMY, "dark", "g l j", id="roomy-dark"),
        pytest.param(ROOMY, "light", "g", id="roomy-light"),
        pytest.param(NARROW, "dark", "g l j", id="narrow-dark"),
        pytest.param(NARROW, "light", "g tab", id="narrow-light"),
    ],
)
async def test_an_event_with_its_text_evidence_and_corrections(
    looks: Looks, size: tuple[int, int], theme: str, keys: str
) -> None:
    await looks(*keys.split(), size=size, theme=theme)


async def test_hint_letters_before_fields(looks: Looks) -> None:
    await looks("g", "d", size=NARROW, theme="light")


async def test_text_selected_with_the_keyboard(looks: Looks) -> None:
    await looks(*"gljjvvw", size=ROOMY, theme="light")


async def test_the_field_picker_describes_the_chosen_field(looks: Looks) -> None:
    await looks("g", "o", *"re", size=USUAL, theme="light")


async def test_an_unavailable_command_says_why(looks: Looks) -> None:
    await looks("G", "colon", *"whole", "down", size=USUAL)


async def test_a_typed_value_is_shown_as_parsed_with_its_place(looks: Looks) -> None:
    await looks("g", "l", "j", "enter", *"40", size=NARROW)


async def test_a_note_with_several_lines(looks: Looks) -> None:
    await looks("g", *"ljjn", *"gate", "ctrl+j", *"town?", size=USUAL)


async def test_reject_reasons_and_their_keys(looks: Looks) -> None:
    await looks("x", size=NARROW, theme="light")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [USUAL, ROOMY, NARROW], ids=["usual", "roomy", "narrow"])
async def test_help(looks: Looks, size: tuple[int, int], theme: str) -> None:
    await looks("question_mark", size=size, theme=theme)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [USUAL, ROOMY, NARROW], ids=["usual", "roomy", "narrow"])
async def test_hint_letters_over_the_text(looks: Looks, size: tuple[int, int], theme: str) -> None:
    await looks("f", "s", size=size, theme=theme)


async def test_typing_filters_the_help(looks: Looks) -> None:
    await looks("question_mark", *"group", size=NARROW, theme="light")


async def test_first_run_introduction(looks: Looks, tmp_path: Path) -> None:
    await looks("g", size=USUAL, theme="contrast", hint_seen=tmp_path / "hint-seen")


async def test_a_query_without_matches(looks: Looks) -> None:
    await looks("slash", *"nowhere", "enter", size=USUAL)


async def test_the_terminals_own_colours(looks: Looks) -> None:
    await looks("g", "l", "j", size=USUAL, theme="terminal")


async def test_hostile_and_wide_text_keeps_its_columns(looks: Looks, connection: sqlite3.Connection) -> None:
    import_documents(connection, HOSTILE)
    await looks("G", size=ROOMY)
