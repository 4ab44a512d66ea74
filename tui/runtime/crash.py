"""Crash reports: one line on standard error, and a file in the state folder that holds nobody's texts.

They replace Textual's tracebacks, which print local variables.
"""

import contextlib
import errno
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, TracebackType

from db.store.valid.fetching import is_undecodable

EXIT_STATUS = 70
"""The exit status after a crash: EX_SOFTWARE of sysexits.h."""

_REPORTS_KEPT = 20
_FRAMES = 30  # of each end of a traceback; an endless recursion has a thousand
_MAX_CHAIN = 10  # exceptions that led to one another
_OUR_PACKAGES = ("db/", "tui/")
# Errors of a statement, which are ours; all others are about the file.
_STATEMENT_ERRORS = (
    sqlite3.SQLITE_ERROR, sqlite3.SQLITE_INTERNAL, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE,
)  # fmt: skip

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
"""Errors of a disk that can't be written, such as a full one: not crashes."""


class Crash(Exception):
    """An unexpected exception, its cause, ended the app. ``details`` describe the session, without any text."""

    def __init__(self, details: Mapping[str, object]) -> None:
        super().__init__()
        self.details = details


def is_file_error(error: BaseException) -> bool:
    """Return True if SQLite could not use the file: it is damaged, locked or on a full disk."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.Error) and code is None:
        return is_undecodable(error)
    return isinstance(error, sqlite3.Error) and code is not None and code & 0xFF not in _STATEMENT_ERRORS


def save_report(error: BaseException, command: str) -> int:
    """Save a crash report, print one line about it to standard error, and return the exit status."""
    details: Mapping[str, object] = {}
    if isinstance(error, Crash):
        details, error = error.details, error.__cause__ or error
    saved = "every decision shown is saved" if command in ("review", "demo") else "no partial change was saved"
    try:
        where = f"Report (without your texts): {_write(report(error, command, details))}"
    except Exception as failed:
        where = f"The report could not be written ({type(failed).__name__})"
    with contextlib.suppress(OSError, ValueError):
        print(f"eventdesk crashed ({_summary(error)}); {saved}. {where}", file=sys.stderr, flush=True)
    return EXIT_STATUS


def report(error: BaseException, command: str, details: Mapping[str, object]) -> str:
    """Return what happened where, without exception messages, arguments and local variables: they quote texts."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    def version_of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    facts = {
        "eventdesk": version_of("eventdesk"),
        "command": command,
        "Python": platform.python_version(),
        "Textual": version_of("textual"),
        "SQLite": sqlite3.sqlite_version,
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",  # platform() starts a program
        "TERM": os.environ.get("TERM", ""),
        **details,
    }
    lines = [f"{name}: {value}" for name, value in facts.items()]
    for number, item in enumerate(_chain(error)):
        title = _name(item) if number == 0 else f"caused by {_name(item)}"
        lines += ["", title, *_frames(item.__traceback__)]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def watch_threads(failed: Callable[[BaseException], None]) -> Iterator[None]:
    """In this context, call ``failed`` for exceptions of threads and for those of our code that Python can't raise."""

    def in_thread(hooked: threading.ExceptHookArgs) -> None:
        if hooked.exc_value is not None and not isinstance(hooked.exc_value, SystemExit):
            failed(hooked.exc_value)

    def unraisable(hooked: "sys.UnraisableHookArgs") -> None:
        error = hooked.exc_value
        if isinstance(error, Exception) and any(
            _path(code).startswith(_OUR_PACKAGES) for code, _ in _walk(error.__traceback__)
        ):
            failed(error)

    hooks = threading.excepthook, sys.unraisablehook
    threading.excepthook, sys.unraisablehook = in_thread, unraisable
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = hooks


def _write(text: str) -> Path:
    """Write a report and delete the oldest ones. Raises OSError."""
    from datetime import UTC, datetime

    from platformdirs import user_state_path

    from db.io.private import write_private

    folder = user_state_path("eventdesk", appauthor=False) / "crashes"
    path = folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}-{os.getpid()}.txt"
    write_private(path, text)
    for old in sorted(folder.glob("*.txt"))[:-_REPORTS_KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def _summary(error: BaseException) -> str:
    """Return the exception's name and its file: the innermost of ours, if there is one."""
    paths = [_path(code) for code, _ in _walk(error.__traceback__)]
    ours = [path for path in paths if path.startswith(_OUR_PACKAGES)]
    return " in ".join([_name(error), *(ours or paths)[-1:]])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, those in its group, and those that led to it."""
    queue: list[BaseException] = [error]
    seen: list[BaseException] = []
    while queue and len(seen) < _MAX_CHAIN:
        item = queue.pop(0)
        if any(item is other for other in seen):
            continue
        seen.append(item)
        yield item
        if isinstance(item, BaseExceptionGroup):
            queue += item.exceptions
        cause = item.__cause__ or (None if item.__suppress_context__ else item.__context__)
        queue += [] if cause is None else [cause]


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(traceback: TracebackType | None) -> list[str]:
    lines = [f"  {_path(code)}:{line}:{code.co_qualname}" for code, line in _walk(traceback)]
    omitted = len(lines) - 2 * _FRAMES
    return lines if omitted <= 0 else [*lines[:_FRAMES], f"  … {omitted} more", *lines[-_FRAMES:]]


def _walk(traceback: TracebackType | None) -> Iterator[tuple[CodeType, int | None]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code, traceback.tb_lineno
        traceback = traceback.tb_next


def _path(code: CodeType) -> str:
    """Return a source file's path relative to the folder of its package: where a person keeps files is private."""
    path = Path(code.co_filename)
    roots = [Path(root) for root in sys.path if root]
    inside = [path.relative_to(root) for root in roots if path.is_relative_to(root)]
    return min((item.as_posix() for item in inside), key=len, default=path.name)
