"""What a comparison takes of a column: alternatives in SQL, of which one must hold."""

import re
from dataclasses import dataclass

from db.model import SqlValue
from db.query.grammar import Condition, QueryError
from db.query.values import (
    IS_DATE,
    Bound,
    Sql,
    between,
    bound_of,
    equal_number,
    equal_text,
    escaped,
    is_no_date,
    is_number,
    number_of,
)
from db.text.folding import folded

_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3}){1,5}(\.[0-9]{1,18})?")
_MAY_BE_NUMBER = re.compile(r"[-+0-9.*]+")


def confidence(condition: Condition) -> list[Sql]:
    """Of the event's confidence. Raises QueryError for what is no number."""
    first, dots, last = condition.value.partition("..")
    ends = [end for end in (first, last) if end]
    if not ends or not all(map(is_number, ends)) or (dots and condition.operator not in (":", "=")):
        raise QueryError(condition.column, f"a confidence is a number, as in confidence<0.6, not {condition.value}")
    return compare("events.confidence", condition, numbers=True)


@dataclass(frozen=True, slots=True)
class TextLookup:
    """How the table of values is asked for a text, and what else a field may hold to be the same."""

    known: Sql
    values: tuple[SqlValue, ...]
    branches: tuple[Sql, ...] = ()


def as_text(condition: Condition) -> TextLookup | None:
    """A value to be equal to, by the table of values; None where it is an end, a range or a date."""
    value = condition.value
    if condition.operator != ":":
        return None
    if not condition.quoted:
        within = bound_of(value, numbers=False, dates=True)
        if ".." in value or within.date or is_no_date(value):
            return None
    text = folded(value)
    if "*" not in value or condition.quoted:
        return TextLookup(("folded = ?", [text]), tuple([number_of(value)] if is_number(value) else []))
    pattern = "%".join(map(escaped, text.split("*")))
    head = text.partition("*")[0]
    known: Sql = ("folded >= ? AND folded < ? AND folded LIKE ? ESCAPE '\\'", [head, f"{head}\U0010ffff", pattern])
    # SQLite sorts numbers before every text.
    numbers: Sql = ("fields.value < '' AND fields.value LIKE ? ESCAPE '\\'", [pattern])
    return TextLookup(known, (), (numbers,) if _MAY_BE_NUMBER.fullmatch(value) else ())


def compare(column: str, condition: Condition, *, numbers: bool = False, dates: bool = False) -> list[Sql]:
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
