"""Columns of 0 and 1 that together say one thing, such as ``target_civilians`` and ``target_police``."""

from collections.abc import Iterable, Sequence

from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name, name_words
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import OneHot
from db.sources.proposing.findings import EventDraft, Findings
from db.sources.proposing.shapes.facts import is_flag
from db.sources.proposing.vocabulary import EVENTS, HARM, has

_LEAST = 2  # columns with the same first words
_LEAST_WITHOUT = 3  # columns without a word in common
_TYPE = "type"
_ASK = frozenset("is has was are".split())
_STATES = frozenset(
    "is has was are can should verified deleted active reviewed checked approved hidden public published processed"
    " archived enabled flagged duplicate valid success done ok exact"
    " relevant event english manual new main final primary test".split()
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
            if found.name == _TYPE and _one_a_row(draft.table, found.columns):
                draft.roles.setdefault("event.type", found.name)


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
    asked = _asked(flags)
    happened = [name for name in asked.values() if has(name, EVENTS) or has(name, HARM)]
    is_set = len(asked) >= _LEAST_WITHOUT and (happened or _one_a_row(table, [*asked]))
    if is_set or len(happened) >= _LEAST:
        sets.append(OneHot(_free_name(table, asked), tuple(asked), tuple(asked.values())))
    grouped = {column for item in sets for column in item.columns}
    single = [name for name in flags if name not in grouped and not _STATES.intersection(name_words(name))]
    if len(single) >= _LEAST_WITHOUT and _one_a_row(table, single):
        sets.append(OneHot(_free_name(table, single), tuple(single), tuple(single)))
    return sets


def _asked(flags: Sequence[str]) -> dict[str, str]:
    """Return what columns such as ``is_attack`` ask for, by column; without those about the state of a row."""
    found = {}
    for column in flags:
        first, *rest = name_words(column) or ("",)
        if first in _ASK and rest and not _STATES.intersection(rest):
            found[column] = _rest(column, first)
    return found


def _free_name(table: TableInfo, columns: Iterable[str]) -> str:
    """Return the name of a set without a word in common: ``type`` if it says what each row is, else ``types``."""
    taken = {folded_name(name) for name in table.names}
    if _one_a_row(table, [*columns]) and not taken & frozenset(column_names.TYPE):
        return _TYPE
    return next(name for name in ("types", "kinds", "one_hot_types") if name not in taken)


def _rest(column: str, word: str) -> str:
    """Return the name of a column without its first word."""
    rest = column[len(word) :].lstrip("_ -.:")
    return rest or column


def _one_a_row(table: TableInfo, columns: Sequence[str]) -> bool:
    """Return True if nearly every row has 1 in exactly one of these columns."""
    places = [table.names.index(column) for column in columns]
    rows = [sum(str(row[at]).casefold() in ("1", "true") for at in places) for row in table.sample]
    return sum(count == 1 for count in rows) * 10 >= len(rows) * 9 > 0
