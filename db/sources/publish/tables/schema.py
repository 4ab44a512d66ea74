"""The tables that publishing makes: their columns and types, their names, and how they are known as eventdesk's."""

import re
import sqlite3
from dataclasses import dataclass

from db.errors import InputError
from db.sources.database.sampling import quoted
from db.sources.publish.tables.edits import REVIEW_COLUMNS

_MARK = "-- made by eventdesk publish"
_STRICT = re.compile(r"\)[^)]*\bSTRICT\b[^)]*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table or view of the user's. columns: names and declared types. key: the columns that are unique.

    rowid: the name of its rowid; None for a view, or a table without one.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    rowid: str | None
    strict: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns; those of a table without a key begin with its rowid."""
        return tuple(name for name, _ in self.columns)

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns by which its rows are known."""
        return (self.rowid,) if self.rowid else self.key


@dataclass(frozen=True, slots=True)
class Published:
    """The published form of a table."""

    own: OwnTable

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.own.name}_reviewed"

    @property
    def review(self) -> tuple[str, ...]:
        """The names of the columns of reviews: ``review_note`` if the table has a column ``note``."""
        taken = {name.casefold() for name in self.own.names}
        return tuple(f"review_{name}" if name in taken else name for name in REVIEW_COLUMNS)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return (*self.own.names, *self.review)

    def sql(self) -> str:
        """Return its CREATE statement."""
        columns = [f"{quoted(name)} {kind}".rstrip() for name, kind in self.own.columns]
        columns += [f"{name} TEXT" for name in self.review]
        unique = f",\n    UNIQUE ({', '.join(map(quoted, self.own.key))})" if self.own.key else ""
        end = " STRICT" if self.own.strict else ""
        return f"CREATE TABLE {quoted(self.name)} ( {_MARK}\n    {f',{chr(10)}    '.join(columns)}{unique}\n){end}"


def corrections_sql(own: OwnTable) -> str:
    """Return the CREATE statement of the table of corrections of an event table."""
    kinds = dict(own.columns)
    key = "".join(f"    {quoted(name)} {kinds[name]},\n" for name in own.key)
    kind = " ANY" if own.strict else ""
    return (
        f'CREATE TABLE {quoted(corrections_name(own))} ( {_MARK}\n{key}    "column" TEXT,\n    extracted{kind},\n'
        f"    reviewed{kind},\n    reviewer TEXT,\n    decided_at TEXT\n){' STRICT' if own.strict else ''}"
    )


def corrections_name(own: OwnTable) -> str:
    """Return the name of the table of corrections of an event table."""
    return f"{own.name}_corrections"


def read_own(connection: sqlite3.Connection, name: str, key: tuple[str, ...] = ()) -> OwnTable:
    """Return a table or view of the database; ``key`` replaces its declared one. Raises InputError."""
    rows = connection.execute(
        "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid", (name,)
    ).fetchall()
    found = connection.execute(
        "SELECT name, type, coalesce(sql, '') FROM sqlite_schema WHERE name = ? COLLATE NOCASE"
        " AND type IN ('table', 'view')",
        (name,),
    ).fetchone()
    if not rows or found is None:
        raise InputError(f"table {name} is gone; run eventdesk sync first")
    own_name, kind, sql = found
    strict = kind == "table" and _STRICT.search(sql) is not None
    listed = connection.execute(
        "SELECT wr, strict FROM pragma_table_list WHERE name = ? AND schema = 'main'", (own_name,)
    ).fetchone()
    without_rowid = bool(listed and listed[0])
    strict = bool(listed[1]) if listed else strict
    names = {column.casefold() for column, _, _ in rows}
    free = next((alias for alias in ("rowid", "_rowid_", "oid") if alias not in names), None)
    rowid = free if kind == "table" and not without_rowid else None
    columns = tuple((column, declared or "") for column, declared, _ in rows)
    declared = tuple(column for column, _, pk in sorted(rows, key=lambda row: row[2]) if pk)
    key = tuple(column for column in key if column.casefold() in names) or declared
    if not key and rowid:
        key, columns = (rowid,), ((rowid, "INTEGER"), *columns)
    own = OwnTable(own_name, columns, key, rowid, strict)
    clash = sorted({name for name in Published(own).review if name in names})
    if "review_status" in names or clash:
        raise InputError(
            f"table {own_name} has a column {(*clash, 'review_status')[0]}, which {own_name}_reviewed needs for the"
            " review; rename it, or review a view without it"
        )
    return own


def is_ours(sql: str) -> bool:
    """Return True if a CREATE statement is one of a table that eventdesk made."""
    return _MARK in sql.partition("\n")[0]


def existing(connection: sqlite3.Connection, name: str) -> str | None:
    """Return the CREATE statement of a table that eventdesk made; None if there is none of that name.

    Raises InputError if there is something else of that name.
    """
    row = connection.execute(
        "SELECT type, coalesce(sql, '') FROM sqlite_schema WHERE name = ? COLLATE NOCASE", (name,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != "table" or not is_ours(row[1]):
        raise InputError(f"there is a {row[0]} {name} that eventdesk didn't make; rename it, and publish again")
    return str(row[1])
