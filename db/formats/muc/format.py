"""The format ``muc``: a template of numbered slots for each event of a message."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from db.errors import InputError
from db.formats.format import Companion, Confidence, Data, Export, Format, ReadOptions, Record, Source
from db.formats.muc.blocks import Block, blocks_of, parse_block
from db.formats.muc.fillers import NOT_APPLICABLE
from db.formats.muc.templates import (
    TEMPLATE,
    Template,
    empty_template,
    event_of,
    first_filler,
    string_fields,
    template_of,
)
from db.formats.muc.texts import ExternalTexts, TextFile, header_of, message_ids, parse_header
from db.formats.shared.objects import list_at, object_at
from db.formats.shared.versions import TEXTS_COMMENT, has_decisions
from db.grounding.grounder import Grounder
from db.grounding.places import ValueRequest
from db.io.json_stream import BOM

_SHOWN = 3  # strings in a note
_PARTIAL = "; eventdesk: without ids and decisions"  # precedes the templates of a message that has them in its file
_FIRST_SLOT = re.compile(rb"^[ \t]*0\.[ \t]*MESSAGE:[ \t]*ID[ \t]", re.MULTILINE)


@dataclass(slots=True)
class _Message:
    id: str
    source: str | None
    line: int
    raw: bytes = b""
    comments: list[str] = field(default_factory=list)
    events: list[Data] = field(default_factory=list)
    partial: bool = False


def _recognise(source: Source) -> Confidence:
    if _FIRST_SLOT.search(source.head):
        return Confidence.CERTAIN
    first = source.head.removeprefix(BOM).lstrip().partition(b"\n")[0]
    return Confidence.LIKELY if b"-MUC" in first and parse_header(first, frozenset()) else Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    stream = source.required_stream
    ids = message_ids(stream)
    inline = TextFile(stream, source.name, ids)
    with ExternalTexts(source.path, ids, options) as external:
        seen: set[str] = set()
        bytes_read = 0
        message: _Message | None = None
        for block, bytes_read in blocks_of(stream, ids):
            try:
                id_, named_source, template = parse_block(block)
            except InputError as error:
                yield Record(block.line, error, bytes(block.raw), bytes_read=bytes_read)
                continue
            if message is None or message.id != id_:
                if message is not None:
                    yield _record(message, inline, external, bytes_read)
                message = _Message(id_, named_source, block.line)
                seen.add(id_)
            _add_event(message, block, template, options)
        if message is not None:
            yield _record(message, inline, external, bytes_read)
        for texts in (inline, external):
            for id_, section in list(texts.sections.items()):
                if id_ not in seen:
                    seen.add(id_)
                    yield _record(_Message(id_, section.source, section.line), inline, external, bytes_read)


def _add_event(message: _Message, block: Block, template: Template, options: ReadOptions) -> None:
    message.raw += bytes(block.raw) + b"\n"
    comments = [comment for comment in block.comments if comment != _PARTIAL]
    message.partial |= len(comments) < len(block.comments)
    number = first_filler(template, TEMPLATE, NOT_APPLICABLE)
    if number == NOT_APPLICABLE:
        message.comments += comments
        return
    ids = {event["id"] for event in message.events}
    base = "/".join(filter(None, (message.id, options.extractor, number.split()[0])))
    id_, numbers = base, count(2)
    while id_ in ids:
        id_ = f"{base}.{next(numbers)}"
    event = event_of(template, id_)
    if extractor := options.extractor or options.unnamed:
        event["extractor"] = extractor
    if comments:
        event["muc"] = event.get("muc", {}) | {"comments": comments}
    message.events.append(event)


def _record(message: _Message, inline: TextFile, external: ExternalTexts, bytes_read: int) -> Record:
    try:
        text = inline.text(message.id)
        if text is None:
            text = external.text(message.id)
    except InputError as error:
        return Record(message.line, error, message.raw, bytes_read=bytes_read)
    document: Data = {"id": message.id} | ({"title": message.id} if text is None else {"text": text})
    muc: Data = {"source": message.source} if message.source is not None else {}
    if message.comments:
        muc["comments"] = message.comments
    if muc:
        document["muc"] = muc
    notes: tuple[str, ...] = ()
    if text:
        notes = _ground(text, message.events)
    elif any(map(string_fields, message.events)):
        notes = (f"no text of {message.id}: its strings were not searched for; import the texts, then this file again",)
    return Record(message.line, document | {"events": message.events}, message.raw, notes, bytes_read, message.partial)


def _ground(text: str, events: list[Data]) -> tuple[str, ...]:
    """Find the strings of events in the text and set their spans. Return a note on those that aren't found."""
    grounder = Grounder(text)
    missing = []
    for event in events:
        fields = string_fields(event)
        found = grounder.ground_together([ValueRequest(item["value"], group=item.get("group")) for item in fields])
        for item, grounded in zip(fields, found, strict=True):
            if grounded.spans:
                item["spans"] = [[start, end] for start, end in grounded.spans]
            elif grounded.method == "none":
                missing.append(item["value"])
            item |= grounded.keys()
    if not missing:
        return ()
    shown = ", ".join(f"‘{value[:40]}’" for value in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
    return (f"{len(missing):,} string{'' if len(missing) == 1 else 's'} not found in the text: {shown}{more}",)


def _write(export: Export) -> Iterator[bytes]:
    for document in export.documents():
        header = _header(document)
        events = [event for event in document["events"] if event.get("status") != "rejected"]
        numbers: dict[str, str] = {}  # by event id
        for event in events:
            numbers[event["id"]] = _number(event["id"], set(numbers.values()))
        if has_decisions(document) or any(id_ != f"{document['id']}/{number}" for id_, number in numbers.items()):
            yield f"{_PARTIAL}\n".encode()
        yield from _comments(document)
        for event in events:
            number = numbers[event["id"]]
            yield from _comments(event)
            yield "\n".join([*template_of(event, number, header), "", ""]).encode()
        if not events:
            yield "\n".join([*empty_template(header), "", ""]).encode()


def _write_texts(export: Export) -> Iterator[bytes]:
    yield f"{TEXTS_COMMENT} of the messages in the file of templates\n".encode()
    for document in export.documents():
        if (text := document.get("text")) is not None:
            yield f"{_header(document)}\n\n{text}\n\n".encode()


def _header(document: Data) -> str:
    return header_of(document["id"], object_at(document, "muc").get("source"))


def _number(id_: str, numbers: set[str]) -> str:
    """Return the number at the end of an event's id if it isn't in ``numbers``, else the first that isn't."""
    number = id_.rpartition("/")[2]
    if not re.fullmatch(r"[1-9]\d{0,5}", number) or number in numbers:
        number = next(str(n) for n in range(1, len(numbers) + 2) if str(n) not in numbers)
    return number


def _comments(data: Data) -> Iterator[bytes]:
    for comment in list_at(object_at(data, "muc"), "comments"):
        if isinstance(comment, str) and comment.startswith(";") and "\n" not in comment:
            yield f"{comment}\n".encode()


FORMAT = Format(
    name="muc",
    about="MUC-4 templates: numbered slots, a template for each event",
    reads="slots as fields, cross references as groups; texts from the same file, or NAME.txt or ID.txt next to it",
    writes="a template for each event that isn't rejected; the texts in NAME.txt next to it",
    loses="spans (strings are searched for in the text), confidences, decisions; values other than text and integers",
    recognise=_recognise,
    read=_read,
    write=_write,
    companions=(Companion(".txt", _write_texts),),
    options=frozenset({"extractor"}),
    unnamed="",
)
