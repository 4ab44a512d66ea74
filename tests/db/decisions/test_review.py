"""A reviewer's acts: what each changes, that undo reverses exactly that, and that nobody's work is lost."""

import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, event, exported, import_documents, problems

from db.decisions.review import Review
from db.errors import ConflictError
from db.model import Event, Field, Span
from db.store.connection import open_file
from db.store.reading import find_event_ids, read_decisions


@pytest.fixture
def review(connection: sqlite3.Connection) -> Review:
    import_documents(connection, ARTICLE)
    return Review(connection, "ana")


def field(item: Event, name: str) -> Field:
    return next(found for found in item.fields if found.name == name)


def test_accepting_an_unchanged_event_confirms_it_and_its_fields(review: Review) -> None:
    accepted = review.accept(event(review.connection)).event
    assert (accepted.status, accepted.reviewer) == ("confirmed", "ana")
    assert {item.state for item in accepted.fields} == {"confirmed"}


def test_a_correction_keeps_the_extracted_value_evidence_and_confidence(review: Review) -> None:
    before = event(review.connection)
    corrected = review.correct(before, field(before, "count"), 25, [Span(41, 43)]).event
    count = field(corrected, "count")
    assert (count.value, count.spans, count.state) == (25, (Span(41, 43),), "corrected")
    assert count.extracted is not None
    assert (count.extracted.value, count.extracted.spans, count.confidence) == (40, (Span(10, 12),), 0.6)
    assert corrected.status == "pending"
    assert review.accept(corrected).event.status == "corrected"


def test_a_value_set_back_to_the_extracted_one_is_confirmed_not_corrected(review: Review) -> None:
    before = event(review.connection)
    once = review.correct(before, field(before, "count"), 25, []).event
    again = review.correct(once, field(once, "count"), 40, [Span(10, 12)]).event
    assert field(again, "count").state == "confirmed"
    assert review.accept(again).event.status == "confirmed"


def test_accepting_writes_the_states_of_fields_and_nothing_else_of_them(review: Review) -> None:
    seen = event(review.connection)
    statements: list[str] = []
    review.connection.set_trace_callback(statements.append)
    review.accept(seen)
    review.connection.set_trace_callback(None)
    assert [statement for statement in statements if statement.startswith(("UPDATE fields", "DELETE"))] == [
        f"UPDATE fields SET state = 'confirmed' WHERE id = {item.id}" for item in seen.live_fields
    ]
    assert not any(statement.startswith(("UPDATE evidence", "INSERT INTO evidence")) for statement in statements)


def test_values_that_differ_in_type_alone_are_written(review: Review) -> None:
    for value in (40.0, True, [40], [40.0], {"a": 1}, {"a": True}, 40):
        seen = event(review.connection)
        corrected = review.correct(seen, field(seen, "count"), value, [Span(10, 12)]).event
        assert repr(field(corrected, "count").value) == repr(value)
    assert problems(review.connection) == []


def test_a_change_holds_the_decision_as_it_is_stored(review: Review) -> None:
    seen = event(review.connection)
    changes = [
        review.correct(seen, field(seen, "count"), {"a": [1, 2.5, None, "é"]}, [Span(41, 43)], "about"),
        review.split(event(review.connection), ["transfer:1"]),
        review.undo(),
        review.redo(),
    ]
    decisions = list(read_decisions(review.connection))
    assert [change.decision for change in changes if change] == decisions
    assert review.last() == decisions[1]


def test_integers_stay_integers_in_the_file(review: Review) -> None:
    before = event(review.connection)
    review.correct(before, field(before, "count"), 25, [])
    stored = review.connection.execute("SELECT typeof(value), value FROM fields WHERE name = 'count'").fetchone()
    assert stored == ("integer", 25)


def test_a_moved_field_keeps_its_value_and_evidence(review: Review) -> None:
    before = event(review.connection)
    moved = review.move(before, field(before, "location"), "place_of_death", group=None).event
    place = field(moved, "place_of_death")
    assert (place.value, place.spans, place.state) == ("Lesna", (Span(34, 39),), "corrected")
    assert place.extracted is not None
    assert place.extracted.name == "location"


def test_removing_a_field_of_an_accepted_event_makes_it_corrected(review: Review) -> None:
    accepted = review.accept(event(review.connection)).event
    removed = review.remove(accepted, field(accepted, "total")).event
    assert removed.status == "corrected"
    assert "total" not in [item.name for item in removed.live_fields]
    undone = review.undo()
    assert undone is not None
    assert undone.event.status == "confirmed"


