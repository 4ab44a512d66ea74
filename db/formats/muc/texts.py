"""The texts of messages: where each stands in a file, after a line that is its id, as ``DEV-MUC3-0001 (NOSC)``."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from db.errors import InputError
from db.formats.muc.fillers import Filler, parse_filler
from db.formats.shared.folders import decoded, text_of
from db.io.json_stream import MAX_DOCUMENT_BYTES

_HEADER = re.compile(rb"([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d+)[ \t]*(?:\(([^()\r\n]*)\)[ \t]*)?\r?\n?")
_OF_ID = re.compile(rb"([^\r\n]*?)[ \t]*(?:\(([^()\r\n]*)\)[ \t]*)?\r?\n?")
_FIRST_SLOT = re.compile(rb"[ \t]*0\.[ \t]*MESSAGE:[ \t]*ID(?:[ \t]+(?P<id>\S.*?))?[ \t]*\r?\n?")
_NAMED = re.compile(r"(\S.*?)\s*\(([^()]*)\)")
_PLAIN_ID = re.compile(r'[^\s"();](?:[^\r\n"()]*[^\s"()])?')
_SOURCE = re.compile(r"[^()\r\n]*")
_LONGEST_LINE = 1000  # bytes of one with an id


class Stretch(NamedTuple):
    """Where a text stands, in bytes, and its line; ``source`` is what stands in brackets after the id."""

    start: int
    end: int
    line: int
    source: str | None


class Texts:
    """The texts of one file, by id of message; none are held in memory."""

    def __init__(self, stream: BinaryIO, name: str, known: frozenset[bytes] = frozenset()) -> None:
        self._stream = stream
        self._name = name
        self.stretches: dict[str, Stretch] = {}
        for id_, stretch in _stretches(stream, known):
            self.stretches.setdefault(id_, stretch)

    def text(self, id_: str) -> str | None:
        """A message's text. Raises InputError where it is no UTF-8 or too long."""
        stretch = self.stretches.get(id_)
        if stretch is None:
            return None
        if stretch.end - stretch.start > MAX_DOCUMENT_BYTES:
            raise InputError(f"{id_}: its text is longer than {MAX_DOCUMENT_BYTES:,} bytes; make several of it")
        self._stream.seek(stretch.start)
        return _trimmed(decoded(self._stream.read(stretch.end - stretch.start), f"{self._name}: the text of {id_}"))


class TextsBeside:
    """Texts beside a file of templates: ``NAME.txt`` with all, else ``ID.txt`` for each."""

    def __init__(self, path: Path | None, known: frozenset[bytes]) -> None:
        self._path = path
        self._file: Texts | None = None
        self._stream: BinaryIO | None = None
        if path is not None and path.suffix.lower() != ".txt" and (beside := path.with_suffix(".txt")).is_file():
            self._stream = beside.open("rb")
            self._file = Texts(self._stream, beside.name, known)

    def __enter__(self) -> "TextsBeside":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    @property
    def stretches(self) -> dict[str, Stretch]:
        """Those in one file."""
        return self._file.stretches if self._file else {}

    def text(self, id_: str) -> str | None:
        """A message's text. Raises InputError where it can't be read."""
        if self._file and (text := self._file.text(id_)) is not None:
            return text
        if self._path is None or not re.fullmatch(r"\w[\w .-]{0,150}", id_):
            return None
        for name in (id_, id_.lower()):
            path = self._path.with_name(f"{name}.txt")
            if path != self._path and path.is_file():
                return text_of(path)
        return None


def known_ids(stream: BinaryIO) -> frozenset[bytes]:
    """The ids that templates of a file name, as they stand there, without what is in brackets."""
    stream.seek(0)
    found = set()
    for line in iter(lambda: stream.readline(MAX_DOCUMENT_BYTES), b""):
        match = _FIRST_SLOT.fullmatch(line) if len(line) <= _LONGEST_LINE else None
        if match and match["id"] and (of_id := _OF_ID.fullmatch(match["id"])):
            found.add(of_id[1])
    return frozenset(found)


def begins_template(line: bytes) -> bool:
    """Whether a line is the first slot, which names the message."""
    return len(line) <= _LONGEST_LINE and _FIRST_SLOT.fullmatch(line) is not None


def headed(line: bytes, known: frozenset[bytes]) -> tuple[str, str | None] | None:
    """The id and source of a line that is a message's id, None of another."""
    if len(line) > _LONGEST_LINE:
        return None
    match = _HEADER.fullmatch(line)
    if match is None and known and (of_id := _OF_ID.fullmatch(line)) and of_id[1] in known:
        match = of_id
    if match is None:
        return None
    return id_and_source(line.decode(errors="replace").strip())


def id_and_source(named: str) -> tuple[str, str | None]:
    """``DEV-MUC3-0001 (NOSC)`` in its parts; what stands in quotation marks is an id as a whole."""
    if named.startswith('"'):
        return str(parse_filler(named).values[0]), None
    match = _NAMED.fullmatch(named)
    return (match[1], match[2]) if match else (named, None)


def named(id_: str, source: object) -> str:
    """An id with its source, in quotation marks where it could be read otherwise."""
    if not _PLAIN_ID.fullmatch(id_):
        return str(Filler((id_,), (True,)))
    return f"{id_} ({source})" if isinstance(source, str) and _SOURCE.fullmatch(source) else id_


def _stretches(stream: BinaryIO, known: frozenset[bytes]) -> Iterator[tuple[str, Stretch]]:
    stream.seek(0)
    begun: tuple[str, str | None, int, int] | None = None
    at = 0
    comments: int | None = None  # where those begin that stand right before a template, whose they are
    for number, line in enumerate(iter(lambda: stream.readline(MAX_DOCUMENT_BYTES), b""), start=1):
        header = headed(line, known)
        if (header or begins_template(line)) and begun is not None:
            id_, source, start, begins = begun
            yield id_, Stretch(start, at if header or comments is None else comments, begins, source)
            begun = None
        if not line.startswith(b";"):
            comments = None
        elif comments is None:
            comments = at
        at += len(line)
        if header:
            begun = (*header, at, number)
    if begun is not None:
        id_, source, start, begins = begun
        yield id_, Stretch(start, at, begins, source)


def _trimmed(text: str) -> str:
    """Without the empty line after the id, and the one before what follows."""
    for end in ("\r\n", "\n"):
        if text.startswith(end):
            text = text.removeprefix(end)
            break
    for ending in ("\r\n\r\n", "\n\n", "\r\n", "\n"):
        if text.endswith(ending):
            return text.removesuffix(ending)
    return text
