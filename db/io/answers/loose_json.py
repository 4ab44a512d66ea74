"""Parses JSON as people and models write it, and remembers where in the text each value is.

It accepts what strict JSON is and what it is often mistaken for: trailing and missing commas, comments, quotation marks
of either kind, line ends within texts, names without quotation marks, Python's literals, and JSON that ends too early.
"""

import json
import re
from collections.abc import Iterator
from math import isfinite

from db.errors import InputError
from db.io.answers.json_places import Node

CUT = "the end is missing"
"""The problem of JSON that ends too early."""

MAX_DEPTH = 90  # levels: each takes two calls

_BLANK = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z))+", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
_WORD = re.compile(r"[^\W\d][\w.]*")
_KEY = re.compile(r"[\w$@-]+")
_PLAIN = re.compile(r"""[^"'“”\\\x00-\x1f]+""")
_MARKS = {'"': '"', "'": "'", "“": "“”"}  # quotation marks, with those that end a text
_AFTER_TEXT = re.compile(r"\s*(?:[,:}\])]|//|/\*|\Z)")
_ELLIPSIS = re.compile(r"\.{3}|…")
_WORDS = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "None": None, "NULL": None, "undefined": None,
    "NaN": None, "nan": None, "Infinity": None, "inf": None,
}  # fmt: skip
_STRICT_WORDS = ("true", "false", "null")
_NOT_NUMBERS = ("NaN", "nan", "Infinity", "inf")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"'}


