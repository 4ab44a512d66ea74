"""Several people review one file: conflicts are shown, keys wait for other processes, and decisions are shared."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, event, import_documents, problems
from support.driving import Desk, desk_of

from db.decisions.presence import Presence
from db.decisions.review import Review
from db.maintenance.backups import back_up
from db.maintenance.restore import restore
from db.store.connection import open_file
from tui.widgets.prompt import TextPrompt


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
async def desk(file: sqlite3.Connection) -> AsyncIterator[Desk]:
    async with desk_of(file) as desk:
        yield desk


def value(connection: sqlite3.Connection, name: str) -> object:
    return next(field.value for field in event(connection).live_fields if field.name == name)


async def until(desk: Desk, line: str, text: str) -> None:
    for _ in range(60):
        if text in desk.text(line):
            return
        await asyncio.sleep(0.05)  # not Pilot's pause, which waits for a key that waits
    raise AssertionError(f"{text!r} is not in {desk.text(line)!r}")


def typed_in(desk: Desk) -> str:
    prompt = desk.screen.query_one(TextPrompt)
    assert prompt.display
    return prompt.text if prompt._question.multiline else prompt.line.value


# Conflicts


async def test_a_conflict_shows_both_decisions_and_one_key_keeps_theirs(desk: Desk, other: sqlite3.Connection) -> None:
    Review(other, "ben").reject(event(other), "generic")
    await desk.press("a")
    assert event(other).status == "rejected"
    assert "someone else decided first" in desk.asked
    assert "t keep theirs: ben" in desk.asked
    assert "reject, generic" in desk.asked
    assert "m save mine: accept" in desk.asked
    await desk.press("t")
    assert desk.asked == ""
    assert event(other).status == "rejected"
    assert "1/3" in desk.text("status")


async def test_one_key_saves_mine_and_goes_on(desk: Desk, other: sqlite3.Connection) -> None:
    Review(other, "ben").reject(event(other), "generic")
    await desk.press("a", "m")
    assert (event(other).status, event(other).reviewer) == ("confirmed", "ana")
    assert "2/3" in desk.text("status")
    assert problems(other) == []


async def test_a_conflict_shows_both_values_of_a_correction(desk: Desk, other: sqlite3.Connection) -> None:
    await desk.press("l", "enter")
    await desk.write("2025-03-07")
    theirs = event(other)
    Review(other, "ben").correct(theirs, theirs.fields[0], "2025-03-06", [])
    await desk.press("enter")
    assert "correct date 2025-02-28 → 2025-03-06" in desk.asked
    assert "m save mine: correct date 2025-02-28 → 2025-03-07" in desk.asked
    assert value(other, "date") == "2025-03-06"
    await desk.press("m")
    assert value(other, "date") == "2025-03-07"
    assert desk.asked == ""


async def test_another_decision_while_choosing_is_a_new_conflict(desk: Desk, other: sqlite3.Connection) -> None:
    Review(other, "ben").reject(event(other), "generic")
    await desk.press("a")
    Review(other, "cy").note(event(other), "wait")
    await desk.press("m")
    assert "cy" in desk.asked
    assert event(other).status == "rejected"
    await desk.press("m")
    assert event(other).status == "confirmed"


async def test_a_conflict_with_an_import_says_so(desk: Desk, other: sqlite3.Connection) -> None:
    changed = ARTICLE | {"events": [ARTICLE["events"][0] | {"confidence": 0.1, "fields": []}, ARTICLE["events"][1]]}
    import_documents(other, changed)
    await desk.press("a")
    assert "a new import changed it" in desk.asked


async def test_an_undo_below_someones_decision_is_refused(desk: Desk, other: sqlite3.Connection) -> None:
    await desk.press("a", "k")
    Review(other, "ben").reject(event(other), "generic")
    await desk.press("u")
    assert "can't undo: ben made a decision" in desk.text("detail")
    assert event(other).status == "rejected"


# Waiting for another process


async def test_a_key_waits_for_another_process_and_is_then_saved(desk: Desk, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    desk.send("a")
    await until(desk, "status", "waiting for another process")
    assert event(other).status == "pending"
    other.rollback()
    await until(desk, "status", "2/3")
    assert event(other).status == "confirmed"


async def test_keys_behind_a_waiting_one_keep_their_order(desk: Desk, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    desk.send("x", "g", "a", "n", *"third", "enter")
    await until(desk, "status", "waiting")
    other.rollback()
    for _ in range(60):
        if event(other, "report-2/1").note:
            break
        await asyncio.sleep(0.05)
    assert (event(other).status, event(other, "report-1/2").status) == ("rejected", "confirmed")
    assert event(other, "report-2/1").note == "third"


async def test_escape_cancels_a_waiting_key_and_keeps_the_typed_text(desk: Desk, other: sqlite3.Connection) -> None:
    await desk.press("l", "enter")
    await desk.write("2025-03-07")
    other.execute("BEGIN IMMEDIATE")
    desk.send("enter", "a", "a")
    await until(desk, "status", "waiting")
    desk.send("escape")
    await until(desk, "status", "not saved: another process is writing")
    assert "date" in desk.asked
    other.rollback()
    await desk.press("enter")
    assert value(other, "date") == "2025-03-07"
    assert event(other).status == "pending"  # keys from before escape are given up with it


async def test_hint_letters_wait_too(desk: Desk, other: sqlite3.Connection) -> None:
    await desk.press("l", "j", "f")
    letters = desk.labels("source")
    other.execute("BEGIN IMMEDIATE")
    desk.send(*letters[1])
    await until(desk, "status", "waiting")
    other.rollback()
    for _ in range(60):
        if event(other).revision:
            break
        await asyncio.sleep(0.05)
    assert value(other, "total") != 40
    assert desk.asked == ""


# Presence and updates


async def test_decisions_of_others_are_shown_within_a_second(desk: Desk, other: sqlite3.Connection) -> None:
    Review(other, "ben").reject(event(other), "generic")
    await desk.pilot.pause(0.9)
    assert "2 left" in desk.text("status")
    assert "rejected" in desk.text("detail")


async def test_the_queue_shows_decisions_of_others_during_a_question(
    file: sqlite3.Connection, other: sqlite3.Connection
) -> None:
    async with desk_of(file, size=(100, 40)) as desk:
        await desk.press("n")
        Review(other, "ben").reject(event(other, "report-2/1"), "generic")
        await desk.pilot.pause(0.9)
        assert "2 left" in desk.text("status")
        assert any("✗" in line for line in desk.lines("queue"))
        assert desk.asked


async def test_events_open_elsewhere_are_marked_and_skipped(desk: Desk, other: sqlite3.Connection) -> None:
    ben = Presence(other, "ben")
    ben.announce(event(other, "report-1/2").id)
    await desk.pilot.pause(0.8)
    assert [line for line in desk.lines("queue") if "·@" in line and "protest" in line]
    await desk.press("a")
    assert "3/3" in desk.text("status")  # not the one that ben has open
    await desk.press("k")
    assert "ben has it open too" in desk.text("detail")
    ben.close()
    await desk.pilot.pause(0.8)
    assert "ben" not in desk.text("detail")
    assert not any("@" in line for line in desk.lines("queue"))


async def test_the_last_pending_event_is_opened_even_if_open_elsewhere(desk: Desk, other: sqlite3.Connection) -> None:
    ben = Presence(other, "ben")
    ben.announce(event(other, "report-2/1").id)
    await desk.pilot.pause(0.8)
    await desk.press("a", "a")
    assert "3/3" in desk.text("status")
    ben.close()


async def test_a_reviewer_is_present_until_the_app_ends(file: sqlite3.Connection, other: sqlite3.Connection) -> None:
    ben = Presence(other, "ben")
    async with desk_of(file) as desk:
        await desk.pilot.pause(0.8)
        assert ben.others(other) == {event(other).id: ("ana",)}
    assert ben.others(other) == {}


def test_presence_expires_and_blocks_nobody(file: sqlite3.Connection, other: sqlite3.Connection) -> None:
    ana, ben = Presence(file, "ana"), Presence(other, "ben")
    ana.announce(1)
    file.execute("UPDATE presence SET seen_at = '2020-01-01T00:00:00.000+00:00'")
    assert ben.others(other) == {}
    file.execute("BEGIN IMMEDIATE")
    ben.announce(2)  # written by nobody, refused to nobody
    file.rollback()
    assert ana.others(file) == {}
    ben.announce(2)
    assert ana.others(file) == {2: ("ben",)}
    assert file.execute("SELECT count(*) FROM presence").fetchone() == (1,)
    ana.close()
    ben.close()


def test_presence_ahead_of_now_and_a_flood_of_it_count_no_more(file: sqlite3.Connection) -> None:
    file.execute("INSERT INTO presence VALUES ('feed', 'bob', 2, '2099-01-01T00:00:00.000+00:00')")
    ana = Presence(file, "ana")
    assert ana.others(file) == {}
    file.execute(
        "INSERT INTO presence WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
        " SELECT 'flood' || i, 'bob', 2, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM n"
    )
    assert len(ana.others(file)[2]) <= 100
    ana.announce(1)
    assert file.execute("SELECT count(*) FROM presence WHERE seen_at > '2098'").fetchone() == (0,)
    ana.close()


async def test_a_restored_file_is_shown(desk: Desk, other: sqlite3.Connection, tmp_path: Path) -> None:
    made = back_up(other, tmp_path / "events.db", "asked")
    await desk.press("a", "a")
    import_documents(other, ARTICLE | {"id": "third"})
    await desk.pilot.pause(0.8)
    restore(tmp_path / "events.db", made.path)
    await desk.press("G")
    await until(desk, "detail", "restored to an earlier state")
    await until(desk, "status", "3 left")
    assert event(other).status == "pending"


@pytest.mark.parametrize(("keys", "typed"), [("n", "a note"), ("N", "prot"), ("/", "type:pro")])
async def test_a_restore_while_a_question_is_open_keeps_it_and_what_was_typed(
    desk: Desk, other: sqlite3.Connection, tmp_path: Path, keys: str, typed: str
) -> None:
    made = back_up(other, tmp_path / "events.db", "asked")
    await desk.press(keys)
    await desk.write(typed)
    Review(other, "ben").flag(event(other, "report-2/1"))
    restore(tmp_path / "events.db", made.path)
    await until(desk, "status", "the file was restored")
    assert typed_in(desk) == typed
    if keys == "n":
        await desk.press("enter")
        assert "restored" in desk.text("prompt-remark")
        assert typed_in(desk) == typed
        assert event(other).revision == 0
    await desk.press("escape")
    await until(desk, "detail", "restored to an earlier state")
    await until(desk, "status", "3 left")
    await desk.press("a")
    assert event(other).status == "confirmed"


async def test_a_restored_file_in_which_the_query_means_nothing_is_shown_whole(
    desk: Desk, other: sqlite3.Connection, tmp_path: Path
) -> None:
    made = back_up(other, tmp_path / "events.db", "asked")
    other.execute("INSERT INTO saved_queries VALUES ('rallies', 'type:protest', '')")
    await desk.press("/")
    await desk.write("@rallies", "enter")
    restore(tmp_path / "events.db", made.path)
    await until(desk, "detail", "your query no longer works")
    await until(desk, "status", "3 left")


# A file that is gone


@pytest.mark.parametrize("asking", [False, True])
async def test_a_file_that_was_replaced_ends_deciding_and_is_copied(
    desk: Desk, file: sqlite3.Connection, tmp_path: Path, asking: bool
) -> None:
    await desk.press("a")
    if asking:
        await desk.press("n")
        await desk.write("a note")
    shutil.copyfile(tmp_path / "events.db", tmp_path / "copy.db")
    (tmp_path / "copy.db").replace(tmp_path / "events.db")
    if asking:
        await desk.press("enter")
        assert "was replaced by another file" in desk.text("prompt-remark")
        assert typed_in(desk) == "a note"
        await desk.press("escape")
    await until(desk, "status", "events.db was replaced by another file · nothing more is saved")
    if not asking:
        await until(desk, "detail", "events.rescued.db")
    await desk.press("a")
    assert "not saved: the file was replaced by another file" in desk.text("detail")
    file.close()
    with contextlib.closing(open_file(tmp_path / "events.rescued.db")) as copy:
        assert event(copy).status == "confirmed"
        assert problems(copy) == []


# Read-only files


async def test_a_read_only_file_says_so_and_refuses_decisions(file: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "access", lambda _, mode: mode != os.W_OK)  # root may write everything
        looking = open_file(tmp_path / "events.db")
        async with desk_of(looking) as desk:
            assert "read-only" in desk.text("status")
            await desk.press("a", "j")
            await desk.press("l", "enter")
            await desk.write("dozens", "enter")
            assert "read-only" in desk.text("status")
            assert not any(line.lstrip("│┃ ▸").startswith("✓") for line in desk.lines("queue"))
        looking.close()
    assert event(file).revision == 0
