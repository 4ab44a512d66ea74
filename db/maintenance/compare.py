"""Compares a file with its backups: SQLite has no checksums, so nothing else finds a flipped bit in a text."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from db.maintenance.backups import count_rows, is_of, list_backups
from db.maintenance.check import Finding, collect_problems
from db.store.identity import read_identity
from db.store.sqlite import SQLITE_ERRORS

# Table, condition for the same row, and the columns that never change. The condition is needed because a decision made
# after a restore may have the id of another one in a backup.
_TEXTS = (
    "documents",
    "one.external_id = two.external_id AND two.text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM main.earlier_texts"
    " WHERE document_id = one.id AND earlier_texts.text = two.text)",
    ("text",),
)
_EARLIER_TEXTS = (
    "earlier_texts",
    "one.document_id = two.document_id AND one.last_decision = two.last_decision",
    ("text",),
)
_DECISIONS = (
    "decisions",
    "(one.decided_at = two.decided_at OR (one.before, one.after) = (two.before, two.after))",
    ("event_id", "field_id", "action", "reviewer", "decided_at", "target_id", "before", "after"),
)
# Columns that only an import changes.
_EXTRACTED = (
    ("documents", "true", ("external_id", "title", "publisher", "url", "published", "language", "extra", "text")),
    ("events", "true", ("document_id", "external_id", "extractor", "run", "extracted_type", "confidence", "extra")),
    (
        "fields",
        "one.event_id = two.event_id AND one.extracted_name IS NOT NULL",
        ("position", "in_extraction", "extracted_name", "extracted_group", "extracted_value", "extracted_modifier",
         "confidence", "extra"),
    ),
)  # fmt: skip
_SPANS = (
    "SELECT DISTINCT field_id FROM (SELECT field_id, position, start_offset, end_offset FROM"
    " main.evidence WHERE extracted EXCEPT SELECT field_id, position, start_offset, end_offset FROM copy.evidence"
    " WHERE extracted)"
)
_MAYBE_DAMAGED = ("before-repair", "before-restore")  # made because the file had problems
_SHOWN = 1000


def compare(connection: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    """Compare texts and decisions with the newest backup, and with the oldest, which may be older than the damage.

    If nothing was imported since the backup, the whole extraction is compared too.
    """
    with contextlib.suppress(*SQLITE_ERRORS):
        connection.rollback()  # of what was read: in a transaction, SQLite can't detach a backup
    try:
        identity = read_identity(connection)
    except SQLITE_ERRORS:
        identity = None
    numbered = list(enumerate(list_backups(path), 1))
    own = [(number, backup) for number, backup in numbered if is_of(backup, identity)]
    if len(own) < len(numbered):
        yield Finding("not compared: of another file that was here before", len(numbered) - len(own), "backups", ())
    usable = [
        (number, backup, counts.decisions)
        for number, backup in own
        if backup.reason not in _MAYBE_DAMAGED and (counts := count_rows(backup.path))
    ]
    for number, backup, decisions in usable[:1] + usable[1:][-1:]:
        problems = collect_problems(_differences(connection, backup.path, number))
        yield Finding(f"equal to backup {number}", decisions, "decisions", tuple(problems))


def _differences(connection: sqlite3.Connection, backup: Path, number: int) -> Iterator[str]:
    connection.execute("ATTACH ? AS copy", (f"file:{quote(os.fsencode(backup))}?mode=ro&immutable=1",))
    try:
        comparisons = [_TEXTS, _EARLIER_TEXTS, _DECISIONS]
        imports = [connection.execute(f"SELECT max(id) FROM {of}.imports").fetchone() for of in ("main", "copy")]
        same_extraction = imports[0] == imports[1]
        if same_extraction:
            comparisons.remove(_TEXTS)
            comparisons += _EXTRACTED
        for table, same, columns in comparisons:
            known = {row[1] for row in connection.execute(f"PRAGMA copy.table_info({table})")}
            columns = tuple(column for column in columns if column in known)
            if not columns:  # a table that the backup, of an older version, lacks
                continue
            sides = [", ".join(f"{side}.{column}" for column in columns) for side in ("one", "two")]
            rows = connection.execute(
                f"SELECT one.id FROM main.{table} AS one JOIN copy.{table} AS two ON two.id = one.id"
                f" WHERE {same} AND ({sides[0]}) IS NOT ({sides[1]}) LIMIT {_SHOWN}"
            )
            for (id_,) in rows.fetchall():
                yield f"{table} row {id_} differs from backup {number}: one of the two is damaged"
        if same_extraction:
            for (id_,) in connection.execute(_SPANS).fetchall():
                yield f"evidence of field {id_} differs from backup {number}: one of the two is damaged"
    finally:
        connection.execute("DETACH copy")
