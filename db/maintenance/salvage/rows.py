"""Finds the rows of our tables in a file: down their trees, then on pages that no tree reaches any more."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from db.maintenance.salvage.cells import (
    INTERIOR_INDEX,
    INTERIOR_TABLE,
    LEAF_INDEX,
    LEAF_TABLE,
    Cell,
    cells,
    children,
    kind_of,
)
from db.maintenance.salvage.pages import Pages
from db.model import SqlValue
from db.store.schema import open_in_memory

Row = tuple[SqlValue, ...]

# Parents first. What is not here is derived from these, or of no worth.
TABLES = ("imports", "event_types", "event_type_fields", "saved_queries", "documents", "events", "fields", "evidence",
          "decisions")  # fmt: skip

_KINDS = (INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE)
_PYTHON = {"INTEGER": (int,), "TEXT": (str,), "REAL": (int, float), "ANY": (int, float, str, bytes)}
_LONGEST_GAP = 64  # NULs in a row: what a page that was overwritten leaves in a text


@dataclass(frozen=True, slots=True)
class Table:
    """What the rows of a table look like. ``keyed`` is False for a table that is an index, whose rows have no id."""

    name: str
    columns: tuple[str, ...]
    types: tuple[tuple[type, ...], ...]
    defaults: tuple[SqlValue, ...]
    least: int  # columns that a row can't be without
    keyed: bool

    def row(self, cell: Cell) -> Row | None:
        """A cell as a row of this table; None where it is none."""
        values = cell.values
        if self.keyed is (cell.rowid is None) or not self.least <= len(values) <= len(self.columns):
            return None
        if self.keyed:
            if values[0] is not None:
                return None
            values = (cell.rowid, *values[1:])
        values += self.defaults[len(values) :]
        if any(type(value) not in types for value, types in zip(values, self.types, strict=True)):
            return None
        return values


@dataclass(slots=True)
class Found:
    """What was seen on the way: ``unread`` counts pages of tables, ``broken`` cells on others, for each table."""

    unread: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    broken: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    visited: set[int] = field(default_factory=set)


def tables() -> dict[str, Table]:
    """Our tables as this version makes them."""
    found = {}
    with closing(open_in_memory()) as ours:
        for name in TABLES:
            info = ours.execute(f"PRAGMA table_info({name})").fetchall()
            (sql,) = ours.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
            optional = {"live", "merged_into", "extracted_type", "modifier", "extracted_modifier", "extracted_again",
                        "updated"}  # fmt: skip
            found[name] = Table(
                name,
                tuple(row[1] for row in info),
                tuple(_PYTHON[row[2]] + (() if row[3] else (type(None),)) for row in info),
                tuple(int(row[4]) if row[4] and row[4].isdecimal() else None for row in info),
                sum(row[1] not in optional for row in info),  # what later versions added, an older row has not
                "WITHOUT ROWID" not in sql,
            )
    return found


def roots(pages: Pages) -> dict[str, int]:
    """Where the trees of tables and indexes begin, by name, as far as the schema can be read."""
    found = {}
    for cell in tree(pages, 1, True, Found(), ""):
        if cell and len(cell.values) == 5:
            _, name, _, root, _ = cell.values
            if isinstance(name, str) and isinstance(root, int) and 1 < root <= pages.count:
                found[name] = root
    return found


def tree(pages: Pages, root: int, table: bool, found: Found, name: str) -> Iterator[Cell | None]:
    """The cells of a table's tree or an index's, in order; None for what can't be read."""
    interior, leaf = (INTERIOR_TABLE, LEAF_TABLE) if table else (INTERIOR_INDEX, LEAF_INDEX)
    waiting: list[tuple[int, int | None]] = [(root, None)]
    visited: set[int] = set()  # in this tree: a page that is in the place of another may lead into others
    while waiting:
        number, highest = waiting.pop()
        if not 1 <= number <= pages.count or number in visited:
            continue
        visited.add(number)
        found.visited.add(number)
        page = pages[number]
        kind = kind_of(page, number)
        if kind == interior:
            below = [(child, bound if bound is not None else highest) for child, bound in children(page, number, table)]
            waiting += reversed(below)
            if not table:
                yield from cells(pages, number, table, interior=True)
        elif kind == leaf or (kind not in _KINDS and any(page)):
            on_page = list(cells(pages, number, table))
            yield from _in_order(on_page, highest) if table else on_page
            if not on_page and number != root:
                found.unread[name] = found.unread.get(name, 0) + 1
        else:
            found.unread[name] = found.unread.get(name, 0) + 1


def mark(pages: Pages, root: int, found: Found) -> None:
    """Note the pages of a tree whose rows are not wanted."""
    waiting = [root]
    while waiting:
        number = waiting.pop()
        if 1 <= number <= pages.count and number not in found.visited:
            found.visited.add(number)
            page = pages[number]
            kind = kind_of(page, number)
            if kind in (INTERIOR_INDEX, INTERIOR_TABLE):
                waiting += [child for child, _ in children(page, number, kind == INTERIOR_TABLE)]


def strays(
    pages: Pages, found: Found, known: Iterable[Table], progress: Callable[[int, int], None]
) -> Iterator[tuple[Table, Row, bool]]:
    """Rows on pages that are in no tree: each with the one table that it can be of, and whether it is whole."""
    known = list(known)
    found.visited.update(pages.free())
    for number in range(2, pages.count + 1):
        if number % 1000 == 0:
            progress(number, pages.count)
        if number in found.visited:
            continue
        kind = kind_of(pages[number], number)
        if kind not in (LEAF_TABLE, LEAF_INDEX, INTERIOR_INDEX):
            continue
        for cell in cells(pages, number, kind == LEAF_TABLE, interior=kind == INTERIOR_INDEX):
            if cell is None:
                continue
            fitting = [(table, row) for table in known if (row := table.row(cell)) is not None]
            if len(fitting) == 1:
                yield *fitting[0], whole(cell, fitting[0][1])


def whole(cell: Cell, row: Row) -> bool:
    """Whether nothing of a row is known to be missing."""
    text = row[-1]
    return cell.whole and not (isinstance(text, str) and "\0" * _LONGEST_GAP in text)


def _in_order(on_page: Sequence[Cell | None], highest: int | None) -> Iterator[Cell | None]:
    """Cells of a page, whose ids rise one by one: one that does not fit between its neighbours is set right."""
    ids = [None if cell is None else cell.rowid for cell in on_page]
    for number, cell in enumerate(on_page):
        rowid = ids[number]
        if cell is None or rowid is None:
            yield cell
            continue
        before = ids[number - 1] if number else None
        last = number + 1 == len(ids)
        after = (highest + 1 if highest is not None else None) if last else ids[number + 1]
        if (before is None or before < rowid) and (after is None or rowid < after):
            flipped = rowid ^ ((before or 0) + 1)
            if before is not None and after is None and flipped & (flipped - 1) == 0:
                rowid = before + 1  # the last of all, a bit of its id apart from what it should be
        elif before is not None and (after is None or after - before == 2):
            rowid = before + 1
        elif before is None and after is not None:
            rowid = after - 1
        ids[number] = rowid
        yield cell if rowid == cell.rowid else Cell(rowid, cell.values, cell.whole)
