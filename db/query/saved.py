"""Queries with names: ``@name`` in a query stands for one, also within another saved query."""

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

_LONGEST_NAME = 100
_MOST_LEVELS = 30  # more than any query may have
_MOST_TERMS = 200  # of a query with those that it uses: each level may use the one below twice


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query with a name, without the @; ``help`` says what it is for."""

    name: str
    query: str
    help: str = ""


def read_saved_queries(connection: sqlite3.Connection) -> list[SavedQuery]:
    """All of them, by name."""
    rows = connection.execute("SELECT name, query, help FROM saved_queries ORDER BY name")
    return [SavedQuery(*row) for row in rows]


def read_saved_query(connection: sqlite3.Connection, name: str) -> SavedQuery:
    """The one of that name, whatever its case. Raises InputError."""
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
    """Keep a query under a name, in place of one that has it in any case; its help stays unless given.

    Raises InputError for what is no name, QueryError for a query that finds nothing but a mistake: one that does not
    compile, that stands within itself, or with which another saved query no longer works.
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
    """Remove one. Raises InputError where there is none of that name, or where others use it."""
    with writing(connection):
        found = read_saved_query(connection, name)
        if users := [item for item in read_saved_queries(connection) if name.casefold() in _uses(item.query)]:
            names = ", ".join(f"@{item.name}" for item in users)
            raise InputError(f"@{found.name} is used by {names}; change {'it' if len(users) == 1 else 'them'} first")
        connection.execute("DELETE FROM saved_queries WHERE name = ?", (found.name,))
    return found


def parse_saved_queries(toml: str, where: str) -> list[SavedQuery]:
    """Saved queries from TOML: ``name = { query = "…", help = "…" }``. Raises InputError that names ``where``."""
    saved = []
    for name, table in parse_toml(toml, where).items():
        if not isinstance(table, dict) or not isinstance(table.get("query"), str):
            raise InputError(f'{where}: {name} must be a table with a query, as in big = {{ query = "count>=500" }}')
        saved.append(SavedQuery(name, table["query"], str(table.get("help", ""))))
    return saved


def _check_name(name: str) -> None:
    # As the grammar takes them: marks too, since the words of many scripts have some.
    right = all(character in "-_." or unicodedata.category(character)[0] in "LMN" for character in name)
    if not name or not right or not (name[0].isalnum() or name[0] == "_") or len(name) > _LONGEST_NAME:
        raise InputError(
            f"{name or 'nothing'} is no name for a query; begin with a letter, then letters, digits, - _ ."
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
    """Names that stand in a query, folded; none in one that can't be read, which some other program put there."""
    try:
        return [node.name.casefold() for node in _saved_in(parse(query).expression)]
    except QueryError:
        return []


def _users(saved: list[SavedQuery], name: str) -> list[SavedQuery]:
    """The queries that use it, those that use them among them."""
    reached = {name.casefold()}
    users: list[SavedQuery] = []
    while more := [item for item in saved if item not in users and reached.intersection(_uses(item.query))]:
        users += more
        reached.update(item.name.casefold() for item in more)
    return [item for item in users if item.name.casefold() != name.casefold()]


def _check_size(saved: list[SavedQuery], name: str, query: str) -> None:
    """Count terms with those of the queries within, each known before it is used, so that no number is too large."""
    texts = {item.name.casefold(): item.query for item in saved}
    sizes: dict[str, int] = {}

    def size(text: str, within: tuple[str, ...]) -> int:
        total = _terms_of(parse(text).expression)
        for used in _uses(text):
            # A circle, and too many levels, are told by who compiles it.
            if used in texts and used not in within and len(within) <= _MOST_LEVELS:
                if used not in sizes:
                    sizes[used] = size(texts[used], (*within, used))
                total += sizes[used]
        return total

    if size(query, (name.casefold(),)) > _MOST_TERMS:
        raise QueryError(1, f"with the queries that it uses it has more than {_MOST_TERMS} terms; ask for less at once")
