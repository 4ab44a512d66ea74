"""The terminal as the reviewer takes it: given back on ctrl+z, on a signal and at the end; noticed when it is gone.

Textual's driver reads on for ever from a terminal that was closed, writes to it until nobody takes more, stops where
no shell could continue it, stops alone where `uv run` waits beside it, and has a second reader once it is continued
from outside.
"""

import errno
import os
import re
import select
import signal
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Any, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.runtime.pasting import Pasting

_TICK = 0.1  # seconds between looks whether to stop, and whether an escape was a key
_AT_ONCE = 4096  # bytes
_HELD = 65_536  # characters
_LOOK = 0.2  # seconds in the background before it stops again
# Textual takes escape and a control character within a tenth of a second, as enter, for that character alone.
_LOST_ESCAPE = re.compile(r"\x1b(?=[\x00-\x1a\x1c-\x1f\x7f])")
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class TerminalDriver(LinuxDriver):
    """Textual's driver, with the ways in which a terminal comes and goes done anew."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = cast(Any, _Screen(cast(TextIO, self._file), self._gone))
        self._suspended = False
        self._ended_by: int | None = None
        self._before = {number: signal.getsignal(number) for number in _ENDING}
        for number, handler in self._before.items():
            if handler is not signal.SIG_IGN:  # as nohup leaves it
                signal.signal(number, self._end_by)

    # The end

    def _end_by(self, number: int, _frame: FrameType | None) -> None:
        self._end(number)

    def _gone(self) -> None:
        """Leave, since nobody sees or types anything any more. Called from any thread."""
        self._end(signal.SIGHUP)

    def _end(self, number: int) -> None:
        if self._ended_by is None:
            self._ended_by = number
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._app.exit, None, 128 + number)

    def close(self) -> None:
        """End for good."""
        super().close()
        for number, handler in self._before.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: not set from Python
        for number in (signal.SIGTSTP, signal.SIGCONT):
            signal.signal(number, signal.SIG_DFL)

    # Keys

    def _run_input_thread(self) -> None:
        self.run_input_thread()  # what fails is told by threading.excepthook; Textual would print a traceback

    def run_input_thread(self) -> None:
        """Read keys until told to stop or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        before = ""
        pasting = Pasting()
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _TICK)[0]:
                try:
                    data = os.read(self.fileno, _AT_ONCE)
                except OSError as error:
                    if error.errno == errno.EAGAIN:  # another program took what was there
                        continue
                    data = b""
                if not data:
                    self._gone()
                    return
                text = pasting.feed(decode(data))
                told = _LOST_ESCAPE.sub("\x1b\x1b", before + text)[len(before) :]
                before = text[-1:] if text.endswith("\x1b") else ""
                if not self._pass_on(parser.feed(told)):
                    parser = XTermParser(self._debug)
            for message in parser.tick():
                self.process_message(message)

    def _pass_on(self, messages: Iterable[Message]) -> bool:
        """Pass on what was read; False where it is no sequence of any terminal, at which Textual's parser fails."""
        remaining = iter(messages)
        while True:
            try:
                message = next(remaining, None)
            except (OverflowError, ValueError):
                return False
            if message is None:
                return True
            self.process_message(message)

    # Suspending

    def write(self, data: str) -> None:
        """Write to the terminal while it is ours."""
        if not self._suspended:
            super().write(data)

    def disable_input(self) -> None:
        """Read no more. Where a shell has the terminal, to touch it would be to stop again."""
        if not self._suspended:
            super().disable_input()

    def stop_application_mode(self) -> None:
        """Give the terminal back, unless a shell has it already."""
        if not self._suspended:
            super().stop_application_mode()

    def suspend(self) -> bool:
        """Give the terminal back and stop; it is taken again once the shell continues. Whether there was a stop."""
        self._give_back()
        stopped = self._stop_until_in_front()
        self._take()
        return stopped

    def take_mouse(self, on: bool) -> None:
        """Take the mouse or leave it to the terminal, also when the terminal is taken again later."""
        if not on:
            self._disable_mouse_support()
        self._mouse = on
        self._enable_mouse_support()

    def _give_back(self) -> None:
        self.stop_application_mode()
        super().close()
        self._suspended = True

    def _take(self) -> None:
        if self._ended_by is None:
            self._suspended = False
            self.start_application_mode()  # type: ignore[no-untyped-call]
            if self._app.size == self._get_terminal_size():  # else it is painted in the new size, soon
                self._app.screen.refresh(layout=True)

    def _stop_until_in_front(self) -> bool:
        """Stop the whole job, as a terminal's ctrl+z does, until it has the terminal; whether it was continued.

        SIGSTOP would stop one that no shell can continue, as in a window of its own; SIGTSTP has no effect there.
        """
        continued = False

        def note(*_: object) -> None:
            nonlocal continued
            continued = True

        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.signal(signal.SIGCONT, note)
        while True:
            os.killpg(0, signal.SIGTSTP)  # here it stops
            time.sleep(0)  # for Python to call the handler
            if self._ended_by is None and not self._in_front():
                time.sleep(_LOOK)  # a shell that ends a job continues it first
            if self._ended_by is not None or self._in_front():
                break
        signal.signal(signal.SIGTSTP, self._sigtstp_application)
        signal.signal(signal.SIGCONT, self._sigcont_application)
        return continued

    def _in_front(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:  # gone, which reading tells, or of no session of ours
            return True

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self.suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._soon(self._continued)

    def _continued(self) -> None:
        """Take the terminal anew after a stop that was not ours, unless the job was continued behind the shell."""
        if self._ended_by is None:
            if not self._in_front():
                self._stop_until_in_front()
            self._give_back()
            self._take()

    def _soon(self, call: Callable[[], object]) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app.call_later, call)


class _Screen:
    """What Textual's writer writes to. Once the terminal is gone nothing is written, and nobody waits for it."""

    def __init__(self, file: TextIO, gone: Callable[[], None]) -> None:
        self._fd, self._encoding, self._errors = file.fileno(), file.encoding, file.errors or "replace"
        self._told = gone
        self._held: list[str] = []
        self._holds = 0
        self._is_gone = False

    def write(self, text: str) -> None:
        self._held.append(text)
        self._holds += len(text)
        if self._holds > _HELD:
            self.flush()

    def flush(self) -> None:
        data = memoryview("".join(self._held).encode(self._encoding, self._errors))
        self._held.clear()
        self._holds = 0
        while data and not self._is_gone:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:  # another program has the terminal not wait
                select.select([], [self._fd], [], _TICK)
            except OSError:
                self._is_gone = True
                # Python complains when it ends and standard error takes nothing.
                with suppress(OSError):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), self._fd)
                self._told()

    def fileno(self) -> int:
        return self._fd
