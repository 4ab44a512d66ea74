"""Turns a query into SQL. What a person typed reaches SQL only as parameters."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from db.model import STATUSES, SqlValue
from db.query.grammar import All, Any, Condition, Node, Not, Query, QueryError, Sort, Words
from db.query.values import (
    IS_DATE,
    Bound,
    Sql,
    between,
    bound_of,
    cases,
    equal_number,
    equal_text,
    escaped,
    is_no_date,
    is_number,
    number_of,
)

_OWN_TEXT = {
    "type": "events.type",
    "status": "events.status",
    "reason": "events.reason",
    "extractor": "events.extractor",
    "id": "events.external_id",
    "reviewer": "events.reviewer",
    "note": "events.note",
    "document": "documents.external_id",
    "title": "documents.title",
    "publisher": "documents.publisher",
    "url": "documents.url",
    "language": "documents.language",
}
_OWN_DATES = {"decided": "events.decided_at", "published": "documents.published"}
_OWN = {**_OWN_TEXT, **_OWN_DATES, "confidence": "events.confidence"}
_LIVE = "fields.state <> 'removed'"  # to the letter as in the partial index fields_by_value
# Scripts without spaces between words, which the full-text index takes for one long word.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3}){1,5}(\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class Compiled:
    """Parts of ``SELECT … FROM events JOIN documents ON documents.id = events.document_id WHERE … ORDER BY …``."""

    where: str
    parameters: tuple[SqlValue, ...]
    order_by: str
    order_parameters: tuple[SqlValue, ...]


def compile_query(query: Query) -> Compiled:
    """The SQL of a query. Raises QueryError for what no event can be asked."""
    where, parameters = _node(query.expression) if query.expression else ("1", [])
    orders = [_order(sort) for sort in query.sort]
    order_by = ", ".join([*(order for order, _ in orders), "events.document_id", "events.id"])
    return Compiled(where, tuple(parameters), order_by, tuple(name for _, more in orders for name in more))


def _node(node: Node) -> Sql:
    match node:
        case Words():
            return _words(node.text)
        case Condition():
            return _condition(node)
        case Not(part=Not(part=part)):
            return _node(part)
        case Not():
            sql, parameters = _node(node.part)
            # NULL is no: an event without a confidence is not among confidence<0.6, and is among -confidence<0.6.
            return f"{sql} IS NOT TRUE", parameters
        case All() | Any():
            # The deepest first: "(((" takes one place a level on the stack of SQLite's parser, "a AND (b OR (" three.
            parts = [_node(part) for part in sorted(node.parts, key=_depth, reverse=True)]
            joined = (" AND " if isinstance(node, All) else " OR ").join(sql for sql, _ in parts)
            return f"({joined})", [parameter for _, more in parts for parameter in more]


def _depth(node: Node) -> int:
    match node:
        case Not():
            return 1 + _depth(node.part)
        case All() | Any():
            return 1 + max(map(_depth, node.parts))
        case _:
            return 0


def _words(text: str) -> Sql:
    plain = text.rstrip("*")
    patterns: list[SqlValue] = [f"%{escaped(case)}%" for case in cases(plain)]
    like = " OR ".join(["{0} LIKE ? ESCAPE '\\'"] * len(patterns))
    if _UNSPACED.search(text) or not any(character.isalnum() for character in text):
        documents = f"SELECT id FROM documents WHERE {like.format('title')} OR {like.format('text')}"
        parameters = [*patterns, *patterns]
    else:
        documents = "SELECT rowid FROM documents_fts WHERE documents_fts MATCH ?"
        quoted = plain.replace('"', '""')
        parameters = [f'"{quoted}"' + ("*" if text.endswith("*") else "")]
    # Values that are JSON are BLOBs, which LIKE passes over in some builds of SQLite; numbers must be equal.
    value = f"(value >= '' AND ({like.format('CAST(value AS TEXT)')}))" + (" OR value = ?" * is_number(plain))
    numbers: list[SqlValue] = [number_of(plain)] if is_number(plain) else []
    sql = (
        f"(events.document_id IN ({documents}) OR events.external_id = ? OR {like.format('events.note')}"
        f" OR events.id IN (SELECT event_id FROM fields WHERE {_LIVE} AND ({value})))"
    )
    return sql, [*parameters, text, *patterns, *patterns, *numbers]


def _condition(condition: Condition) -> Sql:
    name, value = condition.name.lower(), condition.value
    if condition.operator == ":" and not condition.quoted and name in _QUESTIONS:
        return _QUESTIONS[name](condition)
    if name == "status" and value.lower() not in STATUSES and "*" not in value:
        raise QueryError(condition.column, f"no status {value}; one of {', '.join(STATUSES)}")
    if name == "confidence":
        return _any_of(_confidence(condition))
    if name in _OWN_DATES or name in _OWN_TEXT:
        column = _OWN_DATES.get(name) or _OWN_TEXT[name]
        found = _any_of(_compare(column, condition, dates=name in _OWN_DATES))
        if column.startswith("documents."):  # once for each document, not for each event
            return f"(events.document_id IN (SELECT documents.id FROM documents WHERE {found[0]}))", found[1]
        return found
    # IN, not EXISTS: so the index on names and values gives the events, however many the file has. A SELECT for each
    # alternative, since with OR the index would give the name alone.
    branches = _compare("fields.value", condition, numbers=True, dates=True)
    selects = [f"SELECT event_id FROM fields WHERE fields.name = ? AND {_LIVE} AND {sql}" for sql, _ in branches]
    parameters = [parameter for _, more in branches for parameter in (condition.name, *more)]
    return f"(events.id IN ({' UNION ALL '.join(selects)}))", parameters


def _any_of(branches: list[Sql]) -> Sql:
    return f"({' OR '.join(sql for sql, _ in branches)})", [value for _, more in branches for value in more]


def _has(condition: Condition) -> Sql:
    wanted = condition.value.lower()
    if wanted == "note":
        return "(events.note <> '' OR events.id IN (SELECT event_id FROM fields WHERE note <> ''))", []
    if wanted == "evidence":
        live = f"SELECT 1 FROM fields JOIN evidence ON field_id = fields.id WHERE event_id = events.id AND {_LIVE}"
        return f"(EXISTS ({live} AND current))", []
    if wanted in _OWN:
        return f"({_OWN[wanted]} <> '')", []
    return f"(events.id IN (SELECT event_id FROM fields WHERE fields.name = ? AND {_LIVE}))", [condition.value]


def _is(condition: Condition) -> Sql:
    wanted = condition.value.lower()
    if wanted in STATUSES:
        return "(events.status = ?)", [wanted]
    if wanted == "reviewed":
        return "(events.status <> 'pending')", []
    if wanted == "accepted":
        return "(events.status IN ('confirmed', 'corrected'))", []
    raise QueryError(
        condition.column, f"is:{condition.value} is unknown; is: {', '.join((*STATUSES, 'reviewed', 'accepted'))}"
    )


_QUESTIONS: dict[str, Callable[[Condition], Sql]] = {"has": _has, "is": _is}


def _confidence(condition: Condition) -> list[Sql]:
    first, dots, last = condition.value.partition("..")
    ends = [end for end in (first, last) if end]
    if not ends or not all(map(is_number, ends)) or (dots and condition.operator not in (":", "=")):
        raise QueryError(condition.column, f"a confidence is a number, as in confidence<0.6, not {condition.value}")
    return _compare("events.confidence", condition, numbers=True)


def _compare(column: str, condition: Condition, *, numbers: bool = False, dates: bool = False) -> list[Sql]:
    """Alternatives, of which one must hold; ``numbers``, ``dates``: what the column may hold beside text."""
    operator, value = condition.operator, condition.value

    def bound(text: str) -> Bound:
        if dates and is_no_date(text):
            raise QueryError(condition.column, f"there is no date {text}; write 2024, 2024-10 or 2024-10-31")
        return bound_of(text, numbers=numbers, dates=dates)

    if operator not in (":", "="):
        if numbers and _GROUPED.fullmatch(value):
            value = value.replace(",", "")
        end = bound(value)
        if end.number is None and end.date is None:
            return [(f"({column} >= '' AND {column} {operator} ?)", [value])]
        inclusive = operator in (">=", "<=")
        if operator.startswith(">"):
            return between(column, end, None, inclusive)
        return between(column, None, end, inclusive)
    first, dots, last = value.partition("..")
    if (numbers or dates) and dots and (first or last) and not condition.quoted:
        low, high = (bound(end) if end else None for end in (first, last))
        if branches := between(column, low, high):
            return branches
        if any(end and (end.number is not None or end.date) for end in (low, high)):
            raise QueryError(condition.column, "a range goes from number to number or from date to date")
    if operator == "=":
        return [(f"{column} = ?", [value]), *equal_number(column, value, numbers)]
    within = bound_of(value, numbers=False, dates=dates)
    if within.date:
        day = f"({column} >= ? AND {column} < ? AND {IS_DATE.format(column)})"
        return [(day, [within.date, within.after]), *equal_number(column, value, numbers)]
    wildcards = "*" in value and not condition.quoted
    return [*equal_text(column, value, wildcards), *equal_number(column, value, numbers)]


def _order(sort: Sort) -> Sql:
    name = sort.name.lower()
    direction = "DESC" if sort.down else "ASC"
    if name in _OWN:
        return f"{_OWN[name]} {direction} NULLS LAST", []
    # +name keeps SQLite from walking all values of that name, for each event, in search of the least.
    value = f"(SELECT min(value) FROM fields WHERE event_id = events.id AND +name = ? AND {_LIVE})"
    return f"{value} {direction} NULLS LAST", [sort.name]
