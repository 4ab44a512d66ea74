"""The format ``label-studio``: JSON tasks with predictions and annotations; reads JSON-MIN and CSV as well."""

import io
import json
import re
from collections.abc import Callable, Iterator

from db.errors import InputError
from db.formats.format import Companion, Confidence, Data, Export, Format, ReadOptions, Record, Source
from db.formats.label_studio.config import Config
from db.formats.label_studio.flat import is_flat, is_header, rows, task_of_record
from db.formats.label_studio.regions import MARK
from db.formats.label_studio.tasks import UNNAMED, NoTextError, read_task, unread_names
from db.formats.label_studio.texts import dialogue_text, is_dialogue
from db.formats.label_studio.writing import task_of
from db.formats.shared.json_documents import read_objects
from db.io.json_lines import parse_json
from db.io.json_stream import BOM, MAX_DOCUMENT_BYTES

_OWNERS = ("annotations", "predictions", "completions")
_TURN_KEYS = frozenset(("author", "text"))
_LONG_TASK = re.compile(rb'"(?:annotations|predictions|completions)"\s*:\s*\[')
_LONG_DATA = re.compile(rb'"data"\s*:\s*\{')


def _recognise(source: Source) -> Confidence:
    if source.stream is None:
        return Confidence.NO
    if is_header(source.head):
        return Confidence.CERTAIN
    found = max(map(_confidence, source.objects), default=Confidence.NO)
    if found == Confidence.NO and _is_dialogue(source):
        return Confidence.LIKELY
    if not source.objects and _LONG_DATA.search(source.head) and _LONG_TASK.search(source.head):
        return Confidence.LIKELY  # a first task that is longer than the head
    return found


def _confidence(item: Data) -> Confidence:
    if is_flat(item):
        return Confidence.CERTAIN
    if not isinstance(item.get("data"), dict) or "events" in item:
        return Confidence.NO
    return Confidence.CERTAIN if any(isinstance(item.get(key), list) for key in _OWNERS) else Confidence.LIKELY


def _is_dialogue(source: Source) -> bool:
    head = source.head.removeprefix(BOM).lstrip()
    turns = source.objects
    return head.startswith(b"[") and len(turns) > 1 and all(turn.keys() == _TURN_KEYS for turn in turns)


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    if is_header(source.head):
        records = _read_rows(source)
    elif _is_dialogue(source):
        yield _read_dialogue(source)
        return
    else:
        records = read_objects(source)
    yield from _without_media(source.name, records, lambda item: read_task(_task(item), options))


def _task(item: Data) -> Data:
    if is_flat(item):
        return task_of_record(item)
    if "data" not in item and isinstance(item.get("text"), str):
        return {"data": item}  # Label Studio imports bare data as a task as well
    return item


def _without_media(
    name: str, records: Iterator[Record], read: Callable[[Data], tuple[Data, tuple[str, ...]]]
) -> Iterator[Record]:
    media, first, others, bytes_read = 0, 0, 0, 0
    for record in records:
        bytes_read = record.bytes_read
        if not isinstance(record.document, InputError):
            try:
                names = unread_names(_task(record.document))
                document, notes = read(record.document)
                record = record._replace(document=document, notes=record.notes + notes, unread=names)
            except NoTextError:
                media += 1
                first = first or record.position
                continue
            except InputError as error:
                record = record._replace(document=error)
        others += 1
        yield record
    if not media:
        return
    reason = "no text, only images, audio, video or numbers; eventdesk reviews events in texts"
    if not others:
        tasks = "its task has" if media == 1 else f"all its {media:,} tasks have"
        raise InputError(f"{name}: {tasks} {reason}")
    tasks = "1 task has" if media == 1 else f"{media:,} tasks (this is the first) have"
    yield Record(first, InputError(f"{tasks} {reason}"), bytes_read=bytes_read)


def _read_rows(source: Source) -> Iterator[Record]:
    text = io.TextIOWrapper(source.required_stream, encoding="utf-8-sig", newline="")
    try:
        for line, task in rows(text):
            yield Record(line, task, bytes_read=source.required_stream.tell())
    except UnicodeDecodeError as error:
        raise InputError(f"{source.name}: not UTF-8 ({error.reason}); save the file as UTF-8") from None
    finally:
        text.detach()


def _read_dialogue(source: Source) -> Record:
    raw = source.required_stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise InputError(f"{source.name}: longer than {MAX_DOCUMENT_BYTES:,} bytes; split it into several dialogues")
    turns = parse_json(raw.removeprefix(BOM))
    if not is_dialogue(turns):
        raise InputError(f"{source.name}: not a dialogue; each turn needs an author and a text")
    text = dialogue_text("dialogue", turns).text
    mark = {"task": {"data": {"dialogue": turns}}, "key": "dialogue", "kind": "dialogue", "read": []}
    return Record(1, {"text": text, "events": [], MARK: mark}, raw, bytes_read=len(raw))


def _tasks(export: Export) -> Iterator[Data]:
    for number, document in enumerate(export.documents(), start=1):
        yield task_of(document, number, export.types, reviewed=export.reviewed)


def _write(export: Export) -> Iterator[bytes]:
    separator = "[\n"
    for task in _tasks(export):
        yield f"{separator}{json.dumps(task, ensure_ascii=False)}".encode()
        separator = ",\n"
    yield b"\n]\n" if separator != "[\n" else b"[]\n"


def _write_config(export: Export) -> Iterator[bytes]:
    config = Config()
    for task in _tasks(export):
        config.add_task(task)
    config.add_types(export.types.values())
    yield ("\n".join(config.lines()) + "\n").encode()


FORMAT = Format(
    name="label-studio",
    about="Label Studio's tasks: JSON, JSON-MIN and CSV",
    reads="predictions as extracted events, annotations as decisions about them and as added events; regions joined by"
    " relations as one event, all others and attributes of the whole task as the fields of another; events of a"
    " skipped task as unsure if nobody else decided; HTML and dialogues as text",
    writes="a prediction for each extractor, an annotation of accepted events for each reviewer, spans in UTF-16 units;"
    " the labelling configuration next to it; an unchanged task as it was read",
    loses="tasks without text are skipped; regions of images, audio and video are kept unread; CSV doesn't distinguish"
    " choices from data, so short columns that don't look like data are read as choices",
    recognise=_recognise,
    read=_read,
    write=_write,
    companions=(Companion(".config.xml", _write_config),),
    options=frozenset(("offsets", "extractor")),
    unnamed=UNNAMED,
)
