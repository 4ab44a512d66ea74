"""The catalogue of a source database: its tables and views with columns, keys, links, sizes, and samples of rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from db.sources.database.sampling import Queries, estimated_rows, sample_rows

Kind = Literal["table", "view", "virtual", "shadow"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``declared`` is its type as in the schema, such as ``VARCHAR(40)``, or empty; ``part_of_key`` counts
    the columns of the primary key from 1, and is 0 for others."""

    name: str
    declared: str = ""
    part_of_key: int = 0
    required: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that refer to columns of another table, in the same order."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class TableInfo:
    """A table or view.

    key: the columns of the primary key, empty if none is declared. unique: the columns of each other unique index.
    indexed: the first column of each index. sql: its CREATE statement. rowid: the name by which its rowid can be
    read, ``rowid``, ``_rowid_`` or ``oid``; None if it has none, as a view.
    """

    name: str
    kind: Kind
    columns: tuple[Column, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexed: frozenset[str] = frozenset()
    sql: str = ""
    rowid: str | None = None
    _database: Queries | None = field(default=None, repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        parts = sorted((column for column in self.columns if column.part_of_key), key=lambda one: one.part_of_key)
        return tuple(column.name for column in parts)

    def named(self, name: str) -> Column | None:
        """Return the column of that name in any case, as SQLite compares them."""
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    def is_unique(self, columns: Sequence[str]) -> bool:
        """Return True if the schema says that no two rows have the same values in these columns."""
        wanted = set(columns)
        return any(wanted.issuperset(one) for one in (self.key, *self.unique) if one)

    @cached_property
    def size(self) -> int:
        """The number of rows: exact for a small table, estimated for others."""
        return estimated_rows(self._queries, self.name, self.rowid)

    @cached_property
    def sample(self) -> tuple[tuple[Any, ...], ...]:
        """Some 200 rows, from the whole length of the table; long texts are cut. Empty if a view is too slow."""
        return sample_rows(self._queries, self.name, self.names, self.rowid)

    def values(self, column: str) -> list[Any]:
        """Return the cells of a column in the sample that are neither null nor empty."""
        at = self.names.index(column)
        return [row[at] for row in self.sample if row[at] is not None and row[at] != ""]

    @property
    def _queries(self) -> Queries:
        assert self._database is not None
        return self._database


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tables and views of a database, in the order of the schema, without those that SQLite makes.

    unreadable: names of those that SQLite can't read, such as a view of a table that was dropped.
    """

    tables: tuple[TableInfo, ...]
    unreadable: tuple[str, ...] = ()

    def named(self, name: str) -> TableInfo | None:
        """Return the table or view of that name in any case, as SQLite compares them."""
        return next((table for table in self.tables if table.name.lower() == name.lower()), None)


def read_catalogue(database: Queries) -> Catalogue:
    """Return the catalogue of a database. Raises InputError if its schema can't be read."""
    statements = database.rows(
        "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    kinds = {
        name: (kind, bool(without_rowid))
        for name, kind, without_rowid in database.rows("SELECT name, type, wr FROM pragma_table_list")
    }
    tables = []
    unreadable = []
    for name, sql in statements:
        kind, without_rowid = kinds.get(name, ("table", False))
        if table := _table(database, name, kind, without_rowid, sql):
            tables.append(table)
        else:
            unreadable.append(name)
    keys = {table.name.lower(): table.key for table in tables}
    return Catalogue(tuple(_with_whole_foreign_keys(table, keys.get) for table in tables), tuple(unreadable))


def _table(database: Queries, name: str, kind: Kind, without_rowid: bool, sql: str) -> TableInfo | None:
    """Return a table; None for a view or virtual table that SQLite can't read, such as one of a missing module."""
    found = database.rows_in_time(
        "SELECT name, type, pk, [notnull] FROM pragma_table_xinfo(?) WHERE hidden != 1", (name,), 1.0
    )
    if not found:
        return None
    columns = tuple(Column(str(one), declared or "", pk, bool(required)) for one, declared, pk, required in found)
    keys: dict[int, list[tuple[str, str, str | None]]] = {}
    for number, table, own, other in database.rows(
        'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq', (name,)
    ):
        keys.setdefault(number, []).append((own, table, other))
    foreign_keys = tuple(
        ForeignKey(tuple(own for own, _, _ in parts), parts[0][1], tuple(other or "" for _, _, other in parts))
        for _, parts in sorted(keys.items(), reverse=True)  # SQLite lists the last one first
    )
    unique, indexed = [], set()
    for index, is_unique, partial in database.rows('SELECT name, "unique", partial FROM pragma_index_list(?)', (name,)):
        parts = [part for (part,) in database.rows("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))]
        if partial or not parts or parts[0] is None:
            continue
        indexed.add(parts[0])
        if is_unique and None not in parts:
            unique.append(tuple(parts))
    lower = {column.name.lower() for column in columns}
    free = next((alias for alias in ("rowid", "_rowid_", "oid") if alias not in lower), None)
    rowid = free if kind == "table" and not without_rowid else None
    return TableInfo(name, kind, columns, foreign_keys, tuple(unique), frozenset(indexed), sql, rowid, database)


def _with_whole_foreign_keys(table: TableInfo, key_of: Callable[[str], tuple[str, ...] | None]) -> TableInfo:
    """Return a table whose foreign keys name the columns that they refer to, also where the schema leaves them out."""
    if all(all(key.to) for key in table.foreign_keys):
        return table
    whole = []
    for key in table.foreign_keys:
        to = key.to if all(key.to) else key_of(key.table.lower()) or ()
        if len(to) == len(key.columns):
            whole.append(ForeignKey(key.columns, key.table, to))
    return replace(table, foreign_keys=tuple(whole))
