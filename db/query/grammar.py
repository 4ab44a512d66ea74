"""Parses a query: words, ``name:value``, comparisons, ``or``, ``not``, brackets, saved queries.

query      = any ;
any        = all { "or" all } ;
all        = one { [ "and" ] one } ;
one        = ( "-" | "not" ) one | "(" any ")" | condition | word | phrase | "@" name ;
condition  = name ( ":" | "=" | ">=" | ">" | "<=" | "<" ) ( value | phrase ) ;

``sort:name``, ``sort:-name`` and ``in:title,text,value,note`` apply to the whole query and may not be in brackets.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast, get_args

from db.errors import EventdeskError

Operator = Literal[":", "=", ">=", ">", "<=", "<"]
Scope = Literal["title", "text", "value", "note"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_MAX_TERMS = 200
_MAX_DEPTH = 30  # levels; the stack of SQLite's own parser has 100
_MAX_LENGTH = 5_000  # characters; SQLite refuses a LIKE pattern of 50,000 bytes
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<bracket>[()])
    | (?P<minus>-(?=\S))
    | (?P<name>[^\W\d][^\s()":<>=!,]*(?<!-))(?P<operator>:(?!//)|>=|<=|>|<|=)
    | "(?P<phrase>(?:[^"\\]|\\.)*)(?P<quote>"?)
    | @(?P<saved>[^\W][^\s()":<>=!,]*)
    | (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_VALUE = re.compile(r'"(?P<phrase>(?:[^"\\]|\\.)*)(?P<quote>"?)|(?P<word>[^\s()"]+)', re.DOTALL)


class QueryError(EventdeskError):
    """A mistake in a query. ``column`` counts from 1; ``what`` says what is wrong, without the column."""

    def __init__(self, column: int, what: str) -> None:
        super().__init__(f"column {column}: {what}")
        self.column = column
        self.what = what


@dataclass(frozen=True, slots=True)
class Words:
    """A bare word or a quoted phrase, to be found in any of ``scopes``."""

    text: str
    quoted: bool
    column: int
    scopes: tuple[Scope, ...] = SCOPES


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a field, or of a property of the event or its document."""

    name: str
    operator: Operator
    value: str
    quoted: bool
    column: int


@dataclass(frozen=True, slots=True)
class Saved:
    """The name of a saved query."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Not:
    """Matches what ``part`` doesn't."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """Matches what every part matches."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Matches what at least one part matches."""

    parts: tuple["Node", ...]


Node: TypeAlias = Words | Condition | Saved | Not | All | Any


