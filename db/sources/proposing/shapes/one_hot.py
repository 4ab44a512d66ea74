"""Columns of 0 and 1 that together say one thing, such as ``target_civilians`` and ``target_police``."""

from collections.abc import Sequence

from db.formats.tables.read.column_names import name_words
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import OneHot
from db.sources.proposing.findings import EventDraft, Findings
from db.sources.proposing.shapes.facts import is_flag

_LEAST = 2  # columns with the same first words
_LEAST_WITHOUT = 3  # columns without a word in common
_STATES = frozenset(
    "is has was are can should verified deleted active reviewed checked approved hidden public published processed"
    " archived enabled flagged duplicate valid success done ok exact".split()
)
"""Words of columns that each answer a question of their own."""
_COUNTS = frozenset("num number count total n no killed dead deaths injured wounded people persons".split())
"""Words of columns with numbers, of which a sample may have no other than 0 and 1."""


def find_one_hot(_: Database, findings: Findings) -> None:
    """Add the sets of such columns to the drafts."""
    for draft in findings.events.values():
        for found in _sets(draft.table, draft):
            draft.one_hot.append(found)
            draft.reasons[found.name] = f"each row has 0 or 1 in {', '.join(found.columns)}"


def _sets(table: TableInfo, draft: EventDraft) -> list[OneHot]:
    taken = {*draft.key, *draft.used, *(item.column for item in draft.mapped)}
    flags = [
        name
        for name in table.names
        if name not in taken and is_flag(table.values(name)) and not _COUNTS.intersection(name_words(name))
    ]
    sets = []
    by_word: dict[str, list[str]] = {}
    for name in flags:
        first = name_words(name)[:1]
        if first and first[0] not in _STATES and len(name_words(name)) > 1:
            by_word.setdefault(first[0], []).append(name)
    for word, columns in by_word.items():
        if len(columns) >= _LEAST:
            sets.append(OneHot(word, tuple(columns), tuple(_rest(column, word) for column in columns)))
    grouped = {column for item in sets for column in item.columns}
    single = [name for name in flags if name not in grouped and not _STATES.intersection(name_words(name))]
    if len(single) >= _LEAST_WITHOUT and _one_a_row(table, single):
        name = "type" if "type" not in table.names else "kind"
        sets.append(OneHot(name, tuple(single), tuple(single)))
    return sets


def _rest(column: str, word: str) -> str:
    """Return the name of a column without its first word."""
    rest = column[len(word) :].lstrip("_ -.:")
    return rest or column


def _one_a_row(table: TableInfo, columns: Sequence[str]) -> bool:
    """Return True if nearly every row has 1 in exactly one of these columns."""
    places = [table.names.index(column) for column in columns]
    rows = [sum(str(row[at]).casefold() in ("1", "true") for at in places) for row in table.sample]
    return sum(count == 1 for count in rows) * 10 >= len(rows) * 9 > 0
