"""Files of JSON objects: one a line, in an array, or one after the other over many lines; each bounded and read alone.

A mistake costs the object that it is in, and what it says is what stands there: a reader of whole arrays would end at
the first one, or hold them all.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Any, BinaryIO

from db.errors import InputError
from db.formats.format import Record, Source
from db.io.json_lines import parse_object

LONGEST = 8 * 2**20  # bytes of an object; of brackets alone they take some fifty times as much memory
BOM = b"\xef\xbb\xbf"
_PIECE = 2**20  # bytes that are read at a time
_OF_HEAD = 20  # objects by which a format is told
# A string is passed over as a whole; the mark of one that has no end yet is its quotation mark alone.
_MARKS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\],]', re.DOTALL)
_END_OF_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ARRAY_OF_OBJECTS = re.compile(rb"\[\s*[{\]]")
_QUOTE, _COMMA, _BRACE, _BRACKET = b'",{['
_OPENED_BY = {ord("}"): _BRACE, ord("]"): _BRACKET}

Translated = dict[str, Any] | tuple[dict[str, Any], tuple[str, ...]]
"""A document in the native form, alone or with notes on what was done to it."""

_Piece = tuple[int, int, bytes, int]  # line, number of the item, what stands there, bytes taken


class _Form(Enum):
    LINES = auto()
    ARRAY = auto()
    VALUES = auto()  # one after the other, each over several lines


def read_objects(source: Source) -> Iterator[Record]:
    """Each object of a file as it stands, or why there is none."""
    form = _form(source.head)
    stream = source.opened
    for place, item, raw, taken in _lines(stream) if form is _Form.LINES else _values(stream, form is _Form.ARRAY):
        try:
            if len(raw) > LONGEST:
                raise InputError(f"longer than {LONGEST:,} bytes; make several documents of it")
            yield Record(place, parse_object(raw), raw, taken=taken)
        except InputError as error:
            said = InputError(f"item {item}: {error}") if form is _Form.ARRAY else error
            yield Record(place, said, raw if len(raw) <= LONGEST else b"", taken=taken)


def translated(source: Source, translate: Callable[[dict[str, Any]], Translated]) -> Iterator[Record]:
    """Each object of a file, translated into a document; what ``translate`` raises InputError for is refused."""
    for record in read_objects(source):
        if isinstance(record.document, InputError):
            yield record
            continue
        try:
            made = translate(record.document)
        except InputError as error:
            yield record._replace(document=error)
            continue
        document, notes = made if isinstance(made, tuple) else (made, ())
        yield record._replace(document=document, notes=notes)


def objects_of_head(head: bytes) -> tuple[dict[str, Any], ...]:
    """The first whole objects within the first bytes of a file, without what can't be read."""
    import io

    form = _form(head)
    stream = io.BytesIO(head)
    found: list[dict[str, Any]] = []
    for _, _, raw, _ in _lines(stream) if form is _Form.LINES else _values(stream, form is _Form.ARRAY):
        try:
            found.append(parse_object(raw))
        except InputError:
            continue
        if len(found) == _OF_HEAD:
            break
    return tuple(found)


def _form(head: bytes) -> _Form:
    head = head.removeprefix(BOM).lstrip()
    if _ARRAY_OF_OBJECTS.match(head):
        return _Form.ARRAY
    first, _, rest = head.partition(b"\n")
    goes_on = first.rstrip().endswith((b"{", b"[", b",", b":")) or rest.lstrip().startswith(b'"')
    if not first.startswith(b"{") or not goes_on or not rest:
        return _Form.LINES
    try:
        parse_object(first)
    except InputError:
        return _Form.VALUES
    return _Form.LINES


def _lines(stream: BinaryIO) -> Iterator[_Piece]:
    number = taken = 0
    while line := stream.readline(LONGEST + 1):
        number += 1
        taken += len(line)
        while len(line) > LONGEST and not line.endswith(b"\n") and (rest := stream.readline(_PIECE)):
            taken += len(rest)
            if rest.endswith(b"\n"):
                break
        line = line.removeprefix(BOM)  # of every line: files that begin with it are put one after the other
        if line and not line.isspace():
            yield number, number, line, taken


def _values(stream: BinaryIO, in_array: bool) -> Iterator[_Piece]:
    """The items of an array, or values one after the other, told apart by brackets alone.

    A bracket that does not fit closes what it can of its own item, so that the next one begins where it does.
    """
    held = bytearray()  # of the item, up to a byte more than the longest
    stack: list[int] = []
    base = int(in_array)
    line, item, taken = 1, 0, 0
    in_string = escaped = False

    def add(piece: bytes) -> None:
        nonlocal line
        held.extend(piece[: LONGEST + 1 - len(held)])
        line += piece.count(b"\n")

    def take() -> Iterator[_Piece]:
        nonlocal item
        raw = bytes(held)
        held.clear()
        if raw and not raw.isspace():
            item += 1
            yield line - raw.lstrip().count(b"\n"), item, raw.strip() + b"\n", taken

    while piece := stream.read(_PIECE):
        start, at = 0, 0
        if not taken and piece.startswith(BOM):
            start = at = len(BOM)
        taken += len(piece)
        if in_string:
            end = _END_OF_STRING.match(piece, int(escaped))
            if end is None:
                escaped = _ends_escaped(piece, int(escaped))
                add(piece)
                continue
            in_string, at = False, end.end()
        for mark in _MARKS.finditer(piece, at):
            byte = piece[mark.start()]
            if byte == _QUOTE:
                if mark.end() == mark.start() + 1:
                    in_string, escaped = True, _ends_escaped(piece, mark.end())
                    break
            elif byte == _COMMA:
                if in_array and len(stack) == base:
                    add(piece[start : mark.start()])
                    start = mark.end()
                    yield from take()
            elif byte in (_BRACE, _BRACKET):
                stack.append(byte)
                if in_array and len(stack) == base:
                    start = mark.end()
            elif _OPENED_BY[byte] in stack[base:]:
                while stack.pop() != _OPENED_BY[byte]:
                    pass
                if not stack:
                    add(piece[start : mark.end()])
                    start = mark.end()
                    yield from take()
            elif in_array and stack == [_OPENED_BY[byte]]:
                add(piece[start : mark.start()])
                start = mark.end()
                stack.clear()
                yield from take()
        add(piece[start:])
    yield from take()


def _ends_escaped(piece: bytes, begin: int) -> bool:
    """Whether a string that goes on ends here within an escape."""
    end = len(piece)
    while end > begin and piece[end - 1] == b"\\"[0]:
        end -= 1
    return (len(piece) - end) % 2 == 1
