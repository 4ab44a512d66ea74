"""The driver for a POSIX terminal: it restores the terminal on ctrl+z and signals, and notices when it is closed.

What is different from Textual 8.2's driver, with the upstream issues (check them on upgrade):

- The app ends when the terminal is closed: Textual's input thread would read from it for ever
  (Textualize/textual#6690), and its writer would wait for ever (no issue known).
- Bytes that aren't UTF-8, and sequences that Textual's parser raises on, are skipped (#6668, proposed in #6696).
- Escape right before a control character is a key of its own, not a lost alt (#6663).
- ctrl+z stops the whole job, only where a shell can continue it, and SIGTSTP and SIGCONT from outside work (#1582).
- SIGTERM and SIGHUP end the app in order, and soon even if nobody reads the terminal (no issue known).
- Alternate keys of the kitty protocol are asked for and read (see ``tui.runtime.keyboard``).
- The mouse can be switched at run time (#3898, closed).
"""

import errno
import os
import re
import select
import signal
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TextIO, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.runtime.keyboard import KeyParser, asking_for_alternates
from tui.runtime.pasting import PasteFilter

_POLL = 0.1  # seconds between checks whether to stop, and whether an escape was a key
_EXIT_WAIT = 3.0  # seconds that the end may take after a signal
_READ_SIZE = 4096  # bytes
_BUFFER_SIZE = 65_536  # characters
_BACKGROUND_WAIT = 0.2  # seconds in the background before stopping again
_LOST_ESCAPE = re.compile(r"\x1b(?=[\x00-\x1a\x1c-\x1f\x7f])")
_EXIT_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class TerminalDriver(LinuxDriver):
    """Textual's driver with its own handling of signals, of suspending and of a closed terminal."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = cast(Any, _TerminalWriter(cast(TextIO, self._file), self._terminal_closed))
        self._suspended = False
        self._exit_signal: int | None = None
        self._deadline: threading.Timer | None = None
        self._old_handlers = {number: signal.getsignal(number) for number in _EXIT_SIGNALS}
        for number, handler in self._old_handlers.items():
            if handler is not signal.SIG_IGN:  # nohup ignores SIGHUP
                signal.signal(number, self._on_exit_signal)

    # The end

    def _on_exit_signal(self, number: int, _frame: FrameType | None) -> None:
        self._exit(number)

    def _terminal_closed(self) -> None:
        """End the app, because nobody sees or types anything any more. Called from any thread."""
        self._exit(signal.SIGHUP)

    def _exit(self, number: int) -> None:
        if self._exit_signal is None:
            self._exit_signal = number
            self._deadline = threading.Timer(_EXIT_WAIT, self._exit_at_once)
            self._deadline.daemon = True
            self._deadline.start()
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._app.exit, None, 128 + number)

    def _exit_at_once(self) -> None:
        """End the process although the terminal accepts no more output. Every decision is on disk."""
        with suppress(OSError, termios.error):
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        os._exit(128 + (self._exit_signal or 0))

    def close(self) -> None:
        """Stop for good, and restore the signal handlers."""
        super().close()
        if self._deadline is not None:
            self._deadline.cancel()
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: not set from Python
        for number in (signal.SIGTSTP, signal.SIGCONT):
            signal.signal(number, signal.SIG_DFL)

    # Keys

    def _run_input_thread(self) -> None:
        self.run_input_thread()  # threading.excepthook reports failures; Textual would print a traceback with locals

    def run_input_thread(self) -> None:
        """Read keys until told to stop or until the terminal is closed."""
        parser = KeyParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        escape = ""  # an escape at the end of what was read before
        pastes = PasteFilter()
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _POLL)[0]:
                try:
                    data = os.read(self.fileno, _READ_SIZE)
                except OSError as error:
                    if error.errno == errno.EAGAIN:  # another program read what was there
                        continue
                    data = b""
                if not data:
                    self._terminal_closed()
                    return
                text = pastes.feed(decode(data))
                doubled = _LOST_ESCAPE.sub("\x1b\x1b", escape + text)[len(escape) :]
                escape = text[-1:] if text.endswith("\x1b") else ""
                if not self._process(parser.feed(doubled)):
                    parser = KeyParser(self._debug)
            for message in parser.tick():
                self.process_message(message)

    def _process(self, messages: Iterable[Message]) -> bool:
        """Process what was read; return False if the parser failed on a sequence that no terminal sends."""
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
        """Write to the terminal, unless the shell has it."""
        if not self._suspended:
            super().write(asking_for_alternates(data))

    def disable_input(self) -> None:
        """Stop reading. While the shell has the terminal, touching it would stop the process again."""
        if not self._suspended:
            super().disable_input()

    def stop_application_mode(self) -> None:
        """Restore the terminal, unless the shell has it already."""
        if not self._suspended:
            super().stop_application_mode()

    def suspend(self) -> bool:
        """Give the terminal back and stop until the shell continues the process; return False if it didn't stop."""
        self._release_terminal()
        stopped = self._stop_until_foreground()
        self._acquire_terminal()
        return stopped

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Give the terminal to another program during the block; its ctrl+c is not ours."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._release_terminal()
        try:
            yield
        finally:
            self._acquire_terminal()
            signal.signal(signal.SIGINT, before)

    def set_mouse(self, on: bool) -> None:
        """Turn mouse reporting on or off, also for after a suspension."""
        if not on:
            self._disable_mouse_support()
        self._mouse = on
        self._enable_mouse_support()

    def _release_terminal(self) -> None:
        self.stop_application_mode()
        super().close()
        self._suspended = True

    def _acquire_terminal(self) -> None:
        if self._exit_signal is None:
            self._suspended = False
            self.start_application_mode()  # type: ignore[no-untyped-call]
            if self._app.size == self._get_terminal_size():  # a new size repaints by itself
                self._app.screen.refresh(layout=True)

    def _stop_until_foreground(self) -> bool:
        """Stop the whole job, as a terminal's ctrl+z does, until it has the terminal; return False if it can't stop.

        SIGSTOP would also stop a job that no shell can continue, such as one in a window of its own; SIGTSTP doesn't.
        """
        continued = False

        def on_continue(*_: object) -> None:
            nonlocal continued
            continued = True

        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.signal(signal.SIGCONT, on_continue)
        while True:
            os.killpg(0, signal.SIGTSTP)  # the process stops here
            time.sleep(0)  # lets Python call the handler
            if self._exit_signal is None and not self._is_foreground():
                time.sleep(_BACKGROUND_WAIT)  # a shell that ends a job continues it first
            if self._exit_signal is not None or self._is_foreground():
                break
        signal.signal(signal.SIGTSTP, self._sigtstp_application)
        signal.signal(signal.SIGCONT, self._sigcont_application)
        return continued

    def _is_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:  # closed, which the input thread notices, or the terminal of another session
            return True

    def _sigtstp_application(self, *_: object) -> None:
        self._call_soon(self.suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._call_soon(self._continue)

    def _continue(self) -> None:
        """Acquire the terminal after a stop from outside, unless the job was continued in the background."""
        if self._exit_signal is None:
            if not self._is_foreground():
                self._stop_until_foreground()
            self._release_terminal()
            self._acquire_terminal()

    def _call_soon(self, call: Callable[[], object]) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app.call_later, call)


class _TerminalWriter:
    """The file that Textual's writer thread writes to. Once the terminal is closed, writes do nothing at once."""

    def __init__(self, file: TextIO, on_close: Callable[[], None]) -> None:
        self._fd, self._encoding, self._errors = file.fileno(), file.encoding, file.errors or "replace"
        self._on_close = on_close
        self._buffer: list[str] = []
        self._buffered = 0  # characters
        self._closed = False

    def write(self, text: str) -> None:
        self._buffer.append(text)
        self._buffered += len(text)
        if self._buffered > _BUFFER_SIZE:
            self.flush()

    def flush(self) -> None:
        data = memoryview("".join(self._buffer).encode(self._encoding, self._errors))
        self._buffer.clear()
        self._buffered = 0
        while data and not self._closed:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:  # another program made the terminal non-blocking
                select.select([], [self._fd], [], _POLL)
            except OSError:
                self._closed = True
                # Python complains at exit if standard output can't be flushed.
                with suppress(OSError):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), self._fd)
                self._on_close()

    def fileno(self) -> int:
        return self._fd
