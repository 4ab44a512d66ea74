"""Reads a LangExtract document: extractions become events or fields, with their spans and how these were found."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Data, ReadOptions
from db.formats.langextract import keys
from db.formats.langextract.extraction import Extraction, extractions_of
from db.formats.langextract.mapping import Mapping
from db.formats.shared.json_documents import Translation
from db.formats.shared.objects import is_number, without
from db.formats.shared.versions import source_text
from db.grounding.grounder import Grounder
from db.io.json_lines import json_type
from db.native import digest
from db.text.folded_text import fold

_DESCRIBED = ("title", "publisher", "url", "published", "language")
_NUMBER = re.compile(r"\s*[0-9]{1,3}(?:[.,][0-9]{1,20})?\s?%?\s*")
_ID_DIGITS = 8  # of the digest of an extraction's text, which is unique within a class and document
_Key = tuple[Any, ...]


def read_document(data: Data, options: ReadOptions, mapping: Mapping) -> Translation:
    """Return an annotated document in the native form, and notes. Raises InputError if it is invalid."""
    text = data.get("text")
    if text is not None and not isinstance(text, str):
        raise InputError(f"text: must be text, is {json_type(text)}")
    document = _document(data, text)
    extractions, notes = extractions_of(data, text, options.offsets)
    reader = _Reader(data, document, mapping, options)
    document["events"] = list(reader.events(extractions))
    return document, notes


def _document(data: Data, text: str | None) -> Data:
    document_id = data.get("document_id")
    if type(document_id) is int:
        document_id = str(document_id)
    if document_id is not None and not isinstance(document_id, str):
        raise InputError(f"document_id: must be text, is {json_type(document_id)}")
    document: Data = {key: data[key] for key in _DESCRIBED if isinstance(data.get(key), str)}
    others = without(data, "document_id", "text", "extractions", keys.DOCUMENT_EXTRA, *document)
    rest = {key: value for key, value in others.items() if value is not None}
    origin: Data = {}
    extra = data.get(keys.DOCUMENT_EXTRA)
    if isinstance(extra, dict):
        document |= without(extra, "title_only", keys.PARTIAL, *keys.DOCUMENT_KEYS)
    elif extra is not None:
        rest[keys.DOCUMENT_EXTRA] = extra
    if text is None:
        if not document_id and not document.get("title"):
            raise InputError("neither text nor document_id; add the document's text under the key text")
        origin["has_text"] = False
        document.setdefault("title", document_id)
    elif not (isinstance(extra, dict) and extra.get("title_only") is True and document.get("title") == text):
        document["text"] = text
    content = [document.get(key) for key in ("title", "text", "url", "published")]
    document["id"] = document_id or f"doc-{digest(content)}"
    if rest:
        origin["more"] = rest
    return document | ({keys.MARK: origin} if origin else {})


def unread_keys(data: Data) -> tuple[str, ...]:
    """Return the names of the keys of a document that are kept but not read."""
    known = ("document_id", "text", "extractions", keys.DOCUMENT_EXTRA, *_DESCRIBED)
    return tuple(f"key {key}" for key, value in data.items() if key not in known and value not in (None, "", [], {}))


class _Reader:
    def __init__(self, data: Data, document: Data, mapping: Mapping, options: ReadOptions) -> None:
        self._id = document["id"]
        self._mapping = mapping
        self._extractor = options.extractor
        self._model = next((data[key] for key in keys.MODELS if isinstance(data.get(key), str) and data[key]), None)
        self._unnamed = options.unnamed or keys.MARK
        self._grounder: Grounder | None = None
        if "has_text" not in document.get(keys.MARK, {}):
            self._grounder = Grounder(source_text(document), document.get("language"), document.get("published"))

    def events(self, extractions: Iterable[Extraction]) -> Iterator[Data]:
        """Yield the events in the order of their first extractions, each with a unique id."""
        groups: dict[_Key, list[Extraction]] = {}
        before: Extraction | None = None
        part = 0
        for item in extractions:
            part += _starts_part(before, item)
            before = item
            groups.setdefault(self._key(item, part), []).append(item)
        order = [item.number for items in groups.values() for item in items]
        numbered = order != sorted(order)
        used: set[tuple[str, str]] = set()
        numbers: dict[tuple[str, str], int] = {}
        for key, items in groups.items():
            event = self._event(key[0], items, numbered)
            id_ = base = (event["id"], event.get("extractor", ""))
            while id_ in used:
                numbers[base] = numbers.get(base, 1) + 1
                id_ = (f"{base[0]}.{numbers[base]}", base[1])
            used.add(id_)
            yield event | {"id": id_[0]}

    def _key(self, item: Extraction, part: int) -> _Key:
        """Return a key that the extractions of one event share; it starts with how they are grouped."""
        mapping = self._mapping
        if _is_exported(item):
            names = (keys.EVENT_ID, keys.EVENT_TYPE, keys.EVENT_EXTRACTOR)
            return ("exported", *(digest(item.attributes.get(name)) for name in names))
        if mapping.events == "attribute" and item.attributes.get(mapping.attribute or "") is not None:
            return ("attribute", _as_text(item.attributes[mapping.attribute or ""]))
        if mapping.events == "group_index" and type(item.rest.get("group_index")) is int:
            return ("group_index", part, item.rest["group_index"])
        return ("extraction", item.number)

    def _event(self, grouping: str, items: list[Extraction], numbered: bool) -> Data:
        first, mapping = items[0], self._mapping
        if grouping == "exported":
            return self._exported_event(items)
        if grouping == "extraction":
            event_type = mapping.types.get(first.name, first.name)
            fields = [self._text_field(first, mapping.text, numbered), *self._attribute_fields(first, None)]
            event = self._head(event_type, f"{event_type}/{_digest(first)}", fields)
            if (confidence := _confidence(first, mapping)) is not None:
                event["confidence"] = confidence
            return event | {keys.MARK: {"class": first.name, "type": event_type}}
        event_type = self._type_of(items)
        fields = [field for number, item in enumerate(items, 1) for field in self._grouped(item, number, numbered)]
        origin: Data = {"type": event_type}
        if mapping.type_attribute:
            origin["type_attribute"] = mapping.type_attribute
        if grouping == "attribute":
            value = first.attributes[mapping.attribute or ""]
            origin |= {"attribute": mapping.attribute, "value": value}
            return self._head(event_type, _as_text(value), fields) | {keys.MARK: origin}
        origin["group_index"] = first.rest["group_index"]
        return self._head(event_type, f"{event_type}/{_digest(first)}", fields) | {keys.MARK: origin}

    def _head(self, event_type: str, event_id: str, fields: list[Data]) -> Data:
        extractor = self._model or self._extractor or self._unnamed
        return {"id": f"{self._id}/{event_id}", "type": event_type, "extractor": extractor, "fields": fields}

    def _type_of(self, items: list[Extraction]) -> str:
        mapping = self._mapping
        for item in items:
            value = item.attributes.get(mapping.type_attribute) if mapping.type_attribute else None
            if isinstance(value, str) and value.strip():
                return mapping.types.get(value, value)
        return mapping.type or mapping.attribute or "event"

    def _grouped(self, item: Extraction, number: int, numbered: bool) -> Iterator[Data]:
        """Yield the field of one extraction of an event, and its attributes in a group with it."""
        name = self._mapping.fields.get(item.name, item.name)
        group = f"{name}:{number}"
        of_event = (self._mapping.attribute, self._mapping.type_attribute)
        attributes = list(self._attribute_fields(item, group, of_event))
        field = self._text_field(item, name, numbered, of_event)
        if attributes:
            field["group"] = group
        if name != item.name:
            field[keys.MARK] |= {"class": item.name, "name": name}
        if (confidence := _confidence(item, self._mapping)) is not None:
            field["confidence"] = confidence
        yield field
        yield from attributes

    def _text_field(self, item: Extraction, name: str, numbered: bool, of_event: tuple[str | None, ...] = ()) -> Data:
        """Return the field of an extraction's text, which also keeps everything that isn't in another field."""
        field = _placed(item, {"name": name, "value": item.text})
        rest = {
            key: value
            for key, value in item.attributes.items()
            if not _becomes_field(key, value) or (key in of_event and key != self._mapping.attribute)
        }
        lists = [key for key, value in item.attributes.items() if key not in rest and _is_repeated(value)]
        origin: Data = {"extraction": item.rest}
        if numbered:
            origin["at"] = item.number
        if self._mapping.confidence != "confidence":
            origin["confidence"] = self._mapping.confidence
        origin |= {key: value for key, value in (("attributes", rest), ("lists", lists)) if value}
        return field | {keys.MARK: origin}

    def _attribute_fields(
        self, item: Extraction, group: str | None, of_event: tuple[str | None, ...] = ()
    ) -> Iterator[Data]:
        near = (item.span,) if item.span else ()
        confidence = self._mapping.confidence if _confidence(item, self._mapping) is not None else None
        for key, whole in item.attributes.items():
            if key in of_event or key == confidence or not _becomes_field(key, whole):
                continue
            for value in whole if _is_repeated(whole) else [whole]:
                name = self._mapping.fields.get(key, key)
                field: Data = {"name": name, "value": value}
                if group is not None:
                    field["group"] = group
                if self._grounder is not None:
                    found = self._grounder.ground(value, near=near, name=name)
                    field |= found.keys()
                    if found.spans:
                        field["spans"] = [list(span) for span in found.spans]
                if name != key:
                    field[keys.MARK] = {"attribute": key}
                yield field

    def _exported_event(self, items: list[Extraction]) -> Data:
        first = items[0].attributes
        event: Data = {"id": first[keys.EVENT_ID], "type": first[keys.EVENT_TYPE]}
        if isinstance(extra := first.get(keys.EVENT_EXTRA), dict):
            event |= without(extra, *keys.EVENT_KEYS)
        if (extractor := first.get(keys.EVENT_EXTRACTOR) or self._extractor) is not None:
            event["extractor"] = extractor
        event["fields"] = [field for item in items if (field := _exported_field(item)) is not None]
        return event


def _starts_part(before: Extraction | None, item: Extraction) -> bool:
    """Return True if another chunk of the document starts here, in which LangExtract counts groups from 0 again."""
    if before is None:
        return False
    for key in ("extraction_index", "group_index"):
        last, this = before.rest.get(key), item.rest.get(key)
        if type(last) is int and type(this) is int and (this < last or (this == last and key == "extraction_index")):
            return True
    return False


def _is_exported(item: Extraction) -> bool:
    event_id, event_type = item.attributes.get(keys.EVENT_ID), item.attributes.get(keys.EVENT_TYPE)
    return isinstance(event_id, str) and isinstance(event_type, str) and bool(event_id and event_type.strip())


def _exported_field(item: Extraction) -> Data | None:
    rest = without(item.attributes, *keys.FIELD_KEYS)
    if item.name == item.attributes[keys.EVENT_TYPE] and item.text == "" and "value" not in rest:
        return None  # it stands for an event without fields
    field = {"name": item.name, "value": item.text} | rest
    if "spans" not in rest and item.span is not None:
        field["spans"] = [list(item.span)]
    return field


def _placed(item: Extraction, field: Data) -> Data:
    if item.span is not None:
        field["spans"] = [list(item.span)]
    if item.grounding is not None:
        field["grounding"] = item.grounding
    return field


def _becomes_field(name: str, value: Any) -> bool:
    return value is not None and value != [] and value != {} and bool(name.strip())


def _is_repeated(value: Any) -> bool:
    return isinstance(value, list) and not any(item is None or isinstance(item, list) for item in value)


def _confidence(item: Extraction, mapping: Mapping) -> Any:
    """Return a confidence as a number or a text such as "81%"; the import reads it. None for words such as high."""
    value = item.attributes.get(mapping.confidence)
    return value if is_number(value) or (isinstance(value, str) and _NUMBER.fullmatch(value)) else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) and value else digest(value)


def _digest(item: Extraction) -> str:
    """Return a digest of an extraction's text, which stays the same in the next run whatever its position."""
    text = item.text if not isinstance(item.text, str) else fold(item.text)
    return digest(text)[:_ID_DIGITS]
