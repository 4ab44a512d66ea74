"""Where an open file is: knows if its path names another file by now, so that nobody decides in a file nobody sees."""

import contextlib
import mmap
import os
from dataclasses import dataclass
from pathlib import Path

_Inode = tuple[int, int]

# Bytes of the -shm file, as SQLite's "WAL-mode file format" describes them.
_BACKFILLED, _ATTEMPTED, _HEADER = slice(96, 100), slice(128, 132), 136


@dataclass(frozen=True, slots=True)
class Lost:
    """What happened to an open file, the copy that its content was saved to, and else why that failed."""

    file: Path
    why: str
    copy: Path | None
    failure: str = ""
    sound: bool = True
    """False if only a part of the content could still be read."""


class Place:
    """The path of an open file, with the device and inode of what SQLite opened there."""

    def __init__(self, path: Path) -> None:
        """Note what is at the path now. Raises OSError."""
        self.path = Path(os.path.abspath(path))
        self.real = self.path.resolve()  # SQLite names its other files after it
        # Through the folder, the file is still found after the folder was renamed.
        self._folder = os.open(self.real.parent, os.O_RDONLY) if os.stat in os.supports_dir_fd else None
        self._name = str(self.path)
        self._real_name = str(self.real) if self._folder is None else self.real.name
        found = os.stat(self._name)
        self._file = _inode(found)
        self._log: _Inode | None = None
        self.lost: Lost | None = None
        """Set once: from then on nothing is written, even if the file comes back."""
        self._size, self._written = found.st_size, found.st_mtime_ns
        self._shared: mmap.mmap | None = None
        self._checkpoint = b""
        self.overwritten = False
        """True if another program seems to have written into the file."""
        self.shrunk = False
        """True if the file is shorter than it was: restored or compacted, or else cut off."""

    def __del__(self) -> None:
        """Close the folder, which no method does, because a connection may be closed in the middle of one."""
        if self._folder is not None:
            with contextlib.suppress(OSError):
                os.close(self._folder)

    def watch_log(self) -> None:
        """Watch the write-ahead log, too, from now on."""
        self._log = self._inode_beside("-wal")

    def watch_pages(self) -> None:
        """Watch for programs that write into the file, too, from now on."""
        if self._shared is None and hasattr(mmap, "PROT_READ"):
            with contextlib.suppress(OSError, ValueError):
                # Never closed: closing any descriptor of a file ends all locks that SQLite holds on it.
                shared = os.open(self._beside("-shm"), os.O_RDONLY, dir_fd=self._folder)
                self._shared = mmap.mmap(shared, _HEADER, prot=mmap.PROT_READ)
                self._checkpoint, self._written = self._progress(), os.stat(self.path).st_mtime_ns

    def problem(self) -> str | None:
        """Say what happened to the file since it was opened; None if it is still there."""
        if self.lost is not None:
            return self.lost.why
        try:
            found = self._find()
            if found is None:
                return "was moved or deleted"
            if _inode(found) != self._file:
                return "was replaced by another file"
            if not found.st_size and self._size:
                return "was emptied by another program"
            self.shrunk = found.st_size < self._size
            self._size = max(found.st_size, self._size)
            self._look_for_writes(found.st_mtime_ns)
            if self._log is not None and self._inode_beside("-wal") != self._log:
                return f"lost {self.real.name}-wal, its newest part, to another program"
        except OSError:  # a network drive that doesn't answer; SQLite will report it
            return None
        return None

    def is_suspect(self) -> bool:
        """Return True if something may have happened to the file."""
        return self.problem() is not None or self.shrunk or self.overwritten

    def accept(self) -> None:
        """Compare with the file as it is now: it was restored, compacted or touched."""
        self._size, self.shrunk, self.overwritten = 0, False, False

    def _look_for_writes(self, written: int) -> None:
        """Notice a write that was no checkpoint: SQLite writes into the file only in one, which it notes in -shm."""
        if self._shared is None or written == self._written:
            return
        before, self._checkpoint, self._written = self._checkpoint, self._progress(), written
        in_progress = self._shared[_BACKFILLED] != self._shared[_ATTEMPTED]
        self.overwritten |= self._checkpoint == before and not in_progress

    def _progress(self) -> bytes:
        shared = self._shared
        return b"" if shared is None else shared[_BACKFILLED] + shared[_ATTEMPTED]

    def current(self) -> Path:
        """Return the path at which the file can be opened now; another one after its folder was renamed."""
        if self._folder is None or self.path.exists():
            return self.path
        for name in (f"/proc/self/fd/{self._folder}", f"/dev/fd/{self._folder}"):
            with contextlib.suppress(OSError):
                return Path(os.readlink(name)) / self.real.name
        return self.path

    def remove_log(self) -> None:
        """Remove the write-ahead log if it is beside another file now: SQLite would apply it to that one."""
        with contextlib.suppress(OSError):
            if self._log is not None and self._inode_beside("-wal") == self._log:
                for suffix in ("-wal", "-shm"):
                    os.unlink(self._beside(suffix), dir_fd=self._folder)

    def _find(self) -> os.stat_result | None:
        try:
            return os.stat(self._name)
        except (FileNotFoundError, NotADirectoryError):
            pass
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return os.stat(self._beside(""), dir_fd=self._folder)
        return None

    def _inode_beside(self, suffix: str) -> _Inode | None:
        try:
            return _inode(os.stat(self._beside(suffix), dir_fd=self._folder))
        except FileNotFoundError:
            return None

    def _beside(self, suffix: str) -> str:
        return self._real_name + suffix


def _inode(found: os.stat_result) -> _Inode:
    return found.st_dev, found.st_ino
