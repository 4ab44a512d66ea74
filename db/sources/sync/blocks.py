"""Blocks of rows: what a desk keeps of the rows of a table, and which rows differ from it now."""

import json
import marshal
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.keys import key_text, key_values, row_key
from db.sources.plan import ROWID
from db.sources.reading.connections import FIRST_ROW_SECONDS, columns_of, rowid_of
from db.sources.sync.tracked import Tracked

BLOCK = 128  # rows
Owner = tuple[Any, ...]
_Entry = tuple[str, int]  # the owner as a key, and the hash of a row


class Block(NamedTuple):
    """Rows that follow each other. ``id`` is 0 for a new one; ``rows`` is the JSON array of their owners and hashes."""

    id: int
    position: int
    row_count: int
    hash: int
    pages: bytes | None
    rows: str


@dataclass(slots=True)
class Difference:
    """What differs from the stored blocks. owners: of rows that are new, changed or gone, as keys.

    gone, added: how many owners have no row any more, and how many had none before.
    replaced: the ids of blocks that don't hold any more; ``new`` come in their place.
    """

    owners: set[str] = field(default_factory=set)
    gone: int = 0
    added: int = 0
    replaced: list[int] = field(default_factory=list)
    new: list[Block] = field(default_factory=list)


class TrackedRows:
    """The rows of a tracked table, as they are now; for all of them, texts must come as bytes."""

    def __init__(self, database: Database, tracked: Tracked) -> None:
        """Raises sqlite3.Error if a table or column is missing, and KeyError with the name of a missing column."""
        self._connection = connection = database.connection
        self._deadline = database.deadline
        self._folder = database.path.parent
        own = columns_of(connection, tracked.table)
        self.rowid = rowid_of(connection, tracked.table)
        columns = tracked.columns or tuple(column for column in own if column not in tracked.ignored)
        lower = {column.lower() for column in own} | {ROWID}
        for column in (*tracked.owner, *columns):
            if column.lower() not in lower:
                raise KeyError(column)
        is_keyless = tracked.owner == (ROWID,) and self.rowid is None and ROWID not in own
        self.owner = [] if is_keyless else [self._name(column, own) for column in tracked.owner]
        self.table = tracked.table
        self._owners = len(self.owner)
        selected = [self.rowid or "0", *self.owner, *map(quoted, columns)]
        self._select = f"SELECT {', '.join(selected)} FROM {quoted(tracked.table)}"
        self._path_at = 1 + self._owners + columns.index(tracked.path) if tracked.path in columns else None
        self.name = f"{tracked.table} by {', '.join(tracked.owner)}: {', '.join(columns)}"

    def _name(self, column: str, own: tuple[str, ...]) -> str:
        return self.rowid if column == ROWID and ROWID not in own and self.rowid else quoted(column)

    @property
    def has_files(self) -> bool:
        """True if the texts are in files, whose changes count too."""
        return self._path_at is not None

    def fetch(self, cursor: sqlite3.Cursor, size: int) -> list[tuple[Any, ...]]:
        """Return the next rows of a cursor, which may take a while."""
        self._deadline.extend(FIRST_ROW_SECONDS)
        return cursor.fetchmany(size)

    def all(self) -> sqlite3.Cursor:
        """Return a cursor over all rows, in the order of their rowids if they have some."""
        return self._connection.execute(f"{self._select} ORDER BY {self.rowid}" if self.rowid else self._select)

    def between(self, after: int | None, last: int | None) -> sqlite3.Cursor:
        """Return a cursor over the rows with rowids above ``after`` and up to ``last``."""
        low = "" if after is None else f" AND {self.rowid} > {after}"
        high = "" if last is None else f" AND {self.rowid} <= {last}"
        return self._connection.execute(f"{self._select} WHERE true{low}{high} ORDER BY {self.rowid}")

    def hash(self, rows: list[tuple[Any, ...]]) -> int:
        """Return the hash of several rows."""
        content = [self._content(row) for row in rows]
        return int.from_bytes(blake2b(marshal.dumps(content, 2), digest_size=8).digest(), "big", signed=True)

    def entries(self, rows: Iterable[tuple[Any, ...]]) -> list[_Entry]:
        """Return for each row its owner and its hash."""
        return [
            (
                row_key(row[1 : 1 + self._owners]),
                int.from_bytes(blake2b(marshal.dumps(self._content(row), 2), digest_size=6).digest(), "big"),
            )
            for row in rows
        ]

    def _content(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if self._path_at is None:
            return row[1:]
        try:
            given = row[self._path_at]
            found = os.stat(self._folder / (given.decode() if isinstance(given, bytes) else str(given)))
        except (OSError, ValueError):
            return row[1:]
        return (*row[1:], found.st_size, found.st_mtime_ns)


def new_block(rows: TrackedRows, some: list[tuple[Any, ...]], position: int, pages: tuple[bytes, int] | None) -> Block:
    """Return a block of some rows; ``pages``: the numbers of the pages that hold them, and their hash."""
    held, hash_ = pages or (None, rows.hash(some))
    entries = ",".join([f"[{owner},{number}]" for owner, number in rows.entries(some)])
    return Block(0, position, len(some), hash_, held, f"[{entries}]")


def entries_of(block: Block) -> Iterator[_Entry]:
    """Yield the owners and hashes of a stored block; nothing if it is damaged, so that all of its rows count as new."""
    try:
        for owner, number in json.loads(block.rows):
            yield key_text(owner), int(number)
    except (ValueError, TypeError):
        return


class Comparison:
    """Compares entries that are stored with those that there are now, in whatever order both come."""

    def __init__(self) -> None:
        self._open: dict[_Entry, int] = {}

    def add(self, entries: Iterable[_Entry], sign: int) -> None:
        """Add stored entries with -1, present ones with 1."""
        counts = self._open
        for entry in entries:
            count = counts.get(entry, 0) + sign
            if count:
                counts[entry] = count
            else:
                del counts[entry]

    def finish(self, difference: Difference) -> None:
        """Store in a difference the owners of which a row is on one side only."""
        gone = {owner for (owner, _), count in self._open.items() if count < 0}
        added = {owner for (owner, _), count in self._open.items() if count > 0}
        difference.owners = gone | added
        difference.gone, difference.added = len(gone - added), len(added - gone)


def compare_rows(rows: TrackedRows, stored: list[Block]) -> Difference:
    """Compare all rows of a table with its stored blocks."""
    difference, comparison = Difference(), Comparison()
    cursor = rows.all()
    waiting: list[tuple[Any, ...]] = []
    number = 0

    def changed(some: list[tuple[Any, ...]]) -> None:
        comparison.add(rows.entries(some), 1)
        for start in range(0, len(some), BLOCK):
            part = some[start : start + BLOCK]
            position = part[0][0] if rows.rowid else number + start
            difference.new.append(new_block(rows, part, position, None))

    def replaced(block: Block) -> None:
        comparison.add(entries_of(block), -1)
        difference.replaced.append(block.id)

    for place, block in enumerate(stored):
        if len(waiting) < block.row_count:
            waiting += rows.fetch(cursor, block.row_count - len(waiting))
        some, after = waiting[: block.row_count], waiting[block.row_count :]
        is_last = place + 1 == len(stored)
        if is_last and block.row_count < BLOCK and not after:
            after = rows.fetch(cursor, BLOCK)  # rows that were added go to the last block, not to one of their own
        is_whole = len(some) == block.row_count and block.pages is None and rows.hash(some) == block.hash
        if is_whole and not (is_last and after and block.row_count < BLOCK):
            number += len(some)
            waiting = after
            continue
        replaced(block)
        if rows.rowid and not is_last:
            end = stored[place + 1].position
            more = [*some, *after]
            while more and more[-1][0] < end and (next_rows := rows.fetch(cursor, BLOCK)):
                more += next_rows
            some, after = [row for row in more if row[0] < end], [row for row in more if row[0] >= end]
        elif is_last:
            some, after = [*some, *after], []
        changed(some)
        number += len(some)
        waiting = after
    while waiting or (waiting := rows.fetch(cursor, BLOCK * 8)):
        changed(waiting)
        number += len(waiting)
        waiting = []
    comparison.finish(difference)
    return difference


def blocks_of_all(rows: TrackedRows) -> Iterator[Block]:
    """Yield new blocks of all rows of a table."""
    number = 0
    cursor = rows.all()
    while some := rows.fetch(cursor, BLOCK):
        yield new_block(rows, some, some[0][0] if rows.rowid else number, None)
        number += len(some)


def owner_values(owners: Iterable[str]) -> list[Owner]:
    """Return the cells of owners."""
    return [key_values(owner) for owner in owners]
