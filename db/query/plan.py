"""Turns a query into SQL that returns its first events at once, however many events the file has.

Each term is counted in its index, up to ``_FEW``. If a term that every result must match is rare, the plan reads its
events and tests them for the rest. Otherwise matches are frequent: to find a page, the plan walks events in order and
tests each of them; to find all events, it compares sets.
"""

import sqlite3
from dataclasses import dataclass

from db.model import SqlValue
from db.query.grammar import All, Any, Condition, Node, Not, Query, QueryError, Saved, Sort, Words, parse
from db.query.names import PROPERTIES, field_names, resolve, saved_queries, suggestion
from db.query.terms import LIVE, Term, Terms, any_of
from db.query.values import Sql

_FEW = 10_000
_DEEP = 10  # levels; beyond, the deepest part comes first, because the stack of SQLite's parser has 100
_MAX_DEPTH = 30
_MAX_TERMS = 400  # including saved queries, each of which may use another one twice
_ROW = "SELECT events.id, events.status = 'pending'"
_ORDER = "ORDER BY events.document_id, events.id"
_EVERY: Sql = ("1", [])
_SORTED_BY = {
    "events.confidence": "events_by_confidence",
    "events.extractor": "events_by_extractor",
    "events.reviewer": "events_by_reviewer",
    "events.decided_at": "events_by_decided",
    "events.reason": "events_by_reason",
    "events.note": "events_by_note",
}


@dataclass(frozen=True, slots=True)
class Search:
    """A query as SQL. Each statement returns rows of an event's integer id and 1 if it is pending, otherwise 0.

    ``first`` and ``rest`` are statements to run one after the other; if they return an event twice, the first time
    counts. Both find the same events in the same order: ``first`` is fastest for a page, ``rest`` for all events.
    ``where`` is a condition on a row of events.
    """

    query: Query
    where: Sql
    first: tuple[Sql, ...]
    rest: tuple[Sql, ...]
    _test: Sql

    @property
    def few(self) -> bool:
        """True if a rare term leads, so that all events are found as fast as a page."""
        return self.first is self.rest and self._test is not _EVERY

    @property
    def in_order(self) -> bool:
        """True if events are in the order of their documents, so that ``pending``, ``before`` and ``after`` apply."""
        return not self.query.sort

    @property
    def pending(self) -> Sql:
        """The statement for pending events, in order."""
        sql, parameters = self._test
        return (
            f"{_ROW} FROM events INDEXED BY events_by_status WHERE events.live AND events.status = 'pending' AND {sql}"
            f" {_ORDER}",
            parameters,
        )

    def only(self, event_id: int) -> Sql:
        """Return the statement for one event, if the query finds it."""
        sql, parameters = self._test
        return f"{_ROW} FROM events WHERE events.id = ? AND events.live AND {sql}", [event_id, *parameters]

    def after(self, event_id: int) -> Sql:
        """Return the statement for an event and those after it."""
        return self._beyond(event_id, ">=", "")

    def before(self, event_id: int) -> Sql:
        """Return the statement for the events before one, the nearest first."""
        return self._beyond(event_id, "<", " DESC")

    def _beyond(self, event_id: int, operator: str, down: str) -> Sql:
        sql, parameters = self._test
        return (
            f"{_ROW} FROM events INDEXED BY events_by_document WHERE events.live AND (events.document_id, events.id)"
            f" {operator} ((SELECT document_id FROM events WHERE id = ?), ?) AND {sql}"
            f" ORDER BY events.document_id{down}, events.id{down}",
            [event_id, event_id, *parameters],
        )


def compile_query(connection: sqlite3.Connection, query: Query) -> Search:
    """Return the SQL of a query for this file. Raises QueryError for unknown names and impossible values."""
    return _Compiler(connection, counting=True).search(query)


def check_query(connection: sqlite3.Connection, query: Query) -> None:
    """Check a query for mistakes, fast enough for each key that is typed. Raises QueryError."""
    _Compiler(connection, counting=False).search(query)


@dataclass(frozen=True, slots=True)
class _Part:
    """A term, or several joined. ``remaining`` is what the events that its ``ids`` select must still be tested for."""

    term: Term
    count: int
    depth: int
    remaining: Sql


