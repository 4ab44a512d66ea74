"""The pages of a SQLite file and its write-ahead log, read without SQLite."""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"SQLite format 3\0"
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_USUAL_SIZE = 4096
_OVERFLOW_READS = 8  # how often each page may be read as part of an overflow chain, on average
_TRUNK_HEADER = 8  # bytes before the page numbers on a freelist trunk page


class Pages:
    """The pages of a file by number, from 1. A missing page is all zeros."""

    def __init__(self, path: Path) -> None:
        self._open: list[BinaryIO] = []  # kept open: closing one would drop this process's locks on the file
        self._file = self._map(path)
        self._wal = self._map(Path(f"{path}-wal"))
        self.size = self._page_size()
        self._in_wal: dict[int, int] = {}  # page number → offset in the write-ahead log
        self.count = -(-len(self._file) // self.size)
        self._read_wal()
        self._overflow_reads = _OVERFLOW_READS * self.count

    def overflow(self, number: int) -> bytes | None:
        """Return an overflow page; None if it doesn't exist or is zeroed, or if damaged chains run in circles."""
        self._overflow_reads -= 1
        if self._overflow_reads < 0 or not 1 < number <= self.count:
            return None
        page = self[number]
        return page if any(page) else None  # a zeroed page would otherwise look like the end of its chain

    def __getitem__(self, number: int) -> bytes:
        if (offset := self._in_wal.get(number)) is not None:
            return self._wal[offset : offset + self.size]
        page = self._file[(number - 1) * self.size : number * self.size]
        return page if len(page) == self.size else page.ljust(self.size, b"\0")

    def free(self) -> Iterator[int]:
        """Yield the numbers of the free pages; what they hold was deleted."""
        seen = set()
        trunk = int.from_bytes(self[1][32:36], "big")
        while 1 < trunk <= self.count and trunk not in seen:
            seen.add(trunk)
            yield trunk
            page = self[trunk]
            following, count = struct.unpack_from(">II", page)
            if count > self.size // 4 - 2:
                return
            yield from (leaf for leaf in struct.unpack_from(f">{count}I", page, _TRUNK_HEADER) if leaf <= self.count)
            trunk = following

    def _map(self, path: Path) -> mmap.mmap | bytes:
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
        """Index the committed pages of the write-ahead log, as SQLite does: up to the first invalid frame."""
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
