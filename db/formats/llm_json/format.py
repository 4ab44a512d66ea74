"""The format ``llm-json``: a text and a list of objects in any schema, as a language model returns them.

Each object becomes an event and its keys become fields. Every value is searched for in the text, so that a reviewer
sees the evidence, and which values have none.
"""

import re
from collections.abc import Iterator

from db.formats.format import Confidence, Data, Format, ReadOptions, Record, Source
from db.formats.llm_json.answers import CONTAINERS, lists_of
from db.formats.llm_json.dialogues import Refused, answer_in, turns_of
from db.formats.llm_json.documents import CALL_IDS, LOG_KEYS, TEXTS, is_log, text_within
from db.formats.llm_json.pairs import is_folder_of_pairs, read_folder
from db.formats.llm_json.reading import read_file
from db.formats.llm_json.write.writing import write_files, write_lines
from db.formats.shared.folders import count_suffixes, has_annotations
from db.formats.shared.objects import objects_in

_NATIVE = frozenset(("id", "type", "extractor", "confidence", "fields", "status", "reviewer"))
_PLACES = ("trigger", "mention", "nugget", "anchor")  # keys under which corpora, unlike models, keep places
# Keys, not words of a text: within a JSON string, quotation marks are escaped.
_LOG_KEYS = tuple(re.compile(rb'(?<!\\)"%s"\s*:' % key) for key in (b"model", b"prompt"))
_CALL_KEYS = re.compile(rb'(?<!\\)"(?:custom_id|messages|choices|candidates|contents)"\s*:')
UNNAMED = "llm"  # the extractor where nothing names one
_MAX_SEARCHED = 2**16  # characters of an answer by which the format is recognised


def _recognise(source: Source) -> Confidence:
    if source.stream is None:
        return _recognise_folder(source)
    if not source.objects and all(key.search(source.head) for key in _LOG_KEYS):
        return Confidence.LIKELY  # a log row whose prompt is longer than the head
    if not source.objects and _CALL_KEYS.search(source.head):
        return Confidence.LIKELY
    if any(_is_native(item) for item in source.objects):
        return Confidence.NO
    return max((_confidence(item) for item in source.objects), default=Confidence.NO)


def _recognise_folder(source: Source) -> Confidence:
    if source.path is None or source.table is not None or not source.path.is_dir():
        return Confidence.NO
    if has_annotations(count_suffixes(source.path)):
        return Confidence.NO
    return Confidence.CERTAIN if is_folder_of_pairs(source.path) else Confidence.NO


def _is_native(data: Data) -> bool:
    return any(isinstance(item.get("fields"), list) for item in objects_in(data.get("events")))


def _confidence(data: Data) -> Confidence:
    if is_log(data):
        return Confidence.CERTAIN if len(LOG_KEYS & data.keys()) > 1 else Confidence.LIKELY
    if (of_call := _of_call(data)) is not Confidence.NO:
        return of_call
    if not any(isinstance(data.get(key), str | dict) for key in TEXTS):
        return Confidence.NO
    for key in CONTAINERS:
        items = data.get(key)
        if isinstance(items, str):
            if key != "events" and ("{" in items[:_MAX_SEARCHED]):
                return Confidence.LIKELY
            continue
        if isinstance(items, dict):
            lists = lists_of(items)
            items = lists[0][1] if lists else [items]
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            if key != "events":
                return Confidence.CERTAIN if _holds_text(data) else Confidence.LIKELY
            if any(isinstance(item.get(name), dict | list) for item in items for name in _PLACES):
                return Confidence.NO
            return Confidence.CERTAIN if any(item.keys() - _NATIVE for item in items) else Confidence.NO
    return Confidence.NO


def _holds_text(data: Data) -> bool:
    """Return True if an object under the key of a text holds the text, which no row of a table has."""
    return any(isinstance(held := data.get(key), dict) and text_within(held) for key in TEXTS)


def _of_call(data: Data) -> Confidence:
    """Return the confidence that an object is a request, a response, a line of a batch or a dialogue."""
    try:
        answered = bool(answer_in(data, ()))
    except Refused:
        answered = True
    if answered:
        return Confidence.CERTAIN
    turns = turns_of(data)
    if any(turn.role == "user" for turn in turns):
        is_request = any(key in data for key in CALL_IDS)
        return Confidence.CERTAIN if is_request or any(turn.role == "model" for turn in turns) else Confidence.POSSIBLE
    return Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    if source.stream is None:
        yield from read_folder(source, options, UNNAMED)
    else:
        yield from read_file(source, options, UNNAMED)


FORMAT = Format(
    name="llm-json",
    about="any language model's JSON: a text with a list of objects; also the logs of simonw/llm, and batches",
    reads="objects as events, their keys as fields, nested objects as groups; searches the text for each value",
    writes="each answer as it came, with the corrected values in place; added values in the shape of the others",
    loses="modifiers, notes and decisions; offsets that a model gives are kept but not used",
    recognise=_recognise,
    read=_read,
    write=write_lines,
    write_folder=write_files,
    options=frozenset({"extractor"}),
    unnamed=UNNAMED,
)
