"""Turns a query into SQL that begins to answer at once, however many events there are.

Each term is counted, up to ``_FEW``, by its index. Where a term that all results must have is rare, its events are
gone through, whatever else is asked. Otherwise results are frequent: events are walked in order, each looked at for the
other terms, until a page is full; all of them are then found by comparing sets.
"""

import sqlite3
from dataclasses import dataclass

from db.model import SqlValue
from db.query.grammar import All, Any, Condition, Node, Not, Query, QueryError, Saved, Sort, Words, parse
from db.query.names import OWN, field_names, resolve, suggestion
from db.query.terms import LIVE, Term, Terms, any_of
from db.query.values import Sql

_FEW = 10_000
_DEEP = 10  # levels from which the deepest part is written first: SQLite's parser has a stack of 100
_DEEPEST = 30
_MOST = 400  # terms, those of saved queries among them: each may use another twice
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
    """A query as SQL. Each statement gives rows of an event's integer id and whether it is pending.

    ``first`` and ``rest`` are statements to be run one after the other; of an event that comes more than once, the
    first time counts. They find the same events in the same order: ``first`` gives the first ones soonest, ``rest``
    all of them soonest. ``where`` is a condition on a row of events.
    """

    query: Query
    where: Sql
    first: tuple[Sql, ...]
    rest: tuple[Sql, ...]
    _test: Sql

    @property
    def few(self) -> bool:
        """Whether a rare term leads, so that all are found as soon as some."""
        return self.first is self.rest and self._test is not _EVERY

    @property
    def in_order(self) -> bool:
        """Whether events come as documents came: one can begin anywhere with ``pending``, ``before``, ``after``."""
        return not self.query.sort

    @property
    def pending(self) -> Sql:
        """The pending events, in order."""
        sql, parameters = self._test
        return (
            f"{_ROW} FROM events INDEXED BY events_by_status WHERE events.live AND events.status = 'pending' AND {sql}"
            f" {_ORDER}",
            parameters,
        )

    def only(self, event_id: int) -> Sql:
        """That event, if it is found."""
        sql, parameters = self._test
        return f"{_ROW} FROM events WHERE events.id = ? AND events.live AND {sql}", [event_id, *parameters]

    def after(self, event_id: int) -> Sql:
        """That event and those after it."""
        return self._beyond(event_id, ">=", "")

    def before(self, event_id: int) -> Sql:
        """Those before it, the nearest first."""
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
    """The SQL of a query on this file. Raises QueryError for what no event can be asked."""
    return _Compiler(connection, counting=True).search(query)


def check_query(connection: sqlite3.Connection, query: Query) -> None:
    """Look for mistakes, at each key while a query is typed. Raises QueryError."""
    _Compiler(connection, counting=False).search(query)


@dataclass(frozen=True, slots=True)
class _Part:
    """A term, or several joined. ``left`` is what is still to be tested of events that its ``ids`` select."""

    term: Term
    count: int
    depth: int
    left: Sql


