"""A review session without a screen: deciding, going on, undoing, and what other processes write meanwhile."""

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, event, import_documents

from db.decisions.review import Review
from db.errors import BusyError
from db.maintenance.backups import back_up
from db.maintenance.restore import restore
from db.query import QueryError
from db.store.connection import open_file
from db.store.reading import read_event
from tui.review import foot
from tui.review.session.outcomes import Conflict, News, Refused, Saved, Step
from tui.review.session.session import Session


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(connection, ARTICLE, LATER)
    return connection


@pytest.fixture
def other(file: sqlite3.Connection, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process's connection."""
    with contextlib.closing(open_file(tmp_path / "events.db")) as connection:
        yield connection


@pytest.fixture
def start(file: sqlite3.Connection) -> Callable[..., Session]:
    def start(query: str = "", around: int | None = None) -> Session:
        session = Session(Review(file, "ana"), query, around=around)
        assert session.queue.wait_for_page(timeout=10)
        assert session.queue.wait_for_all(timeout=10) is not None
        session.go_to(session.first_place(around) or 0)
        return session

    return start


@pytest.fixture
def session(start: Callable[..., Session]) -> Session:
    return start()


def open_id(session: Session) -> str:
    assert session.event is not None
    return session.event.external_id


def test_a_session_loads_no_terminal_code() -> None:
    code = "import sys, tui.review.session.session as _; print([m for m in sys.modules if m in ('textual', 'rich')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# The queue


def test_it_opens_the_first_pending_event_with_its_document(session: Session) -> None:
    assert (session.place, open_id(session)) == (0, "report-1/1")
    assert session.document is not None
    assert session.document.external_id == "report-1"


def test_it_opens_the_event_asked_for(start: Callable[..., Session], file: sqlite3.Connection) -> None:
    wanted = event(file, "report-1/2").id
    assert open_id(start("", wanted)) == "report-1/2"


def test_a_place_beyond_an_end_is_that_end(session: Session) -> None:
    session.go_to(99)
    assert (session.place, open_id(session)) == (2, "report-2/1")
    session.go_to(-99)
    assert session.place == 0


def test_a_query_that_finds_nothing_opens_nothing(start: Callable[..., Session]) -> None:
    session = start("nowhere")
    assert session.event is None
    assert session.document is None
    assert session.go_on() is Step.NONE_LEFT
    assert session.neighbours() == []


def test_a_mistake_in_the_query_is_an_error(file: sqlite3.Connection) -> None:
    with pytest.raises(QueryError):
        Session(Review(file, "ana"), "(open")


def test_a_document_without_events_can_be_open_instead_of_an_event(session: Session, file: sqlite3.Connection) -> None:
    import_documents(file, {"id": "bare", "text": "Nothing."})
    (document_id,) = file.execute("SELECT id FROM documents WHERE external_id = 'bare'").fetchone()
    session.open_document(document_id)
    assert session.event is None
    assert session.document is not None
    assert session.document.text == "Nothing."
    assert session.place == 0


# Deciding


def test_a_decision_is_on_disk_and_the_open_event_is_as_decided(session: Session, other: sqlite3.Connection) -> None:
    outcome = session.decide(session.review.accept)
    assert isinstance(outcome, Saved)
    assert event(other).status == "confirmed"
    assert session.event == read_event(other, outcome.change.event.id)
    assert session.queue.pending == 2


def test_going_on_opens_the_next_pending_event_and_starts_again_from_the_top(session: Session) -> None:
    session.go_to(1)
    session.decide(session.review.accept)
    assert session.go_on() is Step.MOVED
    assert session.place == 2
    session.decide(session.review.accept)
    assert session.go_on() is Step.MOVED
    assert session.place == 0
    session.decide(session.review.accept)
    assert session.go_on() is Step.NONE_LEFT
    assert session.place == 0


def test_going_on_passes_over_events_that_others_have_open(session: Session) -> None:
    session.others = {session.queue.ids[1]: ("ben",)}
    session.decide(session.review.accept)
    session.go_on()
    assert session.place == 2


def test_going_on_waits_for_a_search_that_may_find_more(file: sqlite3.Connection) -> None:
    session = Session(Review(file, "ana"))
    assert session.queue.wait_for_page(timeout=10)
    session.queue.complete = False
    session.go_to(2)
    assert session.go_on() is Step.SEARCHING
    assert session.place == 2


def test_nothing_is_decided_while_no_event_is_open(start: Callable[..., Session]) -> None:
    session = start("nowhere")
    assert session.decide(session.review.accept) == Refused("no event is open")


def test_an_event_that_is_added_is_counted_in_the_queue(session: Session) -> None:
    document = session.document
    assert document is not None
    outcome = session.save(lambda: session.review.add_event(document.id, "attack"))
    assert isinstance(outcome, Saved)
    assert outcome.resized
    assert session.place_of(outcome.change.event.id) == 2


def test_a_conflict_has_both_versions_and_the_open_event_is_read_again(
    session: Session, other: sqlite3.Connection
) -> None:
    Review(other, "ben").reject(event(other), "generic")
    outcome = session.decide(session.review.accept)
    assert isinstance(outcome, Conflict)
    assert outcome.theirs.startswith("ben, ")
    assert "reject, generic" in outcome.theirs
    assert outcome.mine == "accept"
    assert session.event == event(other)
    assert session.queue.pending == 2
    assert isinstance(session.decide(session.review.accept), Saved)


def test_an_event_that_is_gone_is_refused_and_leaves_no_choice(session: Session, file: sqlite3.Connection) -> None:
    document = session.document
    assert document is not None
    added = session.save(lambda: session.review.add_event(document.id, "attack"))
    assert isinstance(added, Saved)
    session.go_to(session.place_of(added.change.event.id) or 0)
    Review(file, "ana").undo()
    outcome = session.decide(session.review.accept)
    assert isinstance(outcome, Refused)
    assert outcome.reread


def test_a_busy_file_is_refused_or_raised_to_a_caller_that_retries(session: Session, other: sqlite3.Connection) -> None:
    session.review.lock_timeout = 0.0
    other.execute("BEGIN IMMEDIATE")
    outcome = session.decide(session.review.accept)
    assert isinstance(outcome, Refused)
    assert outcome.why.startswith("not saved: ")
    assert not outcome.reread
    session.retrying = True
    with pytest.raises(BusyError):
        session.decide(session.review.accept)
    other.rollback()
    assert isinstance(session.decide(session.review.accept), Saved)
    session.end_retrying()
    assert session.review.lock_timeout > 0


def test_a_file_that_cannot_be_read_is_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    outcome = session.decide(fails)  # type: ignore[arg-type]
    assert isinstance(outcome, Refused)
    assert "can't read the file (database disk image is malformed)" in outcome.why


# Undo and redo


def test_undo_and_redo_say_what_they_did(session: Session, file: sqlite3.Connection) -> None:
    session.decide(session.review.accept)
    undone = session.undo()
    assert isinstance(undone, Saved)
    assert session.describe_turn(undone.change) == "undone: accept"
    assert event(file).status == "pending"
    redone = session.redo()
    assert isinstance(redone, Saved)
    assert session.describe_turn(redone.change) == "redone: accept"
    assert event(file).status == "confirmed"


def test_an_undo_outside_the_query_names_its_event(session: Session, start: Callable[..., Session]) -> None:
    session.decide(session.review.accept)
    elsewhere = start("type:protest")
    undone = elsewhere.undo()
    assert isinstance(undone, Saved)
    assert elsewhere.describe_turn(undone.change) == "undone: accept (event report-1/1, not in this query)"


def test_nothing_to_undo_or_redo_is_refused(session: Session) -> None:
    assert session.undo() == Refused("you have nothing to undo in this file")
    assert session.redo() == Refused("nothing to redo: a new decision clears what was undone")


def test_what_others_built_on_is_not_undone(session: Session, other: sqlite3.Connection) -> None:
    session.decide(session.review.accept)
    Review(other, "ben").reject(event(other), "generic")
    outcome = session.undo()
    assert isinstance(outcome, Refused)
    assert "ben" in outcome.why


def test_the_last_decision_is_read_once_until_someone_decides(session: Session, other: sqlite3.Connection) -> None:
    assert session.last is None
    session.decide(session.review.accept)
    reads: list[str] = []
    session.connection.set_trace_callback(reads.append)
    assert session.last is not None
    assert session.last.action == "confirm"
    assert not reads
    session.connection.set_trace_callback(None)
    session.undo()
    assert session.last is None
    Review(other, "ana").flag(event(other, "report-1/2"))
    assert session.changed_elsewhere()
    assert session.last is not None
    assert session.last.event_id == event(other, "report-1/2").id


# Other processes


def test_the_sessions_own_decisions_are_no_news(session: Session) -> None:
    session.decide(session.review.accept)
    assert not session.changed_elsewhere()
    assert session.take_in_others(keep_event=False) is News.NOTHING


@pytest.mark.parametrize("keep_event", [False, True])
def test_decisions_of_others_are_taken_in(session: Session, other: sqlite3.Connection, keep_event: bool) -> None:
    Review(other, "ben").reject(event(other), "generic")
    assert session.changed_elsewhere()
    assert session.take_in_others(keep_event=keep_event) is News.DECISIONS
    assert session.queue.pending == 2
    assert session.event is not None
    assert session.event.status == ("pending" if keep_event else "rejected")
    assert session.take_in_others(keep_event=keep_event) is News.NOTHING


def test_a_decision_just_before_ones_own_is_still_news(session: Session, other: sqlite3.Connection) -> None:
    Review(other, "ben").flag(event(other, "report-2/1"))
    session.decide(session.review.accept)
    assert session.take_in_others(keep_event=False) is News.DECISIONS
    assert session.queue.pending == 1


def test_a_new_import_is_read(session: Session, other: sqlite3.Connection) -> None:
    changed = ARTICLE | {"events": [ARTICLE["events"][0] | {"confidence": 0.1}, ARTICLE["events"][1]]}
    import_documents(other, changed)
    assert session.take_in_others(keep_event=False) is News.DECISIONS
    assert session.event is not None
    assert session.event.confidence == 0.1


def test_a_restored_file_is_reported(session: Session, other: sqlite3.Connection, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "before.db")) as before:
        other.backup(before)
        session.decide(session.review.accept)
        before.backup(other)
    assert session.changed_elsewhere()
    assert session.take_in_others(keep_event=False) is News.RESTORED


