"""The terms of a query as SQL. What a person typed reaches SQL only as parameters.

A term has three forms, in all of which NULL counts as no match. ``test`` tests the row of one event and reads as little
as it can: to walk events in order until a page is full. ``member`` compares the event with the set of all matches,
which SQLite makes once: to go through all events. ``ids`` selects the matches by an index: to start with few of them.
"""

import sqlite3
from dataclasses import dataclass

from db.grounding.missing import weak_condition
from db.model import REASONS, STATUSES, SqlValue
from db.query.comparing import compare, confidence, text_lookup
from db.query.grammar import Condition, QueryError, Words
from db.query.names import DATE_PROPERTIES, FEW_VALUED, IS_VALUES, PROPERTIES, distinct_values, resolve, suggestion
from db.query.values import Sql, cases, escaped, is_number, matches_wildcards, number_of
from db.store.reading import CHANGED
from db.text.folding import folded, spaced

LIVE = "fields.state <> 'removed'"  # exactly as in the partial index fields_by_value, so that SQLite uses it
_INLINE = 20  # values that match a word; up to this many are listed in the SQL, more are selected as a set
_SET = 20_000  # documents; up to this many, a set is made quickly
_NEAR = 10  # words at most between two words of near:


@dataclass(frozen=True, slots=True)
class Term:
    """A term in its three forms. ``ids`` is None if there is no index for it."""

    test: Sql
    member: Sql
    ids: Sql | None


def event_term(sql: str, parameters: list[SqlValue]) -> Term:
    """Return the term for a condition on columns of events."""
    return Term((sql, parameters), (sql, parameters), (f"SELECT id FROM events WHERE live AND {sql}", parameters))


def document_term(sql: str, parameters: list[SqlValue]) -> Term:
    """Return the term for a condition on columns of documents."""
    return Term(
        (f"EXISTS (SELECT 1 FROM documents WHERE documents.id = events.document_id AND {sql})", parameters),
        (f"events.document_id IN (SELECT documents.id FROM documents WHERE {sql})", parameters),
        (
            "SELECT events.id FROM documents CROSS JOIN events ON events.document_id = documents.id AND events.live"
            f" WHERE {sql}",
            parameters,
        ),
    )


