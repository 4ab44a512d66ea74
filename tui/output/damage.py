"""Names the damaged rows that a command skips, on standard error."""

from pathlib import Path

from db.errors import DamagedRowError
from tui.output.progress import warn
from tui.output.tables import count

_SHOWN = 20


class DamagedRows:
    """Gets the errors of skipped rows; names each once, and only the first ones of many."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def __call__(self, error: DamagedRowError) -> None:
        """Name a row, unless it was named before."""
        if str(error) not in self._found:
            self._found[str(error)] = None
            if len(self._found) <= _SHOWN:
                warn(f"{error}; skipped")

    def status(self, file: Path, status: int = 0) -> int:
        """Say how many rows were skipped. Return 1 if any was, otherwise ``status``."""
        if not self._found:
            return status
        warn(f"{file}: {count(len(self._found), 'damaged row')} skipped; for details: eventdesk check {file}")
        return 1
