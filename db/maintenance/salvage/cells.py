"""Rows as they stand on a page: what is left of a cell, whatever is broken round it.

The format is that of https://www.sqlite.org/fileformat.html.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from db.maintenance.salvage.pages import Pages
from db.model import SqlValue

INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE = 2, 5, 10, 13

LOST = "\N{REPLACEMENT CHARACTER}"

_LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # of values by serial type
_MOST_COLUMNS = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """A row: its integer id, None in an index, and its values.

    ``whole`` is False where a text is not UTF-8 or ends early, as one does whose next page can't be found.
    """

    rowid: int | None
    values: tuple[SqlValue, ...]
    whole: bool = True


def kind_of(page: bytes, number: int) -> int:
    """What a page says that it is."""
    return page[_begins(number)]


def children(page: bytes, number: int, table: bool) -> Iterator[tuple[int, int | None]]:
    """The pages below an interior page; in a table with the highest id that each can have, None for the last."""
    begins = _begins(number)
    for at in _pointers(page, number, begins + 12):
        child = int.from_bytes(page[at : at + 4], "big")
        yield child, _varint(page, at + 4)[0] if table else None
    yield int.from_bytes(page[begins + 8 : begins + 12], "big"), None


def cells(pages: Pages, number: int, table: bool, interior: bool = False) -> Iterator[Cell | None]:
    """The rows on a page of a table or index, None for each that can't be read."""
    page = pages[number]
    for at in _pointers(page, number, _begins(number) + (12 if interior else 8)):
        try:
            yield _cell(pages, page, at + 4 if interior else at, table)
        except (ValueError, IndexError, struct.error):
            yield None


def _begins(number: int) -> int:
    return 100 if number == 1 else 0


def _pointers(page: bytes, number: int, at: int) -> list[int]:
    """Where cells begin: as many as the page says, and those after them where that number is what is damaged."""
    begins = _begins(number)
    said = int.from_bytes(page[begins + 3 : begins + 5], "big")
    lowest = int.from_bytes(page[begins + 5 : begins + 7], "big") or 65536
    found: list[int] = []
    end = len(page)  # of the list of pointers, at the latest
    while at + 2 <= end and not (len(found) == said and min(found, default=lowest) == lowest):
        pointer = int.from_bytes(page[at : at + 2], "big") & (len(page) - 1)  # as SQLite reads it
        at += 2
        if at <= pointer <= len(page) - 4:
            found.append(pointer)
            end = min(end, pointer)
        elif len(found) >= said:
            break
    return found


def _cell(pages: Pages, page: bytes, at: int, table: bool) -> Cell:
    size, at = _varint(page, at)
    rowid = None
    if table:
        rowid, at = _varint(page, at)
        if rowid >= 1 << 63:
            raise ValueError("a negative id")
    usable = pages.size
    most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
    if size <= most:
        payload = page[at : at + size]
        if len(payload) < size:
            raise ValueError("a cell beyond its page")
        return Cell(rowid, *_record(payload, size))
    if size > usable * pages.count:
        raise ValueError("a cell larger than the file")
    least = (usable - 12) * 32 // 255 - 23
    local = least + (size - least) % (usable - 4)
    if local > most:
        local = least
    if at + local + 4 > len(page):
        raise ValueError("a cell beyond its page")
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    return Cell(rowid, *_record(page[at : at + local] + _overflow(pages, following, size - local), size))


def _overflow(pages: Pages, number: int, size: int) -> bytes:
    """What is left of what did not fit on a page: it ends early where the chain is broken."""
    parts = []
    while size > 0 and (page := pages.in_chain(number)) is not None:
        parts.append(page[4 : 4 + size])
        size -= len(parts[-1])
        number = int.from_bytes(page[:4], "big")
    return b"".join(parts)


def _record(payload: bytes, size: int) -> tuple[tuple[SqlValue, ...], bool]:
    """The values of a record of which no more than ``payload`` is left, and whether all are whole."""
    header, at = _varint(payload, 0)
    if not at <= header <= size:
        raise ValueError("no record")
    columns, total = _columns(payload[at:header])
    if header + total != size:
        raise ValueError("no record")
    at = header
    whole = len(payload) == size
    values: list[SqlValue] = []
    for kind, length in columns:
        content = payload[at : at + length]
        at += length
        if kind >= 13 and kind & 1:
            try:
                text = content.decode()
            except UnicodeDecodeError:
                whole = False
                text = content.decode(errors="replace")
            # What is lost at its end stands for itself, so that spans in the rest stay where they are.
            values.append(text + LOST * (length - len(content)))
        elif len(content) < length:
            values.append(None)
        elif kind >= 12:
            values.append(content)
        elif kind == 7:
            values.append(struct.unpack(">d", content)[0])
        elif kind in (8, 9):
            values.append(kind - 8)
        else:
            values.append(int.from_bytes(content, "big", signed=True) if kind else None)
    return tuple(values), whole


@lru_cache(50_000)
def _columns(header: bytes) -> tuple[tuple[tuple[int, int], ...], int]:
    """Serial type and length of each value, and all lengths together."""
    found: list[tuple[int, int]] = []
    at = total = 0
    while at < len(header):
        kind, at = _varint(header, at)
        if kind in (10, 11) or len(found) == _MOST_COLUMNS:
            raise ValueError("no record")
        length = (kind - 12) // 2 if kind >= 12 else _LENGTHS[kind]
        total += length
        found.append((kind, length))
    return tuple(found), total


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = page[at]
    if value < 128:
        return value, at + 1
    value &= 127
    for number in range(1, 9):
        byte = page[at + number]
        if number == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at + number + 1
    raise ValueError("no number")
