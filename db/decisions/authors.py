"""Who set what is in effect: for each column of an event and of its fields, the decision that it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from db.model import Decision, Json, Value

_Key: TypeAlias = tuple[int | None, str]  # id of the field, None for the event itself; column


@dataclass(frozen=True, slots=True)
class Authors:
    """The decisions that set the columns of one event. A column that nobody set, or of which all was undone, has none.

    A field's column ``state`` stands for its whole content. What follows the machine again counts as set by nobody.
    ``seen``: the extracted contents that people saw when they first decided about a field, by its id. ``seen_type``:
    the extracted type that they saw when they first set the event's, perhaps to the same.
    """

    decisions: dict[_Key, Decision] = field(default_factory=dict)
    seen: dict[int, Json] = field(default_factory=dict)
    seen_type: Value = None

    def of_event(self, column: str) -> Decision | None:
        """Return the decision that set a column of the event."""
        return self.decisions.get((None, column))

    def of_field(self, field_id: int, column: str = "state") -> Decision | None:
        """Return the decision that set a field's content, or its note."""
        return self.decisions.get((field_id, column))


def authors_of(event_id: int, decisions: Iterable[Decision]) -> Authors:
    """Return who set what of an event, from its decisions, oldest first. An undo gives back the earlier author."""
    found: dict[_Key, Decision] = {}
    by_id: dict[int, Decision] = {}
    seen: dict[int, Json] = {}
    seen_type: Value = None
    earlier: dict[int, dict[_Key, Decision | None]] = {}  # the authors that a decision replaced
    for decision in decisions:
        by_id[decision.id] = decision
        # A redo shows what was seen at the first time, perhaps before an import.
        first = by_id.get(decision.target_id or 0, decision) if decision.action == "redo" else decision
        event_type = decision.after.events.get(event_id, {}).get("type", "")
        if event_type is None:
            seen_type = None
        elif event_type and seen_type is None:
            seen_type = first.before.events.get(event_id, {}).get("type")
        keys: dict[_Key, bool] = {(None, column): True for column in decision.after.events.get(event_id, {})}
        for field_id, columns in decision.after.fields.items():
            before = first.before.fields.get(field_id, {})
            if columns.get("state") == "extracted":
                seen.pop(field_id, None)
            elif "state" in columns and before.get("state") == "extracted":
                seen[field_id] = before
            for column in ("state", "note"):
                if column in columns:
                    keys[field_id, column] = columns.get("state") != "extracted" or column == "note"
        earlier[decision.id] = {key: found.get(key) for key in keys}
        target = decision.target_id or 0
        for key, is_set in keys.items():
            author: Decision | None = decision
            if decision.action == "undo":
                author = earlier.get(target, {}).get(key)
            elif decision.action == "redo":
                author = by_id.get(target)
            if author is None or not is_set:
                found.pop(key, None)
            else:
                found[key] = author
    return Authors(found, seen, seen_type)
