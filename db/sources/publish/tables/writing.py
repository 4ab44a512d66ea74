"""Writes the published tables: only rows that differ from what is there."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from db.sources.database.sampling import quoted
from db.sources.plan import Link
from db.sources.publish.report import PublishReport
from db.sources.publish.tables.edits import REVIEW_COLUMNS, Correction, Key, Review, TableEdits
from db.sources.publish.tables.schema import OwnTable, Published, corrections_name, corrections_sql, existing

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
        columns = ", ".join((*names, *REVIEW_COLUMNS))
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
        gone = self._delete_gone(published, own, edits)
        written = self._upsert(published, own, _join(event_table, link))
        rows = [cells | review.cells() for cells, review in edits.added]
        null = " AND ".join(f"{quoted(name)} IS NULL" for name in own.key) or "0"
        added, removed = self._write_rows(published.name, published.columns, rows, null)
        self._count(published.name, written + added, gone + removed)

    def write_corrections(self, own: OwnTable, corrections: Iterable[Correction]) -> None:
        """Write the corrections of an event table."""
        name = corrections_name(own)
        self._create(name, corrections_sql(own))
        columns = [*own.key, "column", "extracted", "reviewed", "reviewer", "decided_at"]
        wanted = [dict(zip(columns, (*item.key, *item[1:]), strict=True)) for item in corrections]
        self._count(name, *self._write_rows(name, columns, wanted, "1"))

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
        unique = f"UNIQUE ({', '.join(ids)})"
        columns = [f"{quoted(name)} {kind}".rstrip() for name, kind in own.columns]
        connection.execute(f"CREATE TEMP TABLE eventdesk_changed ({', '.join((*ids, *columns))}, {unique})")
        connection.execute(f"CREATE TEMP TABLE eventdesk_removed ({', '.join(ids)}, {unique})")
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

    def _delete_gone(self, published: Published, own: OwnTable, edits: TableEdits) -> int:
        same = " AND ".join(f"own.{quoted(name)} = here.{quoted(name)}" for name in own.key)
        filled = " AND ".join(f"here.{quoted(name)} IS NOT NULL" for name in own.key)
        removed = ""
        if edits.removed:
            pairs = [f"removed.i{number} IS own.{quoted(name)}" for number, name in enumerate(own.identity)]
            removed = f" AND NOT EXISTS (SELECT 1 FROM temp.eventdesk_removed AS removed WHERE {' AND '.join(pairs)})"
        return self._connection.execute(
            f"DELETE FROM main.{quoted(published.name)} AS here WHERE {filled} AND NOT EXISTS"
            f" (SELECT 1 FROM main.{quoted(own.name)} AS own WHERE {same}{removed})"
        ).rowcount

    def _upsert(self, published: Published, own: OwnTable, join: str) -> int:
        """Write the rows that differ from what is there, and return how many."""
        names = [quoted(name) for name in own.names]
        reviewed = [_PENDING, *(f"review.{name}" for name in REVIEW_COLUMNS[1:])]
        if own.identity:
            pairs = [f"changed.i{number} IS own.{quoted(name)}" for number, name in enumerate(own.identity)]
            unchanged = f"NOT EXISTS (SELECT 1 FROM temp.eventdesk_changed AS changed WHERE {' AND '.join(pairs)})"
            removed = " AND NOT EXISTS (SELECT 1 FROM temp.eventdesk_removed AS changed WHERE " + (
                f"{' AND '.join(pairs)})"
            )
        else:
            unchanged, removed = "1", ""
        values = ", ".join((*(f"own.{name}" for name in names), *reviewed))
        all_names = ", ".join((*names, *REVIEW_COLUMNS))
        wanted = (
            f"SELECT {values} FROM main.{quoted(own.name)} AS own {join} WHERE {unchanged}{removed}"
            f" UNION ALL SELECT {values} FROM temp.eventdesk_changed AS own {join}"
        )
        key = [quoted(name) for name in own.key]
        same = " AND ".join(
            f"here.{name} IS wanted.{name} AND typeof(here.{name}) = typeof(wanted.{name})"
            for name in (*names, *REVIEW_COLUMNS)
        )
        by_key = " AND ".join(f"here.{name} = wanted.{name}" for name in key)
        sets = ", ".join(f"{name} = excluded.{name}" for name in (*names, *REVIEW_COLUMNS))
        before = self._connection.total_changes  # the cursor doesn't count rows of a statement that begins with WITH
        self._connection.execute(
            f"WITH wanted ({all_names}) AS ({wanted}) INSERT INTO main.{quoted(published.name)} ({all_names})"
            f" SELECT {all_names} FROM wanted WHERE {' AND '.join(f'wanted.{name} IS NOT NULL' for name in key)}"
            f" AND NOT EXISTS (SELECT 1 FROM main.{quoted(published.name)} AS here WHERE {by_key} AND {same})"
            f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
        )
        return self._connection.total_changes - before

    def _write_rows(
        self, table: str, columns: Sequence[str], wanted: Iterable[dict[str, Any]], condition: str
    ) -> tuple[int, int]:
        """Make the rows of a table under a condition those that are wanted, and keep those that are there."""
        names, marks = ", ".join(map(quoted, columns)), ", ".join("?" * len(columns))
        connection = self._connection
        # Its columns have the same affinities, so that values are compared as the table stores them.
        connection.execute("DROP TABLE IF EXISTS temp.eventdesk_rows")
        connection.execute(f"CREATE TEMP TABLE eventdesk_rows AS SELECT {names} FROM main.{quoted(table)} WHERE 0")
        rows = ([row.get(name) for name in columns] for row in wanted)
        connection.executemany(f"INSERT INTO temp.eventdesk_rows VALUES ({marks})", rows)
        there: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for number, *cells in connection.execute(
            f"SELECT rowid, {names} FROM main.{quoted(table)} WHERE {condition} ORDER BY rowid DESC"
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
        return len(new), len(gone)


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
