"""What is left of a defect: one line on standard error, and a report in the state directory without anybody's texts."""

import contextlib
import errno
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, TracebackType

SOFTWARE = 70
"""The exit status after a defect, as sysexits.h has it."""

_KEPT = 20  # reports
_FRAMES = 30  # of each end of a traceback: that of an endless recursion has a thousand
_CHAIN = 10  # exceptions that led to one another
_OURS = ("db/", "tui/")
# What SQLite says of a statement, not of the file: it can't be run as it stands.
_OF_STATEMENTS = (
    sqlite3.SQLITE_ERROR, sqlite3.SQLITE_INTERNAL, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE,
)  # fmt: skip

OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
"""What a system says of a disk that can't be written, as where output goes to a file on a full one: no defect."""


class Defect(Exception):
    """Ended the reviewer, caused by what went wrong; ``told`` is what to tell of the session, no texts."""

    def __init__(self, told: Mapping[str, object]) -> None:
        super().__init__()
        self.told = told


def is_of_file(error: BaseException) -> bool:
    """Whether SQLite could not use the file, as one that is damaged, locked or on a full disk."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and code is not None and code & 0xFF not in _OF_STATEMENTS


def end(error: BaseException, command: str) -> int:
    """Keep a report, say so in a line on standard error, and give the exit status. ``command`` is its name."""
    told: Mapping[str, object] = {}
    if isinstance(error, Defect):
        told, error = error.told, error.__cause__ or error
    saved = "every decision shown is saved" if command in ("review", "demo") else "nothing half done is in the file"
    try:
        kept = f"Report without your texts: {_keep(report(error, command, told))}"
    except Exception as failed:
        kept = f"No report could be written ({type(failed).__name__})"
    with contextlib.suppress(OSError, ValueError):
        print(f"eventdesk: a defect ended it ({_what(error)}); {saved}. {kept}", file=sys.stderr, flush=True)
    return SOFTWARE


def report(error: BaseException, command: str, told: Mapping[str, object]) -> str:
    """What happened where. No message of an exception, no argument and no local is in it: they quote texts."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    def of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    about = {
        "eventdesk": of("eventdesk"),
        "command": command,
        "Python": platform.python_version(),
        "Textual": of("textual"),
        "SQLite": sqlite3.sqlite_version,
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",  # platform() runs a program
        "TERM": os.environ.get("TERM", ""),
        **told,
    }
    lines = [f"{name}: {value}" for name, value in about.items()]
    for number, one in enumerate(_chain(error)):
        lines += ["", _name(one) if number == 0 else f"{_name(one)}, which led to it", *_frames(one.__traceback__)]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def told_of_threads(failed: Callable[[BaseException], None]) -> Iterator[None]:
    """Meanwhile, tell what fails in a thread, and in code of ours that Python calls and can't hand an exception on."""

    def in_thread(hooked: threading.ExceptHookArgs) -> None:
        if hooked.exc_value is not None and not isinstance(hooked.exc_value, SystemExit):
            failed(hooked.exc_value)

    def unraisable(hooked: "sys.UnraisableHookArgs") -> None:
        error = hooked.exc_value
        if isinstance(error, Exception) and any(
            _path(code).startswith(_OURS) for code, _ in _walk(error.__traceback__)
        ):
            failed(error)

    before = threading.excepthook, sys.unraisablehook
    threading.excepthook, sys.unraisablehook = in_thread, unraisable
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


def _keep(text: str) -> Path:
    """Write a report, the newest of some. Raises OSError."""
    from datetime import UTC, datetime

    from platformdirs import user_state_path

    from db.io.private import write_private

    folder = user_state_path("eventdesk", appauthor=False) / "crashes"
    path = folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}-{os.getpid()}.txt"
    write_private(path, text)
    for old in sorted(folder.glob("*.txt"))[:-_KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def _what(error: BaseException) -> str:
    """What went wrong in which file: the innermost of ours, if there is one."""
    paths = [_path(code) for code, _ in _walk(error.__traceback__)]
    ours = [path for path in paths if path.startswith(_OURS)]
    where = (ours or paths)[-1:]
    return " in ".join([_name(error), *where])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, those that it holds, and those that led to it."""
    left: list[BaseException] = [error]
    seen: list[BaseException] = []
    while left and len(seen) < _CHAIN:
        one = left.pop(0)
        if any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        if isinstance(one, BaseExceptionGroup):
            left += one.exceptions
        before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        left += [] if before is None else [before]


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(traceback: TracebackType | None) -> list[str]:
    lines = [f"  {_path(code)}:{line}:{code.co_qualname}" for code, line in _walk(traceback)]
    left_out = len(lines) - 2 * _FRAMES
    return lines if left_out <= 0 else [*lines[:_FRAMES], f"  … {left_out} more", *lines[-_FRAMES:]]


def _walk(traceback: TracebackType | None) -> Iterator[tuple[CodeType, int | None]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code, traceback.tb_lineno
        traceback = traceback.tb_next


def _path(code: CodeType) -> str:
    """A source file, relative to where packages are: a person's folders are nobody's business."""
    path = Path(code.co_filename)
    roots = [Path(root) for root in sys.path if root]
    inside = [path.relative_to(root) for root in roots if path.is_relative_to(root)]
    return min((item.as_posix() for item in inside), key=len, default=path.name)
