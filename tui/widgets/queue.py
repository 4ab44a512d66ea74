"""The list of events, however many there are: rows are read when they come into view."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from db.query.queue import Queue
from db.store.reading import QueueRow
from tui.config import bindings as keys
from tui.text.marks import OPEN_ELSEWHERE, STATUS_MARKS, percent, place_of, shown, words
from tui.text.safe import measured
from tui.text.wrapping import clip
from tui.widgets.pane import Pane, strip

_PAGE = 25  # rows read at once: about a screen, since a key waits for them
_PAGES_KEPT = 40


class QueueView(Pane):
    """The events of a queue, one per line: status mark, date, type, headline values, confidence."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.QUEUE]
    TITLE = "Events"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "queue--dim", "queue--cursor", "queue--cursor-away",
        "queue--pending", "queue--confirmed", "queue--corrected", "queue--rejected", "queue--unsure",
    }  # fmt: skip
    DEFAULT_CSS = """
    QueueView {
        & > .queue--dim { text-style: dim; }
        & > .queue--cursor { text-style: reverse; }
        & > .queue--cursor-away { text-style: bold; background: $panel; }
        & > .queue--pending { color: $foreground; }
        & > .queue--confirmed { color: $success; }
        & > .queue--corrected { color: $accent; }
        & > .queue--rejected { color: $error; }
        & > .queue--unsure { color: $warning; }
    }
    """

    @dataclass
    class Picked(Message):
        """The event at a place was clicked."""

        place: int

    def __init__(self, queue: Queue, id: str) -> None:
        super().__init__(id=id)
        self._queue = queue
        self._open_elsewhere: Collection[int] = ()
        self.cursor = 0
        self._pages: dict[int, list[QueueRow]] = {}

    def show_queue(self, queue: Queue) -> None:
        """Show another queue."""
        self._queue = queue
        self.rows_changed()
        self.lines_changed()

    def show_others(self, others: Collection[int]) -> None:
        """Mark the events, by integer id, that other reviewers have open."""
        self._open_elsewhere = others
        self._strips.clear()
        self.refresh()

    def places_moved(self, by: int) -> None:
        """Keep the same events in view after events were found before them."""
        self.cursor += by
        self.rows_changed()
        top = self.scroll_offset.y + by
        self.lines_changed()
        self.jump(top)
        self._show_place()

    def rows_changed(self) -> None:
        """Read all rows again when they are drawn."""
        self._pages.clear()
        self._strips.clear()
        self.refresh()

    def row_changed(self, place: int) -> None:
        """Read one row again."""
        page = self._pages.get(place // _PAGE)
        if page is not None and place % _PAGE < len(page):
            page[place % _PAGE : place % _PAGE + 1] = self._queue.rows(place, place + 1)
        for key in [key for key in self._strips if isinstance(key, tuple) and key[0] == place]:
            del self._strips[key]
        self.refresh()

    def move_to(self, place: int) -> None:
        """Move the cursor to a place and bring it into view."""
        self.cursor = place
        self.show_cursor()
        self.refresh()
        self._show_place()

    def _show_place(self) -> None:
        self.set_title(place_of(self._queue, self.cursor) if len(self._queue) else "")

    def line_count(self) -> int:
        """Return the number of events; 1 for the line that says there are none."""
        return max(1, len(self._queue))

    def line_key(self, number: int, width: int) -> object:
        """Return the place, the width and how the cursor is on it; a changed row is removed from what was drawn."""
        return number, width, self._cursor_on(number)

    def _cursor_on(self, number: int) -> int:
        return 0 if number != self.cursor else 2 if self.has_focus else 1

    def draw(self, number: int, width: int) -> Strip:
        """Return the line of an event."""
        if not len(self._queue):
            return strip([(" no events match; / changes the query", self.style("queue--dim"))], width, self.rich_style)
        return super().draw(number, width)

    def draw_line(self, number: int, width: int) -> Strip:
        """Draw the line of an event; blank if it couldn't be read."""
        row, cursor = self._row(number), self._cursor_on(number)
        if row is None:
            return Strip.blank(width, self.rich_style)
        over = ((), ("queue--cursor-away",), ("queue--cursor",))[cursor]
        plain = self.style(*over)
        dim = plain if cursor else self.style("queue--dim")  # dim in reverse is a grey patch
        if row.damage:
            return strip(
                [("▸" if cursor else " ", plain), (clip(measured(shown(f"✗ {row.damage}")), max(0, width - 1)), plain)],
                width,
                plain,
            )
        mark = self.style(f"queue--{row.status}", *over)
        kind_width = min(24, max(10, width // 3))
        rest = max(0, width - kind_width - 20)
        headline = measured(" · ".join(shown(value) for value in row.headline))
        date = measured(shown(row.date)) if row.date is not None else ""
        segments = [
            ("▸" if cursor else " ", plain),
            (
                STATUS_MARKS[row.status]
                + (OPEN_ELSEWHERE if row.id in self._open_elsewhere else "~" if row.weak else " "),
                mark,
            ),
            (set_cell_size(clip(date, 10), 11), dim),
            (set_cell_size(clip(measured(words(row.type)), kind_width), kind_width + 1), plain),
            (set_cell_size(clip(headline, rest), rest + 1), plain),
            (percent(row.confidence), dim),
        ]
        return strip(segments, width, plain)

    def _row(self, number: int) -> QueueRow | None:
        page = number // _PAGE
        if page not in self._pages:
            if len(self._pages) >= _PAGES_KEPT:
                self._pages.clear()
                self._strips.clear()
            try:
                self._pages[page] = self._queue.rows(page * _PAGE, (page + 1) * _PAGE)
            except sqlite3.Error:  # drawing can't report it; going there does
                return None
        rows, place = self._pages[page], number - page * _PAGE
        return rows[place] if place < len(rows) else None

    def on_click(self, event: events.Click) -> None:
        """Report the event that was clicked."""
        if 0 <= (number := self.line_at(event)) < len(self._queue):
            self.post_message(self.Picked(number))

    def width_changed(self) -> None:
        """Draw again in the new width."""
        self._strips.clear()
        self.lines_changed()

    def cursor_at(self) -> Offset:
        """Return the beginning of the selected event's line."""
        return Offset(0, self.cursor)

    def show_cursor(self) -> None:
        """Bring the cursor into view."""
        self.show_lines(self.cursor, self.cursor, margin=1)
