"""Laws that hold after any sequence of a reviewer's acts and imports."""

import copy
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.builders import ARTICLE, LATER, create, exported, import_documents, problems, reasons

from db.decisions.review import Review
from db.errors import ConflictError
from db.model import Event, Field, Span
from db.store.reading import read_event

TEXTS = [
    ARTICLE["text"],
    f"Update: {ARTICLE['text']}",
    ARTICLE["text"].replace("Lesna", "Lesma").replace("the Red Cross", "one side"),
]


class Reviewing(RuleBasedStateMachine):
    """The state is extraction + decisions; undoing everything gives the newest import, redoing it the final state."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()

    @initialize()
    def begin(self) -> None:
        self.connection = create(Path(self.folder.name) / "events.db")
        import_documents(self.connection, ARTICLE, LATER)
        self.review = Review(self.connection, "ana")
        self.newest = ARTICLE
        self.acts = 0

    def _event(self, data: st.DataObject) -> Event:
        live = self.connection.execute("SELECT id FROM events WHERE live ORDER BY id").fetchall()
        return read_event(self.connection, data.draw(st.sampled_from([row[0] for row in live])))

    def _field(self, data: st.DataObject, item: Event) -> Field | None:
        live = item.live_fields
        return data.draw(st.sampled_from(live)) if live else None

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        self.review.accept(self._event(data))
        self.acts += 1

    @rule(data=st.data(), reason=reasons, text=st.none() | st.just("why"))
    def reject(self, data: st.DataObject, reason: str, text: str | None) -> None:
        self.review.reject(self._event(data), reason, text)  # type: ignore[arg-type]
        self.acts += 1

    @rule(data=st.data())
    def flag(self, data: st.DataObject) -> None:
        self.review.flag(self._event(data))
        self.acts += 1

    @rule(
        data=st.data(),
        value=st.sampled_from([40, 25, "dozens", 1.5, True]),
        spans=st.sampled_from([[], [Span(3, 9)]]),
        modifier=st.sampled_from([None, "about", "to 600"]),
    )
    def correct(self, data: st.DataObject, value: int | str, spans: list[Span], modifier: str | None) -> None:
        item = self._event(data)
        if found := self._field(data, item):
            self.review.correct(item, found, value, spans, modifier)
            self.acts += 1

    @rule(
        data=st.data(),
        name=st.sampled_from(["count", "place_of_death"]),
        group=st.sampled_from([None, "transfer:1", "transfer:2"]),
    )
    def move(self, data: st.DataObject, name: str, group: str | None) -> None:
        item = self._event(data)
        if found := self._field(data, item):
            self.review.move(item, found, name, group=group)
            self.acts += 1

    @rule(data=st.data())
    def confirm_or_remove(self, data: st.DataObject) -> None:
        item = self._event(data)
        if found := self._field(data, item):
            act = data.draw(st.sampled_from([self.review.confirm_field, self.review.remove]))
            act(item, found)
            self.acts += 1

    @rule(data=st.data(), group=st.sampled_from([None, "transfer:2"]), modifier=st.sampled_from([None, "at least"]))
    def add(self, data: st.DataObject, group: str | None, modifier: str | None) -> None:
        self.review.add(self._event(data), "count", group, 15, [Span(61, 63)], modifier)
        self.acts += 1

    @rule(data=st.data(), text=st.sampled_from(["", "look again"]), on_field=st.booleans())
    def note(self, data: st.DataObject, text: str, on_field: bool) -> None:
        item = self._event(data)
        self.review.note(item, text, self._field(data, item) if on_field else None)
        self.acts += 1

    @rule(data=st.data())
    def swap_or_remove_two(self, data: st.DataObject) -> None:
        item = self._event(data)
        if len(item.live_fields) > 1:
            two = data.draw(st.permutations(item.live_fields))[:2]
            act = data.draw(st.sampled_from([self.review.swap, self.review.remove]))
            act(item, *two)
            self.acts += 1

    @rule(data=st.data(), kind=st.sampled_from(["protest", "attack"]))
    def make_copy_or_type_an_event(self, data: st.DataObject, kind: str) -> None:
        item = self._event(data)
        match data.draw(st.sampled_from(["make", "copy", "type"])):
            case "make":
                self.review.add_event(item.document_id, kind)
            case "copy":
                self.review.copy(item)
            case _:
                self.review.set_type(item, kind)
        self.acts += 1

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        item = self._event(data)
        groups = sorted({found.group for found in item.live_fields if found.group})
        self.review.split(item, data.draw(st.lists(st.sampled_from(groups), unique=True)) if groups else [])
        self.acts += 1

    @rule(data=st.data(), fill=st.booleans())
    def merge(self, data: st.DataObject, fill: bool) -> None:
        duplicate, into = self._event(data), self._event(data)
        if into.merged_into is not None or into.id == duplicate.id:
            with pytest.raises(ConflictError, match="itself a duplicate"):
                self.review.merge(duplicate, into, fill=fill)
        else:
            self.review.merge(duplicate, into, fill=fill)
            self.acts += 1

    @precondition(lambda self: self.acts)
    @rule()
    def undo_and_perhaps_stay(self) -> None:
        assert self.review.undo() is not None
        self.acts -= 1

    @rule()
    def redo(self) -> None:
        if self.review.redo():
            self.acts += 1

    @rule(
        count=st.sampled_from([40, 39, "forty"]),
        without=st.sampled_from([None, "date", "location", "recipient"]),
        mediator=st.booleans(),
        kind=st.sampled_from(["prisoner_exchange", "protest", "swap"]),
        text=st.sampled_from(TEXTS),
    )
    def import_a_newer_extraction(
        self, count: int | str, without: str | None, mediator: bool, kind: str, text: str
    ) -> None:
        accepted = self._accepted()
        self.newest = copy.deepcopy(ARTICLE)
        self.newest["events"][0]["type"] = kind
        fields = self.newest["events"][0]["fields"]
        fields[3] |= {"value": count, "spans": [[41, 43]]}
        if mediator:
            fields.insert(1, {"name": "mediator", "value": "the Red Cross"})
        self.newest["events"][0]["fields"] = [item for item in fields if item["name"] != without]
        self.newest["text"] = text
        moved = text.index("40 prisoners") - ARTICLE["text"].index("40 prisoners")
        for item in self.newest["events"][0]["fields"]:
            item["spans"] = [[start + moved, end + moved] for start, end in item.get("spans", ())]
        assert import_documents(self.connection, self.newest).refusals == []
        assert self._accepted() == accepted

    def _accepted(self) -> list[tuple[object, ...]]:
        """Return the gold: what people accepted, which no import changes."""
        events = "status IN ('confirmed', 'corrected') AND live ORDER BY id"
        return self.connection.execute(f"SELECT id, type FROM events WHERE {events}").fetchall()

    @invariant()
    def state_is_extraction_and_decisions(self) -> None:
        assert problems(self.connection) == []

    def _only_imported(self, document: dict[str, object]) -> list[dict[str, object]]:
        connection = create(Path(self.folder.name) / "fresh.db")
        import_documents(connection, document, LATER)
        lines = exported(connection)
        connection.close()
        return lines

    def teardown(self) -> None:
        final = exported(self.connection)
        for _ in range(self.acts):
            assert self.review.undo() is not None
        assert self.review.undo() is None
        assert exported(self.connection) == self._only_imported(self.newest)
        for _ in range(self.acts):
            assert self.review.redo() is not None
        assert exported(self.connection) == final
        self.connection.close()
        self.folder.cleanup()


TestReviewing = Reviewing.TestCase
TestReviewing.settings = settings(max_examples=40, stateful_step_count=15)
