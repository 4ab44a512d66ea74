"""Edits values within JSON text: what isn't edited keeps its bytes, its order and its layout."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Key = str | int | None
"""A key of an object, a number in a list, or None for the JSON within a text."""

_UNCHANGED: Any = object()
_INDENT = re.compile(r"\n([ \t]*)")


@dataclass(slots=True)
class Node:
    """A value and its place in the text, ``[start, end)``.

    members: of an object, by key, and of a list in order. keys: the places of an object's keys.
    is_whole: False if the text ends within the value.
    """

    value: Any
    start: int
    end: int
    members: "dict[str, Node] | list[Node] | None" = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    is_whole: bool = True

    def child(self, key: Key) -> "Node | None":
        """Return the value under a key of an object or at a number of a list; None if there is none."""
        if isinstance(self.members, dict):
            return self.members.get(key) if isinstance(key, str) else None
        if isinstance(self.members, list) and isinstance(key, int) and 0 <= key < len(self.members):
            return self.members[key]
        return None

    def entries(self) -> "Iterator[tuple[Key, int, Node]]":
        """Yield the members with their keys and with where they start: an object's at the key."""
        if isinstance(self.members, dict):
            for key, item in sorted(self.members.items(), key=lambda pair: pair[1].start):
                yield key, self.keys[key][0], item
        elif self.members is not None:
            for number, item in enumerate(self.members):
                yield number, item.start, item


@dataclass(slots=True)
class Edit:
    """What to change at a place, and below it.

    value: the new value. name: the new key of a member. added: new members; None as a key in a list. following: further
    values, which make a list of the value and these.
    """

    value: Any = _UNCHANGED
    removed: bool = False
    name: str | None = None
    added: list[tuple[str | None, Any]] = field(default_factory=list)
    following: list[Any] = field(default_factory=list)
    inner: "dict[Key, Edit]" = field(default_factory=dict)

    def at(self, path: Sequence[Key]) -> "Edit":
        """Return the edit of a place below this one."""
        edit = self
        for key in path:
            edit = edit.inner.setdefault(key, Edit())
        return edit

    def set(self, value: Any) -> None:
        """Give the place another value."""
        self.value = value

    @property
    def is_set(self) -> bool:
        """True if the place gets another value."""
        return self.value is not _UNCHANGED

    @property
    def is_empty(self) -> bool:
        """True if nothing changes at the place and below it."""
        own = self.is_set or self.removed or self.name is not None or self.added or self.following
        return not own and all(edit.is_empty for edit in self.inner.values())


class Style:
    """How a JSON text is written: its blanks, its line ends, and whether it escapes what isn't ASCII."""

    def __init__(self, text: str) -> None:
        self.ascii = text.isascii() and re.search(r"\\u(?!00[01])", text) is not None
        self.spaced = re.search(r'"\s*:\s', text) is not None or re.search(r'"\s*:', text) is None
        indents = sorted({len(found[1]) for found in _INDENT.finditer(text)} - {0})
        self._unit: int | str | None = indents[0] if indents else None
        if self._unit is not None and "\n\t" in text:
            self._unit = "\t"

    def dumps(self, value: Any, indent: str | None = None) -> str:
        """Return a value as JSON; with an ``indent``, over several lines that begin with it."""
        separators = (", ", ": ") if self.spaced else (",", ":")
        if indent is None or self._unit is None or not isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=self.ascii, separators=separators)
        lines = json.dumps(value, ensure_ascii=self.ascii, indent=self._unit, separators=(",", separators[1]))
        return lines.replace("\n", f"\n{indent}")


def edited(text: str, node: Node, edit: Edit, style: Style | None = None) -> str:
    """Return the JSON text of a value with its edits."""
    style = style or Style(text)
    whole = style.dumps(edit.value) if edit.is_set else _members(text, node, edit, style)
    if edit.following:
        comma = ", " if style.spaced else ","
        whole = f"[{comma.join((whole, *map(style.dumps, edit.following)))}]"
    return whole


def _members(text: str, node: Node, edit: Edit, style: Style) -> str:
    if edit.is_empty or node.members is None:
        return text[node.start : node.end]
    entries = list(node.entries())
    if not entries:
        opening, closing = text[node.start], text[node.end - 1]
        comma = ", " if style.spaced else ","
        return opening + comma.join(_new(item, None, style) for item in edit.added) + closing
    opening = text[node.start : entries[0][1]]
    written, previous_end = "", entries[0][1]
    kept = 0
    for key, start, item in entries:
        own = edit.inner.get(key)
        if own is None or not own.removed:
            written += text[previous_end:start] if kept else ""
            if own is None:
                written += text[start : item.end]
            else:
                if own.name is not None and isinstance(key, str):
                    written += style.dumps(own.name)
                    start = node.keys[key][1]
                written += text[start : item.start] + edited(text, item, own, style)
            kept += 1
        previous_end = item.end
    layout = text[entries[-2][2].end : entries[-1][1]] if len(entries) > 1 else _separator(opening, style)
    indent = _INDENT.search(layout)
    for added in edit.added:
        written += (layout if kept else "") + _new(added, indent[1] if indent else None, style)
        kept += 1
    if not kept:
        return text[node.start] + text[node.end - 1] if opening else "[]"
    return opening + written + text[entries[-1][2].end : node.end]


def _separator(opening: str, style: Style) -> str:
    if not opening:  # values one after the other
        return "\n"
    blank = opening[1:]
    return "," + (blank if "\n" in blank else " " if style.spaced else "")


def _new(member: tuple[str | None, Any], indent: str | None, style: Style) -> str:
    key, value = member
    name = "" if key is None else style.dumps(key) + (": " if style.spaced else ":")
    return name + style.dumps(value, indent)
