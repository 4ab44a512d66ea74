"""Merges the decisions that an export carries about an event with those of the file: what is new, known or different.

Each thing that people decide about (the status, the type, the note, each field) is compared by itself. Where nobody
decided in the file, the imported decision is added; where both decided alike, nothing is; otherwise they differ.
"""

import sqlite3
from dataclasses import dataclass, replace

from db.decisions import patches
from db.decisions.authors import authors_of
from db.importing.matching import match_reviewed
from db.importing.merging.contents import (
    Piece,
    author_of,
    reviewed_content,
    same_content,
    set_status_after_edit,
    states_spans,
    status_words,
    value_of,
)
from db.importing.merging.differences import About, Choose, Decided, Difference
from db.importing.merging.history import History
from db.importing.merging.links import original_of
from db.model import ACCEPTED, Decision, Event, Field, Json, Value
from db.native import UNKNOWN_REVIEWER, Author, NewEvent, NewField
from db.store.reading import read_decisions

_NOBODY = Author(None, None)


@dataclass(frozen=True, slots=True)
class Merged:
    """The result for one event.

    superseded: the file has some of it in its history, and has decided again since. link: the event that this one
    duplicates, as the export names it, and who said so.
    """

    pieces: dict[Author, Piece]
    differences: list[Difference]
    superseded: bool
    link: tuple[Json, Author] | None


def merge_decisions(
    connection: sqlite3.Connection, document_id: str, stored: Event, event: NewEvent, choose: Choose
) -> Merged:
    """Compare what an export says about a known event with the file. ``choose`` decides about each difference."""
    merge = _Merge(connection, document_id, stored, event, choose)
    merge.run()
    return Merged(merge.pieces, merge.differences, merge.superseded, merge.link)


