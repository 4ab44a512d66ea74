"""Finds the columns that hold texts: prose, by names and by values."""

import re
from collections.abc import Sequence
from typing import Any

from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import TextForm
from db.sources.proposing.findings import Findings, TextDraft
from db.sources.proposing.vocabulary import stems
from db.sources.reading.texts.encodings import text_of_bytes

_LEAST_WORDS, _LEAST_WORDS_NAMED = 15, 4  # on average
_CHARACTERS_OF_WORD = 2  # in scripts without spaces
_SECONDARY = frozenset(
    "summary abstract description snippet sentence excerpt prompt response output raw answer completion html markdown"
    " note notes comment reasoning rationale explanation evidence quote context system translation justification"
    " resumen resume zusammenfassung beschreibung descripcion riassunto".split()
)
_NAMES = frozenset(column_names.TEXT)
_OPENS = re.compile(
    r"<(!doctype|html|head|body|article|section|main|div|p|h[1-6]|ul|ol|li|table|br|span|blockquote)\b[^<>]*>", re.I
)
_CLOSES = re.compile(r"</(html|body|article|section|main|div|p|h[1-6]|ul|ol|table|span|blockquote)\s*>", re.I)
_STARTS = re.compile(r"\s*<(!doctype|html|body|div|p)\b", re.I)
_TITLES = frozenset(column_names.TITLE)


def find_texts(database: Database, findings: Findings) -> None:
    """Add the columns with prose of each table, the most likely text first."""
    for table in database.catalogue.tables:
        if table.name not in findings.ignored and (found := prose_columns(table)):
            findings.texts[table.name] = found[0]
            findings.prose[table.name] = found


def prose_columns(table: TableInfo) -> list[TextDraft]:
    """Return the columns of a table that hold prose, the most likely text first."""
    found: list[tuple[float, TextDraft]] = []
    for column in table.names:
        words = mean_words(table.values(column))
        folded = folded_name(column)
        named = folded in _NAMES or bool(set(folded.split("_")) & _NAMES)
        if words < (_LEAST_WORDS_NAMED if named else _LEAST_WORDS) or folded in _TITLES:
            continue
        weight = words * (2 if named else 1) * (0.2 if set(stems(column)) & _SECONDARY else 1)
        why = f"{table.name}.{column} holds {'texts' if named else 'the longest texts'} of about {words:.0f} words"
        form: TextForm = "html" if are_pages(table.values(column)) else "plain"
        if form == "html":
            why += ", with the tags of HTML"
        found.append((weight, TextDraft(table, column, form, why)))
    return [draft for _, draft in sorted(found, key=lambda one: -one[0])]


def mean_words(values: Sequence[Any]) -> float:
    """Return the mean number of words; 0 if most cells are no prose, but JSON, numbers, code or addresses."""
    texts = [text for value in values if (text := readable(value)) is not None]
    if not texts or 2 * len(texts) < len(values):
        return 0.0
    prose = [words for text in texts if (words := _words(text))]
    return sum(prose) / len(texts) if 2 * len(prose) >= len(texts) else 0.0


def are_pages(values: Sequence[Any]) -> bool:
    """Return True if most texts have the tags of HTML in them: one that opens a block and one that closes it."""
    texts = [text for value in values if (text := readable(value))]
    tagged = sum(bool(_OPENS.search(text) and (_CLOSES.search(text) or _STARTS.match(text))) for text in texts)
    return 2 * tagged > len(texts)


def readable(cell: Any) -> str | None:
    """Return a text, also one that is stored as bytes of any encoding or compressed; None for anything else."""
    if isinstance(cell, bytes):
        found = text_of_bytes(cell)
        return found[0] if found else None
    return cell if isinstance(cell, str) else None


def _words(text: str) -> float:
    start = text.lstrip()[:2000]
    if start[:1] in ("{", "[") and ('"' in start[:20] or start[1:2] in ("{", "]", "[")):
        return 0.0
    dense = sum("\u2e80" <= character <= "\ud7af" or "\u0e00" <= character <= "\u0eff" for character in start)
    if dense * 3 > len(start):
        return len(text) / _CHARACTERS_OF_WORD
    words = len(text.split())
    return words if words > 1 and len(text) / words < 25 else 0.0