class _Compiler:
    def __init__(self, connection: sqlite3.Connection, *, counting: bool) -> None:
        self._connection = connection
        self._counting = counting
        self._names = field_names(connection)
        self._terms = Terms(connection, self._names)
        self._sort: tuple[Sort, ...] = ()
        self._count = 0
        self._queries = saved_queries(connection)

    def search(self, query: Query) -> Search:
        part = None if query.expression is None else self._part(query.expression, ())
        sorts = query.sort or self._sort
        query = Query(query.text, query.expression, sorts)
        keys = [self._key(sort) for sort in sorts]
        if part is None:
            walk = _statements(keys, _EVERY, None)
            return Search(query, _EVERY, walk, walk, _EVERY)
        if part.depth > _MAX_DEPTH:
            raise QueryError(1, f"nested more than {_MAX_DEPTH} deep, counting saved queries; simplify the query")
        if part.count <= _FEW and part.term.ids:
            ids, parameters = part.term.ids
            test, more = part.remaining
            where: Sql = (f"(events.id IN ({ids}) AND {test})", [*parameters, *more])
            found = _statements(keys, part.remaining, part.term.ids)
            return Search(query, where, found, found, where)
        rest = _statements(keys, part.term.member, None, walk=False)
        return Search(query, part.term.member, _statements(keys, part.term.test, None), rest, part.term.test)

    def _part(self, node: Node, outer: tuple[str, ...]) -> _Part:
        if isinstance(node, Words | Condition | Saved):  # a saved query may have no terms
            self._count += 1
            if self._count > _MAX_TERMS:
                what = f"more than {_MAX_TERMS} terms, counting saved queries; shorten the query"
                raise QueryError(node.column, what)
        match node:
            case Words():
                return self._leaf(self._terms.words(node))
            case Condition():
                return self._leaf(self._terms.condition(node))
            case Saved():
                return self._saved(node, outer)
            case Not(part=Not(part=part)):
                return self._part(part, outer)
            case Not():
                negated = self._part(node.part, outer)
                # NULL counts as no match: -confidence<0.6 matches an event without a confidence.
                test, member = (
                    (f"({sql} IS NOT TRUE)", parameters) for sql, parameters in (negated.term.test, negated.term.member)
                )
                return _Part(Term(test, member, None), _FEW + 1, negated.depth + 1, test)
            case All() | Any():
                return _joined([self._part(item, outer) for item in node.parts], every=isinstance(node, All))

    def _leaf(self, term: Term) -> _Part:
        if term.ids is None or not self._counting:
            return _Part(term, _FEW + 1, 0, term.test)
        sql, parameters = term.ids
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {_FEW + 1})", parameters
        ).fetchone()
        return _Part(term, count, 0, _EVERY)

    def _saved(self, node: Saved, outer: tuple[str, ...]) -> _Part:
        texts = {name.casefold(): text for name, text in self._queries.items()}
        name = node.name.casefold()
        if name not in texts:
            similar = suggestion(node.name, self._queries, self._queries)
            raise QueryError(node.column, f"no saved query @{node.name}{similar}")
        if name in outer or len(outer) > _MAX_DEPTH:
            raise QueryError(node.column, f"@{node.name} refers to itself; change it")
        try:
            query = parse(texts[name])
            everything = _Part(Term(_EVERY, _EVERY, None), _FEW + 1, 0, _EVERY)
            part = self._part(query.expression, (*outer, name)) if query.expression else everything
        except QueryError as error:
            raise QueryError(node.column, f"in @{node.name}: {error.what}") from None
        self._sort = self._sort or query.sort
        return _Part(part.term, part.count, part.depth + 1, part.remaining)

    def _key(self, sort: Sort) -> "_Key":
        name = sort.name.lower()
        down = " DESC" if sort.down else ""
        if name in PROPERTIES:
            return _Key(PROPERTIES[name], (), down)
        return _Key("", resolve(sort.name, self._names, sort.column), down)


def _joined(parts: list[_Part], *, every: bool) -> _Part:
    # The rarest comes first, because SQLite stops at the first test that fails. In deep queries, the deepest does: on
    # the stack of SQLite's parser, "(((" takes one place for each level, "a AND (b OR (" three.
    depth = 1 + max(part.depth for part in parts)
    parts = sorted(parts, key=lambda part: -part.depth if depth > _DEEP else part.count)
    if not every:
        term = any_of([part.term for part in parts])
        exact = all(part.remaining == _EVERY for part in parts)
        count = min(_FEW + 1, sum(part.count for part in parts))
        return _Part(term, count, depth, _EVERY if exact else term.test)
    rarest = min(parts, key=lambda part: part.count if part.term.ids else _FEW + 2)
    term = Term(_and([part.term.test for part in parts]), _and([part.term.member for part in parts]), rarest.term.ids)
    remaining = _and([part.remaining if part is rarest else part.term.test for part in parts])
    return _Part(term, rarest.count, depth, remaining)


