"""Finds which events and texts of a source database are new, changed or gone since its blocks were stored."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.errors import InputError
from db.sources.database.database import Database, decoded
from db.sources.database.sampling import quoted
from db.sources.keys import row_key
from db.sources.plan import ROWID, Plan
from db.sources.reading.connections import FIRST_ROW_SECONDS, columns_of, rowid_of
from db.sources.sync.blocks import Block, Difference, TrackedRows, blocks_of_all, compare_rows, owner_values
from db.sources.sync.page_blocks import TablePages
from db.sources.sync.pages import FilePages, PagesError
from db.sources.sync.tracked import Route, Step, event_tables, tracked_tables

MOST_CHANGED = 50_000  # keys; above, everything is read, which then takes less time
_TOGETHER = 10_000  # values in a statement


@dataclass(slots=True)
class Changes:
    """What changed in a database.

    keys: by the number of the table in the plan, the keys of the rows to read; None to read all rows.
    gone, added: how many rows of event tables there are no more, and how many there were not before; as far as known.
    differences: by the name of a tracked table, what its blocks are now.
    """

    keys: list[set[str]] | None = None
    gone: int = 0
    added: int = 0
    differences: dict[str, Difference] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return True if anything changed, or all rows are to be read."""
        return (
            self.keys is None or any(self.keys) or any(item.replaced or item.new for item in self.differences.values())
        )


def refuse_absent(database: Database, plan: Plan) -> None:
    """Raise InputError if a database lacks a table or column that a plan reads."""
    Source(database, plan)


class Source:
    """An open source database with the tables that a plan reads; one state of it, in the caller's transaction."""

    def __init__(self, database: Database, plan: Plan, pages: FilePages | None = None) -> None:
        """``pages``: those of the file, if they can be read.

        Raises InputError if the database lacks a table or column of the plan.
        """
        self.database = database
        self._pages = pages
        self._tables = event_tables(plan)
        self._event_tables = len(plan.events)
        self._tracked = []
        database.connection.text_factory = bytes
        for tracked in tracked_tables(plan):
            try:
                self._tracked.append((TrackedRows(database, tracked), tracked.routes))
            except sqlite3.OperationalError:
                raise self._lacks(f"the table {tracked.table}") from None
            except KeyError as error:
                raise self._lacks(f"the column {error.args[0]} of {tracked.table}") from None

    def _lacks(self, what: str) -> InputError:
        path = self.database.path
        return InputError(
            f"{path}: no longer has {what}, which the plan reads; nothing was synced. Print a new plan with"
            f" `eventdesk import DESK {path} --plan`, correct it, and import by it with --mapping"
        )

    def find(self, stored: dict[str, list[Block]]) -> Changes:
        """Return what changed since these blocks were stored, by the name of the tracked table."""
        connection = self.database.connection
        connection.text_factory = bytes
        if not stored:
            return Changes()
        changes = Changes([set() for _ in self._tables])
        assert changes.keys is not None
        for rows, routes in self._tracked:
            difference = self._difference(rows, stored.get(rows.name, []))
            changes.differences[rows.name] = difference
            if not difference.owners:
                continue
            if any(not route.steps and route.number < self._event_tables for route in routes):
                changes.gone += difference.gone
                changes.added += difference.added
            if not rows.owner:
                return Changes()  # rows without a key: those that changed can't be read alone
            owners = owner_values(difference.owners)
            for route in routes:
                if len(owners) <= MOST_CHANGED:
                    changes.keys[route.number] |= self._keys(owners, route)
                if len(owners) > MOST_CHANGED or len(changes.keys[route.number]) > MOST_CHANGED:
                    return Changes(gone=changes.gone, added=changes.added)
        return changes

    def blocks(self) -> Iterator[tuple[str, Block]]:
        """Yield new blocks of all tables, each with the name of its table."""
        self.database.connection.text_factory = bytes
        for rows, _ in self._tracked:
            try:
                pages = self._pages_of(rows)
                for block in pages.blocks() if pages else blocks_of_all(rows):
                    yield rows.name, block
            except PagesError:
                self._pages = None
                yield rows.name, Block(0, 0, 0, 0, None, "[]")  # no rows have this hash: the next sync reads all

    def _difference(self, rows: TrackedRows, stored: list[Block]) -> Difference:
        try:
            if (pages := self._pages_of(rows)) is not None:
                difference = pages.compare(stored)
                if self._pages is not None and self._pages.is_same_log():
                    return difference
        except PagesError:
            pass
        self._pages = None
        return compare_rows(rows, stored)

    def _pages_of(self, rows: TrackedRows) -> TablePages | None:
        """Return the pages of a table; None if its rows have to be read."""
        if self._pages is None or rows.rowid is None or rows.has_files:
            return None
        found = self.database.connection.execute(
            "SELECT rootpage, sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", (rows.table,)
        ).fetchone()
        return TablePages(self._pages, rows, found[0], decoded(found[1])) if found and found[0] else None

    def names(self) -> set[str]:
        """Return the names of the tracked tables."""
        return {rows.name for rows, _ in self._tracked}

    def _keys(self, owners: list[tuple[Any, ...]], route: Route) -> set[str]:
        for step in route.steps:
            owners = list(self._step(step, owners))
        return {row_key(owner) for owner in owners}

    def _step(self, step: Step, values: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        connection = self.database.connection
        own = columns_of(connection, step.table)
        to = [self._name(step.table, column, own) for column in step.to]
        columns = ", ".join(self._name(step.table, column, own) for column in step.columns)
        mark = f"({', '.join('?' * len(step.columns))})"
        found: set[tuple[Any, ...]] = set()
        rest = list({form for value in values if None not in value for form in (value, _other(value))})
        together = _TOGETHER // len(step.columns)
        while rest:
            some, rest = rest[:together], rest[together:]
            self.database.deadline.extend(FIRST_ROW_SECONDS)
            rows = connection.execute(
                f"SELECT DISTINCT {', '.join(to)} FROM {quoted(step.table)}"
                f" WHERE ({columns}) IN (VALUES {', '.join([mark] * len(some))})",
                [cell for value in some for cell in value],
            )
            found.update(tuple(decoded(cell) for cell in row) for row in rows)
        return found

    def _name(self, table: str, column: str, own: tuple[str, ...]) -> str:
        rowid = rowid_of(self.database.connection, table) if column == ROWID and ROWID not in own else None
        return rowid or quoted(column)


def _other(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a key with numbers as texts and texts as numbers: columns that are joined may have different types."""
    return tuple(
        int(cell)
        if isinstance(cell, str) and cell.isascii() and cell.isdecimal() and len(cell) < 19
        else str(cell)
        if isinstance(cell, int)
        else cell
        for cell in key
    )
