"""A defect anywhere in the app or in a command: what ends, what is told, and what is not."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.builders import ARTICLE
from support.driving import Desk, desk_of, fill
from textual import events

from db.store.connection import open_file
from tui.cli import main
from tui.commands import lookup
from tui.review.app import EventdeskApp
from tui.runtime import crash
from tui.widgets.source import SourceView

TEXT = "40 prisoners crossed at Lesna"


def fail(*_: object) -> None:
    raise ValueError(TEXT)


async def fail_in_a_task() -> None:
    fail()


def run_out_of_memory(*_: object) -> None:
    raise MemoryError(TEXT)


WAYS: dict[str, Callable[[Desk], object]] = {
    "a timer": lambda desk: desk.screen.set_timer(0.001, fail),
    "a callback": lambda desk: desk.screen.call_after_refresh(fail),
    "a task": lambda desk: asyncio.get_running_loop().create_task(fail_in_a_task()),
    "a callback of the loop": lambda desk: asyncio.get_running_loop().call_soon(fail),
    "memory": lambda desk: desk.source.call_later(run_out_of_memory),
}


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    fill(connection, "", ARTICLE)
    return connection


async def ended_by(file: sqlite3.Connection, act: Callable[[Desk], object]) -> tuple[EventdeskApp, Exception]:
    """The app, which must end, and what ended it."""
    try:
        async with desk_of(file) as desk:
            act(desk)
            async with asyncio.timeout(10):
                while desk.app.is_running:
                    await asyncio.sleep(0.01)
    except (ValueError, MemoryError) as error:
        return desk.app, error
    raise AssertionError("nothing failed")


@pytest.mark.parametrize("way", WAYS)
async def test_a_defect_ends_the_app_and_prints_nothing(
    file: sqlite3.Connection, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app, error = await ended_by(file, WAYS[way])
    assert app.return_code == crash.SOFTWARE
    assert TEXT in str(error)
    assert TEXT not in crash.report(error, "review", app._told())
    assert capsys.readouterr() == ("", "")


async def test_a_widget_that_can_not_be_drawn_ends_the_app(
    file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw_another(desk: Desk) -> None:
        monkeypatch.setattr(SourceView, "draw", fail)
        desk.source.refresh(layout=True)

    app, error = await ended_by(file, draw_another)
    assert app.return_code == crash.SOFTWARE
    assert TEXT in str(error)


async def test_after_a_defect_no_key_decides(file: sqlite3.Connection) -> None:
    def fail_with_keys_typed_ahead(desk: Desk) -> None:
        for _ in range(4):
            desk.app.post_message(events.Key("a", "a"))
        desk.app._handle_exception(ValueError(TEXT))

    await ended_by(file, fail_with_keys_typed_ahead)
    assert file.execute("SELECT count(*) FROM decisions").fetchone() == (0,)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def a_defective_command(path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException | None = None) -> int:
    def show(_: object) -> int:
        try:
            fail()
        except ValueError as caught:
            raise error or KeyError(TEXT) from caught
        return 0

    monkeypatch.setattr(lookup, "show", show)
    return main(["show", str(path), TEXT])


def test_a_defect_of_a_command_is_one_line_and_a_report(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert a_defective_command(tmp_path / "none.db", monkeypatch) == 70
    (report,) = (state / "eventdesk" / "crashes").iterdir()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "eventdesk: a defect ended it (KeyError in tui/cli.py); nothing half done is in the file."
        f" Report without your texts: {report}\n"
    )
    told = report.read_text()
    assert "command: show\n" in told
    assert "\nKeyError\n" in told
    assert "\nValueError, which led to it\n" in told
    assert "Lesna" not in told
    assert "none.db" not in told


def test_where_no_report_can_be_written_the_line_says_so(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state.write_text("no folder")
    assert a_defective_command(tmp_path / "none.db", monkeypatch) == 70
    said = capsys.readouterr().err
    assert said.endswith("No report could be written (NotADirectoryError)\n")
    assert said.count("\n") == 1


def test_the_newest_reports_are_kept(tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = state / "eventdesk" / "crashes"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"2020-01-01T0000{number:02}.000000-1.txt").touch()
    a_defective_command(tmp_path / "none.db", monkeypatch)
    kept = sorted(item.name for item in folder.iterdir())
    assert len(kept) == 20
    assert kept[0].startswith("2020-01-01T000011")
    assert not kept[-1].startswith("2020")


def test_exceptions_in_a_ring_are_told_once(state: Path) -> None:
    first, second = ValueError(TEXT), KeyError(TEXT)
    first.__cause__, second.__cause__ = second, first
    told = crash.report(ExceptionGroup(TEXT, [first]), "find", {})
    assert [line for line in told.splitlines() if "Error" in line or "Group" in line] == [
        "ExceptionGroup", "ValueError, which led to it", "KeyError, which led to it",
    ]  # fmt: skip


def test_what_sqlite_says_of_a_file_is_no_defect(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.db"
    connection = open_file(path, create=True)
    connection.close()
    locked = sqlite3.OperationalError("disk I/O error")
    locked.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    assert a_defective_command(path, monkeypatch, locked) == 2
    assert capsys.readouterr().err == (
        f"eventdesk: {path}: SQLite says: disk I/O error; `eventdesk check` tells more\n"
    )
    assert not state.exists()
    with pytest.raises(sqlite3.OperationalError) as mistake:
        sqlite3.connect(":memory:").execute("SELECT nothing")
    assert a_defective_command(path, monkeypatch, mistake.value) == 70


def test_hooks_are_as_before_once_the_app_has_ended() -> None:
    import threading

    before = threading.excepthook, sys.unraisablehook
    with crash.told_of_threads(fail):
        assert threading.excepthook is not before[0]
    assert (threading.excepthook, sys.unraisablehook) == before