def _and(forms: list[Sql]) -> Sql:
    return f"({' AND '.join(sql for sql, _ in forms)})", [value for _, more in forms for value in more]


@dataclass(frozen=True, slots=True)
class _Key:
    """A sort key: a column of the event or its document, or fields with these names."""

    column: str
    names: tuple[str, ...]
    down: str

    def value(self) -> Sql:
        """Return the SQL for an event's value; if there are several fields, for the one that sorts first."""
        if self.names:
            # The + keeps SQLite from walking all values of that name for each event.
            marks = ", ".join("?" * len(self.names))
            return (
                f"(SELECT value FROM fields WHERE event_id = events.id AND +name IN ({marks}) AND {LIVE}"
                f" ORDER BY value{self.down}, id{self.down} LIMIT 1)",
                list(self.names),
            )
        if self.column.startswith("documents."):
            return f"(SELECT {self.column} FROM documents WHERE documents.id = events.document_id)", []
        return self.column, []

    def walk(self, condition: Sql) -> Sql | None:
        """Return the statement for all events with a value, in the order of its index, or None without an index.

        It returns an event once for each of its fields with the name.
        """
        sql, parameters = condition
        down = self.down
        if len(self.names) == 1:
            return (
                f"{_ROW} FROM fields AS sorting INDEXED BY fields_by_value CROSS JOIN events"
                f" ON events.id = sorting.event_id WHERE sorting.name = ? AND sorting.state <> 'removed'"
                f" AND events.live AND {sql} ORDER BY sorting.value{down}, sorting.event_id{down}",
                [self.names[0], *parameters],
            )
        if self.column.startswith("documents."):
            return (
                f"{_ROW} FROM documents CROSS JOIN events ON events.document_id = documents.id AND events.live"
                f" WHERE {self.column} IS NOT NULL AND {sql}"
                f" ORDER BY {self.column}{down}, documents.id{down}, events.id{down}",
                parameters,
            )
        if index := _SORTED_BY.get(self.column):
            return (
                f"{_ROW} FROM events INDEXED BY {index} WHERE events.live AND {self.column} IS NOT NULL AND {sql}"
                f" ORDER BY {self.column}{down}, events.id{down}",
                parameters,
            )
        return None


def _statements(keys: list[_Key], condition: Sql, few: Sql | None, *, walk: bool = True) -> tuple[Sql, ...]:
    """Return statements that find events in order: those with a value to sort by, then those without.

    After a walk along an index comes a statement for all events, of which those with a value are there already.
    """
    sql, parameters = condition
    among, ids = (f"NOT INDEXED WHERE events.id IN ({few[0]}) AND events.live", few[1]) if few else ("", [])
    if not keys:
        walked = "INDEXED BY events_by_document " if walk or sql == "1" else ""
        return (
            (f"{_ROW} FROM events {among or f'{walked}WHERE events.live'} AND {sql} {_ORDER}", [*ids, *parameters]),
        )
    first, *others = keys
    if not few and not others and (by_index := first.walk(condition)):
        return by_index, *_statements([], condition, None, walk=walk)
    then = [(f"{value}{key.down} NULLS LAST", more) for key in others for value, more in [key.value()]]
    value, of_value = first.value()
    where = f"FROM events {among or 'WHERE events.live'} AND {sql} AND {value}"
    order = "".join(f", {text}" for text, _ in then)
    more_values: list[SqlValue] = [item for _, more in then for item in more]
    with_value: Sql = (
        f"{_ROW} {where} IS NOT NULL ORDER BY {value}{first.down}{order}, events.id{first.down}",
        [*ids, *parameters, *of_value, *of_value, *more_values],
    )
    without: Sql = (
        f"{_ROW} {where} IS NULL ORDER BY {order[2:] + ', ' if order else ''}events.document_id, events.id",
        [*ids, *parameters, *of_value, *more_values],
    )
    return with_value, without