def test_a_restored_file_with_as_many_decisions_is_reported(
    session: Session, other: sqlite3.Connection, tmp_path: Path
) -> None:
    Review(other, "ben").flag(event(other, "report-2/1"))
    made = back_up(other, tmp_path / "events.db", "asked")
    session.undo()
    session.take_in_others(keep_event=False)
    restore(tmp_path / "events.db", made.path)
    outcome = session.decide(session.review.accept)
    assert isinstance(outcome, Refused)
    assert "restored" in outcome.why
    assert session.take_in_others(keep_event=False) is News.RESTORED
    assert isinstance(session.decide(session.review.accept), Saved)


# Queries


def test_a_query_is_saved_under_a_name(start: Callable[..., Session], file: sqlite3.Connection) -> None:
    session = start("type:protest")
    assert session.save_query("rallies") is None
    assert "two words" in (session.save_query("two words") or "")
    assert file.execute("SELECT name, query FROM saved_queries").fetchall() == [("rallies", "type:protest")]


@pytest.mark.parametrize("looks_first", [False, True])
def test_decisions_that_another_program_overwrote_are_missed_before_the_next_one(
    file: sqlite3.Connection, start: Callable[..., Session], tmp_path: Path, looks_first: bool
) -> None:
    before = tmp_path / "before.db"
    with contextlib.closing(sqlite3.connect(before)) as copy:
        file.backup(copy)
    session = start()
    assert isinstance(session.decide(session.review.accept), Saved)
    with (
        contextlib.closing(sqlite3.connect(before)) as copy,
        contextlib.closing(open_file(session_path(file))) as again,
    ):
        copy.backup(again)
    if not looks_first:
        refused = session.decide(session.review.accept)
        assert isinstance(refused, Refused)
        assert "decisions are missing" in str(refused)
    assert session.take_in_others(keep_event=True) is News.RESTORED
    assert session.take_in_others(keep_event=False) is News.RESTORED
    assert session.replaced
    session.go_to(0)
    assert isinstance(session.decide(session.review.accept), Saved)
    assert session.take_in_others(keep_event=False) is not News.RESTORED
    assert not session.replaced


