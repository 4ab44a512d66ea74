"""Splits a file into templates, and a template into its slots with their fillers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from db.errors import InputError
from db.formats.muc.templates import ID, SLOTS, Template, first_filler
from db.formats.muc.texts import is_first_slot, parse_header, split_id
from db.io.json_stream import BOM, MAX_DOCUMENT_BYTES

_NUMBERED = re.compile(r"\s*(\d{1,6})\.\s*(\S.*)")
_LABELS = tuple((str(number), slot.label) for number, slot in enumerate(SLOTS))


@dataclass(slots=True)
class Block:
    """The lines of one template, from line ``line`` of the file, and the comments before and in it."""

    line: int
    raw: bytearray = field(default_factory=bytearray)
    comments: list[str] = field(default_factory=list)
    error: str = ""

    def add(self, line: bytes) -> None:
        """Add a line."""
        if len(self.raw) + len(line) > MAX_DOCUMENT_BYTES:
            self.error = f"longer than {MAX_DOCUMENT_BYTES:,} bytes; split it into several templates"
            return
        self.raw += line


def blocks_of(stream: BinaryIO, ids: frozenset[bytes]) -> Iterator[tuple[Block, int]]:
    """Yield each template of a file, and the number of bytes read so far. ``ids`` are those of its messages."""
    at = number = 0
    comments: list[tuple[int, bytes]] = []
    block: Block | None = None
    in_text = False
    while True:
        stream.seek(at)  # the caller reads texts from the stream in between
        line = stream.readline(MAX_DOCUMENT_BYTES)
        at += len(line)
        number += 1
        plain = line.removeprefix(BOM) if number == 1 else line
        starts = is_first_slot(plain)
        is_header = not starts and parse_header(plain, ids) is not None
        if block is not None and (starts or is_header or not plain.strip()):
            yield block, at - len(line)
            block = None
        if not line:
            return
        if starts:
            block = Block(comments[0][0] if comments else number)
            for _, comment in comments:
                block.add(comment)
            comments, in_text = [], False
        elif is_header:
            comments, in_text = [], True
        if block is not None:
            block.add(plain)
        elif plain.startswith(b";"):
            comments.append((number, plain))
        elif in_text:
            comments = []


def parse_block(block: Block) -> tuple[str, str | None, Template]:
    """Return the id and source of a block's message and the slots, and add the comments to the block.

    Raises InputError if it isn't a valid template.
    """
    if block.error:
        raise InputError(block.error)
    try:
        text = block.raw.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start + 1} of the template; save it as UTF-8") from None
    template: Template = []
    for number, line in enumerate(text.split("\n"), start=block.line):
        if not (content := line.strip()):
            continue
        if content.startswith(";"):
            block.comments.append(content)
        elif slot := _parse_slot(content):
            template.append((slot[0], [slot[1]] if slot[1] else []))
        elif template:
            _continue_slot(template[-1][1], content)
        else:
            raise InputError(f"line {number} comes before the first slot; start the template with 0. {ID}")
    if not (message := first_filler(template, ID)):
        raise InputError(f"0. {ID} is empty; fill in the id of the template's message")
    return (*split_id(message), template)


def _parse_slot(line: str) -> tuple[str, str] | None:
    match = _NUMBERED.fullmatch(line)
    if match is None:
        return None
    number, rest = match.groups()
    gap = re.search(r"\s{2,}|\t", rest)
    label, filler = (rest[: gap.start()], rest[gap.end() :].strip()) if gap else (rest.strip(), "")
    if label.upper() in {known for _, known in _LABELS}:
        return label.upper(), filler
    plain = " ".join(rest.split())
    for known_number, known in _LABELS:
        if known_number == number and plain.upper().startswith(f"{known} "):
            return known, plain[len(known) :].strip()
    return (label, filler) if gap or int(number) >= len(SLOTS) else None


def _continue_slot(fillers: list[str], content: str) -> None:
    if fillers and (content.startswith("/") or fillers[-1].endswith("/")):
        fillers[-1] = f"{fillers[-1]} {content}"
    else:
        fillers.append(content)
