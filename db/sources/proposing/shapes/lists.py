"""Lists in a cell, such as ``Kyiv; Lviv``: each part is a value of its own."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import MappedField
from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name
from db.formats.tables.read.guessed_kinds import guess_kind
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.proposing.events import is_payload
from db.sources.proposing.findings import Findings
from db.sources.proposing.vocabulary import stems

_SEPARATORS = (";", "|", ",")
_LONGEST = 40  # characters of a part, on average
_WORDS = {";": 5, "|": 5, ",": 3}  # of a part, on average
_LEAST = 0.1  # of the cells that have a separator
_ROLES = frozenset(
    (*column_names.TITLE, *column_names.URL, *column_names.PUBLISHER, *column_names.PUBLISHED, *column_names.TYPE,
     *column_names.DATE, *column_names.QUOTE, *column_names.EXTRACTOR, *column_names.CONFIDENCE)
)  # fmt: skip
_PLURAL = re.compile(r"(list|names|tags|keywords|labels|[a-z]{3,}(?<!s)(?<!u)(?<!i)s)$")
_PLACE_WITH_COUNTRY = frozenset("place location address city town venue site lugar ort lieu".split())


@dataclass(frozen=True, slots=True)
class _List:
    separator: str
    shown: str


def find_lists(_: Database, findings: Findings) -> None:
    """Say which columns of the drafts hold lists, and what separates their parts."""
    for draft in findings.events.values():
        if draft.each is not None:
            continue
        taken = {*draft.key, *draft.text, *draft.used, *draft.json, *draft.roles.values(), *draft.document_id}
        taken |= {label.column for label in draft.labels}
        for column in draft.table.names:
            if column in taken or folded_name(column) in _ROLES or not is_payload(draft.table, column):
                continue
            if found := _list(draft.table, column):
                [name] = field_names([column], [item.name for item in draft.mapped])
                kind = guess_kind(column, _parts(draft.table.values(column), found.separator)).kind
                draft.mapped.append(MappedField(name, column, kind or "text", separator=found.separator))
                draft.reasons[column] = f"lists whose parts are separated by {found.shown}"


def _list(table: TableInfo, column: str) -> _List | None:
    values = table.values(column)
    if not values or not all(isinstance(value, str) for value in values):
        return None
    if any(value.lstrip()[:1] in ("{", "[") or "://" in value for value in values):
        return None
    for separator in _SEPARATORS:
        having = sum(separator in value for value in values)
        if not having or having < _LEAST * len(values):
            continue
        parts = _parts(values, separator)
        if sum(map(len, parts)) > _LONGEST * len(parts):
            continue
        if sum(len(part.split()) for part in parts) > _WORDS[separator] * len(parts):
            continue
        if separator == "," and not _are_parts(column, parts):
            continue
        return _List(separator, {";": "a semicolon", "|": "a bar", ",": "a comma"}[separator])
    return None


def _are_parts(column: str, parts: list[str]) -> bool:
    """Return True if commas separate values: not the parts of a place, a name or a number."""
    if all(part.replace(".", "").isdecimal() for part in parts):
        return False
    if _PLURAL.search(folded_name(column)):
        return True
    if set(stems(column)) & _PLACE_WITH_COUNTRY:
        return False
    often = sum(count for count in Counter(parts).values() if count > 1)
    return often * 3 > len(parts) * 2


def _parts(values: list[Any], separator: str) -> list[str]:
    return [part.strip() for value in values for part in str(value).split(separator) if part.strip()]
