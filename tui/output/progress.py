"""What a command shows on standard error while it works, and before."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from tui.output.tables import console
from tui.text.safe import safe

Progress = Callable[[int, int], None]


@contextlib.contextmanager
def progress_bars(*steps: str) -> Iterator[list[Progress]]:
    """For each step what counts (done, total): a bar from the first count on, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield [lambda *_: None for _ in steps]
        return
    from rich.progress import Progress as Bars

    with Bars(console=console(stderr=True), transient=True) as bars:

        def counting(step: str) -> Progress:
            task = bars.add_task(step, total=None, visible=False)
            return lambda done, total: bars.update(task, completed=done, total=total, visible=True)

        yield [counting(step) for step in steps]


def warn(line: str | None) -> None:
    """Say a line that ends nothing."""
    if line:
        print(f"eventdesk: {safe(line)}", file=sys.stderr)