class _Compiler:
    def __init__(self, connection: sqlite3.Connection, *, counting: bool) -> None:
        self._connection = connection
        self._counting = counting
        self._names = field_names(connection)
        self._terms = Terms(connection, self._names)
        self._sort: tuple[Sort, ...] = ()
        self._count = 0

    def search(self, query: Query) -> Search:
        part = None if query.expression is None else self._part(query.expression, ())
        sorts = query.sort or self._sort
        query = Query(query.text, query.expression, sorts)
        keys = [self._key(sort) for sort in sorts]
        if part is None:
            walk = _legs(keys, _EVERY, None)
            return Search(query, _EVERY, walk, walk, _EVERY)
        if part.depth > _DEEPEST:
            raise QueryError(1, f"with its saved queries it nests more than {_DEEPEST} deep; make it flatter")
        if part.count <= _FEW and part.term.ids:
            ids, parameters = part.term.ids
            test, more = part.left
            where: Sql = (f"(events.id IN ({ids}) AND {test})", [*parameters, *more])
            found = _legs(keys, part.left, part.term.ids)
            return Search(query, where, found, found, where)
        rest = _legs(keys, part.term.member, None, walk=False)
        return Search(query, part.term.member, _legs(keys, part.term.test, None), rest, part.term.test)

    def _part(self, node: Node, within: tuple[str, ...]) -> _Part:
        match node:
            case Words():
                return self._leaf(self._terms.words(node), node.column)
            case Condition():
                return self._leaf(self._terms.condition(node), node.column)
            case Saved():
                return self._saved(node, within)
            case Not(part=Not(part=part)):
                return self._part(part, within)
            case Not():
                negated = self._part(node.part, within)
                # NULL is no: an event without a confidence is not among confidence<0.6, and is among -confidence<0.6.
                test, member = (
                    (f"({sql} IS NOT TRUE)", parameters) for sql, parameters in (negated.term.test, negated.term.member)
                )
                return _Part(Term(test, member, None), _FEW + 1, negated.depth + 1, test)
            case All() | Any():
                return _joined([self._part(item, within) for item in node.parts], every=isinstance(node, All))

    def _leaf(self, term: Term, column: int) -> _Part:
        self._count += 1
        if self._count > _MOST:
            raise QueryError(column, f"with its saved queries it has more than {_MOST} terms; ask for less at once")
        if term.ids is None or not self._counting:
            return _Part(term, _FEW + 1, 0, term.test)
        sql, parameters = term.ids
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {_FEW + 1})", parameters
        ).fetchone()
        return _Part(term, count, 0, _EVERY)

    def _saved(self, node: Saved, within: tuple[str, ...]) -> _Part:
        rows = self._connection.execute("SELECT name, query FROM saved_queries").fetchall()
        texts = {name.casefold(): text for name, text in rows}
        name = node.name.casefold()
        if name not in texts:
            names = [name for name, _ in rows]
            raise QueryError(node.column, f"no saved query @{node.name}{suggestion(node.name, names, names)}")
        if name in within or len(within) > _DEEPEST:
            raise QueryError(node.column, f"@{node.name} stands within itself; change it")
        try:
            query = parse(texts[name])
            part = self._part(query.expression, (*within, name)) if query.expression else self._everything()
        except QueryError as error:
            raise QueryError(node.column, f"in @{node.name}: {error.what}") from None
        self._sort = self._sort or query.sort
        return _Part(part.term, part.count, part.depth + 1, part.left)

    def _everything(self) -> _Part:
        return _Part(Term(_EVERY, _EVERY, None), _FEW + 1, 0, _EVERY)

    def _key(self, sort: Sort) -> "_Key":
        name = sort.name.lower()
        down = " DESC" if sort.down else ""
        if name in OWN:
            return _Key(OWN[name], (), down)
        return _Key("", resolve(sort.name, self._names, sort.column), down)


def _joined(parts: list[_Part], *, every: bool) -> _Part:
    # The rarest first, since the first test that fails is the last. In deep queries, the deepest: "(((" takes one place
    # a level on the stack of SQLite's parser, "a AND (b OR (" three.
    depth = 1 + max(part.depth for part in parts)
    parts = sorted(parts, key=lambda part: -part.depth if depth > _DEEP else part.count)
    if not every:
        term = any_of([part.term for part in parts])
        exact = all(part.left == _EVERY for part in parts)
        count = min(_FEW + 1, sum(part.count for part in parts))
        return _Part(term, count, depth, _EVERY if exact else term.test)
    rarest = min(parts, key=lambda part: part.count if part.term.ids else _FEW + 2)
    term = Term(_and([part.term.test for part in parts]), _and([part.term.member for part in parts]), rarest.term.ids)
    left = _and([part.left if part is rarest else part.term.test for part in parts])
    return _Part(term, rarest.count, depth, left)


def _and(forms: list[Sql]) -> Sql:
    return f"({' AND '.join(sql for sql, _ in forms)})", [value for _, more in forms for value in more]


@dataclass(frozen=True, slots=True)
class _Key:
    """What to sort by: a column of the event's or its document's, or fields of these names."""

    column: str
    names: tuple[str, ...]
    down: str

    def value(self) -> Sql:
        """The value of an event: of several fields the one that comes first."""
        if self.names:
            # + keeps SQLite from walking all values of that name, for each event, in search of the first.
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
        """All events that have a value, in the order of the index on it; None where there is none.

        An event with several fields of the name comes once with each: the first time counts.
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


def _legs(keys: list[_Key], condition: Sql, few: Sql | None, *, walk: bool = True) -> tuple[Sql, ...]:
    """Statements that find the events in order: those that have a value to sort by, then those that have none.

    After those with a value come, in a walk, all: those that came already count no more.
    """
    sql, parameters = condition
    among, ids = (f"NOT INDEXED WHERE events.id IN ({few[0]}) AND events.live", few[1]) if few else ("", [])
    if not keys:
        walked = "INDEXED BY events_by_document " if walk or sql == "1" else ""
        return (
            (f"{_ROW} FROM events {among or f'{walked}WHERE events.live'} AND {sql} {_ORDER}", [*ids, *parameters]),
        )
    first, *others = keys
    if not few and not others and (walked_by := first.walk(condition)):
        return walked_by, *_legs([], condition, None, walk=walk)
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