def test_undo_removes_an_added_field_and_redo_restores_it(review: Review) -> None:
    added = review.add(event(review.connection), "count", "transfer:2", 15, [Span(61, 63)]).event
    assert [item.value for item in added.live_fields if item.name == "count"] == [40, 15]
    undone, redone = review.undo(), review.redo()
    assert undone is not None
    assert redone is not None
    assert [item.value for item in undone.event.live_fields if item.name == "count"] == [40]
    assert [item.value for item in redone.event.live_fields if item.name == "count"] == [40, 15]


def test_undo_and_redo_work_across_sessions(review: Review, tmp_path: Path) -> None:
    review.accept(event(review.connection))
    review.reject(event(review.connection, "report-1/2"), "generic")
    later = Review(open_file(tmp_path / "events.db"), "ana")
    assert [change.decision.action if (change := later.undo()) else None for _ in range(3)] == ["undo", "undo", None]
    assert event(later.connection).status == event(later.connection, "report-1/2").status == "pending"
    assert [change.event.status if (change := later.redo()) else None for _ in range(3)] == [
        "confirmed",
        "rejected",
        None,
    ]
    later.connection.close()


def test_nothing_can_be_redone_after_a_new_decision(review: Review) -> None:
    review.accept(event(review.connection))
    review.undo()
    review.flag(event(review.connection))
    assert review.redo() is None


def test_undo_undoes_only_the_reviewers_own_decisions(review: Review) -> None:
    Review(review.connection, "ben").accept(event(review.connection))
    assert review.undo() is None
    assert event(review.connection).status == "confirmed"


def test_a_decision_on_a_stale_view_is_refused_and_the_error_names_who_decided(review: Review) -> None:
    seen = event(review.connection)
    Review(review.connection, "ben").reject(seen, "duplicate")
    with pytest.raises(ConflictError, match="ben made a decision"):
        review.accept(seen)
    assert event(review.connection).status == "rejected"
    assert len(list(read_decisions(review.connection))) == 1


def test_undo_is_refused_if_somebody_changed_the_same_thing_since(review: Review) -> None:
    review.accept(event(review.connection))
    Review(review.connection, "ben").reject(event(review.connection), "duplicate")
    with pytest.raises(ConflictError, match="ben"):
        review.undo()
    assert event(review.connection).status == "rejected"


def test_undo_works_if_somebody_changed_something_else_since(review: Review) -> None:
    seen = event(review.connection)
    review.correct(seen, field(seen, "count"), 25, [])
    Review(review.connection, "ben").note(event(review.connection), "look at the date")
    undone = review.undo()
    assert undone is not None
    assert field(undone.event, "count").value == 40
    assert undone.event.note == "look at the date"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET reviewer = 'eve'",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions SELECT id, event_id, field_id, action, 'eve', decided_at, target_id, before,"
        " after FROM decisions",
    ],
)
def test_the_database_refuses_to_change_a_decision(review: Review, statement: str) -> None:
    review.accept(event(review.connection))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        review.connection.execute(statement)
    assert [decision.reviewer for decision in read_decisions(review.connection)] == ["ana"]


def test_check_finds_changes_that_no_decision_made(review: Review) -> None:
    review.accept(event(review.connection))
    assert problems(review.connection) == []
    review.connection.execute("UPDATE fields SET value = 41 WHERE name = 'count'")
    review.connection.execute("UPDATE events SET status = 'confirmed' WHERE external_id = 'report-1/2'")
    review.connection.execute("UPDATE evidence SET current = 0 WHERE start_offset = 34")
    found = "\n".join(problems(review.connection))
    assert "field count" in found
    assert "report-1/2 is confirmed without a decision" in found
    assert "field location" in found


def test_one_undo_reverses_a_swap_of_two_fields(review: Review) -> None:
    before = event(review.connection)
    swapped = review.swap(before, field(before, "total"), field(before, "count")).event
    assert (field(swapped, "total").value, field(swapped, "total").spans) == (40, (Span(10, 12),))
    other = review.swap(swapped, field(swapped, "location"), field(swapped, "recipient")).event
    assert (field(other, "location").value, field(other, "recipient").value) == ("the north", "Lesna")
    assert field(other, "location").spans == (Span(47, 56),)
    undone = review.undo()
    assert undone is not None
    assert (field(undone.event, "location").value, field(undone.event, "recipient").value) == ("Lesna", "the north")


def test_an_added_event_is_pending_then_corrected_when_accepted_and_gone_when_undone(review: Review) -> None:
    document_id = event(review.connection).document_id
    made = review.add_event(document_id, "attack").event
    assert made.external_id.startswith("report-1/added/")
    assert (made.status, made.live, made.extracted_type) == ("pending", True, None)
    filled = review.add(made, "date", None, "2025-03-07", [Span(3, 9)]).event
    assert review.accept(filled).event.status == "corrected"
    assert [item["id"] for item in exported(review.connection)[0]["events"]][-1] == made.external_id
    for _ in range(3):
        review.undo()
    assert len(exported(review.connection)[0]["events"]) == 2
    assert find_event_ids(review.connection, made.external_id) == []


