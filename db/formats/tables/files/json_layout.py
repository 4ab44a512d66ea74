"""Finds the rows of a JSON file: objects by themselves, or rows under a key of an object, as programs export them."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, NamedTuple

from db.errors import InputError
from db.formats.format import HEAD_BYTES, Source
from db.io.json_lines import parse_json, shorten
from db.io.json_stream import BOM, MAX_DOCUMENT_BYTES, items_of_array

_CHUNK = 2**20
_DEEPEST = 4  # keys down to rows
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\],]', re.DOTALL)
_USUAL = (
    "data",
    "rows",
    "records",
    "results",
    "result",
    "features",
    "items",
    "events",
    "hits",
    "bindings",
    "docs",
    "value",
)
_NAMES = ("columns", "fields", "header", "headers", "names", "cols", "vars")
_NOT_ROWS = frozenset(
    "annotations predictions extractions spans tokens entities relations labels messages conversations".split()
)
_TEXTS = frozenset("text content body article document doctext doc_text full_text sentence passage prompt".split())
_ABOUT = frozenset(
    "status success ok code error errors message count total totalcount total_count totalpages page pages per_page"
    " limit offset next previous nextpageurl previouspageurl meta metadata info version date timestamp last_update"
    " filename source license copyright schema type name title description query links link generated took".split()
)
_LIST_OF_LISTS = re.compile(rb"\s*\[\s*\[")
_LINES_OF_LISTS = re.compile(rb"\s*\[[^\n]*\][ \t]*,?[ \t]*\r?\n\s*\[")
_BY_COLUMN = re.compile(rb'\s*\{\s*"[^"]*"\s*:\s*\{\s*"[01]"\s*:')
_BY_INDEX = re.compile(rb'\s*\{\s*"[01]"\s*:\s*\{')

Shape = Literal["objects", "rows", "lists", "lines of lists", "one object"]


class Place(NamedTuple):
    """The offset and the line at which an array begins, and the first byte of its first item."""

    offset: int
    line: int
    first: bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the rows are.

    shape: ``objects`` by themselves; ``rows`` in arrays under the key ``path``; ``lists`` in such arrays, or in an
    array or in lines by themselves; ``one object``, which holds columns or numbered rows. names: of the columns, if
    the file lists them. unread: the other keys of the object around the rows.
    """

    shape: Shape
    path: str = ""
    places: tuple[Place, ...] = ()
    names: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(slots=True)
class _Scan:
    arrays: dict[tuple[str, ...], list[Place]] = field(default_factory=dict)
    keys: dict[str, None] = field(default_factory=dict)  # of the outer objects


def may_hold_rows(source: Source) -> bool:
    """Return True if a file holds rows in another layout than objects by themselves."""
    head = source.head.removeprefix(BOM)
    if not head.lstrip().startswith((b"{", b"[")):
        return False
    if _LIST_OF_LISTS.match(head) or _LINES_OF_LISTS.match(head) or _BY_COLUMN.match(head) or _BY_INDEX.match(head):
        return True
    if not head.lstrip().startswith(b"{") or any(_has_text(item) for item in source.objects):
        return False
    if len(source.objects) == 1 and len(source.head) < HEAD_BYTES and _by_column(source.objects[0]):
        return True
    scan = _scanned(io.BytesIO(source.head))
    if not source.objects and _TEXTS & scan.keys.keys():
        return False
    found = _candidates(scan)
    if any(path[-1].casefold() in _USUAL for path in found):
        return True
    whole = source.objects[0] if source.objects else {}
    plain = {key.casefold() for key in scan.keys if not isinstance(whole.get(key), dict | list)}
    return bool(found) and len(source.objects) < 2 and plain - {path[0].casefold() for path in found} <= _ABOUT


def layout_of(source: Source, chosen: str | None = None) -> Layout:
    """Return the layout of a JSON file; ``chosen`` is the key of the rows, such as ``results.bindings``.

    Raises InputError if several keys could hold the rows.
    """
    stream = source.required_stream
    head = source.head.removeprefix(BOM)
    if chosen is None:
        if _LIST_OF_LISTS.match(head):
            at = source.head.index(b"[")
            return Layout("lists", "", (Place(at, 1, b"["),))
        if _LINES_OF_LISTS.match(head):
            return Layout("lines of lists")
        if not may_hold_rows(source):
            return Layout("objects")
        if _BY_COLUMN.match(head) or _BY_INDEX.match(head) or (source.objects and _by_column(source.objects[0])):
            return Layout("one object")
    stream.seek(0)
    scan = _scanned(stream)
    found = _candidates(scan)
    if chosen is not None:
        path = tuple(chosen.split("."))
        if path not in scan.arrays:
            raise InputError(f"{source.name}: has no rows under {chosen}; {_keys_shown(scan, found)}")
    elif len(found) == 1:
        path = found[0]
    else:
        usual = [path for path in found if path[-1].casefold() in _USUAL]
        if len(usual) != 1:
            raise InputError(f"{source.name}: could have its rows under several keys; {_keys_shown(scan, found)}")
        path = usual[0]
    places = tuple(scan.arrays[path])
    lists = places[0].first == b"["
    names = _names(stream, scan) if lists else ()
    own = {path[0], "type"} if path == ("features",) else {path[0]}
    if names:  # with pandas' numbers of the rows
        own |= {key for key in scan.keys if key.casefold() in _NAMES} | {"index"}
    unread = tuple(f"key {key}" for key in scan.keys if key not in own)
    return Layout("lists" if lists else "rows", ".".join(path), places, names, unread)


