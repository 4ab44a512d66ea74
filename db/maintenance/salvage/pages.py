"""The pages of a SQLite file as they are on disk, those of its -wal among them, read without SQLite."""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"SQLite format 3\0"
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_USUAL_SIZE = 4096
_CHAINED = 8  # times that pages are read as parts of chains, on average
_TRUNK = 8  # bytes before the list of a page of the list of free ones


class Pages:
    """The pages of a file by number, from 1; one that is not there is all zeros."""

    def __init__(self, path: Path) -> None:
        self._open: list[BinaryIO] = []  # closing one would end the locks that this process has on the file
        self._file = self._mapped(path)
        self._wal = self._mapped(Path(f"{path}-wal"))
        self.size = self._page_size()
        self._in_wal: dict[int, int] = {}  # page → where it is in the -wal
        self.count = -(-len(self._file) // self.size)
        self._read_wal()
        self._chained = _CHAINED * self.count

    def in_chain(self, number: int) -> bytes | None:
        """A page of those that hold what did not fit on another, each of which is read a few times at most.

        None where there is none, or where chains lead round and round.
        """
        self._chained -= 1
        if self._chained < 0 or not 1 < number <= self.count:
            return None
        page = self[number]
        return page if any(page) else None  # overwritten: that it has no other after it says nothing

    def __getitem__(self, number: int) -> bytes:
        if (offset := self._in_wal.get(number)) is not None:
            return self._wal[offset : offset + self.size]
        page = self._file[(number - 1) * self.size : number * self.size]
        return page if len(page) == self.size else page.ljust(self.size, b"\0")

    def free(self) -> Iterator[int]:
        """Pages that are in no tree: what they hold was deleted."""
        seen = set()
        trunk = int.from_bytes(self[1][32:36], "big")
        while 1 < trunk <= self.count and trunk not in seen:
            seen.add(trunk)
            yield trunk
            page = self[trunk]
            following, count = struct.unpack_from(">II", page)
            if count > self.size // 4 - 2:
                return
            yield from (leaf for leaf in struct.unpack_from(f">{count}I", page, _TRUNK) if leaf <= self.count)
            trunk = following

    def _mapped(self, path: Path) -> mmap.mmap | bytes:
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return b""
        self._open.append(stream)
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""

    def _page_size(self) -> int:
        sizes = [int.from_bytes(self._file[16:18], "big"), int.from_bytes(self._wal[8:12], "big")]
        for size in (65536 if size == 1 else size for size in sizes):
            if 512 <= size <= 65536 and size & (size - 1) == 0:
                return size
        return _USUAL_SIZE

    def _read_wal(self) -> None:
        """Take in what was committed, as SQLite would: up to the first frame that is not whole."""
        if len(self._wal) < _WAL_HEADER:
            return
        magic, _, size, _, *salts = struct.unpack_from(">6I", self._wal)
        if magic not in _WAL_MAGIC or size != self.size:
            return
        order = ">" if magic & 1 else "<"
        sums = _checksum(order, self._wal[:24], (0, 0))
        if sums != struct.unpack_from(">2I", self._wal, 24):
            return
        waiting: dict[int, int] = {}
        for at in range(_WAL_HEADER, len(self._wal) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
            number, committed, *frame_salts = struct.unpack_from(">4I", self._wal, at)
            if frame_salts != salts:
                return
            sums = _checksum(order, self._wal[at : at + 8], sums)
            sums = _checksum(order, self._wal[at + _FRAME_HEADER : at + _FRAME_HEADER + size], sums)
            if sums != struct.unpack_from(">2I", self._wal, at + 16):
                return
            waiting[number] = at + _FRAME_HEADER
            if committed:
                self._in_wal |= waiting
                self.count = committed
                waiting = {}


def _checksum(order: str, content: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for left, right in zip(words[::2], words[1::2], strict=True):
        one = (one + left + two) & 0xFFFFFFFF
        two = (two + right + one) & 0xFFFFFFFF
    return one, two
