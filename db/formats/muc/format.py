"""MUC templates: what a message says as numbered slots, a template for each incident."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from db.errors import InputError
from db.formats.format import Companion, Export, Format, ReadOptions, Record, Source, Sure
from db.formats.muc.fillers import NOT_APPLICABLE
from db.formats.muc.templates import ID, SLOTS, TEMPLATE, Template, empty_template, event_of, strings_of, template_of
from db.formats.muc.texts import Texts, TextsBeside, begins_template, headed, id_and_source, known_ids, named
from db.formats.shared.grounding import Grounder, Wanted
from db.io.json_stream import BOM, MAX_DOCUMENT_BYTES

Json = dict[str, Any]

_NUMBERED = re.compile(r"\s*(\d{1,6})\.\s*(\S.*)")
_LABELS = tuple((str(number), slot.label) for number, slot in enumerate(SLOTS))
_SHOWN = 3  # strings in a note
_TOLD_BY = re.compile(rb"^[ \t]*0\.[ \t]*MESSAGE:[ \t]*ID[ \t]", re.MULTILINE)


@dataclass(slots=True)
class _Block:
    """The lines of one template, with the comments before and in it."""

    line: int
    raw: bytearray = field(default_factory=bytearray)
    comments: list[str] = field(default_factory=list)
    slots: list[tuple[str, list[str]]] = field(default_factory=list)
    fault: str = ""

    def add(self, line: bytes) -> None:
        """One more line, as it stands."""
        if len(self.raw) + len(line) > MAX_DOCUMENT_BYTES:
            self.fault = self.fault or f"longer than {MAX_DOCUMENT_BYTES:,} bytes; make several templates of it"
            return
        self.raw += line


@dataclass(slots=True)
class _Message:
    id: str
    source: str | None
    line: int
    raw: bytes = b""
    comments: list[str] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)


def _recognise(source: Source) -> Sure:
    if _TOLD_BY.search(source.head):
        return Sure.CERTAIN
    first = source.head.removeprefix(BOM).lstrip().partition(b"\n")[0]
    return Sure.LIKELY if b"-MUC" in first and headed(first, frozenset()) else Sure.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    stream = source.opened
    known = known_ids(stream)
    within = Texts(stream, source.name, known)
    with TextsBeside(source.path, known) as beside:
        told: set[str] = set()
        taken = 0
        message: _Message | None = None
        for block, taken in _blocks(stream, known):
            read = _template(block)
            if isinstance(read, InputError):
                yield Record(block.line, read, bytes(block.raw), taken=taken)
                continue
            id_, source_, template = read
            if message is None or message.id != id_:
                if message is not None:
                    yield _record(message, within, beside, taken)
                message = _Message(id_, source_, block.line)
                told.add(id_)
            _add(message, block, template, options.extractor)
        if message is not None:
            yield _record(message, within, beside, taken)
        for texts in (within, beside):
            for id_, stretch in list(texts.stretches.items()):
                if id_ not in told:
                    told.add(id_)
                    yield _record(_Message(id_, stretch.source, stretch.line), within, beside, taken)


def _blocks(stream: BinaryIO, known: frozenset[bytes]) -> Iterator[tuple[_Block, int]]:
    """Each template of a file, and how many bytes are read so far."""
    at = number = 0
    comments: list[tuple[int, bytes]] = []
    block: _Block | None = None
    in_text = False
    while True:
        stream.seek(at)  # texts are read meanwhile
        line = stream.readline(MAX_DOCUMENT_BYTES)
        at += len(line)
        number += 1
        plain = line.removeprefix(BOM) if number == 1 else line
        begins = begins_template(plain)
        header = not begins and headed(plain, known) is not None
        if block is not None and (not line or begins or header or not plain.strip()):
            yield block, at - len(line)
            block = None
        if not line:
            return
        if begins:
            block = _Block(comments[0][0] if comments else number)
            for _, comment in comments:
                block.add(comment)
            comments, in_text = [], False
        elif header:
            comments, in_text = [], True
        if block is not None:
            block.add(plain)
        elif plain.startswith(b";"):
            comments.append((number, plain))
        elif in_text:
            comments = []


def _template(block: _Block) -> tuple[str, str | None, Template] | InputError:
    """The id and source of the message and the slots of a block, which gets its comments; or why there are none."""
    if block.fault:
        return InputError(block.fault)
    try:
        text = block.raw.decode()
    except UnicodeDecodeError as error:
        return InputError(f"not UTF-8 at byte {error.start + 1} of the template; save it as UTF-8")
    template: Template = []
    for number, line in enumerate(text.split("\n"), start=block.line):
        if not (said := line.strip()):
            continue
        if said.startswith(";"):
            block.comments.append(said)
        elif slot := _slot(said):
            template.append((slot[0], [slot[1]] if slot[1] else []))
        elif template:
            _continue(template[-1][1], said)
        else:
            return InputError(f"line {number}: before the first slot, 0. {ID}; begin the template with it")
    message = next((fillers[0] for label, fillers in template if label == ID and fillers), "")
    if not message:
        return InputError(f"0. {ID} is empty; write which message the template is of")
    return (*id_and_source(message), template)


def _slot(line: str) -> tuple[str, str] | None:
    """The label and filler of a line that begins a slot."""
    match = _NUMBERED.fullmatch(line)
    if match is None:
        return None
    number, rest = match.groups()
    label, gap, filler = _parted(rest)
    if label.upper() in {known for _, known in _LABELS}:
        return label.upper(), filler
    plain = " ".join(rest.split())
    for known_number, known in _LABELS:
        if known_number == number and plain.upper().startswith(f"{known} "):
            return known, plain[len(known) :].strip()
    return (label, filler) if gap or int(number) >= len(SLOTS) else None


def _parted(rest: str) -> tuple[str, str, str]:
    match = re.search(r"\s{2,}|\t", rest)
    if match is None:
        return rest.strip(), "", ""
    return rest[: match.start()], match[0], rest[match.end() :].strip()


def _continue(fillers: list[str], said: str) -> None:
    """A further filler of a slot, or further alternatives of the one before."""
    if fillers and (said.startswith("/") or fillers[-1].endswith("/")):
        fillers[-1] = f"{fillers[-1]} {said}"
    else:
        fillers.append(said)


def _add(message: _Message, block: _Block, template: Template, extractor: str | None) -> None:
    """Add the event of a template to its message."""
    message.raw += bytes(block.raw) + b"\n"
    number = next((fillers[0] for label, fillers in template if label == TEMPLATE and fillers), NOT_APPLICABLE)
    if number == NOT_APPLICABLE:
        message.comments += block.comments
        return
    ids = {event["id"] for event in message.events}
    base = "/".join(filter(None, (message.id, extractor, number.split()[0])))
    id_, again = base, 1
    while id_ in ids:
        again += 1
        id_ = f"{base}.{again}"
    event = event_of(template, id_)
    if extractor:
        event["extractor"] = extractor
    if block.comments:
        event["muc"] = event.get("muc", {}) | {"comments": block.comments}
    message.events.append(event)


def _record(message: _Message, within: Texts, beside: TextsBeside, taken: int) -> Record:
    try:
        text = within.text(message.id)
        if text is None:
            text = beside.text(message.id)
    except InputError as error:
        return Record(message.line, error, message.raw, taken=taken)
    document: Json = {"id": message.id}
    if text is None:
        document["title"] = message.id
    else:
        document["text"] = text
    muc = {"source": message.source} if message.source is not None else {}
    if message.comments:
        muc |= {"comments": message.comments}  # type: ignore[dict-item]
    if muc:
        document["muc"] = muc
    notes = _grounded(text, message.events) if text else ()
    return Record(message.line, document | {"events": message.events}, message.raw, notes, taken)


def _grounded(text: str, events: list[Json]) -> tuple[str, ...]:
    """Give the strings of events the spans where they stand; what there is to say of those that stand nowhere."""
    grounder = Grounder(text)
    missing = []
    for event in events:
        fields = list(strings_of(event))
        found = grounder.ground_together([Wanted(item["value"], group=item.get("group")) for item in fields])
        for item, grounded in zip(fields, found, strict=True):
            if grounded.spans:
                item["spans"] = [[start, end] for start, end in grounded.spans]
            else:
                missing.append(item["value"])
            item["grounding"] = grounded.how
    if not missing:
        return ()
    shown = ", ".join(f"‘{value[:40]}’" for value in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
    return (f"{len(missing):,} string{'' if len(missing) == 1 else 's'} not found in the text: {shown}{more}",)


def _write(export: Export) -> Iterator[bytes]:
    for document in export.documents():
        muc = document["muc"] if isinstance(document.get("muc"), dict) else {}
        message = named(document["id"], muc.get("source"))
        events = [event for event in document["events"] if event.get("status") != "rejected"]
        numbers: set[str] = set()
        yield from _comments(muc)
        for event in events:
            number = _number(event["id"], numbers)
            yield from _comments(event.get("muc"))
            yield "\n".join([*template_of(event, number, message), "", ""]).encode()
        if not events:
            yield "\n".join([*empty_template(message), "", ""]).encode()


def _write_texts(export: Export) -> Iterator[bytes]:
    """The texts that the templates are of, which are in a file of their own, as in MUC."""
    for document in export.documents():
        if (text := document.get("text")) is not None:
            muc = document["muc"] if isinstance(document.get("muc"), dict) else {}
            yield f"{named(document['id'], muc.get('source'))}\n\n{text}\n\n".encode()


def _number(id_: str, taken: set[str]) -> str:
    """The number of a template: that at the end of the event's id, else the next one."""
    end = id_.rpartition("/")[2]
    number = end if re.fullmatch(r"[1-9]\d{0,5}", end) and end not in taken else ""
    following = 1
    while not number:
        number = str(following) if str(following) not in taken else ""
        following += 1
    taken.add(number)
    return number


def _comments(muc: object) -> Iterator[bytes]:
    comments = muc.get("comments") if isinstance(muc, dict) else None
    for comment in comments if isinstance(comments, list) else ():
        if isinstance(comment, str) and comment.startswith(";") and "\n" not in comment:
            yield f"{comment}\n".encode()


FORMAT = Format(
    name="muc",
    about="MUC-4 templates: numbered slots, a template for each event",
    reads="slots as fields, cross references as groups; texts in the file, or beside it in NAME.txt or ID.txt",
    writes="a template for each event that was not rejected; the texts in NAME.txt beside",
    loses="spans (strings are found again in the text), confidences, decisions; values but text and whole numbers",
    recognise=_recognise,
    read=_read,
    write=_write,
    companions=(Companion(".txt", _write_texts),),
    options=frozenset({"extractor"}),
)
