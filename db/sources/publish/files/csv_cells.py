"""Rewrites cells of a text with a delimiter: every other character, quote and line end stays."""

import mmap
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.cells import shown
from db.formats.tables.files.encodings import encoding_of
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import Row, Table
from db.sources.publish.files.matching import RowChange
from db.sources.publish.report import PublishReport

_LINE_ENDS = ("\n", "\r\n", "\r")
_BYTE_ORDERS = {"utf-16": ("utf-16-le", "utf-16-be"), "utf-32": ("utf-32-le", "utf-32-be")}
_PIECE = 2**20  # bytes written at a time


def rewritten_csv(
    source: Source, table: Table, mapping: Mapping, changes: dict[int, RowChange], report: PublishReport
) -> Iterator[bytes]:
    """Yield the content of a file with the changed rows; ``report`` names those that can't be written."""
    stream, name = source.required_stream, Path(source.name).name
    codec = _codec(mapping.encoding or encoding_of(stream, source.head), source.head)
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        written = place = 0
        if table.header:
            _, place = _find(content, table.header.decode(), codec, 0)
        for number, row in enumerate(table.rows()):
            if isinstance(row.cells, InputError):
                continue
            start, place = _find(content, row.raw.decode(), codec, place)
            if (change := changes.get(number)) is None:
                continue
            text = content[start:place].decode(codec)
            new, columns = _edited_row(text, row, table, change, codec, report)
            if change.drop:
                new, place = "", place + len(_line_end(content, place, codec))
            change.report(report, name, columns)
            yield from _pieces(content, written, start)
            yield new.encode(codec)
            written = place
        yield from _pieces(content, written, len(content))


def cell_spans(text: str, delimiter: str, quoted: bool, spaced: bool) -> list[tuple[int, int]]:
    """Return where the cells of a row are, with their quotes. ``spaced``: blanks may precede a quote."""
    spans: list[tuple[int, int]] = []
    at = 0
    while True:
        while spaced and text.startswith(" ", at):
            at += 1
        start = at
        if quoted and text.startswith('"', at):
            at += 1
            while (end := text.find('"', at)) >= 0 and text.startswith('"', end + 1):
                at = end + 2
            at = end + 1 if end >= 0 else len(text)
        end = text.find(delimiter, at)
        spans.append((start, end if end >= 0 else len(text)))
        if end < 0:
            return spans
        at = end + len(delimiter)


def _edited_row(
    text: str, row: Row, table: Table, change: RowChange, codec: str, report: PublishReport
) -> tuple[str, list[str]]:
    """Return the new text of a row, and the columns that changed."""
    delimiter, quoted = table.delimiter or ",", table.quoted
    columns = row.columns or table.columns
    assert not isinstance(row.cells, InputError)
    spans: list[tuple[int, int]] = []
    for spaced in (False, True):
        spans = cell_spans(text, delimiter, quoted, spaced)
        values = [_value(text[start:end], quoted) for start, end in spans][: len(columns)]
        if [*map(_plain, values)] == [*map(_plain, row.cells[: len(spans)])]:
            break
    else:
        report.add_problem(f"{change.where}: the row can't be rewritten cell by cell; not written")
        return text, []
    cells = [text[start:end] for start, end in spans]
    all_quoted = all(cell.startswith('"') for cell in cells if cell)
    changed = []
    for column in sorted(change.cells, key=columns.index, reverse=True):
        at, new = columns.index(column), str(change.cells[column])
        if (why := _why_not(new, delimiter, quoted, codec)) is not None:
            report.add_problem(f"{change.where}: {column} {shown(new)} {why}; not written")
            continue
        changed.append(column)
        if at >= len(spans):  # the row has fewer cells than the header
            text += delimiter * (at - len(spans) + 1) + _quoted(new, delimiter, quoted, False)
            spans += [(len(text), len(text))] * (at - len(spans) + 1)
            continue
        start, end = spans[at]
        by_style = cells[at].startswith('"') and (all_quoted or not _needs_quotes(values[at], delimiter))
        text = text[:start] + _quoted(new, delimiter, quoted, by_style) + text[end:]
    return text, changed[::-1]


def _why_not(cell: str, delimiter: str, quoted: bool, codec: str) -> str | None:
    """Return why a file can't hold a cell; None if it can."""
    if not quoted and any(sign in cell for sign in (delimiter, "\n", "\r")):
        return "contains the delimiter or a line end, which this file has no quotes for"
    try:
        cell.encode(codec)
    except UnicodeEncodeError as error:
        return f"contains {error.object[error.start]}, which the file's encoding, {codec}, doesn't have"
    return None


def _needs_quotes(cell: str, delimiter: str) -> bool:
    return any(sign in cell for sign in (delimiter, '"', "\n", "\r")) or cell[:1] == " "


def _quoted(cell: str, delimiter: str, quoted: bool, by_style: bool) -> str:
    return '"' + cell.replace('"', '""') + '"' if quoted and (by_style or _needs_quotes(cell, delimiter)) else cell


def _value(raw: str, quoted: bool) -> str:
    if not quoted or not raw.startswith('"'):
        return raw
    return raw[1:-1].replace('""', '"')


def _plain(cell: str) -> str:
    """Return a cell with one kind of line end: some encodings are read without the others."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _codec(encoding: str, head: bytes) -> str:
    """Return the encoding without a byte order mark, since rows are decoded one by one."""
    little, big = _BYTE_ORDERS.get(encoding, (encoding, encoding))
    if encoding in ("utf-8-sig", "utf_8_sig"):
        return "utf-8"
    return big if little != big and head.startswith((b"\xfe\xff", b"\0\0\xfe\xff")) else little


def _find(content: mmap.mmap, raw: str, codec: str, place: int) -> tuple[int, int]:
    """Return where a row is in the file, from ``place`` on, without its line end. Raises InputError."""
    text = raw.removesuffix("\n").removesuffix("\r")
    ends = _LINE_ENDS if "\n" in text else ("\n",)  # rows of some encodings were read with other line ends
    found = []
    for end in ends:
        row = text.replace("\n", end).encode(codec)
        at = place
        while (at := content.find(row, at)) >= 0:
            if _is_line(content, at, at + len(row), codec):
                found.append((at, at + len(row)))
                break
            at += 1
    if not found:
        raise InputError(f'a row ("{text[:40]}") is not found again in its encoding, {codec}; save the file as UTF-8')
    return min(found)


def _is_line(content: mmap.mmap, start: int, end: int, codec: str) -> bool:
    ends = [sign.encode(codec) for sign in "\r\n"]
    before = start == 0 or any(content[max(0, start - len(sign)) : start] == sign for sign in ends)
    if not before and start <= 4:  # after a byte order mark
        before = content[:start].decode(codec, "replace") == "\ufeff"
    return before and (end == len(content) or any(content[end : end + len(sign)] == sign for sign in ends))


def _line_end(content: mmap.mmap, end: int, codec: str) -> bytes:
    for sign in ("\r\n", "\n", "\r"):
        if content[end : end + len(sign.encode(codec))] == sign.encode(codec):
            return sign.encode(codec)
    return b""


def _pieces(content: mmap.mmap, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _PIECE):
        yield content[at : min(at + _PIECE, end)]
