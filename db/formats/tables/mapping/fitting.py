"""Fits a mapping to a table that spells or names some columns otherwise, or lacks them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from db.formats.tables.mapping.mapping import Mapping

_NOT_COMPARED = re.compile(r"[\W_]+")
_COLUMNS = (
    "url", "publisher", "published", "language", "type", "extractor", "run", "confidence", "start", "end", "quote"
)  # fmt: skip
_REVIEW = ("status", "reviewer", "decided_at", "reason", "reason_text", "note")


@lru_cache(4096)
def folded(column: str) -> str:
    """Return a column name without case, blanks, underscores, hyphens and other signs."""
    return _NOT_COMPARED.sub("", column).casefold() or column


def fitted(mapping: Mapping, columns: Sequence[str]) -> Mapping:
    """Return the mapping with the names that the columns have in this table; ``columns`` itself stays.

    A name is compared exactly, then without case and signs, and last by the mapping's ``aliases``.
    """
    renamed = _renamed(mapping, columns)
    if not renamed:
        return mapping

    def new(value: Any) -> Any:
        if isinstance(value, str):
            return renamed.get(value, value)
        return tuple(renamed.get(name, name) for name in value) if isinstance(value, tuple) else value

    def part(item: Any) -> Any:
        names = {one.name for one in fields(item)} & {"id", "title", "text", *_COLUMNS, *_REVIEW}
        return replace(item, **{name: new(getattr(item, name)) for name in names})

    markup = mapping.markup
    if markup:
        marks = {mark: new(column) for mark, column in markup.marks.items()}
        markup = replace(markup, column=_renamed_path(markup.column, renamed), marks=marks)
    return replace(
        mapping,
        document=part(mapping.document),
        event=part(mapping.event),
        review=part(mapping.review),
        fields=tuple(replace(item, column=new(item.column), modifier=new(item.modifier)) for item in mapping.fields),
        ignored=new(mapping.ignored),
        recognise=new(mapping.recognise),
        markup=markup,
    )


def renamed_columns(mapping: Mapping, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the mapping's ``columns`` with the names that they have in this table."""
    renamed = _renamed(mapping, columns)
    return tuple(renamed.get(column, column) for column in mapping.columns)


def share_of(needed: Iterable[str], columns: Iterable[str], mapping: Mapping) -> float:
    """Return the share of ``needed`` columns of a mapping that ``columns`` has in any spelling."""
    there = {folded(column) for column in columns}
    there |= {folded(column) for alias, column in mapping.aliases.items() if folded(alias) in there}
    names = list(needed)
    return sum(folded(name) in there for name in names) / len(names) if names else 0.0


def _renamed(mapping: Mapping, columns: Sequence[str]) -> dict[str, str]:
    """Return the table's name of each column that the mapping names otherwise."""
    there = set(columns)
    named = dict.fromkeys((*mapping.uses(), *mapping.recognise, *mapping.columns))
    if mapping.markup:
        named[mapping.markup.column.partition(".")[0]] = None
    absent = [name for name in named if name not in there]
    if not absent:
        return {}
    free: dict[str, str] = {}
    for column in columns:
        if column not in named:
            free.setdefault(folded(column), column)
    others: dict[str, list[str]] = {}
    for alias, column in mapping.aliases.items():
        others.setdefault(column, []).append(alias)
    renamed = {}
    for name in absent:
        for other in (name, *others.get(name, ())):
            if found := free.pop(folded(other), None):
                renamed[name] = found
                break
    return renamed


def _renamed_path(path: str, renamed: dict[str, str]) -> str:
    column, dot, rest = path.partition(".")
    return renamed.get(column, column) + dot + rest


def own_columns(mapping: Mapping, columns: tuple[str, ...], typed: bool, differs: bool) -> list[str]:
    """Return the columns to store with a document because its table ``differs``, or has other columns than the mapping.

    In a typed table only additional columns count, since objects may lack keys and have them in any order.
    """
    if not typed:
        return list(columns) if differs or columns != mapping.columns else []
    own = renamed_columns(mapping, columns)
    more = [column for column in columns if column not in own]
    return [*own, *more] if more or own != mapping.columns else []