@dataclass(frozen=True, slots=True)
class Sort:
    """An order by a field or property. ``down``: the largest first."""

    name: str
    down: bool
    column: int


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``expression`` is None if it matches every event."""

    text: str
    expression: Node | None
    sort: tuple[Sort, ...]


def parse(text: str) -> Query:
    """Parse a query. Raises QueryError with the column of the mistake."""
    if len(text) > _MAX_LENGTH:
        raise QueryError(_MAX_LENGTH + 1, f"a query can have at most {_MAX_LENGTH:,} characters; shorten it")
    if unusable := re.search("[\0\ud800-\udfff]", text):  # SQLite can't be given lone surrogates
        raise QueryError(unusable.start() + 1, "this character is not valid text; remove it")
    return _Parser(text).query()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["open", "close", "minus", "or", "and", "not", "words", "condition", "end"]
    column: int
    node: Words | Condition | Saved | None = None


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._sort: list[Sort] = []
        self._scopes: list[Scope] = []
        self._tokens = self._read()
        self._next = 0
        self._depth = 0

    def query(self) -> Query:
        expression = None if self._peek.kind == "end" else self._any()
        if self._peek.kind == "close":
            raise QueryError(self._peek.column, "this bracket was never opened; remove it")
        return Query(self._text.strip(), expression, tuple(self._sort))

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _any(self) -> Node:
        parts = [self._all()]
        while self._peek.kind == "or":
            self._next += 1
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._peek.kind not in ("or", "close", "end"):
            if self._peek.kind == "and":
                self._next += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        token = self._peek
        self._next += 1
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise QueryError(token.column, f"brackets and nots are nested more than {_MAX_DEPTH} deep; simplify them")
        node: Node
        if token.kind in ("minus", "not"):
            node = Not(self._one())
        elif token.kind == "open":
            node = self._any()
            if self._peek.kind != "close":
                raise QueryError(token.column, "this bracket is not closed; add )")
            self._next += 1
        elif token.node is not None:
            node = token.node
            if isinstance(node, Words) and self._scopes:
                node = replace(node, scopes=tuple(dict.fromkeys(self._scopes)))
        else:
            what = {
                "end": "the query is incomplete; add a word or name:value",
                "close": "add a word or name:value before this )",
            }
            raise QueryError(token.column, what.get(token.kind, f"{token.kind} needs a word or name:value before it"))
        self._depth -= 1
        return node

    def _read(self) -> list[_Token]:
        tokens: list[_Token] = []
        place = 0
        while match := _TOKEN.match(self._text, place):
            column = match.end() - len(match[0].lstrip()) + 1
            place = match.end()
            if match["name"]:
                token, place = self._condition(match, column)
                if token is None:
                    self._check_outside(tokens, column, match["name"].lower())
                    continue
            else:
                token = self._token(match, column)
            tokens.append(token)
            if len(tokens) > _MAX_TERMS:
                raise QueryError(column, f"more than {_MAX_TERMS} terms; shorten the query")
        return [*tokens, _Token("end", len(self._text) + 1)]

    @staticmethod
    def _check_outside(before: list[_Token], column: int, name: str) -> None:
        kinds = [token.kind for token in before]
        if kinds.count("open") > kinds.count("close") or (kinds and kinds[-1] in ("minus", "not", "or")):
            raise QueryError(column, f"{name}: applies to the whole query; put it outside brackets, not and or")

    def _token(self, match: re.Match[str], column: int) -> _Token:
        if match["bracket"]:
            return _Token("open" if match["bracket"] == "(" else "close", column)
        if match["minus"]:
            return _Token("minus", column)
        if match["phrase"] is not None:
            return _Token("words", column, Words(_phrase(match, column), True, column))
        if match["saved"]:
            return _Token("words", column, Saved(match["saved"], column))
        word = match["word"]
        if misplaced := re.search("^[<>=]+|!=|>=|<=", word):
            what = f"{misplaced[0]} needs a name before it, as in count>=500; to search for it as text, use quotes"
            if misplaced[0] == "!=":
                what = "!= is not an operator; to exclude, put - before the term, as in -type:attack"
            raise QueryError(column + misplaced.start(), what)
        if word.lower() in ("or", "and", "not"):
            return _Token(cast('Literal["or", "and", "not"]', word.lower()), column)
        return _Token("words", column, Words(word, False, column))

    def _condition(self, match: re.Match[str], column: int) -> tuple[_Token | None, int]:
        name, operator = match["name"], cast("Operator", match["operator"])
        value = _VALUE.match(self._text, match.end())
        if value is None:
            raise QueryError(match.end() + 1, f"{name}{operator} needs a value, as in {name}{operator}10")
        quoted = value["phrase"] is not None
        text = _phrase(value, match.end() + 1) if quoted else value["word"]
        if not quoted and (extra := re.match("[<>=:]+", text)):
            hint = "to exclude, put - before the term" if operator + extra[0] == "<>" else "use : = >= > <= <"
            raise QueryError(match.end(), f"{operator}{extra[0]} is not an operator; {hint}")
        if name.lower() == "sort" and operator == ":":
            self._sort.append(Sort(text.removeprefix("-"), text.startswith("-"), column))
            return None, value.end()
        if name.lower() == "in" and operator == ":":
            self._scopes += _scopes(text, column)
            return None, value.end()
        return _Token("condition", column, Condition(name, operator, text, quoted, column)), value.end()


def _scopes(text: str, column: int) -> list[Scope]:
    scopes = text.lower().split(",")
    for scope in scopes:
        if scope not in SCOPES:
            raise QueryError(column, f"unknown in:{scope}; use one or more of in:{','.join(SCOPES)}")
    return cast("list[Scope]", scopes)


def quoted(text: str) -> str:
    """Return a text as a quoted phrase, which parses back to the text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _phrase(match: re.Match[str], column: int) -> str:
    if not match["quote"]:
        raise QueryError(column, 'this quote is not closed; add "')
    return re.sub(r"\\(.)", r"\1", match["phrase"], flags=re.DOTALL)
