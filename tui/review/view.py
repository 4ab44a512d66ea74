"""Shows a session in the panes and at the foot."""

import sqlite3

from textual.content import Content
from textual.timer import Timer

from db.errors import NotWrittenError
from db.store.place import Lost
from tui.config.keymap import KeyMap
from tui.review import foot as lines
from tui.review.panes import Panes
from tui.review.session.outcomes import Saved
from tui.review.session.session import Session
from tui.text.safe import safe
from tui.widgets.foot import Foot

_IDLE = 0.02  # seconds after a key, by when what it changed is painted


class View:
    """Paints what a session holds. Of its own it has only the message at the foot, until the next key."""

    def __init__(self, session: Session, panes: Panes, foot: Foot, keymap: KeyMap, queue_keys: str = "queue") -> None:
        """``queue_keys``: which hints to show at the foot while the queue has the focus."""
        self.session = session
        self.panes = panes
        self.foot = foot
        self.message: Content | None = None
        self._keymap = keymap
        self._queue_keys = queue_keys
        self._waiting = ""
        self._notice = ""
        self._hints: dict[tuple[str, int], Content] = {}
        self._idle: Timer | None = None

    # The panes

    def show_place(self, place: int) -> None:
        """Open the event at a place of the queue and show it."""
        self.session.go_to(place)
        self.show()

    def show(self) -> None:
        """Show the open event with its document, and have its neighbours read while no key comes."""
        self.panes.queue.move_to(self.session.place)
        self.show_document()
        self._prefetch()

    def show_document(self) -> None:
        """Show the open document and event; the cursor stays where it is in the queue."""
        if self.session.damage:
            self.set_message(f"✗ damaged: {self.session.damage}; run `eventdesk check` for details")
            self.session.damage = ""
        self.panes.source.show_document(self.session.document)
        self.show_event()

    def show_event(self) -> None:
        """Show the fields of the open event, and the selection."""
        session = self.session
        source = session.document.source if session.document else ""
        self.panes.fields.show_event(session.event, session.event_type, source, session.missing.weak_evidence)
        self.show_selection()

    def show_selection(self) -> None:
        """Mark the evidence, that of the selected field most, and show the foot."""
        fields = self.session.event.live_fields if self.session.event else ()
        selected = self.panes.fields.selected
        evidence = [span for field in fields for span in field.spans]
        self.panes.source.show_evidence(evidence, selected.spans if selected else ())
        self.show_foot()

    def select_field(self, place: int) -> None:
        """Move the cursor to a field."""
        self.panes.fields.move_to(place)
        self.show_selection()

    def show_rows(self, saved: Saved) -> None:
        """Show the events that a decision changed in the queue."""
        queue = self.panes.queue
        if saved.resized:
            queue.rows_changed()
            queue.lines_changed()
        for _, event in saved.change.touched:
            if (place := self.session.place_of(event.id)) is not None:
                queue.row_changed(place)

    def show_reread(self) -> None:
        """Show all again, after the session read it again."""
        self.panes.queue.rows_changed()
        self.panes.source.show_document(self.session.document)
        self.show_event()

    def _prefetch(self) -> None:
        session, source = self.session, self.panes.source
        session.prefetch.begin(session.document, session.neighbours(), source.prepare)
        if self._idle is None:
            self._idle = self.panes.set_interval(_IDLE, self._prefetch_some)
        self._idle.reset()

    def _prefetch_some(self) -> None:
        try:
            more = self.session.prefetch.work()
        except sqlite3.Error:
            more = False  # whoever goes there will see the error
        if not more and self._idle is not None:
            self._idle.pause()

    # The foot

    def show_foot(self) -> None:
        """Show the lines about the selection, the status and the keys."""
        focused = self.foot.screen.focused
        pane = self.panes.focused or ("select" if focused is not None and focused.id == "select-prompt" else "queue")
        self.foot.detail.show(self.message or self._about_selection(pane))
        self.show_status()
        keys = self._queue_keys if pane == "queue" else pane
        if self.session.event is None and pane != "select":
            keys = "nothing"
        width = self.foot.screen.size.width
        if (keys, width) not in self._hints:
            self._hints = {(keys, width): lines.hints(keys, self._keymap, width)}
        self.foot.hints.show(self._hints[keys, width])

    def show_status(self) -> None:
        """Show the place in the queue, or what a key waits for."""
        if self._notice or self._waiting:
            status = Content.styled(f" {safe(self._notice or self._waiting)} ", "bold reverse")
        else:
            session = self.session
            reviewer = session.review.reviewer
            status = lines.status(session.queue, session.place, session.last, reviewer, session.writable)
        self.foot.status.show(status)

    def show_lost(self, lost: Lost) -> None:
        """Say that the file is gone, and what was saved of it, until the reviewer quits."""
        notice = f"{lost.file.name} {lost.why} · nothing more is saved · q quits"
        if self._notice != notice:
            self.show_notice(notice)
            what = "with all decisions" if lost.sound else "of what can be read"
            self.say(f"a copy {what}: {lost.copy}" if lost.copy else f"✗ no copy: {lost.failure}")

    def show_notice(self, notice: str) -> None:
        """Show in place of the status what matters more than it, until ``notice`` is empty."""
        self._notice = notice
        self.show_status()

    def show_waiting(self, what: str) -> None:
        """Show in the status line what a key waits for; empty once it no longer waits."""
        if self._waiting != what:
            self._waiting = what
            self.show_status()

    def say(self, text: str, style: str = "bold") -> None:
        """Show a message in the line above the status until the next key."""
        self.set_message(text, style)
        self.show_foot()

    def set_message(self, text: str, style: str = "bold") -> None:
        """Show a message when the foot is shown next."""
        self.message = Content.assemble((f" {safe(text)}", style))

    def say_unreadable(self, error: sqlite3.Error) -> None:
        """Say that the file could not be read; what is shown stays."""
        self.say(f"✗ can't read the file ({error}); run `eventdesk check` for details")

    def say_not_saved(self, error: NotWrittenError) -> None:
        """Say why a key saved nothing: beside its question if one is open."""
        if self.foot.asking:
            self.show_waiting(f"not saved: {error}")
        else:
            self.show_waiting("")
            self.say(f"✗ not saved: {error}")

    def _about_selection(self, pane: str) -> Content:
        session = self.session
        if session.event is None:
            return Content(" no event was extracted from this document; N adds one" if session.document else "")
        field = self.panes.fields.selected
        if pane != "fields" or field is None:
            return lines.about_event(
                session.event, session.others.get(session.event.id, ()), session.prefetch.text_change
            )
        usual = session.missing.is_usual(session.event.type, session.event.extractor, field.name)
        return lines.about_field(field, session.field_type(field.name), usual)

    # For dialogs

    def dialog_opened(self, room: bool) -> None:
        """Make room for a question about a pane."""
        self.panes.make_room(room)

    def dialog_closed(self) -> None:
        """Show the panes as they were before a question."""
        self.panes.make_room(False)
        self.panes.clear_labels()

    def show_pane(self, pane: str) -> None:
        """Bring a pane into view."""
        self.panes.show(pane)
