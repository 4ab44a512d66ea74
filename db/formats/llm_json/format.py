"""What any language model gives as JSON: a text, and a list of objects that say what happens in it.

No schema is asked for. An object is an event, its keys are fields, and each value is looked for in the text, so that
a reviewer sees what it rests on and what rests on nothing.
"""

import re
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Format, ReadOptions, Record, Source, Sure
from db.formats.llm_json.answers import CONTAINERS, answer_of, items_of
from db.formats.llm_json.documents import LOG_KEYS, TEXTS, document_of_object, is_log
from db.formats.llm_json.events import EventMaker
from db.formats.shared.json_documents import Translated, translated

_NATIVE = frozenset(("id", "type", "extractor", "confidence", "fields", "status", "reviewer"))
# Within a text, a quotation mark has a backslash before it.
_KEYS_OF_LOG = tuple(re.compile(rb'(?<!\\)"%s"\s*:' % key) for key in (b"model", b"prompt"))
_LONGEST_TRIED = 2**16  # characters of an answer that are looked through for what format it is


def _recognise(source: Source) -> Sure:
    if not source.objects and all(key.search(source.head) for key in _KEYS_OF_LOG):
        return Sure.LIKELY  # a row whose prompt is longer than what is looked at
    if any(_is_native(item) for item in source.objects):
        return Sure.NO
    return max((_sure(item) for item in source.objects), default=Sure.NO)


def _is_native(data: dict[str, Any]) -> bool:
    events = data.get("events")
    return isinstance(events, list) and any(
        isinstance(item, dict) and isinstance(item.get("fields"), list) for item in events
    )


def _sure(data: dict[str, Any]) -> Sure:
    """How sure that one object is an answer about a text."""
    if is_log(data):
        return Sure.CERTAIN if len(LOG_KEYS & data.keys()) > 1 else Sure.LIKELY
    if not any(isinstance(data.get(key), str | dict) for key in TEXTS):
        return Sure.NO
    for key in CONTAINERS:
        items = data.get(key)
        if isinstance(items, str):
            # An answer in words is one too, which is refused where it is read.
            return Sure.LIKELY if key != "events" and ("{" in items[:_LONGEST_TRIED]) else Sure.NO
        if isinstance(items, dict):
            items = items_of(items)
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            if key != "events":
                return Sure.LIKELY
            return Sure.CERTAIN if any(item.keys() - _NATIVE for item in items) else Sure.NO
    return Sure.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    yield from translated(source, lambda data: _document(data, options))


def _document(data: dict[str, Any], options: ReadOptions) -> Translated:
    document, extractor = document_of_object(data)
    answer = answer_of(data)
    text = document.get("text", document.get("title"))
    if not isinstance(text, str):
        raise InputError(f"has no text that its events are of; give it under one of {', '.join(TEXTS)}")
    maker = EventMaker(
        document["id"],
        text,
        options.extractor or extractor or "llm",
        _text_or_none(document.get("language")),
        _text_or_none(document.get("published")),
    )
    document["events"] = maker.events(answer.items, answer.where)
    if answer.rest:
        document["llm_json"] = document.get("llm_json", {}) | {"answer": answer.rest}
    return document, answer.notes


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


FORMAT = Format(
    name="llm-json",
    about="any language model's JSON: a text with a list of objects, as simonw/llm logs hold it too",
    reads="objects as events, their keys as fields, each looked for in the text; nested objects as groups",
    loses="offsets that a model gives: they are kept, but values are looked for instead",
    recognise=_recognise,
    read=_read,
    options=frozenset({"extractor"}),
)
