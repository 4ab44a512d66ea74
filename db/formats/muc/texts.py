"""Finds the texts of messages in a file. Each follows a line with its id, such as ``DEV-MUC3-0001 (NOSC)``."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

from db.errors import InputError
from db.formats.format import ReadOptions
from db.formats.muc.fillers import Filler, parse_filler
from db.formats.shared.folders import decoded, refuse_outside, text_of
from db.io.json_stream import MAX_DOCUMENT_BYTES

_HEADER = re.compile(rb"([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d+)[ \t]*(?:\(([^()\r\n]*)\)?[ \t]*)?\r?\n?")
_ANY_HEADER = re.compile(rb"([^\r\n]*?)[ \t]*(?:\(([^()\r\n]*)\)?[ \t]*)?\r?\n?")
_FIRST_SLOT = re.compile(rb"[ \t]*0\.[ \t]*MESSAGE:[ \t]*ID(?:[ \t]+(?P<id>\S.*?))?[ \t]*\r?\n?")
_ID_AND_SOURCE = re.compile(r"(\S.*?)\s*\(([^()]*)\)?")  # some keys lack the closing bracket
_PLAIN_ID = re.compile(r'[^\s"();](?:[^\r\n"()]*[^\s"()])?')
_SOURCE = re.compile(r"[^()\r\n]*")
_MAX_LINE = 1000  # bytes of a line with an id


class Section(NamedTuple):
    """A text within a file: its bytes ``[start, end)``, the line of its header, and the source in brackets there."""

    start: int
    end: int
    line: int
    source: str | None


class TextFile:
    """The texts in one file by message id. Only their places are kept in memory."""

    def __init__(self, stream: BinaryIO, name: str, ids: frozenset[bytes] = frozenset()) -> None:
        self._stream = stream
        self._name = name
        self.sections: dict[str, Section] = {}
        for id_, section in _sections(stream, ids):
            self.sections.setdefault(id_, section)

    def text(self, id_: str) -> str | None:
        """Return a message's text, None if it isn't here. Raises InputError if it isn't UTF-8 or is too long."""
        section = self.sections.get(id_)
        if section is None:
            return None
        size = section.end - section.start
        if size > MAX_DOCUMENT_BYTES:
            raise InputError(f"the text of {id_} is longer than {MAX_DOCUMENT_BYTES:,} bytes; split it")
        self._stream.seek(section.start)
        return _trimmed(decoded(self._stream.read(size), f"{self._name}: the text of {id_}"))


class ExternalTexts:
    """Texts of messages that are not in the file of the templates.

    They are beside it, all in ``NAME.txt`` or each in ``ID.txt``; in another file of the same import; or known already.
    """

    def __init__(self, path: Path | None, ids: frozenset[bytes], options: ReadOptions) -> None:
        self._path = path
        self._ids = ids
        self._options = options
        self._file: TextFile | None = None
        self._others: list[TextFile] | None = None
        self._streams = ExitStack()
        if path is not None and path.suffix.lower() != ".txt" and (texts := path.with_suffix(".txt")).is_file():
            refuse_outside(texts, path.parent)
            self._file = self._opened(texts)

    def __enter__(self) -> "ExternalTexts":
        return self

    def __exit__(self, *_: object) -> None:
        self._streams.close()

    @property
    def sections(self) -> dict[str, Section]:
        """The texts in ``NAME.txt``."""
        return self._file.sections if self._file else {}

    def text(self, id_: str) -> str | None:
        """Return a message's text, None if there is none. Raises InputError if it can't be read."""
        if self._file and (text := self._file.text(id_)) is not None:
            return text
        if self._path is not None and re.fullmatch(r"\w[\w .-]{0,150}", id_):
            for name in (id_, id_.lower()):
                path = self._path.with_name(f"{name}.txt")
                if path != self._path and path.is_file():
                    return text_of(path, self._path.parent)
        if self._others is None:
            beside = (path for path in self._options.beside if path != self._path and path.is_file())
            self._others = [self._opened(path) for path in beside]
        found = (other.text(id_) for other in self._others)
        return next((text for text in found if text is not None), None) or self._options.known_text(id_)

    def _opened(self, path: Path) -> TextFile:
        return TextFile(self._streams.enter_context(path.open("rb")), path.name, self._ids)


def message_ids(stream: BinaryIO) -> frozenset[bytes]:
    """Return the ids that the templates of a file give, without what is in brackets."""
    stream.seek(0)
    found = set()
    for line in iter(lambda: stream.readline(MAX_DOCUMENT_BYTES), b""):
        match = _FIRST_SLOT.fullmatch(line) if len(line) <= _MAX_LINE else None
        if match and match["id"] and (header := _ANY_HEADER.fullmatch(match["id"])):
            found.add(header[1])
    return frozenset(found)


def is_first_slot(line: bytes) -> bool:
    """Return True if a line is the first slot of a template, which gives the id of its message."""
    return len(line) <= _MAX_LINE and _FIRST_SLOT.fullmatch(line) is not None


def parse_header(line: bytes, ids: frozenset[bytes]) -> tuple[str, str | None] | None:
    """Return the id and source of a line that introduces a text, None for any other line.

    A line counts if it looks like an id of MUC or is one of ``ids``.
    """
    if len(line) > _MAX_LINE:
        return None
    match = _HEADER.fullmatch(line)
    if match is None and ids and (header := _ANY_HEADER.fullmatch(line)) and header[1] in ids:
        match = header
    return split_id(line.decode(errors="replace").strip()) if match else None


def split_id(header: str) -> tuple[str, str | None]:
    """Split ``DEV-MUC3-0001 (NOSC)`` into id and source. A header in quotation marks is an id as a whole."""
    if header.startswith('"'):
        return str(parse_filler(header).values[0]), None
    match = _ID_AND_SOURCE.fullmatch(header)
    return (match[1], match[2]) if match else (header, None)


def header_of(id_: str, source: object) -> str:
    """Return an id with its source, in quotation marks if it would be misread without them."""
    if not _PLAIN_ID.fullmatch(id_):
        return str(Filler((id_,), (True,)))
    return f"{id_} ({source})" if isinstance(source, str) and _SOURCE.fullmatch(source) else id_


def _sections(stream: BinaryIO, ids: frozenset[bytes]) -> Iterator[tuple[str, Section]]:
    stream.seek(0)
    open_section: tuple[str, str | None, int, int] | None = None
    at = 0
    comments: int | None = None  # where the last run of comments starts; right before a template they belong to it
    for number, line in enumerate(iter(lambda: stream.readline(MAX_DOCUMENT_BYTES), b""), start=1):
        header = parse_header(line, ids)
        if (header or is_first_slot(line)) and open_section is not None:
            id_, source, start, first_line = open_section
            yield id_, Section(start, at if header or comments is None else comments, first_line, source)
            open_section = None
        if not line.startswith(b";"):
            comments = None
        elif comments is None:
            comments = at
        at += len(line)
        if header:
            open_section = (*header, at, number)
    if open_section is not None:
        id_, source, start, first_line = open_section
        yield id_, Section(start, at, first_line, source)


def _trimmed(text: str) -> str:
    """Remove the empty line after the header and the one before whatever follows."""
    for end in ("\r\n", "\n"):
        if text.startswith(end):
            text = text.removeprefix(end)
            break
    for ending in ("\r\n\r\n", "\n\n", "\r\n", "\n"):
        if text.endswith(ending):
            return text.removesuffix(ending)
    return text
