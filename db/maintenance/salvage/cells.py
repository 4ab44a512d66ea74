"""Rows parsed from a page, as far as each is intact. The format: https://www.sqlite.org/fileformat.html"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from db.maintenance.salvage.pages import Pages
from db.model import SqlValue

INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE = 2, 5, 10, 13

LOST = "\N{REPLACEMENT CHARACTER}"

_LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # bytes of a value by serial type
_MAX_COLUMNS = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """A row: its rowid (None in an index) and its values.

    ``whole`` is False if a text isn't UTF-8, or ends early because its overflow page is lost.
    """

    rowid: int | None
    values: tuple[SqlValue, ...]
    whole: bool = True


def page_type(page: bytes, number: int) -> int:
    """Return the page type from the page's header."""
    return page[_header(number)]


def children(page: bytes, number: int, table: bool) -> Iterator[tuple[int, int | None]]:
    """Yield the child pages of an interior page. In a table, each comes with its highest rowid; None for the last."""
    header = _header(number)
    for at in _pointers(page, number, header + 12):
        child = int.from_bytes(page[at : at + 4], "big")
        yield child, _varint(page, at + 4)[0] if table else None
    yield int.from_bytes(page[header + 8 : header + 12], "big"), None


def cells(pages: Pages, number: int, table: bool, interior: bool = False) -> Iterator[Cell | None]:
    """Yield the rows on a page of a table or index; None for each that can't be read."""
    page = pages[number]
    for at in _pointers(page, number, _header(number) + (12 if interior else 8)):
        try:
            yield _cell(pages, page, at + 4 if interior else at, table)
        except (ValueError, IndexError, struct.error):
            yield None


def _header(number: int) -> int:
    """Return the offset of the page header: page 1 begins with the file header."""
    return 100 if number == 1 else 0


def _pointers(page: bytes, number: int, at: int) -> list[int]:
    """Return the offsets of a page's cells: at least as many as the page counts, more if its count is damaged."""
    header = _header(number)
    count = int.from_bytes(page[header + 3 : header + 5], "big")
    lowest = int.from_bytes(page[header + 5 : header + 7], "big") or 65536
    found: list[int] = []
    end = len(page)  # the pointers end before the first cell
    while at + 2 <= end and not (len(found) == count and min(found, default=lowest) == lowest):
        pointer = int.from_bytes(page[at : at + 2], "big") & (len(page) - 1)  # as SQLite reads it
        at += 2
        if at <= pointer <= len(page) - 4:
            found.append(pointer)
            end = min(end, pointer)
        elif len(found) >= count:
            break
    return found


def _cell(pages: Pages, page: bytes, at: int, table: bool) -> Cell:
    size, at = _varint(page, at)
    rowid = None
    if table:
        rowid, at = _varint(page, at)
        if rowid >= 1 << 63:
            raise ValueError("the rowid is negative")
    page_size = pages.size
    max_local = page_size - 35 if table else (page_size - 12) * 64 // 255 - 23
    if size <= max_local:
        payload = page[at : at + size]
        if len(payload) < size:
            raise ValueError("the cell exceeds its page")
        return Cell(rowid, *_record(payload, size))
    if size > page_size * pages.count:
        raise ValueError("the cell is larger than the file")
    min_local = (page_size - 12) * 32 // 255 - 23
    local = min_local + (size - min_local) % (page_size - 4)
    if local > max_local:
        local = min_local
    if at + local + 4 > len(page):
        raise ValueError("the cell exceeds its page")
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    return Cell(rowid, *_record(page[at : at + local] + _overflow(pages, following, size - local), size))


def _overflow(pages: Pages, number: int, size: int) -> bytes:
    """Return the overflow content of a cell; it is shorter than ``size`` if the chain is broken."""
    parts = []
    while size > 0 and (page := pages.overflow(number)) is not None:
        parts.append(page[4 : 4 + size])
        size -= len(parts[-1])
        number = int.from_bytes(page[:4], "big")
    return b"".join(parts)


def _record(payload: bytes, size: int) -> tuple[tuple[SqlValue, ...], bool]:
    """Return the values of a record that had ``size`` bytes, and True if all are whole. Raises ValueError."""
    header, at = _varint(payload, 0)
    if not at <= header <= size:
        raise ValueError("not a record")
    columns, total = _columns(payload[at:header])
    if header + total != size:
        raise ValueError("not a record")
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
            # A replacement character for each lost byte keeps spans within the text.
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
    """Return serial type and length of each value, and the total length. Raises ValueError."""
    found: list[tuple[int, int]] = []
    at = total = 0
    while at < len(header):
        kind, at = _varint(header, at)
        if kind in (10, 11) or len(found) == _MAX_COLUMNS:
            raise ValueError("not a record")
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
    raise ValueError("not a varint")
