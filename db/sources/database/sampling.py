"""Samples and sizes of tables, in milliseconds also for a million rows: by ranges of rowids, never by a whole read."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

SAMPLE = 200  # rows
_EXACT = 10_000  # rows up to which a table is counted
_RANGES = 20  # of rowids
_MOST_CHARACTERS = 200_000  # of a cell
_SECONDS = 0.3  # for a view or a table without rowids
_PROBED = 50  # rowids from each range, to see how dense they are


Sample = tuple[tuple[Any, ...], ...]


class Queries(Protocol):
    """What a catalogue needs of a database."""

    def rows(self, query: str, values: Sequence[object] = (), seconds: float = ...) -> list[tuple[Any, ...]]:
        """Return all rows of a query. Raises InputError."""

    def rows_in_time(self, query: str, values: Sequence[object], seconds: float) -> list[tuple[Any, ...]] | None:
        """Return the rows that a query finds in so many seconds; None if it fails or finds none in that time."""


def quoted(name: str) -> str:
    """Return a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def estimated_rows(database: Queries, table: str, rowid: str | None) -> int:
    """Return the number of rows: exact up to some thousands, estimated above."""
    name = quoted(table)
    counted = database.rows_in_time(f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {_EXACT + 1})", (), _SECONDS)
    number = counted[0][0] if counted else 0
    if counted and number <= _EXACT:
        return int(number)
    analysed = database.rows_in_time("SELECT stat FROM sqlite_stat1 WHERE tbl = ?", (table,), _SECONDS)
    if analysed and (first := str(analysed[0][0]).partition(" ")[0]).isdecimal():
        return int(first)
    if rowid is None:
        return int(number)
    least, most = _ends(database, table, rowid) or (0, 0)
    rows = spread = 0
    for start in _starts(least, most):
        found = database.rows(f"SELECT {rowid} FROM {name} WHERE {rowid} >= ? ORDER BY 1 LIMIT {_PROBED}", (start,))
        if found:
            rows += len(found)
            spread += found[-1][0] - start + 1
    return max(int(number), min(round((most - least + 1) * rows / spread), most - least + 1)) if rows else int(number)


def sample_rows(
    database: Queries, table: str, columns: Sequence[str], rowid: str | None
) -> tuple[tuple[Any, ...], ...]:
    """Return some rows from the whole length of a table, and of a view the first ones."""
    cells = ", ".join(map(_cut, columns))
    select = f"SELECT {cells} FROM {quoted(table)}"
    ends = _ends(database, table, rowid)
    if ends is None or ends[1] - ends[0] < SAMPLE:
        return tuple(database.rows_in_time(f"{select} LIMIT {SAMPLE}", (), _SECONDS) or ())
    found: dict[int, tuple[Any, ...]] = {}
    each = SAMPLE // _RANGES
    for start in _starts(*ends):
        query = f"SELECT {rowid}, {cells} FROM {quoted(table)} WHERE {rowid} >= ? ORDER BY 1 LIMIT ?"
        for row in database.rows_in_time(query, (start, each), _SECONDS) or ():
            found[row[0]] = row[1:]
    return tuple(row for _, row in sorted(found.items()))


def _ends(database: Queries, table: str, rowid: str | None) -> tuple[int, int] | None:
    """Return the least and the highest rowid; None for no rows or no rowids."""
    if rowid is None:
        return None
    name = quoted(table)
    # Two subqueries each read one end of the table; min and max together would read all of it.
    [(least, most)] = database.rows(f"SELECT (SELECT min({rowid}) FROM {name}), (SELECT max({rowid}) FROM {name})")
    return None if least is None else (least, most)


def _starts(least: int, most: int) -> Iterator[int]:
    yield from (least + (most - least) * number // _RANGES for number in range(_RANGES))


def _cut(column: str) -> str:
    name = quoted(column)
    return f"CASE WHEN length({name}) > {_MOST_CHARACTERS} THEN substr({name}, 1, {_MOST_CHARACTERS}) ELSE {name} END"
