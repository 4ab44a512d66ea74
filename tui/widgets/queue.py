"""The list of events: rows are read when they come into view, however many there are."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from db.query.queue import Queue
from db.store.reading import QueueRow
from tui.config import bindings as keys
from tui.text.looks import OPEN_ELSEWHERE, STATUS_MARKS, percent, place_of, shown, words
from tui.text.safe import measured
from tui.text.wrapping import clip
from tui.widgets.pane import Pane, strip

_PAGE = 100  # rows read at once
_PAGES_KEPT = 10
_STRIPS_KEPT = 500


class QueueView(Pane):
    """The events of a queue, one a line: status mark, date, type, headline values, confidence."""

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
        """The mouse picked the event at a place."""

        place: int

    def __init__(self, queue: Queue, id: str) -> None:
        super().__init__(id=id)
        self._queue = queue
        self._others: Collection[int] = ()
        self.cursor = 0
        self._pages: dict[int, list[QueueRow]] = {}
        self._strips: dict[tuple[int, int, int], Strip] = {}

    def show_queue(self, queue: Queue) -> None:
        """Show another queue."""
        self._queue = queue
        self.rows_changed()
        self.lines_changed()

    def show_others(self, others: Collection[int]) -> None:
        """Mark the events, by integer id, that somebody else has open."""
        self._others = others
        self._strips.clear()
        self.refresh()

    def places_moved(self, by: int) -> None:
        """Keep the picture when events were found before those shown."""
        self.cursor += by
        self.rows_changed()
        top = self.scroll_offset.y + by
        self.lines_changed()
        self.jump(top)
        self._show_place()

    def rows_changed(self) -> None:
        """Read the rows again when they are next drawn."""
        self._pages.clear()
        self._strips.clear()
        self.refresh()

    def row_changed(self, place: int) -> None:
        """Read one row again."""
        page = self._pages.get(place // _PAGE)
        if page is not None and place % _PAGE < len(page):
            page[place % _PAGE : place % _PAGE + 1] = self._queue.rows(place, place + 1)
        for key in [key for key in self._strips if key[0] == place]:
            del self._strips[key]
        self.refresh_line(place)

    def move_to(self, place: int) -> None:
        """Put the cursor on a place and bring it into view."""
        before, self.cursor = self.cursor, place
        self.show_cursor()
        if before != place:
            self.refresh_line(before)
        self.refresh_line(place)
        self._show_place()

    def _show_place(self) -> None:
        self.set_title(place_of(self._queue, self.cursor) if len(self._queue) else "")

    def line_count(self) -> int:
        """A line an event; one that says so where there are none."""
        return max(1, len(self._queue))

    def draw(self, number: int, width: int) -> Strip:
        """An event's line."""
        if not len(self._queue):
            return strip([(" no event found; / changes the query", self.style("queue--dim"))], width, self.rich_style)
        cursor = 0 if number != self.cursor else 2 if self.has_focus else 1
        key = (number, width, cursor)
        if key not in self._strips:
            row = self._row(number)
            if row is None:
                return Strip.blank(width, self.rich_style)
            if len(self._strips) >= _STRIPS_KEPT:
                self._strips.clear()
            self._strips[key] = self._draw_row(row, width, cursor)
        return self._strips[key]

    def _draw_row(self, row: QueueRow, width: int, cursor: int) -> Strip:
        over = ((), ("queue--cursor-away",), ("queue--cursor",))[cursor]
        plain = self.style(*over)
        dim = plain if cursor else self.style("queue--dim")  # dim in reverse is a grey patch
        mark = self.style(f"queue--{row.status}", *over)
        kind_width = min(24, max(10, width // 3))
        rest = max(0, width - kind_width - 20)
        headline = measured(" · ".join(shown(value) for value in row.headline))
        date = measured(shown(row.date)) if row.date is not None else ""
        segments = [
            ("▸" if cursor else " ", plain),
            (STATUS_MARKS[row.status] + (OPEN_ELSEWHERE if row.id in self._others else " "), mark),
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
            except sqlite3.Error:  # while drawing nothing can be said; who goes there is told
                return None
        rows, place = self._pages[page], number - page * _PAGE
        return rows[place] if place < len(rows) else None

    def on_click(self, event: events.Click) -> None:
        """Pick the event under the mouse."""
        number = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= number < len(self._queue):
            self.post_message(self.Picked(number))

    def width_changed(self) -> None:
        """Draw anew in the new width."""
        self._strips.clear()
        self.lines_changed()

    def show_cursor(self) -> None:
        """Bring the cursor into view."""
        self.show_lines(self.cursor, self.cursor, margin=1)

    def notify_style_update(self) -> None:
        """Draw anew in another theme."""
        super().notify_style_update()
        self._strips.clear()

    def on_focus(self) -> None:
        """Show that the cursor is here."""
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        """Show that the cursor waits."""
        self.refresh_line(self.cursor)
