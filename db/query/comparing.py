"""Comparisons as SQL on a column: alternatives, of which one must match."""

import re
from dataclasses import dataclass

from db.model import SqlValue
from db.query.grammar import Condition, QueryError
from db.query.names import suggestion
from db.query.values import (
    DAY_WORDS,
    IS_DATE,
    Bound,
    Sql,
    between,
    bound_of,
    bound_of_day,
    day_named,
    equal_number,
    equal_text,
    escaped,
    is_impossible_date,
    is_number,
    number_of,
)
from db.text.folding import folded, normal_forms

_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3}){1,5}(\.[0-9]{1,18})?")
_MAY_BE_NUMBER = re.compile(r"[-+0-9.*]+")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.Z+-]*")
_TIMES = "events.decided_at"  # the column that holds times in UTC; the others hold days
_DIGITS = re.compile(r"[0-9/.-]+")


def confidence(condition: Condition) -> list[Sql]:
    """Return the alternatives for the confidence of an event. Raises QueryError unless it is compared with a number."""
    first, dots, last = condition.value.partition("..")
    ends = [end for end in (first, last) if end]
    if not ends or not all(map(is_number, ends)) or (dots and condition.operator not in (":", "=")):
        raise QueryError(condition.column, f"confidence must be a number, as in confidence<0.6, not {condition.value}")
    return compare("events.confidence", condition, numbers=True)


@dataclass(frozen=True, slots=True)
class TextLookup:
    """How to find a text among the distinct values of a field."""

    known: Sql
    """A condition on the table of values."""
    values: tuple[SqlValue, ...]
    """Values, not in that table, that equal the text: the number that it writes."""
    branches: tuple[Sql, ...] = ()
    """Conditions on fields for other values, not in that table, that match the text."""


def text_lookup(condition: Condition) -> TextLookup | None:
    """Return how to look up a value that fields must equal, or None for a comparison, a range or a date."""
    value = condition.value
    if condition.operator != ":":
        return None
    is_date = bound_of(value, numbers=False, dates=True).date or is_impossible_date(value) or day_named(value)
    if not condition.quoted and (".." in value or is_date):
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
    """Return the alternatives. ``numbers``, ``dates``: True if the column may hold them as well as text."""
    operator, value = condition.operator, condition.value

    def bound(text: str) -> Bound:
        if dates and is_impossible_date(text):
            raise QueryError(condition.column, f"{text} is not a date; write 2024, 2024-10 or 2024-10-31")
        if dates and not condition.quoted and (day := day_named(text)):
            return bound_of_day(day, times=column == _TIMES)
        return bound_of(text, numbers=numbers, dates=dates)

    if dates and not numbers:
        _refuse_no_date(column, condition)
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
            raise QueryError(condition.column, "the ends of a range must be two numbers or two dates")
    if operator == "=" and not (dates and not numbers and day_named(value)):
        forms: list[Sql] = [(f"{column} = ?", [form]) for form in normal_forms(value)]
        return [*forms, *equal_number(column, value, numbers)]
    if dates and not condition.quoted and day_named(value):
        day_at = bound(value)
        return [*between(column, day_at, day_at), *([] if not numbers else equal_text(column, value, False))]
    within = bound_of(value, numbers=False, dates=dates)
    if within.date:
        day = f"({column} >= ? AND {column} < ? AND {IS_DATE.format(column)})"
        return [(day, [within.date, within.after]), *equal_number(column, value, numbers)]
    if column == _TIMES and _TIME.match(value):
        value += "*"  # a time to the minute
    wildcards = "*" in value and not condition.quoted
    return [*equal_text(column, value, wildcards), *equal_number(column, value, numbers)]


def _refuse_no_date(column: str, condition: Condition) -> None:
    """Raise QueryError if a property that holds dates is compared with anything else, which would find nothing.

    The publication date may be kept in words, and is then found by them.
    """
    value, operator = condition.value, condition.operator
    equals = operator in (":", "=")
    for end in filter(None, value.split("..") if equals and not condition.quoted else [value]):
        if bound_of(end, numbers=False, dates=True).date or day_named(end) or _TIME.match(end):
            continue
        hint = suggestion(end, [word for word in DAY_WORDS if word[0] == end[:1].lower()])
        in_words = condition.quoted or "*" in end or (column != _TIMES and not hint and not _DIGITS.fullmatch(end))
        if not (equals and in_words):
            raise QueryError(
                condition.column,
                f"{condition.name}{operator}{end}: {end} is not a date{hint};"
                " write 2024, 2024-10, 2024-10-31, today, yesterday or -7d",
            )
