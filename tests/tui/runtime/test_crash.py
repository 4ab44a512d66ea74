"""A crash anywhere in the app or in a command: what ends, what is reported, and which texts are not."""

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


async def crash_of(file: sqlite3.Connection, act: Callable[[Desk], object]) -> tuple[EventdeskApp, Exception]:
    """Run ``act``, which must end the app; return the app and the exception that ended it."""
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
async def test_a_crash_ends_the_app_and_prints_nothing(
    file: sqlite3.Connection, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app, error = await crash_of(file, WAYS[way])
    assert app.return_code == crash.EXIT_STATUS
    assert TEXT in str(error)
    assert TEXT not in crash.report(error, "review", app.crash_details())
    assert capsys.readouterr() == ("", "")


async def test_a_widget_that_fails_to_draw_ends_the_app(
    file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw_again(desk: Desk) -> None:
        monkeypatch.setattr(SourceView, "draw", fail)
        desk.source.refresh(layout=True)

    app, error = await crash_of(file, draw_again)
    assert app.return_code == crash.EXIT_STATUS
    assert TEXT in str(error)


async def test_after_a_crash_no_key_decides(file: sqlite3.Connection) -> None:
    def fail_with_keys_typed_ahead(desk: Desk) -> None:
        for _ in range(4):
            desk.app.post_message(events.Key("a", "a"))
        desk.app._handle_exception(ValueError(TEXT))

    await crash_of(file, fail_with_keys_typed_ahead)
    assert file.execute("SELECT count(*) FROM decisions").fetchone() == (0,)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def run_failing_command(path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException | None = None) -> int:
    """Run ``show`` with an error in it; return the exit status."""

    def show(_: object) -> int:
        try:
            fail()
        except ValueError as caught:
            raise error or KeyError(TEXT) from caught
        return 0

    monkeypatch.setitem(lookup.COMMANDS, "show", lookup.COMMANDS["show"]._replace(run=show))
    return main(["show", str(path), TEXT])


def test_a_crash_of_a_command_prints_one_line_and_saves_a_report(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_failing_command(tmp_path / "none.db", monkeypatch) == 70
    (report,) = (state / "eventdesk" / "crashes").iterdir()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "eventdesk crashed (KeyError in tui/cli.py); no partial change was saved."
        f" Report (without your texts): {report}\n"
    )
    text = report.read_text()
    assert "command: show\n" in text
    assert "\nKeyError\n" in text
    assert "\ncaused by ValueError\n" in text
    assert "Lesna" not in text
    assert "none.db" not in text


def test_the_line_says_so_if_the_report_cannot_be_written(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state.write_text("no folder")
    assert run_failing_command(tmp_path / "none.db", monkeypatch) == 70
    line = capsys.readouterr().err
    assert line.endswith("The report could not be written (NotADirectoryError)\n")
    assert line.count("\n") == 1


def test_only_the_newest_reports_are_kept(tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = state / "eventdesk" / "crashes"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"2020-01-01T0000{number:02}.000000-1.txt").touch()
    run_failing_command(tmp_path / "none.db", monkeypatch)
    kept = sorted(item.name for item in folder.iterdir())
    assert len(kept) == 20
    assert kept[0].startswith("2020-01-01T000011")
    assert not kept[-1].startswith("2020")


def test_exceptions_that_cause_each_other_are_reported_once(state: Path) -> None:
    first, second = ValueError(TEXT), KeyError(TEXT)
    first.__cause__, second.__cause__ = second, first
    report = crash.report(ExceptionGroup(TEXT, [first]), "find", {})
    assert [line for line in report.splitlines() if "Error" in line or "Group" in line] == [
        "ExceptionGroup", "caused by ValueError", "caused by KeyError",
    ]  # fmt: skip


def test_an_error_of_the_file_is_not_a_crash(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.db"
    connection = open_file(path, create=True)
    connection.close()
    locked = sqlite3.OperationalError("disk I/O error")
    locked.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    assert run_failing_command(path, monkeypatch, locked) == 2
    assert capsys.readouterr().err == (
        f"eventdesk: {path}: SQLite reports: disk I/O error; run eventdesk check for details\n"
    )
    assert not state.exists()
    with pytest.raises(sqlite3.OperationalError) as mistake:
        sqlite3.connect(":memory:").execute("SELECT nothing")
    assert run_failing_command(path, monkeypatch, mistake.value) == 70


def test_exception_hooks_are_restored() -> None:
    import threading

    before = threading.excepthook, sys.unraisablehook
    with crash.watch_threads(fail):
        assert threading.excepthook is not before[0]
    assert (threading.excepthook, sys.unraisablehook) == before
