"""Writes a new file whole or not at all: it grows under a hidden name, gets its own at the end, and overwrites nothing.

Partial files that killed processes left behind are removed by the next one that writes the same file.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from db.errors import EventdeskError, InputError

_TOKENS: dict[int, str] = {}  # by process id: in a container, a restarted process often has the same id as before
_SUFFIX = r"\.(\d+)-([0-9a-f]+)(\.older)?\.partial(-journal|-wal|-shm)?"
_ABANDONED = 86_400  # seconds without a write after which Windows' partial files count as abandoned
# From file systems without hard links, such as FAT, or without fsync, such as network drives. macOS has two numbers.
_UNSUPPORTED = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)
_NO_LINKS = (errno.EPERM, *_UNSUPPORTED)


def refuse_existing(path: Path, error: type[EventdeskError] = InputError) -> None:
    """Raise ``error`` if there is anything at the path, or where a link there points to."""
    if os.path.lexists(end_of_links(path)):
        raise error(f"{path}: already exists; choose another name")


def refuse_leftovers(path: Path, error: type[EventdeskError] = InputError) -> None:
    """Raise ``error`` if a database that is gone left files that SQLite would apply to a new one at the path."""
    for suffix in ("-wal", "-journal"):
        leftover = Path(f"{path}{suffix}")
        if leftover.exists() and leftover.stat().st_size:
            raise error(
                f"{leftover}: belongs to a file that is gone, and may hold its last decisions;"
                " move it to another folder first"
            )


def end_of_links(path: Path) -> Path:
    """Return where a link to a missing file points: a new file is made there, and the link stays."""
    return Path(os.path.realpath(path)) if path.is_symlink() and not path.exists() else path


@contextlib.contextmanager
def new_output(path: Path) -> Iterator[BinaryIO]:
    """Open a new file for writing. It appears at ``path`` when the block ends without an error. Raises InputError."""
    path = end_of_links(path)
    refuse_existing(path)
    sweep(path)
    partial = partial_path(path)
    try:
        with partial.open("xb") as stream:
            yield stream
            stream.flush()
            sync(stream.fileno())
        put_in_place(partial, path)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        remove_partial(partial)


@contextlib.contextmanager
def new_output_folder(path: Path) -> Iterator[Path]:
    """Make a folder to fill. It appears at ``path`` when the block ends without an error. Raises InputError."""
    path = end_of_links(path)
    refuse_existing(path)
    sweep(path)
    partial = partial_path(path)
    try:
        partial.mkdir()
        yield partial
        partial.rename(path)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _cannot_write(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        return InputError(f"{path}: the folder {path.parent} does not exist; create it first")
    return InputError(f"{path}: can't be written ({error.strerror})")


def partial_path(target: Path) -> Path:
    """Return the hidden name, in the same folder, under which this process writes ``target``."""
    return target.with_name(f".{target.name}.{_process()}.partial")


def partial_path_in(folder: Path, name: str) -> Path:
    """Return a name for a partial file in a folder that only eventdesk uses."""
    return folder / f"{name}.{_process()}.partial"


def put_in_place(partial: Path, target: Path) -> None:
    """Give a finished, synced file its name. Raises FileExistsError if the name is taken by now, or OSError."""
    try:
        os.link(partial, target)  # unlike a rename, a link never replaces an existing file
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        partial.rename(target)
    try:
        sync_folder(target.parent)
    except OSError:  # a write that is reported as failed must leave no file
        with suppress(OSError):
            target.unlink()
        raise


def remove_partial(partial: Path) -> None:
    """Remove a partial file and SQLite's files beside it; ignore errors, because ``sweep`` tries again later."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{partial}{suffix}").unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk. Does nothing on Windows, which has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync(descriptor: int) -> None:
    """Flush a file or folder to disk, where the file system has a call for that. Raises OSError."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, *_UNSUPPORTED):
            raise


def sweep(target: Path) -> None:
    """Remove the partial files of ``target`` that dead processes left. Errors are ignored: they harm nobody."""
    from db.io.network import network_filesystem  # not for the first screen

    # On a network file system, the process may be alive on another machine.
    if network_filesystem(target.parent) is None:
        with suppress(OSError):
            _sweep(target.parent, rf"\.{re.escape(target.name)}")


def sweep_folder(folder: Path) -> None:
    """Remove the partial files that dead processes left in a folder that only eventdesk uses. Raises OSError."""
    _sweep(folder, ".*")


def _sweep(folder: Path, name: str) -> None:
    pattern = re.compile(name + _SUFFIX, re.DOTALL)
    for item in folder.iterdir():
        if (match := pattern.fullmatch(item.name)) and not _is_alive(int(match[1]), match[2], item):
            if item.is_dir() and not item.is_symlink():
                shutil.rmtree(item)
            else:
                item.unlink(missing_ok=True)


def _process() -> str:
    number = os.getpid()
    return f"{number}-{_TOKENS.setdefault(number, secrets.token_hex(4))}"


def _is_alive(process: int, token: str, partial: Path) -> bool:
    if process == os.getpid():
        return token == _TOKENS.get(process)
    if os.name == "nt":  # os.kill would end the process there
        with suppress(OSError):
            return datetime.now().timestamp() - partial.stat().st_mtime < _ABANDONED
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
