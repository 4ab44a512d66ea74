"""The driver for a page in a browser, which ends with the server that carries it."""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.drivers import web_driver
from textual.drivers.web_driver import WebDriver
from textual.message import Message

from tui.runtime.pasting import PasteFilter, PasteParser

_STATUS = 129  # as after SIGHUP, which not every platform has


class _PageParser(PasteParser):
    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._filter = PasteFilter()

    def feed(self, data: str) -> Iterable[Message]:
        yield from super().feed(self._filter.feed(data))


class PageDriver(WebDriver):
    """Textual's driver for pages, which by itself waits for ever when the server was killed.

    No upstream issue known; written for Textual 8.2, check on upgrade.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = self._write_or_exit  # type: ignore[assignment]

    def run_input_thread(self) -> None:
        """Read keys until the server sends no more, then end the app."""
        web_driver.XTermParser = _PageParser  # type: ignore[attr-defined]
        super().run_input_thread()
        self._exit()

    def _write_or_exit(self, data: bytes) -> int:
        try:
            return os.write(self.fileno, data)
        except OSError:
            self._exit()
            return len(data)

    def _exit(self) -> None:
        if not self.exit_event.is_set():
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._app.exit, None, _STATUS)
