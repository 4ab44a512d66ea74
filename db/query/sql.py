"""Turns a query into SQL. What a person typed reaches SQL only as parameters."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from db.kinds import is_date
from db.model import STATUSES, SqlValue
from db.query.grammar import All, Any, Condition, Node, Not, Operator, Query, QueryError, Sort, Words

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
_LIVE = "fields.state <> 'removed'"  # to the letter as in the partial index fields_by_value
# Scripts without spaces between words, which the full-text index takes for one long word.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")

Sql = tuple[str, list[SqlValue]]


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
    order_by = ", ".join([*(order for order, _ in orders), "events.id"])
    return Compiled(where, tuple(parameters), order_by, tuple(name for _, more in orders for name in more))


def _node(node: Node) -> Sql:
    match node:
        case Words():
            return _words(node.text)
        case Condition():
            return _condition(node)
        case Not():
            sql, parameters = _node(node.part)
            # NULL is no: an event without a confidence is not among confidence<0.6, and is among -confidence<0.6.
            return f"NOT coalesce({sql}, 0)", parameters
        case All() | Any():
            parts = [_node(part) for part in node.parts]
            joined = (" AND " if isinstance(node, All) else " OR ").join(sql for sql, _ in parts)
            return f"({joined})", [parameter for _, more in parts for parameter in more]


def _words(text: str) -> Sql:
    pattern = f"%{_escaped(text.rstrip('*'))}%"
    values = (
        f"events.id IN (SELECT event_id FROM fields WHERE {_LIVE} AND value LIKE ? ESCAPE '\\')"
        " OR events.external_id = ? OR events.note LIKE ? ESCAPE '\\'"
    )
    parameters: list[SqlValue] = [pattern, text, pattern]
    if _UNSPACED.search(text) or not any(character.isalnum() for character in text):
        sql = f"(documents.title LIKE ? ESCAPE '\\' OR documents.text LIKE ? ESCAPE '\\' OR {values})"
        return sql, [pattern, pattern, *parameters]
    quoted = text.rstrip("*").replace('"', '""').replace("\0", " ")
    phrase = f'"{quoted}"' + ("*" if text.endswith("*") else "")
    sql = f"(events.document_id IN (SELECT rowid FROM documents_fts WHERE documents_fts MATCH ?) OR {values})"
    return sql, [phrase, *parameters]


def _condition(condition: Condition) -> Sql:
    name, value = condition.name.lower(), condition.value
    if condition.operator == ":" and not condition.quoted and name in _QUESTIONS:
        return _QUESTIONS[name](condition)
    if name == "status" and value.lower() not in STATUSES and "*" not in value:
        raise QueryError(condition.column, f"no status {value}; one of {', '.join(STATUSES)}")
    if name == "confidence":
        return _confidence(condition)
    if name in _OWN_DATES:
        return _compare(_OWN_DATES[name], condition, dates=True)
    if name in _OWN_TEXT:
        return _compare(_OWN_TEXT[name], condition)
    sql, parameters = _compare("fields.value", condition, typed=True)
    # IN, not EXISTS: so the index on names and values gives the events, however many the file has.
    return (
        f"events.id IN (SELECT event_id FROM fields WHERE fields.name = ? AND {_LIVE} AND {sql})",
        [condition.name, *parameters],
    )


def _has(condition: Condition) -> Sql:
    wanted = condition.value.lower()
    own = {
        "reason": "events.reason IS NOT NULL",
        "confidence": "events.confidence IS NOT NULL",
        "note": "(events.note IS NOT NULL OR events.id IN (SELECT event_id FROM fields WHERE note IS NOT NULL))",
        "evidence": (
            "events.id IN (SELECT event_id FROM fields JOIN evidence ON field_id = fields.id"
            f" WHERE {_LIVE} AND current)"
        ),
    }
    if wanted in own:
        return own[wanted], []
    return f"events.id IN (SELECT event_id FROM fields WHERE fields.name = ? AND {_LIVE})", [condition.value]


def _is(condition: Condition) -> Sql:
    wanted = condition.value.lower()
    if wanted in STATUSES:
        return "events.status = ?", [wanted]
    if wanted == "reviewed":
        return "events.status <> 'pending'", []
    if wanted == "accepted":
        return "events.status IN ('confirmed', 'corrected')", []
    raise QueryError(
        condition.column, f"is:{condition.value} is unknown; is: {', '.join((*STATUSES, 'reviewed', 'accepted'))}"
    )


_QUESTIONS: dict[str, Callable[[Condition], Sql]] = {"has": _has, "is": _is}


def _confidence(condition: Condition) -> Sql:
    first, _, last = condition.value.partition("..")
    if not all(_NUMBER.fullmatch(f"0{part}" if part.startswith(".") else part) for part in (first, last or "0")):
        raise QueryError(condition.column, f"a confidence is a number, as in confidence<0.6, not {condition.value}")
    if last and condition.operator in (":", "="):
        return "events.confidence BETWEEN ? AND ?", [float(first), float(last)]
    operator = "=" if condition.operator == ":" else condition.operator
    return f"events.confidence {operator} ?", [float(first)]


def _compare(column: str, condition: Condition, *, typed: bool = False, dates: bool = False) -> Sql:
    """Compare a column; ``typed`` when it holds numbers as well as texts."""
    operator, value = condition.operator, condition.value
    first, dots, last = value.partition("..")
    if operator in (":", "=") and dots and first and last and not condition.quoted:
        low, low_values = _bound(column, ">=", first, typed)
        high, high_values = _bound(column, "<=", last, typed)
        return f"({low} AND {high})", low_values + high_values
    if operator in (":", "="):
        return _equal(column, operator, value, condition.quoted, typed, dates)
    return _bound(column, operator, value, typed)


def _equal(column: str, operator: Operator, value: str, quoted: bool, typed: bool, dates: bool) -> Sql:
    if "*" in value and not quoted and operator == ":":
        return f"{column} LIKE ? ESCAPE '\\'", ["%".join(_escaped(part) for part in value.split("*"))]
    if operator == ":" and not quoted and is_date(value) and (typed or dates) and "/" not in value:
        within, parameters = _within(column, value)
        if _NUMBER.fullmatch(value):
            return f"({within} OR {column} = ?)", [*parameters, int(value)]
        return within, parameters
    # LIKE folds the case of ASCII alone; the usual cases of other scripts are listed.
    cases = list(dict.fromkeys((value, value.lower(), value.upper(), value.title(), value.capitalize())))
    wanted: list[SqlValue] = [*cases] if operator == ":" else [value]
    if typed and _NUMBER.fullmatch(value):
        wanted.append(float(value) if "." in value else int(value))
    sql = f"{column} IN ({', '.join('?' * len(wanted))})"
    if operator == ":" and value.isascii() and value.lower() != value.upper():
        return f"({sql} OR {column} LIKE ? ESCAPE '\\')", [*wanted, _escaped(value)]
    return sql, wanted


def _bound(column: str, operator: Operator, value: str, typed: bool) -> Sql:
    """A comparison. In a typed column a number is compared with numbers alone and a text with texts: SQLite sorts every
    text after every number, and '' is the least text. A date stands for all its days."""
    branches: list[Sql] = []
    if typed and _NUMBER.fullmatch(value):
        number = float(value) if "." in value else int(value)
        below = f" AND {column} < ''" if operator in (">", ">=") else ""
        branches.append((f"{column} {operator} ?{below}", [number]))
    if not branches or is_date(value):
        text, least = value, f" AND {column} >= ''" if typed and operator in ("<", "<=") else ""
        if is_date(value) and "/" not in value and operator in (">", "<="):
            # After the last day; up to the last day: both turn on what begins with the date.
            text = f"{value}\uffff"
        branches.append((f"{column} {operator} ?{least}", [text]))
    joined = " OR ".join(sql for sql, _ in branches)
    return f"({joined})", [parameter for _, more in branches for parameter in more]


def _within(column: str, value: str) -> Sql:
    return f"({column} >= ? AND {column} <= ?)", [value, f"{value}\uffff"]


def _order(sort: Sort) -> Sql:
    name = sort.name.lower()
    own = {**_OWN_TEXT, **_OWN_DATES, "confidence": "events.confidence"}
    direction = "DESC" if sort.down else "ASC"
    if name in own:
        return f"{own[name]} {direction} NULLS LAST", []
    value = f"(SELECT min(value) FROM fields WHERE event_id = events.id AND name = ? AND {_LIVE})"
    return f"{value} {direction} NULLS LAST", [sort.name]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
