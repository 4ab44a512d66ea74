"""Compares a file with a backup of it: SQLite has no checksums, so a flipped bit in a text shows nowhere else."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from db.maintenance.backups import counts, listed
from db.maintenance.check import Finding, caught

# What never changes once it is written, by what tells that a row is the same one: after a restore another decision may
# have the number of one that is in a backup.
_TEXTS = ("documents", "one.external_id = two.external_id", ("text",))
_DECISIONS = (
    "decisions",
    "(one.decided_at = two.decided_at OR (one.before, one.after) = (two.before, two.after))",
    ("event_id", "field_id", "action", "reviewer", "decided_at", "target_id", "before", "after"),
)
# What nothing but an import changes.
_EXTRACTED = (
    ("documents", "true", ("external_id", "title", "publisher", "url", "published", "language", "extra")),
    ("events", "true", ("document_id", "external_id", "extractor", "extracted_type", "confidence", "extra")),
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
_MAYBE_DAMAGED = ("before-repair", "before-restore")  # the file as it was is why that was asked for
_SHOWN = 1000


def compare(connection: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    """Texts and decisions against those of the newest backup, and of the oldest, which may be older than the damage.

    Where nothing was imported since a backup was made, all that machines extracted is compared too.
    """
    held = [
        (number, backup, many.decisions)
        for number, backup in enumerate(listed(path), 1)
        if backup.why not in _MAYBE_DAMAGED and (many := counts(backup.path))
    ]
    for number, backup, decisions in held[:1] + held[1:][-1:]:
        problems = caught(_differences(connection, backup.path, number))
        yield Finding(f"the same as in backup {number}", decisions, "decisions", tuple(problems))


def _differences(connection: sqlite3.Connection, backup: Path, number: int) -> Iterator[str]:
    connection.execute("ATTACH ? AS copy", (f"file:{quote(str(backup))}?mode=ro&immutable=1",))
    try:
        wanted = [_TEXTS, _DECISIONS]
        imports = [connection.execute(f"SELECT max(id) FROM {of}.imports").fetchone() for of in ("main", "copy")]
        same_extraction = imports[0] == imports[1]
        if same_extraction:
            wanted += _EXTRACTED
        for table, same, columns in wanted:
            sides = [", ".join(f"{side}.{column}" for column in columns) for side in ("one", "two")]
            rows = connection.execute(
                f"SELECT one.id FROM main.{table} AS one JOIN copy.{table} AS two ON two.id = one.id"
                f" WHERE {same} AND ({sides[0]}) IS NOT ({sides[1]}) LIMIT {_SHOWN}"
            )
            for (id_,) in rows.fetchall():
                yield f"{table} row {id_} is not as in backup {number}: one of the two is damaged"
        if same_extraction:
            for (id_,) in connection.execute(_SPANS).fetchall():
                yield f"evidence of field {id_} is not as in backup {number}: one of the two is damaged"
    finally:
        connection.execute("DETACH copy")
