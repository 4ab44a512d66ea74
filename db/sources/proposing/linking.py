"""Finds what joins the tables: declared foreign keys, and columns whose names and values fit a key of another table."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import ROWID, Link
from db.sources.proposing.findings import Findings, FoundLink
from db.sources.proposing.matching import matches, some_values
from db.sources.proposing.vocabulary import DOCUMENTS, is_among, stems

_KEY_WORDS = frozenset("id key ref uuid guid nr no num number fk pk code uid oid idx".split())
_IDENTIFYING = frozenset(
    "url uri link href permalink id guid uuid hash sha1 sha256 md5 doi slug filename file path key name".split()
)
_ADDRESSES = frozenset("url uri link href permalink source adresse enlace lien ссылка".split())
_LEAST, _LEAST_UNNAMED = 0.5, 0.9  # shares of values that match
_LEAST_VALUES = 3  # that match without a name
_LEAST_LENGTH = 6  # of such values
_FEW = 20  # values by which a declared key is checked
_LONGEST_CODE = 200
_MOST_PAIRS = 400  # of a column and a key that are compared
_NAMED, _LIKE, _CODES, _VALUES = 3, 2, 1, 0  # _CODES: only for values that are texts


class _Target(NamedTuple):
    """A key of a table that a column may refer to, and how well its name fits."""

    table: TableInfo
    column: str
    fit: int


def find_links(database: Database, findings: Findings) -> None:
    """Add the links between tables that are not ignored."""
    tables = [table for table in database.catalogue.tables if table.name not in findings.ignored]
    names = {table.name.lower(): table for table in tables}
    pairs = 0
    for table in tables:
        declared: set[str] = set()
        for key in table.foreign_keys:
            to = names.get(key.table.lower())
            if to is None or not all(map(to.named, key.to)):
                continue
            columns = tuple(one.name for name in key.columns if (one := table.named(name)))
            ends = tuple(one.name for name in key.to if (one := to.named(name)))
            if len(columns) != len(ends):
                continue
            # SQLite checks foreign keys only on demand, so this one may be wrong.
            values = some_values(table, columns, _FEW)
            found_values = matches(database, values, to.name, ends)
            if len(values) > 1 and not found_values:
                continue
            if 2 * found_values >= len(values):
                declared.update(columns)
            reason = f"{_shown(table.name, columns)} refers to {_shown(to.name, ends)}"
            findings.links.append(FoundLink(table.name, Link(columns, to.name, ends), True, reason, declared=True))
        if table.kind == "view" and not any(one.kind == "view" for one in tables):
            continue
        for link in _composite(database, table, tables, declared):
            declared.update(link.link.columns)
            findings.links.append(link)
        for column in table.names:
            if column in declared or pairs > _MOST_PAIRS:
                continue
            found: list[tuple[int, float, FoundLink]] = []
            for target in _targets(table, column, tables, findings):
                pairs += 1
                if link_and_share := _compared(database, table, column, target):
                    found.append((target.fit, *link_and_share))
            if found:
                findings.links.append(max(found, key=lambda one: one[:2])[2])


def _targets(table: TableInfo, column: str, tables: Sequence[TableInfo], findings: Findings) -> Iterator[_Target]:
    own = stems(column)
    is_key = table.key == (column,)
    for other in tables:
        if other is table or other.kind == "view":
            continue
        for key in _keys(other):
            fit = _fit(own, other, key, has_text=other.name in findings.texts)
            if is_key and fit < _NAMED:
                continue  # two tables that count their rows from 1
            if fit or _may_be_unnamed(table, column, other, key):
                yield _Target(other, key, fit)


def _keys(table: TableInfo) -> Iterator[str]:
    """Yield the columns that may identify the rows of a table."""
    found = dict.fromkeys(one[0] for one in (table.key, *table.unique) if len(one) == 1)
    if not table.key:
        for name in table.names:
            values = table.values(name)
            is_named = bool(set(stems(name)) & _IDENTIFYING)
            if (is_named or _are_codes(values)) and len(set(values)) == len(values) > 0:
                found[name] = None
    else:
        found |= {
            name: None
            for name in table.names
            if stems(name)[-1:] and stems(name)[-1] in _IDENTIFYING - {"name"} and _all_different(table, name)
        }
    yield from found
    if not table.key and table.rowid is not None and not any(stems(name)[-1:] == ("id",) for name in found):
        yield ROWID


def _are_codes(values: Sequence[Any]) -> bool:
    """Return True for values such as ``doc-00017``, which name something without any white space."""
    return all(
        isinstance(value, str) and _LEAST_LENGTH <= len(value) <= _LONGEST_CODE and not value.split()[1:]
        for value in values
    )


def _all_different(table: TableInfo, name: str) -> bool:
    values = table.values(name)
    return len(values) > 1 and len(set(values)) == len(values)


def _fit(own: tuple[str, ...], other: TableInfo, key: str, *, has_text: bool) -> int:
    """Return how well the name of a column says that it refers to a key of another table; 0 for not at all."""
    named, to = stems(other.name), stems(key)
    stem = tuple(word for word in own if word not in _KEY_WORDS) or own
    if not own:
        return 0
    if not own[0].isascii() and "".join(own) == "".join((*named, *to)):
        return _NAMED
    if stem == named or own == named or own == (*named, *to) or (len(named) > 1 and own == (named[-1], *to)):
        return _NAMED
    if own == to and not set(own) <= {"id", "name", "title", "key", "code", "type", "label", "source", "value"}:
        return _NAMED
    if stem and (named[-len(stem) :] == stem or stem[-len(named) :] == named):
        return _NAMED if own != stem or has_text else _LIKE
    if stem and stem[-1] in named and own != stem:
        return _LIKE
    if has_text and (any(is_among(word, DOCUMENTS) for word in stem)):
        return _LIKE
    if set(own) & _ADDRESSES and set(to) & _ADDRESSES and has_text:
        return _LIKE
    if own != stem and len(stem) == 1 and len(stem[0]) >= 3 and any(word.startswith(stem[0]) for word in named):
        return _LIKE
    if len(stem) > 1 and stem[-1] == named[-1]:
        return _CODES
    if any(len(word) > 4 and len(stem) == 1 and is_among(stem[0], frozenset((word,))) for word in named):
        return _LIKE
    return 0


def _may_be_unnamed(table: TableInfo, column: str, other: TableInfo, key: str) -> bool:
    """Return True if values alone may show that a column refers to a key: those that are long and all different."""
    if key == ROWID or (not other.is_unique((key,)) and not _all_different(other, key)):
        return False
    mine, theirs = table.values(column)[:20], other.values(key)[:20]
    return all(
        bool(values) and all(isinstance(value, str | bytes) and _LEAST_LENGTH <= len(value) <= 300 for value in values)
        for values in (mine, theirs)
    )


def _compared(database: Database, table: TableInfo, column: str, target: _Target) -> tuple[float, FoundLink] | None:
    values = some_values(table, (column,))
    if not values or any(
        isinstance(value, float) or (isinstance(value, str) and len(value) > 500) for (value,) in values
    ):
        return None
    if target.fit == _CODES and not all(isinstance(value, str) for (value,) in values):
        return None
    if not _alike(values, target):
        return None
    found = matches(database, values, target.table.name, (target.column,))
    share = found / len(values)
    if share < (_LEAST if target.fit else _LEAST_UNNAMED) or (not target.fit and found < _LEAST_VALUES):
        return None
    one = (
        target.column == ROWID
        or target.table.is_unique((target.column,))
        or _all_different(target.table, target.column)
    )
    all_of = "all" if found == len(values) else f"{found} of {len(values)}"
    reason = f"{all_of} values of {table.name}.{column} match {target.table.name}.{target.column}"
    link = Link((column,), target.table.name, (target.column,))
    return share, FoundLink(table.name, link, one, reason)


def _alike(values: Sequence[tuple[Any, ...]], target: _Target) -> bool:
    """Return False if the values are texts and the key's are numbers, or the other way round."""
    if target.column == ROWID:
        return all(isinstance(value, int) for (value,) in values)
    theirs = target.table.values(target.column)[:20]
    numbers = all(isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) for (value,) in values)
    return not theirs or numbers == all(
        isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) for value in theirs
    )


