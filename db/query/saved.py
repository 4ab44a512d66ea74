"""Saved queries: other queries, saved ones too, refer to one as ``@name``."""

import sqlite3
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from db.errors import InputError
from db.io.toml import parse_toml
from db.query import QueryError, check_query, parse
from db.query.grammar import All, Any, Node, Not, Saved
from db.query.names import suggestion
from db.store.connection import writing
from db.store.sqlite import LOCK_TIMEOUT
from db.store.valid.fetching import Skipped, readable_rows
from db.store.valid.rows import SAVED_QUERY

_MAX_NAME = 100
_MAX_LEVELS = 30  # as many as any query may have
_MAX_TERMS = 200  # including the queries that it uses, of which each level may use the next one twice


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query and its name, without the @. ``help`` says what it is for."""

    name: str
    query: str
    help: str = ""


def read_saved_queries(connection: sqlite3.Connection, skipped: Skipped = lambda _: None) -> list[SavedQuery]:
    """Return the saved queries, sorted by name. Damaged ones go to ``skipped``."""
    return [SavedQuery(*row) for row in readable_rows(connection, SAVED_QUERY, "name", skipped)]


def read_saved_query(connection: sqlite3.Connection, name: str) -> SavedQuery:
    """Return the query with this name, ignoring case. Raises InputError if there is none."""
    saved = read_saved_queries(connection)
    for item in saved:
        if item.name.casefold() == name.casefold():
            return item
    names = [item.name for item in saved]
    raise InputError(f"no saved query {name}{suggestion(name, names, names)}")


def save_query(
    connection: sqlite3.Connection,
    name: str,
    query: str,
    help_text: str | None = None,
    *,
    timeout: float = LOCK_TIMEOUT,
) -> SavedQuery:
    """Save a query, or replace the one with the same name but for case; without ``help_text``, its help stays.

    Raises InputError if the name is invalid or another saved query would no longer work, and QueryError if the query
    is wrong or refers to itself.
    """
    _check_name(name)
    text = parse(query).text
    with writing(connection, timeout):
        before = [item for item in read_saved_queries(connection) if item.name.casefold() == name.casefold()]
        if help_text is None:
            help_text = before[0].help if before else ""
        for item in before:
            connection.execute("DELETE FROM saved_queries WHERE name = ?", (item.name,))
        connection.execute("INSERT INTO saved_queries (name, query, help) VALUES (?, ?, ?)", (name, text, help_text))
        saved = read_saved_queries(connection)
        _check_size(saved, name, text)
        check_query(connection, parse(text))
        for item in _users(saved, name):
            try:
                _check_size(saved, item.name, item.query)
                check_query(connection, parse(item.query))
            except QueryError as error:
                raise InputError(f"@{item.name} uses @{name} and would no longer work: {error}") from None
    return SavedQuery(name, text, help_text)


def remove_query(connection: sqlite3.Connection, name: str) -> SavedQuery:
    """Delete a query. Raises InputError if there is none with this name, or if other queries use it."""
    with writing(connection):
        found = read_saved_query(connection, name)
        if users := [item for item in read_saved_queries(connection) if name.casefold() in _uses(item.query)]:
            names = ", ".join(f"@{item.name}" for item in users)
            raise InputError(f"@{found.name} is used by {names}; change {'it' if len(users) == 1 else 'them'} first")
        connection.execute("DELETE FROM saved_queries WHERE name = ?", (found.name,))
    return found


def parse_saved_queries(toml: str, where: str) -> list[SavedQuery]:
    """Parse saved queries from TOML, as in ``name = { query = "…", help = "…" }``. InputErrors name ``where``."""
    saved = []
    for name, table in parse_toml(toml, where).items():
        if not isinstance(table, dict) or not isinstance(table.get("query"), str):
            raise InputError(f'{where}: {name} must be a table with a query, as in big = {{ query = "count>=500" }}')
        saved.append(SavedQuery(name, table["query"], str(table.get("help", ""))))
    return saved


def _check_name(name: str) -> None:
    # These are the names that the grammar accepts. Marks belong to the words of many scripts.
    valid = all(character in "-_." or unicodedata.category(character)[0] in "LMN" for character in name)
    if not name or not valid or not (name[0].isalnum() or name[0] == "_") or len(name) > _MAX_NAME:
        raise InputError(
            f"{name or 'an empty text'} is not a query name; start with a letter, then use letters, digits, - _ ."
        )


def _saved_in(node: Node | None) -> Iterator[Saved]:
    match node:
        case Saved():
            yield node
        case Not():
            yield from _saved_in(node.part)
        case All() | Any():
            for part in node.parts:
                yield from _saved_in(part)


def _terms_of(node: Node | None) -> int:
    match node:
        case Saved() | None:
            return 0
        case Not():
            return _terms_of(node.part)
        case All() | Any():
            return sum(map(_terms_of, node.parts))
    return 1


def _uses(query: str) -> list[str]:
    """Return the names that a query uses, case-folded; none for a query from another program that can't be parsed."""
    try:
        return [node.name.casefold() for node in _saved_in(parse(query).expression)]
    except QueryError:
        return []


def _users(saved: list[SavedQuery], name: str) -> list[SavedQuery]:
    """Return the queries that use a query, directly or through others."""
    users: dict[str, list[SavedQuery]] = {}
    for item in saved:
        for used in _uses(item.query):
            users.setdefault(used, []).append(item)
    found: dict[str, SavedQuery] = {}
    waiting = [name.casefold()]
    while waiting:
        for item in users.get(waiting.pop(), ()):
            folded = item.name.casefold()
            if folded not in found:
                found[folded] = item
                waiting.append(folded)
    found.pop(name.casefold(), None)
    return list(found.values())


def _check_size(saved: list[SavedQuery], name: str, query: str) -> None:
    """Count the terms of a query and those it uses. Sizes are kept, so that nesting takes no exponential time."""
    texts = {item.name.casefold(): item.query for item in saved}
    sizes: dict[str, int] = {}

    def size(text: str, within: tuple[str, ...]) -> int:
        total = _terms_of(parse(text).expression)
        for used in _uses(text):
            # Compiling the query reports circles and too many levels.
            if used in texts and used not in within and len(within) <= _MAX_LEVELS:
                if used not in sizes:
                    sizes[used] = size(texts[used], (*within, used))
                total += sizes[used]
        return total

    if size(query, (name.casefold(),)) > _MAX_TERMS:
        raise QueryError(1, f"more than {_MAX_TERMS} terms, counting the queries that it uses; shorten it")
