"""The open reviewer syncs the sources of its file: what is new is said, and nothing moves."""

import asyncio
from pathlib import Path

import pytest
from support.driving import Desk as Screen
from support.driving import desk_of
from support.synced import desk

from db.store.connection import reopener
from tui.review import screen as review_screen
from tui.review.session import housekeeping
from tui.review.session.housekeeping import Housekeeping


async def _until(screen: Screen, text: str) -> None:
    for _ in range(200):
        if text in screen.text("detail"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} is not in {screen.text('detail')!r}")


async def test_new_events_are_said_without_moving_the_cursor_and_a_fault_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_PAUSE", 0.05)
    monkeypatch.setattr(review_screen, "_HOUSEKEEPING_AFTER", 0.01)
    with desk(tmp_path) as made:
        keeping = Housekeeping(made.file, True, reopener(made.connection))
        async with desk_of(made.connection, housekeeping=keeping) as screen:
            await screen.press("j", "j")
            before = screen.screen.session.place, screen.screen.session.event
            made.write("INSERT INTO events SELECT id + 10, article_id, killed, place, model FROM events WHERE id < 3")
            await _until(screen, "2 new events")
            assert (screen.screen.session.place, screen.screen.session.event) == before
            await screen.press("j")
            made.write("DELETE FROM events WHERE id = 4")
            await _until(screen, "1 event gone")
            await screen.press("k")
            assert screen.screen.session.event.external_id == "3"
            await screen.press("j")
            assert "gone from the database since" in screen.text("detail")
            made.path.rename(tmp_path / "elsewhere.db")
            await _until(screen, "no such file")
            await screen.press("a")
            assert made.connection.execute("SELECT count(*) FROM decisions").fetchone() == (1,)
