"""Files that grow under a hidden name until they are whole, and what processes that were killed left of such."""

import os
import re
import secrets
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from db.io.network import network_filesystem

_TOKENS: dict[int, str] = {}  # by process: in a container each may have the number of the one before
_SUFFIX = r"\.(\d+)-([0-9a-f]+)(\.older)?\.partial(-journal|-wal|-shm)?"
_UNSEEN = 86_400  # seconds after which a file counts as left where no process can be asked for


def partial_of(target: Path) -> Path:
    """The name under which this process makes a file that is to be ``target``, beside it."""
    return target.with_name(f".{target.name}.{_process()}.partial")


def partial_in(folder: Path, name: str) -> Path:
    """A name for what this process makes in a folder of eventdesk's own."""
    return folder / f"{name}.{_process()}.partial"


def sweep(target: Path) -> None:
    """Remove what killed processes left of ``target``. Nothing is raised: it is in nobody's way."""
    # Whether a process of another machine is still at it can't be told.
    if network_filesystem(target.parent) is None:
        with suppress(OSError):
            _sweep(target.parent, rf"\.{re.escape(target.name)}")


def sweep_folder(folder: Path) -> None:
    """Remove what killed processes left in a folder of eventdesk's own. Raises OSError."""
    _sweep(folder, ".*")


def _sweep(folder: Path, name: str) -> None:
    pattern = re.compile(name + _SUFFIX, re.DOTALL)
    for item in folder.iterdir():
        if (left := pattern.fullmatch(item.name)) and not _alive(int(left[1]), left[2], item):
            if item.is_dir() and not item.is_symlink():
                shutil.rmtree(item)
            else:
                item.unlink(missing_ok=True)


def _process() -> str:
    number = os.getpid()
    return f"{number}-{_TOKENS.setdefault(number, secrets.token_hex(4))}"


def _alive(process: int, token: str, partial: Path) -> bool:
    if process == os.getpid():
        return token == _TOKENS.get(process)
    if os.name == "nt":  # where asking for a process would end it
        with suppress(OSError):
            return datetime.now().timestamp() - partial.stat().st_mtime < _UNSEEN
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