def _composite(
    database: Database, table: TableInfo, tables: Sequence[TableInfo], declared: set[str]
) -> Iterator[FoundLink]:
    """Yield the links to keys of several columns that have the same names."""
    for other in tables:
        key = other.key or _undeclared_key(table, other)
        if other is table or len(key) < 2 or not all(map(table.named, key)):
            continue
        columns = tuple(column.name for name in key if (column := table.named(name)))
        if declared & set(columns) or set(table.key) == set(columns):
            continue
        values = some_values(table, columns, 30)
        found = matches(database, values, other.name, key)
        if values and found >= len(values) * _LEAST:
            reason = f"{found} of {len(values)} values of {_shown(table.name, columns)} match {_shown(other.name, key)}"
            yield FoundLink(table.name, Link(columns, other.name, key), True, reason)


def _undeclared_key(table: TableInfo, other: TableInfo) -> tuple[str, ...]:
    """Return the columns like ids that two tables have in common, if they identify the other's rows only together."""
    shared = [name for name in other.names if table.named(name) and set(stems(name)[-1:]) & _KEY_WORDS]
    at = [other.names.index(name) for name in shared]
    rows = [tuple(row[one] for one in at) for row in other.sample]
    if len(shared) < 2 or len(set(rows)) < len(rows) or any(_all_different(other, name) for name in shared):
        return ()
    return tuple(shared)


def _shown(table: str, columns: Sequence[str]) -> str:
    return f"{table}.{columns[0]}" if len(columns) == 1 else f"{table}.({', '.join(columns)})"
