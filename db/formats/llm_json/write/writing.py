"""Writes the answers about a document: each record as it came, with the reviewed values in place."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from db.errors import InputError
from db.formats.format import Data, Export
from db.formats.llm_json.answers import Answer, Item, answer_of, beside_answer
from db.formats.llm_json.events import ReadObject, read_objects
from db.formats.llm_json.shapes import EXPORTED, Shape, shapes_of
from db.formats.llm_json.write.correcting import Corrector, new_object
from db.formats.shared.folders import NewNames
from db.formats.shared.versions import has_decisions, source_text
from db.io.answers.json_answers import blocks_of, node_of
from db.io.answers.json_places import Edit, Node, Style, edited
from db.io.answers.loose_json import parse_places

_DESCRIBED = ("id", "title", "publisher", "url", "published", "language", "text")
_LISTS = ("events", "items", "records", "results")  # keys that are part of an answer
_LINE_END = re.compile(r"([,:]?)[ \t\r\n]*[\r\n][ \t\r\n]*")


class Written(NamedTuple):
    """A record with its corrected answer. raw: its JSON, over as many lines as it came. shape: None if it is new."""

    raw: str
    shape: Shape | None = None

    @property
    def line(self) -> str:
        """The record on one line, as JSON."""
        if self.shape is None or self.shape.beside is None:
            return _on_one_line(self.raw)
        return _joined(_json_in(self.raw))


def write_lines(export: Export) -> Iterator[bytes]:
    """Yield a line for each answer, or for each document that no answer of a model is known of."""
    for document in export.documents():
        for written in records_of(document, final=export.reviewed):
            yield written.line.encode() + b"\n"


def write_files(export: Export) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder: the text of each document, and the answers about it beside it."""
    names = NewNames()
    for document in export.documents():
        records = list(records_of(document, final=export.reviewed))
        shapes = [written.shape for written in records]
        of_text = next((shape.text for shape in shapes if shape and shape.text), None) or document["id"]
        stem = names.name_for(of_text)
        if isinstance(document.get("text"), str):
            yield f"{stem}.txt", document["text"].encode()
        for number, written in enumerate(records):
            own = written.shape.beside if written.shape else None
            name = PurePosixPath(own).with_suffix("").as_posix() if own else f"{stem}.{number + 1}" if number else stem
            suffix = PurePosixPath(own).suffix if own else ".json"
            yield f"{stem if name == stem else names.name_for(name)}{suffix}", written.raw.encode()


def records_of(document: Data, *, final: bool) -> Iterator[Written]:
    """Yield the records of the answers about a document.

    final: the events have their final values alone, and what is missing was rejected or removed.
    """
    source = source_text(document)
    shapes = shapes_of(document, source)
    events: dict[str, list[Data]] = {name: [] for name in shapes}
    others: list[Data] = []
    for event in document.get("events") or ():
        events.get(event.get("extractor") or "", others).append(event)
    added = [event for event in others if not event.get("extractor")]
    others = [event for event in others if event.get("extractor")] if shapes else others
    # Of several models' answers, those that nobody has reviewed have no accepted events.
    chosen = [name for name in shapes if events[name]] if final and any(events.values()) else list(shapes)
    for number, name in enumerate(chosen):
        record = _Record(document, shapes[name], source)
        yield Written(record.written(events[name], () if number else added, final), shapes[name])
    if others or not chosen:
        whole = {key: document[key] for key in _DESCRIBED if document.get(key) is not None}
        objects = [_filled(event, (), source) for event in others]
        if final or has_decisions(document):
            whole[EXPORTED] = "decisions"
        yield Written(json.dumps({**whole, "events": objects}, ensure_ascii=False))


def answer_json(written: Written) -> str:
    """Return the answer in a record as valid JSON, without the words around it. Raises InputError."""
    raw, is_beside = written.raw, written.shape is not None and written.shape.beside is not None
    if is_beside:
        answer = beside_answer(raw)
        if answer.parts[0].places[0] == ():
            return written.line
        raw = written.line
        answer = answer_of(parse_places(raw)[0].value)
    node, problems = parse_places(raw)
    if problems:
        raw = Style(raw).dumps(node.value)
        node, _ = parse_places(raw)
    answer = answer_of(node.value)
    values = []
    for part in answer.parts:
        if isinstance(part.value, str):
            values += _json_in(part.value)
            continue
        held: Node | None = node
        for key in part.places[0]:
            held = held.child(key) if held is not None else None
        assert held is not None
        value = raw[held.start : held.end]
        is_list = isinstance(part.value, list) and len(part.places[0]) == 1
        values.append(f"{{{json.dumps(part.places[0][0])}: {value}}}" if is_list and answer.where in _LISTS else value)
    return _joined(values)


def _json_in(words: str) -> list[str]:
    """Return the blocks of JSON in words, as they are if they are valid. Raises InputError."""
    return [
        words[block.start : block.end] if not block.problems else Style(words).dumps(block.value)
        for block in blocks_of(words, "answer")[0]
    ]