class _Merge:
    def __init__(
        self, connection: sqlite3.Connection, document_id: str, stored: Event, event: NewEvent, choose: Choose
    ) -> None:
        self.pieces: dict[Author, Piece] = {}
        self.differences: list[Difference] = []
        self.superseded = False
        self.link: tuple[Json, Author] | None = None
        self._refused = False  # a value that the export accepts or adds isn't used
        self._connection = connection
        self._document_id = document_id
        self._stored = stored
        self._event = event
        self._choose = choose
        self._history = History(stored.id, list(read_decisions(connection, stored.id)))
        self._authors = authors_of(stored.id, self._history.decisions)
        review = event.review
        self._by = author_of(review)
        self._judge = Author(stored.reviewer, stored.decided_at)
        self._status = review.status if review else "pending"
        self._accepts = self._status in ACCEPTED and not self._history.had_status(self._by, self._status)

    def run(self) -> None:
        if not self._stored.live and not self._revived():
            return
        matches = match_reviewed(self._stored.fields, self._event.fields, self._repeats)
        for stored, item in zip(matches, self._event.fields, strict=True):
            if item.review is None:
                continue
            by = item.review.author or self._by
            if item.review.state != "extracted":
                self._merge_content(stored, item, by)
            if item.review.note and stored is not None:
                self._merge_note(by, item.review.note, stored)
        if self._accepts:
            self._merge_absent({stored.id for stored in matches if stored})
        self._merge_type()
        if self._event.review and self._event.review.note:
            self._merge_note(self._event.review.note_author or self._by, self._event.review.note)
        if self._status != "pending":
            self._merge_status()
        set_status_after_edit(self._stored, self.pieces)

    def _repeats(self, name: str) -> bool:
        row = self._connection.execute(
            "SELECT repeated FROM event_type_fields WHERE event_type = ? AND name = ?", (self._stored.type, name)
        ).fetchone()
        return bool(row and row[0])

    # What differs

    def _piece(self, by: Author) -> Piece:
        return self.pieces.setdefault(by, Piece())

    def _differs(
        self,
        about: About,
        file: tuple[Value, str | None, Author],
        imported: tuple[Value, str | None, Author],
        item: Field | NewField | None = None,
        *,
        must_keep: bool = False,
    ) -> bool:
        """Record a difference; return True if the imported decision is used."""
        name, group = (item.name, item.group) if item else (None, None)
        place = (self._document_id, self._event.external_id, self._event.extractor)
        difference = Difference(*place, about, name, group, Decided(*file), Decided(*imported), must_keep=must_keep)
        used = not must_keep and self._choose(difference)
        self.differences.append(replace(difference, used="imported") if used else difference)
        return used

    # What is merged

    def _revived(self) -> bool:
        """Return True if an event that was added, and whose addition was undone in the file, is to come back."""
        if self._history.knows(self._by):
            self.superseded = True
            return False
        if not self._differs("event", (None, None, _author(self._history.last)), (self._event.type, None, self._by)):
            return False
        self._piece(self._by).event |= {"live": True, "type": self._event.type}
        return True

    def _merge_content(self, stored: Field | None, item: NewField, by: Author) -> None:
        review = item.review
        assert review is not None
        if stored is None:
            if review.state == "removed":
                return
            content = reviewed_content(None, item)
            if self._stored.status in ACCEPTED and not self._adds_to_accepted(item, by):
                self._refused = True
            else:
                self._piece(by).added.append(content | _note(review.note))
            return
        content, stated = reviewed_content(stored, item), states_spans(item)
        author = self._authors.of_field(stored.id)
        ours = patches.field_columns(stored, patches.CONTENT)
        if author is not None and same_content(ours, content, stated):
            if (
                self._status == "pending"
                and by.reviewer not in (UNKNOWN_REVIEWER, author.reviewer)
                and not self._history.knows(by)
            ):
                self._piece(by).agrees = stored.id
            return
        anybody = None if self._history.had_status(self._by, self._status) else by
        if self._history.had_content(stored.id, content, stated, anybody):
            self.superseded = True
            return
        if author is None:
            is_new = stored.extracted is None and self._stored.status in ACCEPTED
            used = not is_new or self._adds_to_accepted(item, by)
        else:
            about: About = "evidence" if same_content(ours, content, stated=False) else "value"
            used = self._differs(
                about, (*value_of(ours, about), _author(author)), (*value_of(content, about), by), stored
            )
        if used:
            self._piece(by).fields[stored.id] = content
        else:
            self._refused = True

    def _adds_to_accepted(self, item: NewField, by: Author) -> bool:
        """Whoever accepted the event decided that it has no such field."""
        assert item.review is not None
        theirs = (item.review.value, item.review.modifier, by)
        return self._differs("value", (None, None, self._judge), theirs, item)

    def _merge_absent(self, matched: set[int]) -> None:
        """Compare the fields that people added or changed here with an export that accepts the event without them."""
        if self._stored.status not in ("pending", *ACCEPTED):
            return
        for stored in self._stored.live_fields:
            author = self._authors.of_field(stored.id)
            if author is None or stored.id in matched:
                continue
            if self._differs("value", (stored.value, stored.modifier, _author(author)), (None, None, self._by), stored):
                content = patches.field_columns(stored, patches.CONTENT)
                self._piece(self._by).fields[stored.id] = content | {"state": "removed"}
            else:
                self._refused = True

    def _merge_type(self) -> None:
        ours, theirs = self._stored.type, self._event.type
        if ours == theirs or not (self._accepts or self._event.extracted_type != theirs):
            return
        if self._history.had(self._by, "type", theirs):
            self.superseded = True
            return
        author = _author(self._authors.of_event("type"))
        if author == _NOBODY and self._stored.status in ACCEPTED:
            author = self._judge
        if author == _NOBODY or self._differs("type", (ours, None, author), (theirs, None, self._by)):
            self._piece(self._by).event["type"] = theirs
        else:
            self._refused = True

    def _merge_note(self, by: Author, note: str, stored: Field | None = None) -> None:
        ours = stored.note if stored else self._stored.note
        setter = self._authors.of_field(stored.id, "note") if stored else self._authors.of_event("note")
        if ours == note:
            return
        if self._history.had(by, "note", note, stored.id if stored else None):
            self.superseded = True
            return
        about: About = "field note" if stored else "note"
        if ours and not self._differs(about, (ours, None, _author(setter)), (note, None, by), stored):
            return
        if stored is None:
            self._piece(by).event["note"] = note
        else:
            self._piece(by).fields.setdefault(stored.id, {})["note"] = note

    def _merge_status(self) -> None:
        review, stored, by = self._event.review, self._stored, self._by
        assert review is not None
        ours = (stored.status, stored.reason, stored.reason_text)
        theirs = (review.status, review.reason, review.reason_text)
        accepts = review.status in ACCEPTED
        columns: Json = {
            **dict(zip(patches.STATUS[:3], theirs, strict=True)),
            "reviewer": by.reviewer,
            "decided_at": by.decided_at,
            "merged_into": None,
        }
        if accepts:
            columns["type"] = stored.type  # the type that the person accepted stays, whatever a later extraction has
        if (accepts and stored.status in ACCEPTED) or ours == theirs:
            piece = self.pieces.get(by)
            if self._refused or self._history.had_status(by, review.status):
                return
            if not accepts and not self._merge_link(is_new=False):
                return
            if accepts and piece and (piece.fields or piece.added or "type" in piece.event):
                piece.event = columns | piece.event
            elif by.reviewer not in (UNKNOWN_REVIEWER, stored.reviewer) and not self._history.knows(by):
                self._piece(by).agrees = review.status
            return
        if self._history.had(by, "status", review.status):
            self.superseded = True
            return
        refused = (accepts and self._refused) or self._is_original_of_its_original()
        said = (status_words(*ours), None, self._judge)
        is_first = stored.status == "pending" and not refused
        if is_first or self._differs("status", said, (status_words(*theirs), None, by), must_keep=refused):
            self._piece(by).event = columns | self._piece(by).event
            self._merge_link(is_new=True)

    def _merge_link(self, *, is_new: bool) -> bool:
        """Have a rejected event linked to the event that the export names; ``is_new``: this export rejects it.

        Return False if the file links it to another event, which stays.
        """
        same_as = self._event.review.same_as if self._event.review else None
        if same_as is None:
            return True
        ours = self._stored.merged_into
        if not is_new and ours is not None:
            theirs = original_of(self._connection, same_as)
            if theirs in (None, ours) or self._history.had(self._by, "merged_into", theirs):
                return True
            said = (self._external_id(ours), None, _author(self._authors.of_event("merged_into")))
            if not self._differs("duplicate of", said, (same_as.get("event"), None, self._by)):
                return False
            self._piece(self._by).event["merged_into"] = None
        self.link = (same_as, self._by)
        return True

    def _external_id(self, event_id: int) -> str:
        row = self._connection.execute("SELECT external_id FROM events WHERE id = ?", (event_id,)).fetchone()
        return str(row[0])

    def _is_original_of_its_original(self) -> bool:
        """Return True if this event is to become a duplicate of an event that is a duplicate of it here."""
        same_as = self._event.review.same_as if self._event.review else None
        return original_of(self._connection, same_as) == self._stored.id


def _author(decision: Decision | None) -> Author:
    return Author(decision.reviewer, decision.decided_at) if decision else _NOBODY


def _note(note: str | None) -> Json:
    return {"note": note} if note else {}
