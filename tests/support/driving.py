"""Drives the reviewer in tests: keys are typed ahead, and the screen is read once it is idle."""

import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widget import Widget

from db.decisions.review import Review
from db.io.types_toml import parse_event_types
from db.store.connection import writing
from db.store.event_types import declare
from support.builders import import_documents
from tui.config.settings import Settings
from tui.review.app import EventdeskApp
from tui.review.screen import ReviewScreen
from tui.review.session.housekeeping import Housekeeping
from tui.widgets.fields import FieldsView
from tui.widgets.key_prompt import KeyPrompt
from tui.widgets.prompt import TextPrompt
from tui.widgets.select import SelectPrompt
from tui.widgets.source import SourceView

_ROUNDS = 6  # of messages after a key: action, style, layout, sizes, scrolling, painting


class Desk:
    """A running reviewer."""

    def __init__(self, pilot: Pilot[None], connection: sqlite3.Connection) -> None:
        assert isinstance(pilot.app, EventdeskApp)
        self.pilot = pilot
        self.app: EventdeskApp = pilot.app
        self.connection = connection

    @property
    def screen(self) -> ReviewScreen:
        return self.app.review_screen

    @property
    def source(self) -> SourceView:
        return self.screen.panes.source

    @property
    def fields(self) -> FieldsView:
        return self.screen.panes.fields

    @property
    def focus(self) -> str | None:
        return self.app.focused.id if self.app.focused else None

    async def press(self, *keys: str) -> None:
        """Press keys, each before the one before is handled, and wait. A character stands for itself."""
        self.send(*keys)
        await self.idle()

    def send(self, *keys: str) -> None:
        """Press keys without waiting."""
        for key in keys:
            if len(key) == 1:
                self.app.post_message(events.Key(_character_to_key(key), key))
            else:
                self.app.post_message(events.Key(key, " " if key == "space" else None))

    async def idle(self) -> None:
        """Wait until every widget has handled its messages, and those that they led to."""
        for _ in range(_ROUNDS):
            await self.pilot.pause(0)

    async def write(self, text: str, *then: str) -> None:
        """Type a text, then press keys."""
        await self.press(*text, *then)

    def text(self, name: str) -> str:
        """Return the text of a line at the foot, which must be visible."""
        line = self.screen.query_one(f"#{name}")
        assert all(widget.display for widget in line.ancestors_with_self), f"{name} is not in view"
        return _plain(line)

    @property
    def asked(self) -> str:
        """The open question, or an empty text."""
        for kind in (KeyPrompt, SelectPrompt):
            if (prompt := self.screen.query_one(kind)).display:
                return _plain(prompt)
        if self.screen.query_one(TextPrompt).display:
            return self.text("prompt-label")
        return ""

    def label(self, answer: str) -> str:
        """Return the letters of an answer in the open question."""
        found = re.search(rf"(?:^|\s)(\S{{1,2}}) {re.escape(answer)}(?: · |\s*$)", self.asked, re.MULTILINE)
        assert found, f"no letter for {answer!r} in:\n{self.asked}"
        return found[1]

    def lines(self, pane: str) -> list[str]:
        """Return the lines of a pane."""
        widget = self.screen.query_one(f"#{pane}")
        return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]

    def labels(self, pane: str) -> list[str]:
        """Return the hint letters drawn in a pane, from the top."""
        widget: Any = self.screen.query_one(f"#{pane}")
        if not widget._labels:  # a selection has the same style
            return []
        style = widget.style(f"{pane}--label")
        return [
            segment.text.strip()
            for y in range(widget.size.height)
            for segment in widget.render_line(y)
            if segment.style == style
        ]

    def marked(self, look: str = "selected") -> str:
        """Return the text that is marked in the source."""
        style = self.source.style(f"source--{look}")
        return " ".join(
            segment.text
            for y in range(self.source.size.height)
            for segment in self.source.render_line(y)
            if segment.style == style
        )


def _plain(widget: Widget) -> str:
    return str(widget.render())


@contextlib.asynccontextmanager
async def desk_of(
    connection: sqlite3.Connection,
    *,
    size: tuple[int, int] = (100, 30),
    query: str = "",
    settings: Settings | None = None,
    housekeeping: Housekeeping | None = None,
) -> AsyncIterator[Desk]:
    """Run the reviewer on a file, with the focus on the queue."""
    app = EventdeskApp(Review(connection, "ana"), query, settings, housekeeping)
    async with app.run_test(size=size) as pilot:
        desk = Desk(pilot, connection)
        await desk.idle()
        yield desk


def fill(connection: sqlite3.Connection, types: str, *documents: object) -> None:
    """Declare types and import documents."""
    with writing(connection):
        declare(connection, parse_event_types(types, "test"))
    report = import_documents(connection, *documents)
    assert not report.refused, report.refused
