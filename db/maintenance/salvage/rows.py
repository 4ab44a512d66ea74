"""Finds the rows of eventdesk's tables in a file: in the tables' trees, then on pages that no tree reaches."""

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
    page_type,
)
from db.maintenance.salvage.pages import Pages
from db.model import SqlValue
from db.store.schema import open_in_memory

Row = tuple[SqlValue, ...]

# Parents first. Every other table is derived from these, or worthless.
TABLES = ("imports", "event_types", "event_type_fields", "saved_queries", "documents", "earlier_texts", "events",
          "fields", "evidence", "decisions", "sources", "source_events")  # fmt: skip

_PAGE_TYPES = (INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE)
_PYTHON_TYPES = {"INTEGER": (int,), "TEXT": (str,), "REAL": (int, float), "ANY": (int, float, str, bytes)}
_ADDED_LATER = {"live", "merged_into", "extracted_type", "modifier", "extracted_modifier", "extracted_again", "updated",
                "run", "only_event"}  # fmt: skip
_MAX_GAP = 64  # NULs in a row: more mean that a page of the text was overwritten


@dataclass(frozen=True, slots=True)
class Table:
    """What the rows of a table look like. ``keyed`` is False for a WITHOUT ROWID table, which is stored as an index."""

    name: str
    columns: tuple[str, ...]
    types: tuple[tuple[type, ...], ...]
    defaults: tuple[SqlValue, ...]
    min_columns: int  # rows written before a later column was added are shorter
    keyed: bool

    def row(self, cell: Cell) -> Row | None:
        """Return a cell as a row of this table; None if it can't be one."""
        values = cell.values
        if self.keyed is (cell.rowid is None) or not self.min_columns <= len(values) <= len(self.columns):
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
class Scan:
    """The progress of a scan: by table, ``unread`` pages and ``broken`` cells on the others; and the visited pages."""

    unread: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    broken: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    visited: set[int] = field(default_factory=set)


def tables() -> dict[str, Table]:
    """Return eventdesk's tables by name, as the current schema defines them."""
    found = {}
    with closing(open_in_memory()) as schema:
        for name in TABLES:
            info = schema.execute(f"PRAGMA table_info({name})").fetchall()
            (sql,) = schema.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
            found[name] = Table(
                name,
                tuple(row[1] for row in info),
                tuple(_PYTHON_TYPES[row[2]] + (() if row[3] else (type(None),)) for row in info),
                tuple(int(row[4]) if row[4] and row[4].isdecimal() else None for row in info),
                sum(row[1] not in _ADDED_LATER for row in info),
                "WITHOUT ROWID" not in sql,
            )
    return found


def roots(pages: Pages) -> dict[str, int]:
    """Return the root pages of tables and indexes by name, as far as the schema can be read."""
    found = {}
    for cell in tree(pages, 1, True, Scan(), ""):
        if cell and len(cell.values) == 5:
            _, name, _, root, _ = cell.values
            if isinstance(name, str) and isinstance(root, int) and 1 < root <= pages.count:
                found[name] = root
    return found


def tree(pages: Pages, root: int, table: bool, scan: Scan, name: str) -> Iterator[Cell | None]:
    """Yield the cells in the tree of a table or an index, in order; None for each that can't be read."""
    interior, leaf = (INTERIOR_TABLE, LEAF_TABLE) if table else (INTERIOR_INDEX, LEAF_INDEX)
    stack: list[tuple[int, int | None]] = [(root, None)]
    visited: set[int] = set()  # in this tree: a misplaced page may lead into other trees
    while stack:
        number, highest = stack.pop()
        if not 1 <= number <= pages.count or number in visited:
            continue
        visited.add(number)
        scan.visited.add(number)
        page = pages[number]
        kind = page_type(page, number)
        if kind == interior:
            below = [(child, bound if bound is not None else highest) for child, bound in children(page, number, table)]
            stack += reversed(below)
            if not table:
                yield from cells(pages, number, table, interior=True)
        elif kind == leaf or (kind not in _PAGE_TYPES and any(page)):
            on_page = list(cells(pages, number, table))
            yield from _with_corrected_ids(on_page, highest) if table else on_page
            if not on_page and number != root:
                scan.unread[name] = scan.unread.get(name, 0) + 1
        else:
            scan.unread[name] = scan.unread.get(name, 0) + 1


def mark(pages: Pages, root: int, scan: Scan) -> None:
    """Mark the pages of a tree as visited without reading its rows."""
    stack = [root]
    while stack:
        number = stack.pop()
        if 1 <= number <= pages.count and number not in scan.visited:
            scan.visited.add(number)
            page = pages[number]
            kind = page_type(page, number)
            if kind in (INTERIOR_INDEX, INTERIOR_TABLE):
                stack += [child for child, _ in children(page, number, kind == INTERIOR_TABLE)]


def stray_rows(
    pages: Pages, scan: Scan, known: Iterable[Table], progress: Callable[[int, int], None]
) -> Iterator[tuple[Table, Row, bool]]:
    """Yield the rows on pages that no tree reached, if they fit one table only: table, row, and True if it is whole."""
    known = list(known)
    scan.visited.update(pages.free())
    for number in range(2, pages.count + 1):
        if number % 1000 == 0:
            progress(number, pages.count)
        if number in scan.visited:
            continue
        kind = page_type(pages[number], number)
        if kind not in (LEAF_TABLE, LEAF_INDEX, INTERIOR_INDEX):
            continue
        for cell in cells(pages, number, kind == LEAF_TABLE, interior=kind == INTERIOR_INDEX):
            if cell is None:
                continue
            fitting = [(table, row) for table in known if (row := table.row(cell)) is not None]
            if len(fitting) == 1:
                yield *fitting[0], is_whole(cell, fitting[0][1])


def is_whole(cell: Cell, row: Row) -> bool:
    """Return True if nothing of a row is known to be missing."""
    text = row[-1]
    return cell.whole and not (isinstance(text, str) and "\0" * _MAX_GAP in text)


def _with_corrected_ids(on_page: Sequence[Cell | None], highest: int | None) -> Iterator[Cell | None]:
    """Yield the cells of a table page. Their ids ascend; one that doesn't fit between its neighbours is corrected."""
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
                rowid = before + 1  # the last row of all, and its id is one bit away from the expected one
        elif before is not None and (after is None or after - before == 2):
            rowid = before + 1
        elif before is None and after is not None:
            rowid = after - 1
        ids[number] = rowid
        yield cell if rowid == cell.rowid else Cell(rowid, cell.values, cell.whole)
