"""Several people over one file: what others decide is seen soon, and so is who has which event open."""

import sqlite3

from db.decisions.presence import Presence
from db.decisions.review import Review
from tui.config.settings import Settings
from tui.review.housekeeping import LookingAfter
from tui.review.searching import Searching

_LOOK_FOR_OTHERS = 0.5  # seconds between looks for what other processes did


class Together(Searching):
    """Looks for what other processes write. ``PRESENT``: tells them which event is open here."""

    PRESENT = False

    def __init__(self, review: Review, query: str, settings: Settings, *, around: int | None = None) -> None:
        super().__init__(review, query, settings, around=around)
        self._presence = Presence(self.connection, review.reviewer)
        self._looking_after: LookingAfter | None = None
        self._seen_version = self._data_version()
        self._seen = self._newest()
        if self.PRESENT:
            self.others = self._presence.others(self.connection)

    def on_mount(self) -> None:
        """Look from now on."""
        self.queue_view.show_others(self.others)
        self.set_interval(_LOOK_FOR_OTHERS, self._look_for_others)

    def on_unmount(self) -> None:
        """Have nothing open any more."""
        self._presence.leave()

    def _look_for_others(self) -> None:
        if self._looking_after is not None and not self.asked and (told := self._looking_after.told()):
            self.say(told)
        try:
            if self.PRESENT:
                self._presence.tell(self.event.id if self.event else 0)
            version = self._data_version()
            if version != self._seen_version:
                self._seen_version = version
                self._take_in_others()
        except sqlite3.Error as error:
            self.say_unreadable(error)

    def _take_in_others(self) -> None:
        others = self._presence.others(self.connection) if self.PRESENT else {}
        if others != self.others:
            self.others = others
            self.queue_view.show_others(others)
            self.show_foot()
        newest = self._newest()
        if newest == self._seen:
            return
        restored = newest[0] < self._seen[0] or newest[1] < self._seen[1]
        if restored:
            self.leave_question()
            self.show_queue(self.queue.query)
            self.say("the file was restored to an earlier state; this is what it holds now")
        elif self.asked:  # the answer is about the event as it is shown
            self._take_in_queue()
            self.show_status()
        else:
            self.reread()
        self._seen = newest

    def own_decision(self, decision_id: int) -> None:
        """Take note of a decision of this process, which is shown already."""
        if decision_id == self._seen[0] + 1:  # else somebody else's came before it
            self._seen = (decision_id, self._seen[1])

    def reread(self) -> None:
        """Read again what is shown, after somebody else wrote."""
        self._prefetch.forget()
        self._take_in_queue()
        if self.event is not None:
            self._read(self.event.id)
            self._show_fields()
        self.show_selection()

    def _take_in_queue(self) -> None:
        self.queue.refresh()
        self.queue_view.rows_changed()

    def _data_version(self) -> int:
        """A number that changes when another process, or another connection of this one, writes the file."""
        version: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _newest(self) -> tuple[int, int]:
        """The newest decision and the newest import."""
        row = self.connection.execute(
            "SELECT coalesce((SELECT max(id) FROM decisions), 0), coalesce((SELECT max(id) FROM imports), 0)"
        ).fetchone()
        return (row[0], row[1])
