"""Progress bars and warnings on standard error, while a command works."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tui.output.tables import console
from tui.text.safe import safe

Progress = Callable[[int, int], None]
"""Takes how much is done, and how much there is."""


@contextlib.contextmanager
def progress_bars(*steps: str) -> Iterator[list[Progress]]:
    """Yield a function to report progress for each step. On a terminal, its first call shows the bar."""
    if not sys.stderr.isatty():
        yield [lambda *_: None for _ in steps]
        return
    from rich.progress import Progress as Bars

    with contextlib.ExitStack() as stack:
        bars = Bars(console=console(stderr=True), transient=True)

        def bar(step: str) -> Progress:
            task = bars.add_task(step, total=None, visible=False)

            def report(done: int, total: int) -> None:
                if not bars.live.is_started:
                    stack.enter_context(bars)
                bars.update(task, completed=done, total=total, visible=True)

            return report

        yield [bar(step) for step in steps]


@contextlib.contextmanager
def file_progress(path: Path | None) -> Iterator[Callable[[int], None]]:
    """Yield a function to report how many bytes of a file are read. Shows a bar on a terminal if there is a path."""
    if path is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console(stderr=True), transient=True) as bars:
        task = bars.add_task(safe(path.name), total=os.path.getsize(path))
        yield lambda done: bars.update(task, completed=done)


def warn(line: str | None) -> None:
    """Print a warning, if there is one."""
    if line:
        print(f"eventdesk: {safe(line)}", file=sys.stderr)