def items_at(stream: BinaryIO, layout: Layout) -> Iterator[tuple[int, int, bytes, int]]:
    """Yield line, number, bytes and position of each row of a layout of arrays."""
    number = 0
    for place in layout.places:
        for item in items_of_array(stream, place.offset, place.line):
            number += 1
            yield item.line, number, item.raw, item.bytes_read


def _keys_shown(scan: _Scan, found: list[tuple[str, ...]]) -> str:
    keys = ", ".join(".".join(path) for path in found) or "none"
    others = ", ".join(list(scan.keys)[:12])
    first = ".".join(found[0]) if found else "KEY"
    return f'lists of rows: {keys}; keys: {shorten(others)}; name one in a mapping: rows = "{first}"'


def _has_text(item: dict[str, Any]) -> bool:
    return any(isinstance(item.get(key), str) for key in _TEXTS) or (
        isinstance(item.get("title"), str) and "events" in item
    )


def _by_column(item: dict[str, Any]) -> bool:
    """Return True for an object of columns or of rows that are all objects, or all lists of plain values."""
    values = list(item.values())
    if len(values) < 2:
        return False
    if all(isinstance(value, dict) and value for value in values):
        keys = list(values[0])
        return all(list(value) == keys for value in values) and (_numbered(keys) or _numbered(list(item)))
    if not all(isinstance(value, list) and value for value in values):
        return False
    plain = not any(isinstance(one, dict | list) for value in values for one in value)
    return plain and len({len(value) for value in values}) == 1


def _numbered(keys: list[str]) -> bool:
    return [str(number) for number in range(len(keys))] == keys


def rows_of_object(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an object that holds columns, each a list or an object, or numbered rows."""
    if all(isinstance(value, list) for value in item.values()):
        for cells in zip(*item.values(), strict=False):
            yield dict(zip(item, cells, strict=True))
        return
    columns = {key: value for key, value in item.items() if isinstance(value, dict)}
    inner = list(dict.fromkeys(key for value in columns.values() for key in value))
    if _numbered(list(item)) and not _numbered(inner):
        yield from columns.values()
        return
    for key in inner:
        yield {name: value[key] for name, value in columns.items() if key in value}


def _candidates(scan: _Scan) -> list[tuple[str, ...]]:
    """Return the keys under which rows may be: the least deep lists of objects; else the lists of lists."""
    for first in (b"{", b"["):
        paths = [path for path, places in scan.arrays.items() if places[0].first == first and path[-1] not in _NOT_ROWS]
        if first == b"[":
            paths = [path for path in paths if path[-1].casefold() in _USUAL]
        elif any(path[-1].casefold() in _NAMES for path in paths) and len(paths) == 1:
            continue  # a list of columns beside lists of cells
        least = min(map(len, paths), default=0)
        if found := [path for path in paths if len(path) == least]:
            return found
    return []


def _names(stream: BinaryIO, scan: _Scan) -> tuple[str, ...]:
    """Return the names of the columns of lists that an array beside them has; none if there is no such array."""
    for path, places in scan.arrays.items():
        if path[-1].casefold() not in _NAMES or places[0].first == b"[":
            continue
        names = []
        for item in items_of_array(stream, places[0].offset, 1):
            name = parse_json(item.raw)
            if isinstance(name, dict):
                name = next((name[key] for key in ("fieldName", "name", "id", "label") if key in name), None)
            names.append(name if isinstance(name, str) else json.dumps(name))
        return tuple(names)
    return ()


def _scanned(stream: BinaryIO) -> _Scan:
    """Return the arrays and the outer keys of the objects in a stream, which may end anywhere."""
    scan = _Scan()
    frames: list[bytes] = []
    path: list[str] = []
    rest, base, lines = b"", 0, 1
    is_key = False
    while (chunk := stream.read(_CHUNK)) and len(rest) <= MAX_DOCUMENT_BYTES:
        chunk, end = rest + chunk, len(rest) + len(chunk)
        rest = b""
        counted = 0
        for token in _TOKENS.finditer(chunk):
            text = token[0]
            if text == b'"':
                end = token.start()
                rest = chunk[end:]
                break
            if text[:1] == b'"':
                if is_key and len(frames) == len(path) + 1 <= _DEEPEST:
                    path.append(_key(text))
                    if len(path) == 1:
                        scan.keys.setdefault(path[0])
                is_key = False
            elif text in (b"{", b"["):
                if text == b"[" and frames and len(path) == len(frames) <= _DEEPEST and set(frames) == {b"{"}:
                    lines += chunk.count(b"\n", counted, token.start())
                    counted = token.start()
                    after = chunk[token.end() : token.end() + 1000].lstrip()[:1]
                    if after != b"]":
                        scan.arrays.setdefault(tuple(path), []).append(Place(base + token.start(), lines, after))
                frames.append(text)
                is_key = text == b"{"
            elif text == b",":
                is_key = bool(frames) and frames[-1] == b"{"
                if is_key and len(path) == len(frames):
                    path.pop()
            elif frames:
                if len(path) == len(frames):
                    path.pop()
                frames.pop()
                is_key = False
        lines += chunk.count(b"\n", counted, end)
        base += end
    return scan


def _key(text: bytes) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text.decode(errors="replace")
