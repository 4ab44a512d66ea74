"""The page of a browser as the reviewer takes it: it ends with the server that carries it, however that ended."""

import os
import signal
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.drivers.web_driver import WebDriver


class PageDriver(WebDriver):
    """Textual's driver for pages, which waits for ever where the server was killed."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = self._write_or_leave  # type: ignore[assignment]

    def run_input_thread(self) -> None:
        """Read keys until the server sends no more."""
        super().run_input_thread()
        self._gone()

    def _write_or_leave(self, data: bytes) -> int:
        try:
            return os.write(self.fileno, data)
        except OSError:
            self._gone()
            return len(data)

    def _gone(self) -> None:
        if not self.exit_event.is_set():
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._app.exit, None, 128 + signal.SIGHUP)
