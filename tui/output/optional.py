"""A new file for what a command reports, which is created only if there is something to write."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from db.io.atomic import new_output, refuse_existing


class OptionalOutput:
    """A new file for what an import reports. It is created only if there is something to write."""

    def __init__(self, path: Path | None, stack: contextlib.ExitStack) -> None:
        self._path = path
        self._stack = stack
        self._stream: BinaryIO | None = None

    def write(self, raw: bytes) -> None:
        """Append, unless no file was asked for."""
        if self._path is None:
            return
        if self._stream is None:
            self._stream = self._stack.enter_context(new_output(self._path))
        self._stream.write(raw)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep what is written in the block, or discard it if the block fails."""
        start = self._stream.tell() if self._stream else 0
        try:
            yield
        except BaseException:
            if self._stream:
                self._stream.truncate(start)
                self._stream.seek(start)
            raise


@contextlib.contextmanager
def optional_output(path: Path | None) -> Iterator[OptionalOutput]:
    """Open such a file; no file for no path. Raises InputError if there is one already."""
    if path is not None:
        refuse_existing(path)
    with contextlib.ExitStack() as stack:
        yield OptionalOutput(path, stack)
