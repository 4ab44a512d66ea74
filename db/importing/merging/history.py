"""The decisions of one event, to recognise an export of an earlier state of it."""

from collections.abc import Iterator, Sequence

from db.importing.merging.contents import same_content
from db.model import Decision, Json, Status, Value
from db.native import Author


class History:
    """What was decided about an event in the file, oldest first."""

    def __init__(self, event_id: int, decisions: Sequence[Decision]) -> None:
        self._event_id = event_id
        self.decisions = decisions

    @property
    def last(self) -> Decision | None:
        """The newest decision."""
        return self.decisions[-1] if self.decisions else None

    def knows(self, by: Author) -> bool:
        """Return True if the file has a decision of that person and time. Without a time, any of that person counts."""
        return any(True for _ in self._of(by))

    def had_status(self, by: Author, status: Status) -> bool:
        """Return True if that person once gave the event this status here, at that time."""
        return self.had(by, "status", status)

    def had(self, by: Author, column: str, value: Value, field_id: int | None = None) -> bool:
        """Return True if that person set a column of the event or of a field to this value, at that time."""
        for decision in self._of(by):
            patch = decision.after
            columns = patch.events.get(self._event_id) if field_id is None else patch.fields.get(field_id)
            if columns and columns.get(column) == value:
                return True
        return False

    def had_content(self, field_id: int, content: Json, stated: bool, by: Author | None) -> bool:
        """Return True if a field once had this content, set by that person at that time, or by anybody."""
        decisions = self.decisions if by is None else self._of(by)
        return any(
            "state" in columns and same_content(columns, content, stated)
            for decision in decisions
            if (columns := decision.after.fields.get(field_id)) is not None
        )

    def _of(self, by: Author) -> Iterator[Decision]:
        for decision in self.decisions:
            if decision.reviewer == by.reviewer:
                # The status has a time of its own, some microseconds before that of the decision.
                set_at = decision.after.events.get(self._event_id, {}).get("decided_at")
                if by.decided_at in (None, decision.decided_at, set_at):
                    yield decision
