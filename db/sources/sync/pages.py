"""Which pages of a database file hold the rows of a table, and what is in them: a page is hashed in a microsecond.

Reading every row of a large table takes seconds; hashing its pages takes a tenth of that, and only the rows on pages
that changed have to be read. The format: https://www.sqlite.org/fileformat.html
"""

import os
import sqlite3
import struct
from array import array
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from db.sources.database.database import Database

_HEADER = 100  # bytes before the first page's own header
_WAL_HEADER, _FRAME_HEADER = 32, 24
_INTERIOR, _LEAF = 5, 13
_TOGETHER = 256  # pages that are read at once
_TRIES = 20


class Leaf(NamedTuple):
    """A page with rows of a table: those with rowids above ``after`` and up to ``last``; None if there is no limit."""

    page: int
    after: int | None
    last: int | None


class _Log(NamedTuple):
    """What is committed in a write-ahead log: its salts, its length in bytes, and where each page is in it."""

    salts: bytes
    end: int
    at: dict[int, int]


class PagesError(Exception):
    """The pages can't be read like this; the rows can."""


class FilePages:
    """The pages of a database file in the state that a transaction of a connection reads.

    The file stays open until ``close``: closing it before the connection would remove the connection's locks.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._log_file: int | None = None
        self._log = _Log(b"", 0, {})
        self._crcs: dict[int, int] = {}

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
        if self._log_file is not None:
            os.close(self._log_file)

    def begin(self, connection: sqlite3.Connection) -> None:
        """Begin to read, in a new transaction, and see the same state as it.

        Raises PagesError if others write all the time.
        """
        for _ in range(_TRIES):
            before = self._read_log()
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
            if self._read_log() == before:
                self._log = before
                break
            connection.execute("ROLLBACK")
            connection.execute("BEGIN")
        else:
            raise PagesError
        header = self._pread(self._file, _HEADER, 0)
        if 1 in before.at and self._log_file is not None:
            header = self._pread(self._log_file, _HEADER, before.at[1])
        size = int.from_bytes(header[16:18], "big")
        self.size = 65536 if size == 1 else size
        self._usable = self.size - header[20]
        if not header.startswith(b"SQLite format 3\0") or self.size < 512:
            raise PagesError

    def is_same_log(self) -> bool:
        """Return True if no page of the write-ahead log was overwritten since ``begin``."""
        return not self._log.at or self._read_log().salts == self._log.salts

    def leaves(self, root: int) -> list[Leaf]:
        """Return the pages with the rows of a table, in the order of the rowids. Raises PagesError."""
        found: list[Leaf] = []
        try:
            self._walk(root, None, None, found, 0)
        except (IndexError, struct.error):
            raise PagesError from None
        return found

    def hash(self, numbers: Iterable[int], seed: int) -> int:
        """Return the hash of pages, of which ``load`` has read all."""
        return crc32(array("I", [self._crcs.get(number, 0) for number in numbers]).tobytes(), seed)

    def load(self, numbers: Iterable[int]) -> None:
        """Hash pages, so that ``hash`` can combine these hashes."""
        known = self._crcs
        rest = sorted({number for number in numbers if number not in known})
        size, log = self.size, self._log.at
        place = 0
        while place < len(rest):
            first = rest[place]
            end = place
            while end < len(rest) and rest[end] - first < _TOGETHER:
                end += 1
            data = memoryview(self._pread(self._file, (rest[end - 1] - first + 1) * size, (first - 1) * size))
            for number in rest[place:end]:
                at = (number - first) * size
                self._crcs[number] = crc32(self[number] if number in log else data[at : at + size])
            place = end

    def overflow(self, page: int) -> list[int]:
        """Return the pages on which rows of a leaf continue. Raises PagesError."""
        content = self[page]
        header = _HEADER if page == 1 else 0
        usable = self._usable
        most = usable - 35
        least = (usable - 12) * 32 // 255 - 23
        found: list[int] = []
        try:
            (count,) = struct.unpack_from(">H", content, header + 3)
            for at in struct.unpack_from(f">{count}H", content, header + 8):
                payload, at = _varint(content, at)
                if payload <= most:
                    continue
                _, at = _varint(content, at)
                local = least + (payload - least) % (usable - 4)
                local = least if local > most else local
                (following,) = struct.unpack_from(">I", content, at + local)
                pages = -(-(payload - local) // (usable - 4))
                while following and pages > 0:
                    found.append(following)
                    pages -= 1
                    following = int.from_bytes(self._part(following, 4), "big")
        except (IndexError, struct.error):
            raise PagesError from None
        return found

    def __getitem__(self, number: int) -> bytes:
        return self._part(number, self.size)

    def _part(self, number: int, size: int) -> bytes:
        if (at := self._log.at.get(number)) is not None and self._log_file is not None:
            return self._pread(self._log_file, size, at)
        return self._pread(self._file, size, (number - 1) * self.size)

    def _walk(self, number: int, after: int | None, last: int | None, found: list[Leaf], depth: int) -> int | None:
        """Add the leaves under a page; return the highest rowid that they may hold."""
        page = self[number]
        header = _HEADER if number == 1 else 0
        kind = page[header]
        if kind == _LEAF:
            found.append(Leaf(number, after, last))
            return last
        if kind != _INTERIOR or depth > 50:
            raise PagesError
        (count,) = struct.unpack_from(">H", page, header + 3)
        (right,) = struct.unpack_from(">I", page, header + 8)
        children = []
        for at in struct.unpack_from(f">{count}H", page, header + 12):
            (child,) = struct.unpack_from(">I", page, at)
            key = _varint(page, at + 4)[0]
            children.append((child, key - (1 << 64) if key >= 1 << 63 else key))
        first = children[0][0] if children else right
        if self._part(first, 1)[0] == _LEAF:  # then all are: each leaf is equally deep
            for child, key in children:
                found.append(Leaf(child, after, key))
                after = key
            found.append(Leaf(right, after, last))
            return last
        for child, key in children:
            after = self._walk(child, after, key, found, depth + 1)
        return self._walk(right, after, last, found, depth + 1)

    def _read_log(self) -> _Log:
        if self._log_file is None:
            try:
                self._log_file = os.open(f"{self._path}-wal", os.O_RDONLY | getattr(os, "O_BINARY", 0))
            except OSError:
                return _Log(b"", 0, {})
        elif not _is_there(self._log_file, f"{self._path}-wal"):
            raise PagesError
        header = self._pread(self._log_file, _WAL_HEADER, 0)
        if len(header) < _WAL_HEADER:
            return _Log(b"", 0, {})
        (size,) = struct.unpack_from(">I", header, 8)
        salts = header[16:24]
        committed: dict[int, int] = {}
        waiting: dict[int, int] = {}
        at = end = _WAL_HEADER
        while len(frame := self._pread(self._log_file, _FRAME_HEADER, at)) == _FRAME_HEADER and frame[8:16] == salts:
            number, commit = struct.unpack_from(">II", frame)
            waiting[number] = at + _FRAME_HEADER
            at += _FRAME_HEADER + size
            if commit:
                committed |= waiting
                waiting = {}
                end = at
        return _Log(salts, end, committed)

    def _pread(self, file: int, size: int, at: int) -> bytes:
        return os.pread(file, size, at)


def pages_of(database: Database, closing: ExitStack) -> FilePages | None:
    """Return the pages of an open database, at the beginning of a transaction; None if they can't be read."""
    connection = database.connection
    if not hasattr(os, "pread") or getattr(connection, "file", database.path) != database.path:
        return None  # on Windows, or if a copy is read
    try:
        pages = FilePages(database.path)
        closing.callback(pages.close)
        pages.begin(connection)
    except (OSError, PagesError):
        return None
    return pages


def _is_there(file: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except OSError:
        return False


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = content[at]
    if value < 128:
        return value, at + 1
    value &= 127
    for number in range(1, 9):
        byte = content[at + number]
        if number == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at + number + 1
    raise IndexError


def packed(leaves: list[int], others: list[int]) -> bytes:
    """Return the numbers of a block's pages as they are stored: how many leaves, these, and the others."""
    numbers = [len(leaves), *leaves, *others]
    return struct.pack(f"<{len(numbers)}I", *numbers)


def unpacked(stored: bytes) -> tuple[list[int], list[int]]:
    """Return the numbers of all pages, and of the leaves; both empty if they can't be read."""
    if len(stored) % 4 or not stored:
        return [], []
    numbers = list(struct.unpack(f"<{len(stored) // 4}I", stored))
    return numbers[1:], numbers[1 : 1 + numbers[0]]