def session_path(connection: sqlite3.Connection) -> Path:
    """The path of a connection's file."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def test_another_text_is_shown_and_a_decision_on_the_one_before_is_refused(
    session: Session, other: sqlite3.Connection
) -> None:
    shown, text = session.document, f"Update. {ARTICLE['text']}"
    assert shown is not None
    import_documents(other, ARTICLE | {"text": text, "events": []})
    assert isinstance(session.decide(session.review.accept), Conflict)
    assert session.document is not None
    assert session.document.text == text
    assert session.event is not None
    location = session.event.fields[2].spans[0]
    assert session.document.source[location.start : location.end] == "Lesna"
    assert isinstance(session.decide(session.review.accept), Saved)
    import_documents(other, ARTICLE | {"events": []})
    assert session.changed_elsewhere()
    assert session.take_in_others(keep_event=False) is News.DECISIONS
    assert session.document.text == ARTICLE["text"]
    change = session.prefetch.text_change
    assert change is not None
    assert (change.moved, change.lost) == (5, 0)
    said = foot.about_event(session.event, text=change).plain
    assert f"the text changed on {change.replaced_at[:10]}: 5 spans moved" in said


def test_an_added_event_is_shown_with_the_text_that_the_file_has(session: Session, other: sqlite3.Connection) -> None:
    document = session.document
    assert document is not None
    import_documents(other, ARTICLE | {"text": f"Update. {ARTICLE['text']}", "events": []})
    saved = session.save(lambda: session.review.add_event(document.id, "protest"))
    assert isinstance(saved, Saved)
    session._read(saved.change.event.id)
    assert session.document is not None
    assert session.document.text == f"Update. {ARTICLE['text']}"


def test_a_document_that_did_not_change_stays_the_same_object(session: Session, other: sqlite3.Connection) -> None:
    document = session.document
    Review(other, "ben").note(event(other, "report-2/1"), "x")
    assert session.changed_elsewhere()
    assert session.take_in_others(keep_event=False) is News.DECISIONS
    assert session.document is document  # so that nothing is laid out again
