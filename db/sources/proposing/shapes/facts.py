"""Facts about the columns of tables that several shapes need, from names and samples."""

from collections.abc import Sequence
from typing import Any

from db.sources.database.catalogue import TableInfo
from db.sources.plan import Link
from db.sources.proposing.findings import EventDraft

_PROSE = 60  # characters of a cell, on average, from which a column holds prose


def mean_length(values: Sequence[Any]) -> float:
    """Return the mean length of the texts among some values; 0 if there are none."""
    texts = [value for value in values if isinstance(value, str)]
    return sum(map(len, texts)) / len(texts) if texts else 0.0


def is_short_text(values: Sequence[Any]) -> bool:
    """Return True for texts such as names: none of them prose, none a number."""
    return bool(values) and all(isinstance(value, str) for value in values) and mean_length(values) < _PROSE


def is_flag(values: Sequence[Any]) -> bool:
    """Return True for 0 and 1, also as the words of a truth value."""
    return bool(values) and all(str(value).casefold() in ("0", "1", "true", "false") for value in values)


def own_columns(table: TableInfo) -> list[str]:
    """Return the columns that are neither a key nor a reference to another table."""
    references = {column for key in table.foreign_keys for column in key.columns}
    single = table.key if len(table.key) == 1 else ()
    return [name for name in table.names if name not in references and name not in single]


def tables_of(draft: EventDraft) -> set[str]:
    """Return the tables that a draft reads, also those between two others."""
    links: list[Link] = [item.link for item in draft.joined]
    links += [label.link for label in draft.labels]
    links += [children.link for children in draft.children]
    links += [draft.fields.link] if draft.fields else []
    tables = {draft.table.name}
    for link in links:
        step: Link | None = link
        while step is not None:
            tables.add(step.table)
            step = step.then
    return tables
