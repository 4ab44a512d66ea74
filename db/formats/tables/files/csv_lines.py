"""Reads the lines of a text and its rows of cells; an unclosed quote affects only the row that it is in."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from db.formats.format import HEAD_BYTES
from db.formats.tables.table import MAX_ROW_BYTES

UTF8 = frozenset(("utf-8", "utf8", "utf_8", "utf-8-sig", "utf_8_sig"))
_BOM = b"\xef\xbb\xbf"
_LONE_RETURN = re.compile(r"\r(?!\n|\Z)")
_AFTER_LONE_RETURN = re.compile(r"(?<=\r)(?!\n|\Z)")
_STAND_INS = tuple(map(chr, range(0xE000, 0xE100)))


class Line(NamedTuple):
    """A line with its line end. ``valid``: it can be decoded and is not too long; ``raw`` is then UTF-8."""

    number: int
    text: str
    raw: bytes
    bytes_read: int
    valid: bool = True


def read_lines(stream: BinaryIO, encoding: str, skipped: int = 0) -> Iterator[Line]:
    """Yield the lines of a text after the first ``skipped`` ones."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    feeds = head.count(b"\n")
    as_bytes = _has_byte_line_ends(encoding) and head.count(b"\r") <= 10 * feeds
    lines = _lines_of_bytes(stream, encoding) if as_bytes else _lines_of_text(stream, encoding)
    return islice(lines, skipped, None)


def _has_byte_line_ends(encoding: str) -> bool:
    """Return True if the byte of a line feed is a line feed everywhere in a text of this encoding."""
    try:
        return "a\n".encode(encoding) == b"a\n" and "utf" not in encoding.replace("utf-8", "").replace("utf_8", "")
    except (LookupError, ValueError):
        return False


