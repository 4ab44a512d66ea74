"""Sets aside the tables that hold neither events nor texts: those of SQLite, of frameworks, indexes and copies."""

import re

from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.proposing.findings import Findings

_FRAMEWORKS = (
    (
        re.compile(
            r".*migrations?|.*migration_history|alembic_version|flyway_schema_history|schema_version|goose_db_version"
            r"|databasechangelog(lock)?|ar_internal_metadata|.*schema_info|android_metadata|room_master_table",
            re.I,
        ),
        "keeps the version of the schema",
    ),
    (re.compile(r"(django|auth|account|socialaccount|authtoken|sessions?|celery|djcelery)_.*", re.I), "part of Django"),
    (re.compile(r"_sqlite_utils_.*|_counts|_datasette.*|_litestream.*|_cf_.*|__.*", re.I), "belongs to a tool"),
    (re.compile(r"geometry_columns|spatial_ref_sys.*|gpkg_.*", re.I), "belongs to a spatial extension"),
)
_SECONDS = 0.1
_OWN = frozenset(("review_status", "reviewer", "decided_at"))
_CORRECTIONS = frozenset(("column", "extracted", "reviewed", "reviewer", "decided_at"))


def ignore_tables(database: Database, findings: Findings) -> None:
    """Set aside tables by what they are, with the reason."""
    names = {table.name: table for table in database.catalogue.tables}
    for table in names.values():
        if reason := _reason(database, table, names):
            findings.ignored[table.name] = reason


def _reason(database: Database, table: TableInfo, tables: dict[str, TableInfo]) -> str | None:
    columns = {name.lower() for name in table.names}
    if table.kind == "shadow":
        return "part of a virtual table"
    if table.kind == "virtual":
        if "fts" in table.sql.lower().partition("using")[2][:8]:
            of = re.search(r"""content\s*=\s*['"\[`]?([^'"\],)`]+)""", table.sql, re.I)
            return f"full-text search index{f' of {of[1].strip()}' if of and of[1].strip() else ''}"
        return "a virtual table, such as an index"
    if columns >= _OWN and table.name.lower().endswith("_reviewed"):
        return "written by eventdesk publish"
    if columns >= _CORRECTIONS and table.name.lower().endswith("_corrections"):
        return "written by eventdesk publish"
    for pattern, why in _FRAMEWORKS:
        if pattern.fullmatch(table.name):
            return why
    if not table.sample:
        is_slow = database.rows_in_time(f"SELECT 1 FROM {quoted(table.name)} LIMIT 1", (), _SECONDS) is None
        return "takes too long to read, or can't be read" if is_slow else "has no rows"
    if table.kind == "view" and (base := _repeated(table, tables)):
        return f"a view that repeats rows of {base}"
    return None


def _repeated(view: TableInfo, tables: dict[str, TableInfo]) -> str | None:
    """Return the table of which a view shows nothing but columns and rows; None if it computes or joins anything."""
    body = re.sub(r"(?is)^.*?\bas\b\s*\(?\s*select\b", "", view.sql, count=1)
    if (
        re.search(r"(?i)\b(join|union|group\s+by|intersect|except)\b|\(", body)
        or "," in body.lower().partition(" from ")[2]
    ):
        return None
    found = re.search(r"""(?i)\bfrom\s+["'\[`]?([^"'\]`;]+?)["'\]`]?\s*(;|where\b|order\b|limit\b|as\b|$)""", body)
    of = next((table for table in tables.values() if found and table.name.lower() == found[1].strip().lower()), None)
    return of.name if of and set(view.names) <= set(of.names) else None
