"""The format ``llm-json``: a text and a list of objects in any schema, as a language model returns them.

Each object becomes an event and its keys become fields. Every value is searched for in the text, so that a reviewer
sees the evidence, and which values have none.
"""

import re

from db.errors import InputError
from db.formats.format import Confidence, Data, Format, ReadOptions, Source
from db.formats.llm_json.answers import CONTAINERS, answer_of, items_of
from db.formats.llm_json.documents import LOG_KEYS, TEXTS, document_of_object, is_log, unpacked
from db.formats.llm_json.events import EventMaker
from db.formats.shared.json_documents import Translation, translate_objects
from db.formats.shared.objects import objects_in
from db.grounding.grounder import Grounder

_NATIVE = frozenset(("id", "type", "extractor", "confidence", "fields", "status", "reviewer"))
_PLACES = ("trigger", "mention", "nugget", "anchor")  # keys under which corpora, unlike models, keep places
# Keys, not words of a text: within a JSON string, quotation marks are escaped.
_LOG_KEYS = tuple(re.compile(rb'(?<!\\)"%s"\s*:' % key) for key in (b"model", b"prompt"))
UNNAMED = "llm"  # the extractor where nothing names one
_MAX_SEARCHED = 2**16  # characters of an answer by which the format is recognised


def _recognise(source: Source) -> Confidence:
    if not source.objects and all(key.search(source.head) for key in _LOG_KEYS):
        return Confidence.LIKELY  # a log row whose prompt is longer than the head
    if any(_is_native(item) for item in source.objects):
        return Confidence.NO
    return max((_confidence(unpacked(item)) for item in source.objects), default=Confidence.NO)


def _is_native(data: Data) -> bool:
    return any(isinstance(item.get("fields"), list) for item in objects_in(data.get("events")))


def _confidence(data: Data) -> Confidence:
    if is_log(data):
        return Confidence.CERTAIN if len(LOG_KEYS & data.keys()) > 1 else Confidence.LIKELY
    if not any(isinstance(data.get(key), str | dict) for key in TEXTS):
        return Confidence.NO
    for key in CONTAINERS:
        items = data.get(key)
        if isinstance(items, str):
            return Confidence.LIKELY if key != "events" and ("{" in items[:_MAX_SEARCHED]) else Confidence.NO
        if isinstance(items, dict):
            items = items_of(items)
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            if key != "events":
                return Confidence.LIKELY
            if any(isinstance(item.get(name), dict | list) for item in items for name in _PLACES):
                return Confidence.NO
            return Confidence.CERTAIN if any(item.keys() - _NATIVE for item in items) else Confidence.NO
    return Confidence.NO


def _document(data: Data, options: ReadOptions) -> Translation:
    data = unpacked(data)
    document, extractor = document_of_object(data)
    answer = answer_of(data)
    text = document.get("text", document.get("title"))
    if not isinstance(text, str):
        raise InputError(f"no text; add it under one of the keys {', '.join(TEXTS)}")
    grounder = Grounder(text, document.get("language"), document.get("published"))
    maker = EventMaker(document["id"], options.extractor or extractor or options.unnamed or UNNAMED, grounder)
    document["events"] = maker.events(answer.items, answer.where)
    if answer.rest:
        document["llm_json"] = document.get("llm_json", {}) | {"answer": answer.rest}
    return document, (*answer.notes, *maker.notes)


FORMAT = Format(
    name="llm-json",
    about="any language model's JSON: a text with a list of objects; also the logs of simonw/llm",
    reads="objects as events, their keys as fields, nested objects as groups; searches the text for each value",
    loses="offsets that a model gives: they are kept but not used; values are searched for instead",
    recognise=_recognise,
    read=lambda source, options: translate_objects(source, options, _document),
    options=frozenset({"extractor"}),
    unnamed=UNNAMED,
)
