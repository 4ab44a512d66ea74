"""Streams of JSON objects: one per line, in an array, or one after the other over many lines.

Objects are split without parsing the whole file, so memory stays bounded and a mistake costs only the object it is in.
"""

import io
import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, BinaryIO, NamedTuple

from db.errors import InputError
from db.io.json_lines import parse_loosely, parse_object

BOM = b"\xef\xbb\xbf"
MAX_DOCUMENT_BYTES = 8 * 2**20  # of one object or text; parsing nothing but brackets takes fifty times as much memory
_CHUNK = 2**20  # bytes read at a time
_MOST_FIRST_OBJECTS = 20
# A complete string is one match; an unterminated string matches as its opening quotation mark alone.
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\],]', re.DOTALL)
_END_OF_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ARRAY_OF_OBJECTS = re.compile(rb"\[\s*[{\]]")
_QUOTE, _COMMA, _BRACE, _BRACKET = b'",{['
_OPENING = {ord("}"): _BRACE, ord("]"): _BRACKET}


class JsonForm(Enum):
    """How a file separates its objects."""

    LINES = auto()
    ARRAY = auto()
    VALUES = auto()  # one after the other, each over several lines


class JsonItem(NamedTuple):
    """The bytes of one object: at most one byte more than MAX_DOCUMENT_BYTES, so that longer ones can be recognised."""

    line: int
    number: int
    raw: bytes
    bytes_read: int


def form_of(head: bytes) -> JsonForm:
    """Return the form of a file that begins with ``head``."""
    head = head.removeprefix(BOM).lstrip()
    if _ARRAY_OF_OBJECTS.match(head):
        return JsonForm.ARRAY
    first, _, rest = head.partition(b"\n")
    continues = first.rstrip().endswith((b"{", b"[", b",", b":")) or rest.lstrip().startswith(b'"')
    if not first.startswith(b"{") or not continues or not rest:
        return JsonForm.LINES
    try:
        parse_object(_without_comma(first))
    except InputError:
        return JsonForm.VALUES
    return JsonForm.LINES


def read_items(stream: BinaryIO, form: JsonForm) -> Iterator[JsonItem]:
    """Yield the items of a stream in order, without parsing them."""
    return _lines(stream) if form is JsonForm.LINES else _values(stream, form is JsonForm.ARRAY)


def first_objects(head: bytes) -> tuple[dict[str, Any], ...]:
    """Return the first objects that are complete within the first bytes of a file, skipping invalid ones."""
    found: list[dict[str, Any]] = []
    for item in read_items(io.BytesIO(head), form_of(head)):
        try:
            value, _ = parse_loosely(item.raw)
        except InputError:
            continue
        if isinstance(value, dict):
            found.append(value)
        if len(found) == _MOST_FIRST_OBJECTS:
            break
    return tuple(found)


def items_of_array(stream: BinaryIO, offset: int, line: int) -> Iterator[JsonItem]:
    """Yield the items of the array that begins at a byte of a stream, on a line, up to its end."""
    stream.seek(offset)
    return _values(stream, True, line, offset)


def _without_comma(line: bytes) -> bytes:
    """Return a line without the comma that some programs write after each object."""
    bare = line.rstrip()
    has_comma = bare.endswith((b"},", b"],")) and bare.startswith((b"{", b"["))
    return bare[:-1] + line[len(bare) :] if has_comma else line


def _lines(stream: BinaryIO) -> Iterator[JsonItem]:
    number = bytes_read = 0
    while line := stream.readline(MAX_DOCUMENT_BYTES + 1):
        number += 1
        bytes_read += len(line)
        while len(line) > MAX_DOCUMENT_BYTES and not line.endswith(b"\n") and (rest := stream.readline(_CHUNK)):
            bytes_read += len(rest)
            if rest.endswith(b"\n"):
                break
        line = _without_comma(line.removeprefix(BOM))  # on every line, since files that begin with it get concatenated
        if line and not line.isspace():
            yield JsonItem(number, number, line, bytes_read)


def _values(stream: BinaryIO, in_array: bool, line: int = 1, alone_at: int | None = None) -> Iterator[JsonItem]:
    """Yield the items of an array, or values one after the other, split by their brackets.

    A closing bracket without a matching opening one ends the current item, so that the next one is read whole.
    ``alone_at``: the offset of an array at whose end to stop, in the given line.
    """
    item_bytes = bytearray()  # at most one byte more than MAX_DOCUMENT_BYTES
    stack: list[int] = []
    base = int(in_array)
    number, bytes_read = 0, alone_at or 0
    in_string = escaped = False

    def add(chunk: bytes) -> None:
        nonlocal line
        item_bytes.extend(chunk[: MAX_DOCUMENT_BYTES + 1 - len(item_bytes)])
        line += chunk.count(b"\n")

    def end_item() -> Iterator[JsonItem]:
        nonlocal number
        raw = bytes(item_bytes)
        item_bytes.clear()
        if raw and not raw.isspace():
            number += 1
            yield JsonItem(line - raw.lstrip().count(b"\n"), number, raw.strip() + b"\n", bytes_read)

    while chunk := stream.read(_CHUNK):
        start, at = 0, 0
        if not bytes_read and chunk.startswith(BOM):
            start = at = len(BOM)
        bytes_read += len(chunk)
        if in_string:
            end = _END_OF_STRING.match(chunk, int(escaped))
            if end is None:
                escaped = _ends_in_escape(chunk, int(escaped))
                add(chunk)
                continue
            in_string, at = False, end.end()
        for token in _TOKENS.finditer(chunk, at):
            byte = chunk[token.start()]
            if byte == _QUOTE:
                if token.end() == token.start() + 1:
                    in_string, escaped = True, _ends_in_escape(chunk, token.end())
                    break
            elif byte == _COMMA:
                if in_array and len(stack) == base:
                    add(chunk[start : token.start()])
                    start = token.end()
                    yield from end_item()
            elif byte in (_BRACE, _BRACKET):
                stack.append(byte)
                if in_array and len(stack) == base:
                    start = token.end()
            elif _OPENING[byte] in stack[base:]:
                while stack.pop() != _OPENING[byte]:
                    pass
                if not stack:
                    add(chunk[start : token.end()])
                    start = token.end()
                    yield from end_item()
            elif in_array and stack == [_OPENING[byte]]:
                add(chunk[start : token.start()])
                start = token.end()
                stack.clear()
                yield from end_item()
                if alone_at is not None:
                    return
        add(chunk[start:])
    yield from end_item()


def _ends_in_escape(chunk: bytes, begin: int) -> bool:
    """Return True if an unterminated string is cut after a backslash that escapes the next byte."""
    end = len(chunk)
    while end > begin and chunk[end - 1] == b"\\"[0]:
        end -= 1
    return (len(chunk) - end) % 2 == 1