class Terms:
    """Makes the terms of queries on one file."""

    def __init__(self, connection: sqlite3.Connection, names: list[str]) -> None:
        """``names``: those of all fields."""
        self._connection = connection
        self._names = names

    def words(self, words: Words) -> Term:
        """Return the term for a word or phrase. Raises QueryError if it has no letter or digit to find in an index."""
        text = words.text
        if not any(character.isalnum() for character in text):
            raise QueryError(words.column, f"{text or 'this'} has no letter or digit to search for")
        match = phrase(text, prefix=not words.quoted)
        found = []
        if scoped := [scope for scope in ("title", "text") if scope in words.scopes]:
            found.append(self._in_documents(match if len(scoped) == 2 else f"{scoped[0]} : {match}"))
        if "value" in words.scopes:
            found.append(self._in_values(match, text.rstrip("*") if not words.quoted else text))
        if "note" in words.scopes:
            found.append(_in_notes(text.rstrip("*")))
        if len(words.scopes) > 2:
            found.append(event_term("(events.external_id = ?)", [text]))
        return any_of(found)

    def condition(self, condition: Condition) -> Term:
        """Return the term for ``name:value`` or a comparison. Raises QueryError."""
        name, value = condition.name.lower(), condition.value
        if condition.operator == ":" and name in ("has", "is", "near"):
            return {"has": self._has, "is": self._is, "near": self._near}[name](condition)
        if name == "status" and value.lower() not in STATUSES and "*" not in value:
            raise QueryError(condition.column, f"unknown status {value}; use one of {', '.join(STATUSES)}")
        if name == "reason" and value.lower() not in REASONS and "*" not in value:
            hint = suggestion(value.replace(" ", "_"), REASONS, REASONS)
            raise QueryError(condition.column, f"unknown reason {value}{hint}")
        if name == "confidence":
            return event_term(*_or(confidence(condition)))
        if name == "title" and condition.operator == ":" and "*" not in value.rstrip("*"):
            return self._title(condition)
        if name in PROPERTIES:
            column = PROPERTIES[name]
            make = document_term if column.startswith("documents.") else event_term
            if name in FEW_VALUED and condition.operator == ":":
                values = distinct_values(self._connection, column)
                if values is not None:
                    matching = _matching(condition, values)
                    return make(f"({column} IN ({', '.join('?' * len(matching))}))", matching) if matching else _NEVER
            return make(*_or(compare(column, condition, dates=name in DATE_PROPERTIES)))
        return self._field(condition)

    def _title(self, condition: Condition) -> Term:
        if not any(character.isalnum() for character in condition.value):
            raise QueryError(condition.column, f"{condition.value} has no letter or digit to search for")
        return self._in_documents(f"title : {phrase(condition.value, prefix=not condition.quoted)}")

    def _field(self, condition: Condition) -> Term:
        names = resolve(condition.name, self._names, condition.column)
        if condition.operator == "=" and ".." not in condition.value:
            numbers = [number_of(condition.value)] if is_number(condition.value) else []
            return _fields_with(names, [condition.value, *numbers], [])
        lookup = text_lookup(condition)
        if lookup is None:
            return _fields_with(names, [], compare("fields.value", condition, numbers=True, dates=True))
        known = f"FROM field_values WHERE name IN ({', '.join('?' * len(names))}) AND {lookup.known[0]}"
        parameters = [*names, *lookup.known[1]]
        rows = self._connection.execute(f"SELECT DISTINCT value {known} LIMIT {_INLINE + 1}", parameters).fetchall()
        if len(rows) <= _INLINE:
            return _fields_with(names, [*(row[0] for row in rows), *lookup.values], list(lookup.branches))
        branches = [(f"fields.value IN (SELECT value {known})", parameters), *lookup.branches]
        return _fields_with(names, list(lookup.values), branches)

    def _in_documents(self, match: str) -> Term:
        found = "SELECT rowid FROM documents_fts WHERE documents_fts MATCH ?"
        member: Sql = (f"events.document_id IN ({found})", [match])
        test: Sql = (f"EXISTS ({found} AND documents_fts.rowid = events.document_id)", [match])
        # One lookup in the index takes as long as making a set of some documents; a prefix stands for many words, and
        # each lookup merges the documents of all of them.
        (count,) = self._connection.execute(f"SELECT count(*) FROM ({found} LIMIT {_SET + 1})", [match]).fetchone()
        if count <= _SET or match.endswith(("*", "*)")):
            test = member
        ids = (
            "SELECT events.id FROM documents_fts CROSS JOIN events"
            " ON events.document_id = documents_fts.rowid AND events.live WHERE documents_fts MATCH ?"
        )
        return Term(test, member, (ids, [match]))

    def _near(self, condition: Condition) -> Term:
        words = [word for word in spaced(condition.value).split() if any(letter.isalnum() for letter in word)]
        if len(words) < 2:
            raise QueryError(condition.column, 'near: needs several words in quotes, as in near:"prisoners exchange"')
        return self._in_documents(f"NEAR({' '.join(phrase(word, prefix=True) for word in words)}, {_NEAR})")

    def _in_values(self, match: str, text: str) -> Term:
        found = "SELECT rowid FROM field_values_fts WHERE field_values_fts MATCH ?"
        term = Term(
            (
                "EXISTS (SELECT 1 FROM fields JOIN field_values ON field_values.name = fields.name"
                f" AND field_values.value = fields.value WHERE fields.event_id = events.id AND {LIVE}"
                f" AND field_values.id IN ({found}))",
                [match],
            ),
            (f"events.id IN ({_BY_VALUE})", [match]),
            (_BY_VALUE, [match]),
        )
        number = number_of(text) if is_number(text) else None
        return term if number is None else any_of([term, _fields_with(tuple(self._names), [number], [])])

    def _is(self, condition: Condition) -> Term:
        if condition.value.lower() != "weak":
            return _is(condition)
        test = weak_condition(self._connection)
        return Term(test, test, None)

    def _has(self, condition: Condition) -> Term:
        name = condition.value.lower()
        if name == "note":
            noted = "fields.note IS NOT NULL AND fields.note <> ''"
            return any_of(
                [event_term("(events.note IS NOT NULL AND events.note <> '')", []), _with_field_note(noted, [])]
            )
        if name == "evidence":
            test = (
                "EXISTS (SELECT 1 FROM fields JOIN evidence ON field_id = fields.id"
                f" WHERE event_id = events.id AND {LIVE} AND current)"
            )
            return Term((test, []), (test, []), None)
        if name in PROPERTIES:
            column = PROPERTIES[name]
            make = document_term if column.startswith("documents.") else event_term
            return make(f"({column} IS NOT NULL AND {column} <> '')", [])
        return _fields_with(resolve(condition.value, self._names, condition.column), [], [("1", [])])


def _matching(condition: Condition, values: list[str]) -> list[SqlValue]:
    """Return the values that equal that of a condition, or match its wildcards, in any case."""
    pattern = folded(condition.value)
    pieces = [pattern] if condition.quoted else pattern.split("*")
    return [value for value in values if matches_wildcards(pieces, folded(value))]