def _lines_of_bytes(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    number = bytes_read = 0
    utf8 = encoding in UTF8
    while data := stream.readline(MAX_ROW_BYTES + 1):
        number += 1
        bytes_read += len(data)
        if len(data) > MAX_ROW_BYTES and not data.endswith(b"\n"):
            while (rest := stream.readline(MAX_ROW_BYTES)) and not rest.endswith(b"\n"):
                bytes_read += len(rest)
            bytes_read += len(rest)
            yield Line(number, "", b"", bytes_read, False)
            continue
        if number == 1:
            data = data.removeprefix(_BOM)
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            # Invalid bytes become surrogates, by which the error message finds the column.
            yield Line(number, data.decode("utf-8" if utf8 else "ascii", "surrogateescape"), data, bytes_read, False)
            continue
        yield Line(number, text, data if utf8 else text.encode(), bytes_read)


def _lines_of_text(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """Yield lines that end in CR alone, or in an encoding in which a line end is not one byte; they end in LF here."""
    wrapper = io.TextIOWrapper(stream, encoding, "replace", newline=None)
    number = bytes_read = 0
    try:
        while text := wrapper.readline(MAX_ROW_BYTES + 1):
            number += 1
            text = text.removeprefix("\ufeff") if number == 1 else text
            raw = text.encode("utf-8", "surrogatepass")
            bytes_read += len(raw)
            if len(text) > MAX_ROW_BYTES and not text.endswith("\n"):
                while (rest := wrapper.readline(MAX_ROW_BYTES)) and not rest.endswith("\n"):
                    pass
                yield Line(number, "", b"", bytes_read, False)
                continue
            yield Line(number, text, raw, bytes_read)
    finally:
        wrapper.detach()


class _Form(NamedTuple):
    """How cells are separated; ``spaced``: with blanks after the delimiter."""

    delimiter: str
    quoted: bool
    spaced: bool

    def width_of(self, text: str) -> int:
        """Return the number of cells of a line; 0 if it is not a complete row."""
        if not self.quoted:
            return text.count(self.delimiter) + 1
        cells, complete = _parse_alone(text.rstrip("\r\n"), self)
        return len(cells) if complete else 0


class TextRow(NamedTuple):
    """A row and its lines. ``unclosed``: its last cell begins with a quote that is never closed."""

    cells: list[str]
    lines: list[Line]
    unclosed: bool = False


def read_rows(
    lines: Iterable[Line], delimiter: str, quoted: bool, width: int, spaced: bool = False
) -> Iterator[TextRow]:
    """Yield the rows with their lines; ``width`` is the number of cells of most rows.

    A carriage return alone ends a row if that gives rows of this width; otherwise it belongs to its cell.
    """
    form = _Form(delimiter, quoted, spaced)
    lines = _split_at_returns(lines, form, width)
    if not quoted:
        for line in lines:
            if line.text.strip("\r\n") or not line.valid:
                yield TextRow(line.text.rstrip("\r\n").split(delimiter), [line])
        return
    feed = _LineFeed(iter(lines))
    while True:
        try:
            for cells in csv.reader(feed, delimiter=delimiter, strict=True, skipinitialspace=spaced):
                used = feed.take_used()
                if len(cells) == width:
                    yield TextRow(cells, used)
                elif len(used) > 1:
                    end = _next_valid_row(used, form, width)
                    feed.put_back(used[end:])
                    yield TextRow(cells, used) if end == len(used) else _unclosed_row(used[:end], form)
                elif cells or not used[0].valid:
                    yield TextRow(cells, used)
            return
        except csv.Error:  # a quote that is not closed, or inside an unquoted cell
            used = feed.take_used()
        feed.put_back(used[1:])
        cells, complete = _parse_alone(used[0].text, form, strict=False)
        yield TextRow(cells, used[:1]) if complete else _unclosed_row(used[:1], form)


def _split_at_returns(lines: Iterable[Line], form: _Form, width: int) -> Iterator[Line]:
    """Yield lines, cut at each carriage return without a line feed if that gives complete rows."""
    for line in lines:
        if line.text.find("\r", 0, -2) >= 0 and line.valid:
            parts = _AFTER_LONE_RETURN.split(line.text)
            if all(form.width_of(part) == width for part in parts):
                for part in parts:
                    yield line._replace(text=part, raw=part.encode() if line.raw else b"")
                continue
        yield line


def _unclosed_row(lines: list[Line], form: _Form) -> TextRow:
    return TextRow(_parse_alone(lines[0].text, form, strict=False)[0], lines, True)


class _LineFeed:
    """Feeds lines to a CSV reader and remembers those of the current row, up to the largest size of a row."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._pending: deque[Line] = deque()
        self._used: list[Line] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._size > MAX_ROW_BYTES:
            raise StopIteration
        line = self._pending.popleft() if self._pending else next(self._lines)
        self._used.append(line)
        self._size += len(line.text)
        return line.text

    def take_used(self) -> list[Line]:
        """Return the lines of the current row and begin the next row."""
        used, self._used, self._size = self._used, [], 0
        return used

    def put_back(self, lines: list[Line]) -> None:
        """Make lines the next ones to read."""
        self._pending.extendleft(reversed(lines))


def _next_valid_row(lines: list[Line], form: _Form, width: int) -> int:
    """Return at which line of a row of the wrong width the next row begins, which an unclosed quote has swallowed."""
    for at, line in enumerate(lines[1:], 1):
        cells, complete = _parse_alone(line.text, form)
        if complete and len(cells) == width:
            return at
    return len(lines)


def _parse_alone(text: str, form: _Form, strict: bool = True) -> tuple[list[str], bool]:
    """Return the cells of a single line, and True if it is a complete row."""
    complete = True
    # The module csv allows a carriage return within a quoted cell only.
    stand_in = next((sign for sign in _STAND_INS if sign not in text), "\n") if _LONE_RETURN.search(text) else None

    def lines() -> Iterator[str]:
        nonlocal complete
        yield _LONE_RETURN.sub(stand_in, text) if stand_in else text
        complete = False

    try:
        cells = next(csv.reader(lines(), delimiter=form.delimiter, strict=strict, skipinitialspace=form.spaced), [])
    except csv.Error:
        return [], False
    return [cell.replace(stand_in, "\r") for cell in cells] if stand_in else cells, complete
