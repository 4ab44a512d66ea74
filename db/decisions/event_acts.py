"""Acts on whole events: taking, rejecting and typing them, and making, copying, splitting and merging them."""

from collections.abc import Iterable, Sequence

from db.decisions import patches
from db.decisions.journal import Change, Deciding
from db.errors import ConflictError
from db.model import ACCEPTED, Event, Field, Json, Patch, Reason, Status, Value, to_sql


class EventActs(Deciding):
    """One reviewer's acts on the events of one file.

    Each act takes the event as the reviewer saw it and raises ConflictError when somebody has decided about that event
    since: nothing is written then. It returns when the decision is on disk.
    """

    def accept(self, event: Event) -> Change:
        """Take the event as it stands: confirmed, or corrected where a person changed, added or removed anything.

        Its untouched fields are confirmed with it, so that a later import can't change what was accepted.
        """
        fields = {
            field.id: patches.field_columns(field, patches.CONTENT) | {"state": "confirmed"}
            for field in event.live_fields
            if field.state == "extracted"
        }
        status = self._status(accepted_status(event, event.fields))
        return self._decide("confirm", [event], Patch({event.id: status}, fields))

    def reject(self, event: Event, reason: Reason, text: str | None = None) -> Change:
        """Reject the event for a reason; ``text`` says more, for ``other``."""
        return self._decide("reject", [event], Patch({event.id: self._status("rejected", reason, text or None)}, {}))

    def flag(self, event: Event) -> Change:
        """Mark the event as unsure."""
        return self._decide("flag", [event], Patch({event.id: self._status("unsure")}, {}))

    def note(self, event: Event, text: str, field: Field | None = None) -> Change:
        """Set the note of the event or of one field; an empty text takes it away."""
        note: Json = {"note": text.strip() or None}
        if field is None:
            return self._decide("note", [event], Patch({event.id: note}, {}))
        return self._decide("note", [event], Patch({event.id: {}}, {field.id: note}), field.id)

    def set_type(self, event: Event, event_type: str) -> Change:
        """Give the event another type; its fields stay."""
        columns: Json = {"type": event_type}
        accepted = accepted_status(event, event.fields, event_type)
        return self._decide("correct", [event], Patch({event.id: columns | self._restated(event, accepted)}, {}))

    def add_event(self, document_id: int, event_type: str) -> Change:
        """Make an event that the machine missed, pending and without fields."""
        with self._writing():
            event_id = self._insert_event(document_id, event_type)
            return self._append("add", event_id, Patch({event_id: {"live": True, "type": event_type}}, {}))

    def copy(self, event: Event) -> Change:
        """Make another event of the same document with the same fields."""
        with self._writing():
            self._refuse_stale(event, mine=lambda: "copy the event")
            event_id = self._insert_event(event.document_id, event.type)
            fields = self._insert_fields(event_id, event.live_fields)
            return self._append("add", event_id, Patch({event_id: {"live": True, "type": event.type}}, fields))

    def split(self, event: Event, groups: Iterable[str]) -> Change:
        """Move the fields of some groups into another event of the same type.

        Fields that are in no group stand in both. The decision is about the new event.
        """
        going = set(groups)
        with self._writing():
            self._refuse_stale(event, mine=lambda: f"split off {', '.join(sorted(going))}")
            event_id = self._insert_event(event.document_id, event.type)
            live = event.live_fields
            fields = self._insert_fields(event_id, [item for item in live if item.group is None or item.group in going])
            gone = {
                item.id: patches.field_columns(item, patches.CONTENT) | {"state": "removed"}
                for item in live
                if item.group in going
            }
            events: dict[int, Json] = {event_id: {"live": True, "type": event.type}}
            events[event.id] = self._restated(event, "corrected")
            return self._append("split", event_id, Patch(events, fields | gone))

    def merge(self, duplicate: Event, into: Event, *, fill: bool = False) -> Change:
        """Reject an event as the duplicate of another, of any document, and keep the two linked.

        ``fill`` adds the fields whose names the other event lacks, with their evidence where both are of one document.
        Raises ConflictError when ``into`` is itself a duplicate of this one or of another.
        """
        if into.merged_into is not None or into.id == duplicate.id:
            raise ConflictError(
                f"not taken: {into.external_id} is itself a duplicate; choose the event that it went into"
            )
        with self._writing():
            self._refuse_stale(duplicate, into, mine=lambda: f"merge it into {into.external_id}")
            events: dict[int, Json] = {
                duplicate.id: self._status("rejected", "duplicate") | {"merged_into": into.id},
                into.id: {},
            }
            for (earlier,) in self.connection.execute("SELECT id FROM events WHERE merged_into = ?", (duplicate.id,)):
                events[earlier] = {"merged_into": into.id}
            fields: dict[int, Json] = {}
            names = {field.name for field in into.live_fields}
            lacking = [field for field in duplicate.live_fields if field.name not in names]
            if fill and lacking:
                fields = self._insert_fields(into.id, lacking, evidence=duplicate.document_id == into.document_id)
                events[into.id] = self._restated(into, "corrected")
            return self._append("merge", duplicate.id, Patch(events, fields))

    def _insert_event(self, document_id: int, event_type: str) -> int:
        """A row for an event that is not live until a decision makes it so."""
        (document,) = self.connection.execute(
            "SELECT external_id FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        made = self.connection.execute(
            "SELECT external_id FROM events WHERE document_id = ? AND extractor = ''", (document_id,)
        )
        taken = {row[0] for row in made}
        number = next(n for n in range(1, len(taken) + 2) if f"{document}/added/{n}" not in taken)
        event_id: int = self.connection.execute(
            "INSERT INTO events (document_id, external_id, type, live) VALUES (?, ?, ?, 0) RETURNING id",
            (document_id, f"{document}/added/{number}", event_type),
        ).fetchone()[0]
        return event_id

    def _insert_fields(self, event_id: int, like: Sequence[Field], *, evidence: bool = True) -> dict[int, Json]:
        """Rows for fields like others, removed until a decision adds them: what that decision sets, by id."""
        return {
            self._insert_field(event_id, item.name, item.group, item.value): patches.field_columns(
                item, patches.CONTENT
            )
            | {"state": "added"}
            | ({} if evidence else {"spans": []})
            for item in like
        }

    def _insert_field(self, event_id: int, name: str, group: str | None, value: Value) -> int:
        field_id: int = self.connection.execute(
            "INSERT INTO fields (event_id, position, name, field_group, value, state, in_extraction) VALUES"
            " (?1, (SELECT coalesce(max(position), -1) + 1 FROM fields WHERE event_id = ?1), ?2, ?3, ?4, 'removed', 0)"
            " RETURNING id",
            (event_id, name, group, to_sql(value)),
        ).fetchone()[0]
        return field_id

    def _status(self, status: Status, reason: Reason | None = None, text: str | None = None) -> Json:
        values: tuple[Value, ...] = (status, reason, text, self.reviewer, self._now())
        return dict(zip(patches.STATUS, values, strict=True)) | {"merged_into": None}

    def _restated(self, event: Event, accepted: Status) -> Json:
        """An accepted event stays accepted when something of it is edited; confirmed may become corrected, or back."""
        return self._status(accepted) if event.status in ACCEPTED and event.status != accepted else {}


def accepted_status(event: Event, fields: Iterable[Field], event_type: str | None = None) -> Status:
    """``corrected`` where a person made or typed the event or changed a field of it, else ``confirmed``."""
    if (event_type or event.type) != event.extracted_type:
        return "corrected"
    for field in fields:
        if field.state in ("corrected", "added") or (field.state == "removed" and field.in_extraction):
            return "corrected"
    return "confirmed"
