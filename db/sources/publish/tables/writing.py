"""Writes the published tables: only rows that differ from what is there."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from db.formats.tables.cells import shown
from db.sources.database.sampling import quoted
from db.sources.plan import Link
from db.sources.publish.report import PublishReport
from db.sources.publish.tables.edits import REVIEW_COLUMNS, Correction, Key, Review, TableEdits, key_text
from db.sources.publish.tables.schema import OwnTable, Published, corrections_name, corrections_sql, existing

_GROUPED = 100  # conditions
_PENDING = "coalesce(review.review_status, 'pending')"


class Writer:
    """Writes published tables within the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, report: PublishReport) -> None:
        self._connection = connection
        self._report = report

    def store_reviews(self, own: OwnTable, reviews: dict[Key, Review]) -> None:
        """Store the reviews of the events of a table, for the tables that are written next."""
        connection = self._connection
        connection.execute("DROP TABLE IF EXISTS temp.eventdesk_reviews")
        names = [f"k{number}" for number in range(len(own.key))]
        # With the types of the key, so that SQLite uses the index to compare them.
        kinds = dict(own.columns)
        typed = [f"{name} {kinds[column]}" for name, column in zip(names, own.key, strict=True)]
        columns = ", ".join((*typed, *REVIEW_COLUMNS))
        unique = f", UNIQUE ({', '.join(names)})" if names else ""
        connection.execute(f"CREATE TEMP TABLE eventdesk_reviews ({columns}{unique})")
        marks = ", ".join("?" * (len(names) + len(REVIEW_COLUMNS)))
        connection.executemany(
            f"INSERT OR REPLACE INTO temp.eventdesk_reviews VALUES ({marks})",
            ((*key, *review) for key, review in reviews.items()),
        )

    def write(self, own: OwnTable, edits: TableEdits, event_table: OwnTable, link: Link | None = None) -> None:
        """Write the published form of a table; ``link`` leads from the event table to it, unless it is that."""
        published = Published(own)
        self._create(published.name, published.sql())
        self._fill_changed(own, edits)
        removed = self._delete_removed(published, own)
        written = self._write_own(published, own, _join(event_table, link))
        rows = [cells | dict(zip(published.review, review, strict=True)) for cells, review in edits.added]
        here = quoted(published.name)
        same = " AND ".join(f"own.{quoted(name)} = {here}.{quoted(name)}" for name in own.key)
        alone = f"NOT EXISTS (SELECT 1 FROM main.{quoted(own.name)} AS own WHERE {same})"
        added, gone = self._write_rows(published.name, published.columns, rows, alone)
        self._count(published.name, written + len(added), removed + gone)

    def write_corrections(self, own: OwnTable, corrections: Iterable[Correction]) -> None:
        """Write the corrections of an event table."""
        name = corrections_name(own)
        self._create(name, corrections_sql(own))
        columns = [*own.key, "column", "extracted", "reviewed", "reviewer", "decided_at"]
        wanted = [dict(zip(columns, (*item.key, *item[1:]), strict=True)) for item in corrections]
        new, removed = self._write_rows(name, columns, wanted, "1")
        self._count(name, len(new), removed)
        size = len(own.key)
        for row in new:
            column, *values = row[size : size + 3]
            shown_values = ("empty" if value is None else shown(value) for value in values)
            self._report.add_change(name, f"{own.name} {key_text(row[:size])}", str(column), *shown_values)

    def _count(self, table: str, written: int, removed: int) -> None:
        if written:
            self._report.rows[table] += written
        if removed:
            self._report.removed[table] += removed

    def _create(self, name: str, sql: str) -> None:
        """Make a table, again if its columns are others by now."""
        there = existing(self._connection, name)
        if there == sql:
            return
        if there is not None:
            self._connection.execute(f"DROP TABLE {quoted(name)}")
        self._connection.execute(sql)

    def _fill_changed(self, own: OwnTable, edits: TableEdits) -> None:
        """Store the rows that changed, whole, with their identities; and those that are removed."""
        connection = self._connection
        for table in ("eventdesk_changed", "eventdesk_removed"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        ids = [f"i{number}" for number in range(len(own.identity))]
        kinds = dict(own.columns)
        typed = [f"{name} {kinds.get(column, 'INTEGER')}" for name, column in zip(ids, own.identity, strict=True)]
        unique = f"UNIQUE ({', '.join(ids)})"
        columns = [f"{quoted(name)} {kind}".rstrip() for name, kind in own.columns]
        connection.execute(f"CREATE TEMP TABLE eventdesk_changed ({', '.join((*typed, *columns))}, {unique})")
        connection.execute(f"CREATE TEMP TABLE eventdesk_removed ({', '.join(typed)}, {unique})")
        identity = ", ".join(map(quoted, own.identity))
        condition = " AND ".join(f"{quoted(name)} IS ?" for name in own.identity)
        insert = (
            f"INSERT INTO temp.eventdesk_changed SELECT {identity}, {', '.join(map(quoted, own.names))}"
            f" FROM main.{quoted(own.name)} WHERE {condition}"
        )
        here = " AND ".join(f"{name} IS ?" for name in ids)
        for key, cells in edits.cells.items():
            # The cells that stay are copied by SQLite itself, whatever they hold.
            connection.execute(insert, key)
            for column, value in cells.items():
                update = f"UPDATE temp.eventdesk_changed SET {quoted(column)} = ? WHERE {here}"
                connection.execute(update, (value, *key))
        connection.executemany(
            f"INSERT OR REPLACE INTO temp.eventdesk_removed VALUES ({', '.join('?' * len(ids))})", edits.removed
        )

    def _delete_removed(self, published: Published, own: OwnTable) -> int:
        """Delete the rows of values that people removed."""
        same = " AND ".join(f"own.{quoted(name)} = here.{quoted(name)}" for name in own.key)
        return self._connection.execute(
            f"DELETE FROM main.{quoted(published.name)} AS here WHERE EXISTS (SELECT 1 FROM main.{quoted(own.name)} AS"
            f" own JOIN temp.eventdesk_removed AS removed ON {_same_row('removed', own)} WHERE {same})"
        ).rowcount

    def _write_own(self, published: Published, own: OwnTable, join: str) -> int:
        """Write the rows that differ from what is there, new ones in the order of the table; return how many."""
        names = [quoted(name) for name in own.names]
        columns = ", ".join((*names, *published.review))
        reviewed = ", ".join((_PENDING, *(f"review.{name}" for name in REVIEW_COLUMNS[1:])))
        values = f"{', '.join(f'own.{name}' for name in names)}, {reviewed}"
        key = [quoted(name) for name in own.key]
        here = f"main.{quoted(published.name)}"
        there = f"EXISTS (SELECT 1 FROM {here} AS here WHERE {' AND '.join(f'here.{n} = own.{n}' for n in key)})"
        filled = " AND ".join(f"own.{name} IS NOT NULL" for name in key)
        stays, unchanged = (
            f"NOT EXISTS (SELECT 1 FROM temp.{table} AS other WHERE {_same_row('other', own)})"
            for table in ("eventdesk_removed", "eventdesk_changed")
        )
        connection = self._connection
        (new,) = connection.execute(
            f"SELECT count(*) FROM temp.eventdesk_changed AS own WHERE {filled} AND NOT {there}"
        ).fetchone()
        before = connection.total_changes  # a cursor doesn't count the rows of a statement that begins with WITH
        connection.execute(
            f"INSERT INTO {here} ({columns}) SELECT {values} FROM main.{quoted(own.name)} AS own {join}"
            f" WHERE {filled} AND {stays} AND NOT {there}"
        )
        wanted = (
            f"SELECT {values} FROM main.{quoted(own.name)} AS own {join} WHERE {filled} AND {unchanged} AND {stays}"
            f" UNION ALL SELECT {values} FROM temp.eventdesk_changed AS own {join} WHERE {filled}"
        )
        same = _all(
            f"here.{name} IS wanted.{name} AND typeof(here.{name}) = typeof(wanted.{name})"
            for name in (*names, *published.review)
        )
        by_key = " AND ".join(f"here.{name} = wanted.{name}" for name in key)
        sets = ", ".join(f"{name} = excluded.{name}" for name in (*names, *published.review))
        connection.execute(
            f"WITH wanted ({columns}) AS ({wanted}) INSERT INTO {here} ({columns}) SELECT {columns} FROM wanted"
            f" WHERE NOT EXISTS (SELECT 1 FROM {here} AS here WHERE {by_key} AND {same})"
            f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
        )
        return int(connection.total_changes - before - new)

    def _write_rows(
        self, table: str, columns: Sequence[str], wanted: Iterable[dict[str, Any]], condition: str
    ) -> tuple[list[tuple[Any, ...]], int]:
        """Make the rows of a table under a condition those that are wanted, and keep those that are there.

        Return the new rows, and how many were deleted.
        """
        names, marks = ", ".join(map(quoted, columns)), ", ".join("?" * len(columns))
        connection = self._connection
        # Its columns have the same affinities, so that values are compared as the table stores them.
        connection.execute("DROP TABLE IF EXISTS temp.eventdesk_rows")
        connection.execute(f"CREATE TEMP TABLE eventdesk_rows AS SELECT {names} FROM main.{quoted(table)} WHERE 0")
        rows = ([row.get(name) for name in columns] for row in wanted)
        connection.executemany(f"INSERT INTO temp.eventdesk_rows VALUES ({marks})", rows)
        there: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for number, *cells in connection.execute(
            f"SELECT rowid AS number, {names} FROM main.{quoted(table)} WHERE {condition} ORDER BY number DESC"
        ):
            there[_typed(cells)].append(number)
        new = []
        for cells in connection.execute("SELECT * FROM temp.eventdesk_rows ORDER BY rowid"):
            if found := there.get(_typed(cells)):
                found.pop()
            else:
                new.append(cells)
        gone = [(number,) for numbers in there.values() for number in numbers]
        connection.executemany(f"DELETE FROM main.{quoted(table)} WHERE rowid = ?", gone)
        connection.executemany(f"INSERT INTO main.{quoted(table)} ({names}) VALUES ({marks})", new)
        return new, len(gone)


def _all(conditions: Iterable[str]) -> str:
    """Return a condition of many: SQLite allows no chain of more than 1,000."""
    rest = list(conditions)
    groups = [" AND ".join(rest[at : at + _GROUPED]) for at in range(0, len(rest), _GROUPED)]
    return " AND ".join(f"({group})" for group in groups)


def _typed(cells: Iterable[Any]) -> tuple[Any, ...]:
    return tuple((cell.__class__, cell) for cell in cells)


def _join(event_table: OwnTable, link: Link | None) -> str:
    """Return the join of a row, ``own``, with the review of its event."""
    if link is None:
        pairs = [f"review.k{number} = own.{quoted(name)}" for number, name in enumerate(event_table.key)]
        return f"LEFT JOIN temp.eventdesk_reviews AS review ON {' AND '.join(pairs)}"
    event_key = {name.casefold(): number for number, name in enumerate(event_table.key)}
    if link.then is None and all(name.casefold() in event_key for name in link.columns):
        pairs = [
            f"review.k{event_key[name.casefold()]} = own.{quoted(to)}"
            for name, to in zip(link.columns, link.to, strict=True)
        ]
        if len(pairs) == len(event_table.key):
            return f"LEFT JOIN temp.eventdesk_reviews AS review ON {' AND '.join(pairs)}"
    # A row that several events may share, or that another column leads to, has no review of its own.
    return "LEFT JOIN temp.eventdesk_reviews AS review ON 0"


def _same_row(other: str, own: OwnTable) -> str:
    """Return the condition that a row of a temporary table has the identity of a row of the table ``own``."""
    return " AND ".join(f"{other}.i{number} IS own.{quoted(name)}" for number, name in enumerate(own.identity))