def test_undo_of_an_added_event_is_refused_if_somebody_added_a_field_to_it(review: Review) -> None:
    made = review.add_event(event(review.connection).document_id, "attack").event
    Review(review.connection, "ben").add(made, "date", None, "2025", [])
    with pytest.raises(ConflictError, match="ben"):
        review.undo()


def test_undo_of_an_added_event_is_refused_if_somebody_worked_with_it(review: Review) -> None:
    ben = Review(review.connection, "ben")

    def added() -> Event:
        made = review.add_event(event(review.connection).document_id, "attack").event
        return review.add(made, "date", None, "2025", []).event

    def refused(made: Event) -> None:
        for _ in made.live_fields:
            review.undo()
        with pytest.raises(ConflictError, match="can't undo: ben"):
            review.undo()
        assert event(review.connection, made.external_id).live
        assert problems(review.connection) == []

    made = added()
    ben.merge(event(review.connection, "report-1/2"), made)
    with pytest.raises(ConflictError, match="ben made a decision"):
        review.undo(), review.undo()
    ben.undo()
    assert review.undo() is not None
    for act in (ben.accept, ben.flag, lambda item: ben.reject(item, "generic"), lambda item: ben.note(item, "why?")):
        made = review.add_event(event(review.connection).document_id, "attack").event
        act(made)
        refused(made)
        ben.undo()
        assert review.undo() is not None


def test_redo_of_a_merge_is_refused_if_the_other_event_is_gone(review: Review) -> None:
    made = Review(review.connection, "ben").add_event(event(review.connection).document_id, "protest").event
    review.merge(event(review.connection, "report-1/2"), made)
    review.undo()
    Review(review.connection, "ben").undo()
    with pytest.raises(ConflictError, match="can't redo"):
        review.redo()
    assert event(review.connection, "report-1/2").status == "pending"


def test_redo_of_a_merge_is_refused_if_the_other_event_became_a_duplicate_of_this_one(review: Review) -> None:
    review.merge(event(review.connection, "report-1/2"), event(review.connection))
    review.undo()
    Review(review.connection, "ben").merge(event(review.connection), event(review.connection, "report-1/2"))
    with pytest.raises(ConflictError, match="can't redo"):
        review.redo()
    assert event(review.connection).merged_into == event(review.connection, "report-1/2").id


def test_a_split_moves_groups_and_keeps_ungrouped_fields_in_both_events(review: Review) -> None:
    before = event(review.connection)
    change = review.split(before, ["transfer:1"])
    assert [item.name for item in change.event.live_fields] == ["date", "total", "location", "count", "recipient"]
    left = event(review.connection)
    assert [item.name for item in left.live_fields] == ["date", "total", "location"]
    assert change.event.live_fields[3].spans == (Span(10, 12),)
    review.undo()
    assert event(review.connection).live_fields == before.live_fields


def test_a_merged_duplicate_in_another_document_stays_linked_as_a_source(review: Review) -> None:
    import_documents(review.connection, LATER)
    duplicate, into = event(review.connection, "report-2/1"), event(review.connection)
    review.merge(duplicate, into, fill=True)
    merged, kept = event(review.connection, "report-2/1"), event(review.connection)
    assert (merged.status, merged.reason, merged.merged_into) == ("rejected", "duplicate", kept.id)
    assert (field(kept, "mediator").value, field(kept, "mediator").spans) == ("the Red Cross", ())
    sources = review.connection.execute("SELECT document FROM event_sources WHERE event = 'report-1/1'").fetchall()
    assert sources == [("report-1",), ("report-2",)]
    review.accept(kept)
    (gold, _) = exported(review.connection, reviewed=True)
    assert gold["events"][0]["sources"] == [{"document": "report-2", "event": "report-2/1", "extractor": "rules"}]
    review.accept(merged)
    assert event(review.connection, "report-2/1").merged_into is None


def test_merging_an_event_takes_its_own_duplicates_along(review: Review) -> None:
    copy_ = review.copy(event(review.connection)).event
    review.merge(event(review.connection, "report-1/2"), copy_)
    review.merge(event(review.connection, copy_.external_id), event(review.connection))
    into = event(review.connection).id
    assert event(review.connection, "report-1/2").merged_into == into
    review.undo()
    assert event(review.connection, "report-1/2").merged_into == copy_.id


def test_a_changed_type_keeps_the_extracted_type(review: Review) -> None:
    typed = review.set_type(event(review.connection), "attack").event
    assert (typed.type, typed.extracted_type) == ("attack", "prisoner_exchange")
    assert review.accept(typed).event.status == "corrected"
    import_documents(review.connection, ARTICLE)
    assert event(review.connection).type == "attack"
