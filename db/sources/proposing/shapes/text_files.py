"""Texts in files, which a column names by their paths, relative to the database."""

from pathlib import PurePath

from db.formats.tables.read.column_names import name_words
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.proposing.findings import Findings, TextDraft

_TRIED = 5  # files
_NAMED = frozenset("path file filename filepath datei ruta archivo fichier chemin location txt html".split())
_SUFFIXES = frozenset((".txt", ".text", ".md", ".html", ".htm", ".xhtml", ".xml"))


def find_text_files(database: Database, findings: Findings) -> None:
    """Find columns that name text files, in tables without a text."""
    for table in database.catalogue.tables:
        if table.name in findings.ignored or table.name in findings.texts:
            continue
        for column in table.names:
            if there := _files(database, table, column):
                reason = f"{table.name}.{column} names files; {there}"
                findings.texts[table.name] = TextDraft(table, column, "file", reason)
                break


def _files(database: Database, table: TableInfo, column: str) -> str:
    """Return how many of the first files are there; an empty text if a column names none."""
    values = table.values(column)[:_TRIED]
    if not values or not all(isinstance(value, str) and len(value) < 1000 and "\n" not in value for value in values):
        return ""
    likely = all(PurePath(value).suffix.lower() in _SUFFIXES for value in values)
    if not likely and not _NAMED.intersection(name_words(column)):
        return ""
    if any("://" in value or "\0" in value for value in values):
        return ""
    try:
        found = sum((database.path.parent / value).is_file() for value in values)
    except OSError:
        return ""
    return f"{found} of the first {len(values)} are there" if found else ""
