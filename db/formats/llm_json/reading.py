"""Turns records of answers into documents with events, each with the shape that an export writes again."""

from collections.abc import Iterator

from db.errors import InputError
from db.formats.format import Data, ReadOptions, Record, Source
from db.formats.llm_json.answers import Answer, answer_of, beside_answer
from db.formats.llm_json.dialogues import Refused, answer_in, turns_of
from db.formats.llm_json.documents import CALL_IDS, PLAIN_TEXTS, Found, document_of, instructions_of, is_log, text_of
from db.formats.llm_json.events import EventMaker
from db.formats.llm_json.requests import Requests
from db.formats.llm_json.shapes import EXPORTED, SHAPE, Shape
from db.formats.llm_json.write.writing import records_of
from db.formats.shared.json_documents import read_objects
from db.formats.shared.versions import source_text
from db.grounding.grounder import Grounder
from db.io.answers.loose_json import CUT, parse_places


def read_file(source: Source, options: ReadOptions, unnamed: str) -> Iterator[Record]:
    """Yield the records of a file of answers, one object each."""
    requests = Requests(options.beside, source.path)
    for record in read_objects(source):
        notes: tuple[str, ...] = ()
        if isinstance(record.document, InputError):
            record, notes = _loosely(record)
        if isinstance(record.document, InputError):
            yield record
            continue
        try:
            raw = record.raw.decode().strip()
            document, more = document_of_record(
                record.document, raw, options, unnamed, requests.request_of(record.document)
            )
        except InputError as error:
            yield record._replace(document=error)
            continue
        is_partial = record.document.get(EXPORTED) == "decisions"
        yield record._replace(document=document, notes=(*notes, *more), rewrite=rewritten, partial=is_partial)


def _loosely(record: Record) -> tuple[Record, tuple[str, ...]]:
    """Return a record whose JSON has small mistakes, and what they are; an unreadable one as it is."""
    try:
        node, problems = parse_places(record.raw.decode().strip())
    except (InputError, UnicodeDecodeError):
        return record, ()
    if not isinstance(node.value, dict) or CUT in problems:
        return record, ()
    return record._replace(document=node.value), tuple(f"the JSON has {problem}" for problem in problems)


def document_of_record(
    data: Data, raw: str, options: ReadOptions, unnamed: str, request: Data | None = None
) -> tuple[Data, tuple[str, ...]]:
    """Return the document of a record, and notes. ``request``: that of another file. Raises InputError."""
    whole = data if request is None else {**data, "request": request}
    answer: Answer | None = None
    failure: InputError | None = None
    try:
        answer = answer_of(data)
    except InputError as error:
        if isinstance(error.__cause__, Refused):
            raise
        failure = error
    if answer is None and _is_request(data):
        failure = None
    # A request has the same text when it is imported alone.
    found = text_of(whole, answer) if request is None else text_of(request, None)
    document, extractor = document_of(whole, found, options.known_text, of_call=_is_call(whole, found))
    if failure is not None:
        raise failure
    text = document.get("text", document.get("title"))
    if not isinstance(text, str):
        raise InputError("no text; add it under the key text")
    notes = (f"the text is what the prompt has {found.how}",) if found.how else ()
    if answer is None:
        return document | {"events": []}, notes
    system = None if request is None else instructions_of(whole, text) or None
    named = options.extractor or extractor or options.unnamed or unnamed
    return with_events(document, answer, text, named, Shape(raw, system=system), notes)


def with_events(
    document: Data, answer: Answer, text: str, extractor: str, shape: Shape, notes: tuple[str, ...] = ()
) -> tuple[Data, tuple[str, ...]]:
    """Return a document with the events of an answer, the shape of that, and notes. Raises InputError."""
    grounder = Grounder(text, document.get("language"), document.get("published"))
    maker = EventMaker(document["id"], extractor, grounder)
    document["events"] = maker.events(answer.items, answer.where)
    if answer.rest:
        document["llm_json"] = document.get("llm_json", {}) | {"answer": answer.rest}
    document[f"{SHAPE}{extractor}"] = shape.kept(text)
    return document, (*notes, *answer.notes, *maker.notes)


def rewritten(document: Data) -> Iterator[Data]:
    """Yield the events of a stored document as they would come back from an export, which has no decisions."""
    source = source_text(document)
    for written in records_of(document, final=False):
        if written.shape is None:
            continue
        value = parse_places(written.line)[0].value
        answer = beside_answer(written.raw) if written.shape.beside else answer_of(value)
        again, _ = with_events({**document, "events": []}, answer, source, "", written.shape)
        yield from again["events"]


def _is_request(data: Data) -> bool:
    return any(key in data for key in CALL_IDS) and any(turn.role == "user" for turn in turns_of(data))


def _is_call(data: Data, found: Found) -> bool:
    """Return True if a record is a response of an interface, whose id is no document's."""
    if is_log(data) or found.used.intersection(PLAIN_TEXTS):
        return False
    try:
        return bool(answer_in(data, ()))
    except InputError:
        return True
