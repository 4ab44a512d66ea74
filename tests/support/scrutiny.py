"""Runs every command and the reviewer's screen on a file, and says what must never happen: a crash or a hang."""

import asyncio
import contextlib
import io
import json
import os
import shutil
import signal
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from unittest import mock

from textual.pilot import WaitForScreenTimeout

from db.decisions.review import Review
from db.errors import EventdeskError
from db.maintenance.opening import open_with_backup
from support.builders import ARTICLE
from support.driving import Desk
from tui.cli import main
from tui.review.app import EventdeskApp
from tui.runtime import crash

LONGEST = 10  # seconds of the processor for one command
_ASLEEP = 6  # times as long without using it: other processes need the processor too
CRASHED = 70

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("find", "DB"),
    ("find", "DB", "--json"),
    ("find", "DB", "--csv"),
    ("find", "DB", "--fields", "id,type,title,total,size,note,confidence"),
    ("find", "DB", "total>=40 or lesna or @deep or has:note"),
    ("find", "DB", "@deep", "--count"),
    ("find", "DB", "is:changed or type:protest sort:-total", "--json"),
    ("find", "DB", "--group-by", "type,publisher", "--sum", "total"),
    ("find", "DB", "--group-by", "date:month,location"),
    ("show", "DB", "report-1/1"),
    ("show", "DB", "report-1/1", "--json"),
    ("log", "DB"),
    ("log", "DB", "report-1/1", "--json"),
    ("stats", "DB"),
    ("stats", "DB", "--json"),
    ("types", "DB"),
    ("types", "DB", "--toml"),
    ("queries", "DB"),
    ("queries", "DB", "big", "total>=30"),
    ("queries", "DB", "--remove", "deep"),
    ("backup", "DB", "FOLDER/copy.db"),
    ("backup", "DB"),
    ("restore", "DB"),
    ("check", "DB"),
    ("check", "DB", "--salvage", "FOLDER/saved.db"),
    ("import", "DB", "NEWER"),
    ("import", "DB", "FOLDER/native"),
    ("check", "DB", "--repair"),
    *(
        ("export", "DB", "--format", name, "--output", f"FOLDER/{name}")
        for name in (
            "native",
            "csv",
            "brat",
            "corrections",
            "label-studio",
            "muc",
            "prodigy",
            "doccano",
            "langextract",
            "hf-bio",
            "datasette",
        )
    ),
    ("export", "DB", "--reviewed", "--output", "FOLDER/gold"),
    ("export", "DB", "--query", "@deep", "--format", "csv", "--layout", "long", "--output", "FOLDER/long"),
)
KEYS = tuple(
    "j k l j enter escape h a u ctrl+r x escape f escape G g j n escape M escape / escape j ! ? escape".split()
)


class Hang(BaseException):
    """A command took too long."""


def newer_lines(path: Path) -> None:
    """Write a newer extraction of what ``support.damaging`` puts into a file."""
    event = {**ARTICLE["events"][0], "fields": [{"name": "total", "value": 42}, {"name": "location", "value": "Lesna"}]}
    path.write_text(json.dumps({**ARTICLE, "events": [event, ARTICLE["events"][1]]}) + "\n", encoding="utf-8")


def run_commands(file: Path, folder: Path, commands: tuple[tuple[str, ...], ...] = COMMANDS) -> Iterator[str]:
    """Run commands, each on its own copy of a file. Yield what crashed or hung, and where."""
    newer_lines(folder / "newer.jsonl")
    for number, command in enumerate(commands):
        work = folder / str(number)
        work.mkdir()
        copy = work / "w.db"
        shutil.copy(file, copy)
        words = [word.replace("FOLDER", str(work)) for word in command]
        words = [str(copy) if word == "DB" else word.replace("NEWER", str(folder / "newer.jsonl")) for word in words]
        if command[-1].endswith("/native"):  # what the file itself exports
            with _quiet():
                main(["export", str(copy), "--output", str(work / "native")])
        if problem := _problem(words):
            yield f"{' '.join(command)}: {problem}"
        shutil.rmtree(work)


def _problem(words: list[str]) -> str:
    raised: list[str] = []

    def save_report(error: BaseException, _: str) -> int:
        cause = error.__cause__ if isinstance(error, crash.Crash) and error.__cause__ else error
        raised.append("".join(traceback.format_exception(cause)[-6:]))
        return CRASHED

    with _quiet() as errors, mock.patch.object(crash, "save_report", save_report):
        try:
            with _at_most(LONGEST):
                status = main(words)
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        except Hang as hang:
            return f"took longer than {LONGEST} s\n{''.join(traceback.format_exception(hang)[-3:])}"
    if raised or status not in (0, 1, 2):
        return f"status {status}\n{''.join(raised)}"
    if status == 2 and not errors.getvalue().strip():
        return "status 2 without a word"
    return ""


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    """Standard output goes nowhere, and standard error into what is yielded."""
    errors = io.StringIO()
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(errors),
    ):
        yield errors


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(_: int, frame: FrameType | None) -> None:
        raise Hang(f"in {frame.f_code.co_qualname}" if frame else "")

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, _ASLEEP * seconds))
    before = [signal.signal(number, stop) for number, _, _ in timers]
    for _, timer, limit in timers:
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


async def _press(file: Path, keys: tuple[str, ...]) -> str:
    try:
        with contextlib.closing(open_with_backup(file)) as connection:
            app = EventdeskApp(Review(connection, "cleo"))
            async with app.run_test(size=(100, 30)) as pilot:
                desk = Desk(pilot, connection)
                for key in keys:
                    await desk.press(key)
                    if app._exception is not None:
                        break
    except EventdeskError:
        return ""  # the command says it
    except WaitForScreenTimeout:
        raise
    except Exception as error:
        if not crash.is_file_error(error):
            return "".join(traceback.format_exception(error)[-6:])
    return ""


def press_keys(file: Path, keys: tuple[str, ...] = KEYS) -> str:
    """Open a file in the reviewer and press keys. Return what crashed or hung, or an empty text."""
    try:
        with _at_most(2 * LONGEST):
            with contextlib.suppress(WaitForScreenTimeout):  # on a busy machine
                return asyncio.run(_press(file, keys))
            return asyncio.run(_press(file, keys))
    except Hang as hang:
        return f"the screen took longer than {2 * LONGEST} s\n{''.join(traceback.format_exception(hang)[-3:])}"
