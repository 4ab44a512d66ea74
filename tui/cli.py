"""The command line: finds the command, runs it, and turns errors into one line on standard error.

Exit status: 0 done; 1 the answer is no (nothing found, a check failed, lines refused); 2 unusable arguments or input;
70 eventdesk crashed and wrote a report; 128 + N ended by signal N.
"""

import contextlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import NoReturn

from db.errors import DamagedRowError, EventdeskError, FileWarning
from tui.arguments import UNUSABLE, command_of, load, parser_of, root_parser
from tui.output.streams import prepare
from tui.text.safe import safe

_NO = 1


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit status."""
    prepare()
    words = sys.argv[1:] if argv is None else argv
    name, file = "demo", None
    warnings.showwarning = _print_warning
    try:
        with _raising_signals():
            name, words = command_of(words)
            if not name:
                root_parser().parse_args(words)  # which exits
            command = load(name)
            arguments = parser_of(name, command).parse_intermixed_args(words)
            file = getattr(arguments, "file", None)
            status = command.run(arguments)
            sys.stdout.flush()  # Python reports an error in words of its own when it flushes at exit
            return status
    except DamagedRowError as error:
        _print_error(f"{file}: damaged: {error}; run `eventdesk check` for details")
        return UNUSABLE
    except EventdeskError as error:
        _print_error(str(error))
        return UNUSABLE
    except KeyboardInterrupt as stopped:
        _print_error("stopped")
        return 128 + (stopped.signal if isinstance(stopped, _Stopped) else signal.SIGINT)
    except BrokenPipeError:
        _discard_output()  # the reader closed the pipe, as `head` does
        return _NO
    except Exception as error:
        from tui.runtime import crash

        if isinstance(error, OSError) and error.errno in crash.DISK_ERRORS:
            _discard_output()
            _print_error(f"{error.filename or 'the output'}: can't be written ({error.strerror}); free some space")
            return UNUSABLE
        if not crash.is_file_error(error):
            return crash.save_report(error, name)
        _print_error(f"{file}: SQLite reports: {error}; run eventdesk check for details")
        return UNUSABLE


def _print_error(text: str) -> None:
    print(f"eventdesk: {safe(text)}", file=sys.stderr)


def _print_warning(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    """Print warnings for users; those of libraries are for programmers."""
    if issubclass(category, FileWarning):
        _print_error(str(message))


def _discard_output() -> None:
    """Send the rest of the output nowhere, since Python would fail again when it flushes at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Stopped(KeyboardInterrupt):
    """A signal asked the process to stop, as ctrl+c does."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = number


@contextlib.contextmanager
def _raising_signals() -> Iterator[None]:
    """Raise an exception on SIGTERM and SIGHUP, so that files are closed and unfinished ones deleted."""

    def stop(number: int, _: object) -> NoReturn:
        raise _Stopped(number)

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]  # not on Windows
    # nohup ignores a signal, and a program around us may handle it: both stay as they are.
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    try:
        for number in numbers:
            signal.signal(number, stop)
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