_NEVER = Term(("0", []), ("0", []), ("SELECT id FROM events WHERE 0", []))
_BY_VALUE = (
    "SELECT fields.event_id FROM field_values_fts CROSS JOIN field_values ON field_values.id = field_values_fts.rowid"
    " CROSS JOIN fields INDEXED BY fields_by_value ON fields.name = field_values.name"
    f" AND fields.value = field_values.value AND {LIVE} WHERE field_values_fts MATCH ?"
)


def phrase(text: str, *, prefix: bool) -> str:
    """Return the full-text query for a phrase. With ``prefix``, a ``*`` at the end leaves its last word open."""
    plain = text.rstrip("*") if prefix else text
    quoted = spaced(plain).replace('"', '""')
    return f'"{quoted}"' + "*" * (prefix and text.endswith("*"))


def any_of(terms: list[Term]) -> Term:
    """Return the term that matches if one of several does."""
    if len(terms) == 1:
        return terms[0]
    every = [term.ids for term in terms]
    ids = (
        None if None in every else (" UNION ALL ".join(i[0] for i in every if i), [p for i in every if i for p in i[1]])
    )
    return Term(_or([term.test for term in terms]), _or([term.member for term in terms]), ids)


def _or(branches: list[Sql]) -> Sql:
    return f"({' OR '.join(sql for sql, _ in branches) or '0'})", [value for _, more in branches for value in more]


def _in_notes(text: str) -> Term:
    patterns: list[SqlValue] = [f"%{escaped(case)}%" for case in cases(text)]

    def like(column: str) -> str:
        likes = " OR ".join([f"{column} LIKE ? ESCAPE '\\'"] * len(patterns))
        return f"({column} IS NOT NULL AND ({likes}))"

    return any_of([event_term(like("events.note"), patterns), _with_field_note(like("fields.note"), patterns)])


def _with_field_note(sql: str, parameters: list[SqlValue]) -> Term:
    ids = f"SELECT event_id FROM fields WHERE {sql}"
    return Term(
        (f"EXISTS (SELECT 1 FROM fields WHERE event_id = events.id AND {sql})", parameters),
        (f"events.id IN ({ids})", parameters),
        (ids, parameters),
    )


def _fields_with(names: tuple[str, ...], values: list[SqlValue], branches: list[Sql]) -> Term:
    """Return the term for events that have a field with one of the names, and one of the values or branches."""
    if not names or not (values or branches):
        return _NEVER
    marked = ", ".join("?" * len(names))
    equal: Sql = (f"fields.value IN ({', '.join('?' * len(values))})", values)
    tests: list[Sql] = []
    selects: list[Sql] = []
    if values:
        # With the name, value and event known, each value takes one step in the index.
        where = f"fields.name IN ({marked}) AND {equal[0]} AND {LIVE}"
        tests.append((f"EXISTS (SELECT 1 FROM fields WHERE {where} AND event_id = events.id)", [*names, *values]))
        selects.append((f"SELECT event_id FROM fields WHERE {where}", [*names, *values]))
    if branches:
        # The event leads; the + keeps SQLite from walking all values of the name for each event.
        sql, parameters = _or(branches)
        where = f"+fields.name IN ({marked}) AND {LIVE} AND {sql}"
        tests.append((f"EXISTS (SELECT 1 FROM fields WHERE event_id = events.id AND {where})", [*names, *parameters]))
        # One SELECT for each alternative, because with OR the index would be used for the name only.
        selects += [
            (f"SELECT event_id FROM fields WHERE fields.name IN ({marked}) AND {LIVE} AND {sql}", [*names, *more])
            for sql, more in branches
        ]
    ids = (" UNION ALL ".join(sql for sql, _ in selects), [value for _, more in selects for value in more])
    return Term(_or(tests), (f"events.id IN ({ids[0]})", ids[1]), ids)


def _is(condition: Condition) -> Term:
    value = condition.value.lower()
    if value in STATUSES:
        return event_term("(events.status = ?)", [value])
    if value == "reviewed":
        return event_term(
            f"(events.status IN ({', '.join('?' * (len(STATUSES) - 1))}))", [s for s in STATUSES if s != "pending"]
        )
    if value == "accepted":
        return event_term("(events.status IN ('confirmed', 'corrected'))", [])
    if value == "merged":
        return event_term("(events.merged_into IS NOT NULL)", [])
    if value == "changed":
        return event_term(CHANGED, [])
    if value == "gone":
        return Term(
            ("EXISTS (SELECT 1 FROM source_events WHERE event_id = events.id AND gone_at IS NOT NULL)", []),
            ("events.id IN (SELECT event_id FROM source_events WHERE gone_at IS NOT NULL)", []),
            ("SELECT event_id FROM source_events WHERE gone_at IS NOT NULL", []),
        )
    if value == "added":
        return event_term("(events.extracted_type IS NULL)", [])
    raise QueryError(condition.column, f"unknown is:{condition.value}{suggestion(value, IS_VALUES, IS_VALUES)}")
