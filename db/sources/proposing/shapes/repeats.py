"""Tables and views that hold nothing of their own: copies, logs and counts."""

import re

from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name, name_words
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.proposing.findings import EventDraft, Findings

_LOGS = frozenset(
    "log logs logged history audit archive archived backup backups bak old staging tmp temp queue cache cached copy"
    " protokoll historial".split()
)
_SHARED = 2  # columns that a log has in common with what it repeats
_AGGREGATE = re.compile(r"\b(count|sum|avg|min|max|total|group_concat)\s*\(|\bgroup\s+by\b", re.IGNORECASE)


def ignore_logs(database: Database, findings: Findings) -> None:
    """Ignore tables that repeat rows of another, before events are searched for."""
    tables = [table for table in database.catalogue.tables if table.kind != "view"]
    for table in tables:
        if table.name in findings.ignored:
            continue
        if (other := _repeated(findings, table, tables)) is not None:
            findings.ignored[table.name] = f"repeats what {other.name} holds"


def ignore_views(database: Database, findings: Findings) -> None:
    """Ignore views that count or repeat rows of an event table, and a table that only a view joins with its text."""
    for view in [draft for draft in findings.events.values() if draft.table.kind == "view"]:
        name = view.table.name
        base = next((draft for draft in findings.events.values() if _repeats(view.table, draft)), None)
        if _AGGREGATE.search(view.table.sql):
            findings.ignored[name] = "a view that counts rows"
        elif base is not None and (not view.text or (base.text and _types(base) >= _types(view))):
            findings.ignored[name] = f"a view that repeats {base.table.name}"
        elif base is not None:
            findings.ignored[base.table.name] = f"the view {name} joins its rows with their texts"
            del findings.events[base.table.name]
            continue
        else:
            continue
        del findings.events[name]
    for table in database.catalogue.tables:
        if table.kind == "view" and table.name not in findings.ignored and table.name not in findings.events:
            counts = _AGGREGATE.search(table.sql)
            findings.ignored[table.name] = "a view that counts rows" if counts else "a view that repeats tables"


def _types(draft: EventDraft) -> int:
    """Return how many columns are named like the type of an event."""
    return sum(folded_name(name) in column_names.TYPE for name in draft.table.names)


def _repeated(findings: Findings, table: TableInfo, tables: list[TableInfo]) -> TableInfo | None:
    """Return the table whose rows a log or a copy repeats."""
    if not _LOGS.intersection(name_words(table.name)):
        return None
    for other in tables:
        if other is table or _LOGS.intersection(name_words(other.name)) or other.name in findings.ignored:
            continue
        common = {name.lower() for name in table.names} & {name.lower() for name in other.names}
        links = any(link.link.end == other.name for link in findings.from_table(table.name))
        keys = {name.lower() for name in (*table.key, *other.key)}
        if len(common - keys) >= (_SHARED if links else max(_SHARED, len(other.names) // 2)):
            return other
    return None


def _repeats(view: TableInfo, draft: EventDraft) -> bool:
    """Return True if a view shows the rows of a draft's table."""
    if draft.table.kind == "view" or draft.table is view:
        return False
    return re.search(rf"(?<!\w){re.escape(draft.table.name)}(?!\w)", view.sql, re.IGNORECASE) is not None