def parse_places(text: str, start: int = 0, *, alone: bool = True) -> tuple[Node, tuple[str, ...]]:
    """Return the value that begins at ``start``, and what is not JSON in it: words such as ``trailing commas``.

    ``alone``: nothing may follow the value. Raises InputError.
    """
    parser = _Parser(text)
    parser.at = start
    node = parser.value(0)
    parser.skip_blank()
    if alone and parser.at < len(text):
        raise parser.error("more text after the end")
    return node, tuple(sorted(parser.problems))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.problems: set[str] = set()

    def error(self, what: str) -> InputError:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - self.text.rfind("\n", 0, self.at)
        return InputError(f"invalid JSON at line {line}, column {column}: {what}")

    def skip_blank(self) -> None:
        if found := _BLANK.match(self.text, self.at):
            if found[0].strip():
                self.problems.add("comments")
            self.at = found.end()

    def peek(self) -> str:
        self.skip_blank()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} levels deep")
        character = self.peek()
        start = self.at
        if character == "{":
            return self._object(depth)
        if character == "[" or (character == "(" and depth):
            return self._list("]" if character == "[" else ")", depth)
        if character in _MARKS:
            text, is_whole = self._string()
            return Node(text, start, self.at, is_whole=is_whole)
        if found := _NUMBER.match(self.text, start):
            self.at = found.end()
            return Node(self._number(found[0]), start, self.at)
        if found := _WORD.match(self.text, start):
            return self._word(found[0], depth)
        if not character:
            raise self.error("the text ends here")
        raise self.error(f"{character} is unexpected")

    def _number(self, digits: str) -> int | float:
        plain = digits.replace("_", "")
        try:
            number: int | float = json.loads(plain)
        except ValueError:
            self.problems.add("numbers")
            try:
                number = float(plain) if re.search(r"[.eE]", plain) else int(plain)
            except ValueError:
                raise self.error(f"{digits[:40]} is not a number") from None
        if not isfinite(number):
            raise self.error(f"{digits[:40]} is not a number")
        return number

    def _word(self, word: str, depth: int) -> Node:
        start = self.at
        self.at += len(word)
        if word in _WORDS:
            if word in _NOT_NUMBERS:
                self.problems.add("NaN, read as null")
            elif word not in _STRICT_WORDS:
                self.problems.add("Python's literals")
            return Node(_WORDS[word], start, self.at)
        if self.peek() == "(":  # the representation of a Python object, such as Event(type='attack')
            self.problems.add("Python's literals")
            return self._call(word, start, depth)
        self.at = start
        raise self.error(f"{word[:40]} has no quotation marks")

    def _call(self, name: str, start: int, depth: int) -> Node:
        named = Node({}, start, start, {})
        assert isinstance(named.members, dict)
        listed = []
        self.at += 1
        while (character := self.peek()) not in (")", ""):
            if character == ",":
                self.at += 1
                continue
            key = _WORD.match(self.text, self.at)
            if key and self.text[key.end() : key.end() + 1] == "=":
                self.at = key.end() + 1
                named.members[key[0]] = self.value(depth + 1)
                named.keys[key[0]] = key.span()
            else:
                listed.append(self.value(depth + 1).value)
        if not self.peek():
            raise self.error("the text ends here")
        self.at += 1
        named.end = self.at
        if named.members or not listed:
            named.value = {key: item.value for key, item in named.members.items()}
            return named
        if name.rpartition(".")[2] in ("date", "datetime") and all(type(item) is int for item in listed):
            return Node("-".join(f"{item:02}" for item in listed[:3]), start, self.at)
        return Node(listed[0] if len(listed) == 1 else listed, start, self.at)

    def _list(self, end: str, depth: int) -> Node:
        node = Node([], self.at, self.at, [])
        assert isinstance(node.members, list)
        if end == ")":
            self.problems.add("Python's literals")
        for _ in self._entries(node, end):
            item = self.value(depth + 1)
            if item.is_whole or isinstance(item.members, list):
                node.members.append(item)
            if not item.is_whole:
                self._cut(node)
        return self._closed(node)

    def _object(self, depth: int) -> Node:
        node = Node({}, self.at, self.at, {})
        assert isinstance(node.members, dict)
        for _ in self._entries(node, "}"):
            start = self.at
            key = self._key()
            place = start, self.at
            if self.peek() == ":":
                self.at += 1
            elif self.peek():
                raise self.error("a colon is missing after the key")
            if not self.peek():
                self._cut(node)
                continue
            item = self.value(depth + 1)
            if item.is_whole or item.members is not None:
                if key in node.members:
                    self.problems.add(f"the key {key[:40]} twice in an object, of which the last counts")
                node.members[key], node.keys[key] = item, place
            if not item.is_whole:
                self._cut(node)
        return self._closed(node)

    def _entries(self, node: Node, end: str) -> Iterator[None]:
        """Stop before each item of a container, which the caller reads, until its end or that of the text."""
        self.at += 1
        needs_comma = False
        while node.is_whole and (character := self.peek()) != end:
            if not character:
                self._cut(node)
            elif character in "]}":  # the end of the container around it
                self.problems.add("missing brackets")
                return
            elif character == ",":
                self.at += 1
                if not needs_comma or self.peek() == end:
                    self.problems.add("trailing commas" if needs_comma else "extra commas")
                needs_comma = False
            elif found := _ELLIPSIS.match(self.text, self.at):
                self.problems.add('"…" in place of items')
                self.at = found.end()
            else:
                if needs_comma:
                    self.problems.add("missing commas")
                needs_comma = True
                yield
        self.at += node.is_whole

    def _key(self) -> str:
        if self.text[self.at] in _MARKS:
            return self._string()[0]
        if found := _KEY.match(self.text, self.at):
            self.problems.add("keys without quotation marks")
            self.at = found.end()
            return found[0]
        raise self.error("a key is missing")

    def _cut(self, node: Node) -> None:
        self.at = len(self.text)
        node.is_whole = False
        self.problems.add(CUT)

    def _closed(self, node: Node) -> Node:
        node.end = self.at
        if isinstance(node.members, dict):
            node.value = {key: item.value for key, item in node.members.items()}
        elif node.members is not None:
            node.value = [item.value for item in node.members]
        return node

    def _string(self) -> tuple[str, bool]:
        """Return a text, and False if its end is missing."""
        text, mark = self.text, _MARKS[self.text[self.at]]
        if mark != '"':
            self.problems.add("single quotation marks" if mark == "'" else "typographic quotation marks")
        self.at += 1
        parts: list[str] = []
        while self.at < len(text):
            if plain := _PLAIN.match(text, self.at):
                parts.append(plain[0])
                self.at = plain.end()
                continue
            character = text[self.at]
            self.at += 1
            if character in mark:
                if _AFTER_TEXT.match(text, self.at) or not self._goes_on(mark):
                    return self._without_surrogates("".join(parts)), True
                self.problems.add("quotation marks within texts")
                parts.append(character)
            elif character == "\\":
                parts.append(self._escape())
            else:
                if character < " ":
                    self.problems.add("line ends and tabs within texts")
                parts.append(character)
        self.problems.add(CUT)
        return "".join(parts), False

    def _goes_on(self, mark: str) -> bool:
        """Return True if a quotation mark is one within the text, because the text ends later on its line."""
        line_end = self.text.find("\n", self.at)
        rest = self.text[self.at : line_end if line_end >= 0 else len(self.text)]
        following = rest.lstrip()[:1]
        if following in ('"', "'", "{", "["):  # the next item, after a missing comma
            return False
        return re.search(rf"[{mark}]\s*[,:}}\])]", rest) is not None

    def _escape(self) -> str:
        text = self.text
        character = text[self.at : self.at + 1]
        self.at += 1
        if character == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", code := text[self.at : self.at + 4]):
            self.at += 4
            return chr(int(code, 16))
        if character in _ESCAPES:
            return _ESCAPES[character]
        self.problems.add("invalid escapes")
        return character if character in "'\n" else f"\\{character}"

    def _without_surrogates(self, text: str) -> str:
        if not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self.error("half of a surrogate pair, which is not a character") from None