def _joined(values: list[str]) -> str:
    return _on_one_line(values[0] if len(values) == 1 else f"[{', '.join(values)}]")


class _Record:
    """One record, as it came, of an answer about a document."""

    def __init__(self, document: Data, shape: Shape, source: str) -> None:
        self._document = document
        self._shape = shape
        self._source = source

    def written(self, events: Sequence[Data], added: Sequence[Data], final: bool) -> str:
        """Return the record with the reviewed events of its answer, and with added ones."""
        raw, is_beside = self._shape.raw, self._shape.beside is not None
        try:
            if is_beside:
                edit = self._edit(beside_answer(raw), events, added, final)
                return _corrected_words(raw, edit.inner.get(None, Edit()))
            node, problems = parse_places(raw)
            if problems:
                raw = Style(raw).dumps(node.value)
                node, _ = parse_places(raw)
            answer = answer_of(node.value)
            edit = self._edit(answer, events, added, final)
            if edit.is_empty:
                return raw
            raw = _in_one_place(raw, node, answer)
            node, _ = parse_places(raw)
            _resolve(node, edit)
        except InputError:  # the record is no longer readable as it was, such as one whose text has changed
            return raw
        return edited(raw, node, edit)

    def _edit(self, answer: Answer, events: Sequence[Data], added: Sequence[Data], final: bool) -> Edit:
        edit = Edit()
        objects = read_objects(answer.items, answer.where)
        by_id = {event["id"]: event for event in events}
        whole: list[ReadObject] = []
        for read in objects:
            event = by_id.pop(f"{self._document['id']}/{read.id}", None)
            if event is None:
                whole.append(read)
            else:
                Corrector(read, objects, self._source, edit.at(read.item.at)).correct(event, final=final)
        for read in whole:
            _drop(read.item, edit, len(objects))
        for event in (*by_id.values(), *added):
            self._add(event, objects, answer, edit)
        return edit

    def _add(self, event: Data, objects: Sequence[ReadObject], answer: Answer, edit: Edit) -> None:
        value = _filled(event, objects, self._source)
        own = next((read.item.at for read in objects if read.item.kind == event["type"]), None)
        if answer.list_at is not None:
            at = own[:-1] if own is not None and isinstance(own[-1], int) else answer.list_at
            edit.at(at).added.append((None, value))
        elif objects:
            place = edit.at(objects[-1].item.at)
            if place.is_set and place.value == []:
                place.set(value)
            else:
                place.following.append(value)


def _on_one_line(json_text: str) -> str:
    if "\n" not in json_text and "\r" not in json_text:
        return json_text
    return _LINE_END.sub(lambda match: f"{match[1]} " if match[1] else "", json_text)


def _in_one_place(raw: str, node: Node, answer: Answer) -> str:
    """Return the record with words that are divided over several places in the first of them."""
    edit = Edit()
    for part in answer.parts:
        if len(part.places) > 1:
            edit.at(part.places[0]).set(part.value)
            for place in part.places[1:]:
                edit.at(place).set("")
    return edited(raw, node, edit)


def _drop(item: Item, edit: Edit, count: int) -> None:
    """Remove the object of an event that is rejected."""
    place = edit.at(item.at)
    if isinstance(item.at[-1] if item.at else None, int):
        place.removed = True
        return
    if count > 1:  # one of several calls of a tool
        call = item.at[: _place_of_call(item)]
        if call:
            edit.at(call).removed = True
            return
    place.set([])


def _place_of_call(item: Item) -> int:
    numbers = [place for place, key in enumerate(item.at) if isinstance(key, int)]
    return numbers[-1] + 1 if numbers else 0


def _filled(event: Data, siblings: Sequence[ReadObject], source: str) -> Data:
    """Return an event as an object in the shape of its siblings."""
    empty, edit = new_object(event, siblings, source)
    node, _ = parse_places(json.dumps(empty))
    value: Data = json.loads(edited("{}", node, edit))
    same = next((item for item in siblings if item.type == event["type"]), siblings[0] if siblings else None)
    order = list(same.item.value) if same else []
    return {key: value[key] for key in sorted(value, key=lambda key: order.index(key) if key in order else len(order))}


def _resolve(node: Node, edit: Edit) -> None:
    """Turn edits within the JSON of texts into edits of these texts."""
    for key, inner in list(edit.inner.items()):
        if key is not None:
            child = node.child(key)
            if child is not None:
                _resolve(child, inner)
        elif isinstance(node.value, str):
            del edit.inner[None]
            edit.set(_corrected_words(node.value, inner))


def _corrected_words(words: str, edit: Edit) -> str:
    if edit.is_empty:
        return words
    blocks, _ = blocks_of(words, "answer")
    if any(block.problems for block in blocks):
        for block in reversed(blocks):
            style = Style(words[block.start : block.end])
            words = words[: block.start] + style.dumps(block.value) + words[block.end :]
        blocks, _ = blocks_of(words, "answer")
    node = node_of(words, blocks)
    _resolve(node, edit)
    return words[: node.start] + edited(words, node, edit) + words[node.end :]
