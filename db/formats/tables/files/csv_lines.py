"""The lines of a text, and its rows of cells: a quote that is left open costs the row that it is in."""

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from db.formats.format import HEAD_BYTES
from db.formats.tables.table import LONGEST

UTF8 = frozenset(("utf-8", "utf8", "utf_8", "utf-8-sig", "utf_8_sig"))
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line with its end. sound: every byte of it is a character, and it is not too long. raw: in UTF-8, if it is."""

    number: int
    text: str
    raw: bytes
    bytes_read: int
    sound: bool = True


def read_lines(stream: BinaryIO, encoding: str, skipped: int = 0) -> Iterator[Line]:
    """The lines of a text with their line ends, without the first ``skipped``."""
    stream.seek(0)
    ends = stream.read(HEAD_BYTES)
    stream.seek(0)
    by_bytes = _is_of_bytes(encoding) and (b"\n" in ends or b"\r" not in ends)
    lines = _lines_of_bytes(stream, encoding) if by_bytes else _lines_of_text(stream, encoding)
    return islice(lines, skipped, None)


def _is_of_bytes(encoding: str) -> bool:
    """Whether a line end is one byte, and that byte nothing else."""
    try:
        return "a\n".encode(encoding) == b"a\n" and "utf" not in encoding.replace("utf-8", "").replace("utf_8", "")
    except (LookupError, ValueError):
        return False


def _lines_of_bytes(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    number = taken = 0
    utf8 = encoding in UTF8
    while data := stream.readline(LONGEST + 1):
        number += 1
        taken += len(data)
        if len(data) > LONGEST and not data.endswith(b"\n"):
            while (rest := stream.readline(LONGEST)) and not rest.endswith(b"\n"):
                taken += len(rest)
            taken += len(rest)
            yield Line(number, "", b"", taken, False)
            continue
        if number == 1:
            data = data.removeprefix(_BOM)
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            # What is lost is marked as Python marks it, so that the column can be told.
            yield Line(number, data.decode("utf-8" if utf8 else "ascii", "surrogateescape"), data, taken, False)
            continue
        yield Line(number, text, data if utf8 else text.encode(), taken)


def _lines_of_text(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """Lines that end in CR alone, or in an encoding in which a line end is not one byte; ended by LF."""
    wrapper = io.TextIOWrapper(stream, encoding, "replace", newline=None)
    number = taken = 0
    try:
        while text := wrapper.readline(LONGEST + 1):
            number += 1
            text = text.removeprefix("\ufeff") if number == 1 else text
            raw = text.encode("utf-8", "surrogatepass")
            taken += len(raw)
            if len(text) > LONGEST and not text.endswith("\n"):
                while (rest := wrapper.readline(LONGEST)) and not rest.endswith("\n"):
                    pass
                yield Line(number, "", b"", taken, False)
                continue
            yield Line(number, text, raw, taken)
    finally:
        wrapper.detach()


class TextRow(NamedTuple):
    """A row and its lines. open: the last of the cells begins with a quote that has no end."""

    cells: list[str]
    held: list[Line]
    open: bool = False


def read_rows(lines: Iterable[Line], delimiter: str, quoted: bool, width: int) -> Iterator[TextRow]:
    """The cells of each row, with the lines that it takes; ``width``: how many most rows have."""
    if not quoted:
        for line in lines:
            if line.text.strip("\r\n") or not line.sound:
                yield TextRow(line.text.rstrip("\r\n").split(delimiter), [line])
        return
    feed = _Feed(iter(lines))
    while True:
        try:
            for cells in csv.reader(feed, delimiter=delimiter, strict=True):
                held, feed.held, feed.size = feed.held, [], 0
                if len(cells) == width:
                    yield TextRow(cells, held)
                elif len(held) > 1:
                    at = _sound_from(held, delimiter, width)
                    feed.back.extendleft(reversed(held[at:]))
                    yield TextRow(cells, held) if at == len(held) else _opened(held[:at], delimiter)
                elif cells or not held[0].sound:
                    yield TextRow(cells, held)
            return
        except csv.Error:  # of a quote that does not end, or within a cell
            held, feed.held, feed.size = feed.held, [], 0
        feed.back.extendleft(reversed(held[1:]))
        alone, whole = _alone(held[0], delimiter, strict=False)
        yield TextRow(alone, held[:1]) if whole else _opened(held[:1], delimiter)


def _opened(held: list[Line], delimiter: str) -> TextRow:
    return TextRow(_alone(held[0], delimiter, strict=False)[0], held, True)


class _Feed:
    """Hands lines to a reader of CSV, and holds those of the row that it is at: no more than a row may take."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self.back: deque[Line] = deque()
        self.held: list[Line] = []
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.size > LONGEST:
            raise StopIteration
        line = self.back.popleft() if self.back else next(self._lines)
        self.held.append(line)
        self.size += len(line.text)
        return line.text


def _sound_from(held: list[Line], delimiter: str, width: int) -> int:
    """From which line of a row with a wrong number of cells another row begins: an open quote has swallowed it."""
    for at, line in enumerate(held[1:], 1):
        cells, whole = _alone(line, delimiter)
        if whole and len(cells) == width:
            return at
    return len(held)


def _alone(line: Line, delimiter: str, strict: bool = True) -> tuple[list[str], bool]:
    """The cells of one line, and whether it is a row without the next one."""
    asked: list[str] = []

    def lines() -> Iterator[str]:
        yield line.text
        asked.append("more")

    try:
        cells = next(csv.reader(lines(), delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return [], False
    return cells, not asked
