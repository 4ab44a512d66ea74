"""Reads a spaCy Doc as a document with one event, whose fields are the entities, spans and categories."""

import json
from collections import Counter
from typing import Any

from db.errors import InputError
from db.formats.format import Data, ReadOptions
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE, EXTRA_KEY, derived_id, field_for_span
from db.formats.spacy.labels import MARK, Labelling, ids_of, labels_of_doc, parts_of

_LAYERS = (("DEP", "dependency arcs"), ("TAG", "token tags"), ("LEMMA", "lemmas"), ("MORPH", "morphology"))
_TOKEN_KEYS = ("tokens", "sents")


def document_of_doc(doc: Any, seen: Counter[str], options: ReadOptions) -> tuple[Data, tuple[str, ...]]:
    """Return the document of a Doc in the native form, and notes.

    ``seen`` counts the documents of a file by id, which is made from the text. Raises InputError if the text is
    unusable.
    """
    text = doc.text
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InputError("the text holds a lone surrogate, which isn't a character; remove it")
    fields, notes = _fields(doc, text)
    user_data, dropped = _user_data(doc)
    if dropped:
        notes.append(f"skipped values of its user data that JSON can't hold: {dropped}")
    kept = _kept(doc)
    if kept is not None and not (notes or _is_changed(doc, kept)):
        return kept["document"], ()
    id_ = derived_id("spacy-", text)
    seen[id_] += 1
    whole = doc.to_json()
    mark: Data = {key: whole[key] for key in _TOKEN_KEYS if key in whole}
    if user_data:
        mark["user_data"] = user_data
    event: Data = {"id": f"{id_}/{seen[id_]}", "type": DEFAULT_EVENT_TYPE, "fields": fields, MARK: mark}
    if extractor := options.extractor or options.unnamed:
        event["extractor"] = extractor
    if kept is not None and fields:
        note = "its labels changed since the export; they are imported as another event, by the extractor spacy"
        event = {**event, "id": derived_id(f"{id_}/", fields), "extractor": options.extractor or "spacy"}
        return kept["document"] | {"events": [*kept["document"].get("events", ()), event]}, (note, *notes)
    document: Data = {"id": id_, "text": text}
    if not fields:
        return document | {"events": [], MARK: mark}, tuple(notes)
    return document | {"events": [event]}, tuple(notes)


def unread_names(doc: Any) -> tuple[str, ...]:
    """Return the names of what a Doc holds that is kept but not read."""
    return tuple(name for attribute, name in _LAYERS if doc.has_annotation(attribute))


def _fields(doc: Any, text: str) -> tuple[list[Data], list[str]]:
    fields, empty = [_field(entity, text, {"in": "ents"}) for entity in doc.ents], 0
    for key, group in doc.spans.items():
        for span in group:
            if span.start_char < span.end_char:
                fields.append(_field(span, text, {"in": "spans", "key": key}))
            else:
                empty += 1
    for label, score in doc.cats.items():
        if isinstance(label, str) and label.strip() and isinstance(score, int | float | bool):
            fields.append({"name": label, "value": score, MARK: {"in": "cats"}})
    return fields, [f"skipped empty spans: {empty}"] if empty else []


def _field(span: Any, text: str, mark: Data) -> Data:
    ids = {key: value for key, value in zip(("id", "kb_id"), ids_of(span), strict=True) if value}
    return field_for_span(span.label_, text, span.start_char, span.end_char) | {
        MARK: mark | {"label": span.label_} | ids
    }


def _user_data(doc: Any) -> tuple[list[Any], int]:
    """Return the user data as pairs, since keys may be tuples, and the number of values that JSON can't hold."""
    pairs, dropped = [], 0
    for key, value in doc.user_data.items():
        if key == EXTRA_KEY:
            continue
        try:
            pair = json.loads(json.dumps([key, value], allow_nan=False))
            json.dumps(pair, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError):
            dropped += 1
            continue
        pairs.append(pair)
    return pairs, dropped


def _kept(doc: Any) -> Data | None:
    """Return what an export stored in the user data; None if there is nothing usable."""
    try:
        kept = json.loads(doc.user_data[EXTRA_KEY])
        document = kept["document"]
        if document.get("text") is None and not document.pop("only_title", False):
            document["text"] = doc.text
        if isinstance(document.get("id"), str) and isinstance(document.get("events"), list):
            return dict(kept)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        pass  # another program's data, or damaged; the Doc itself is read instead
    return None


def _is_changed(doc: Any, kept: Data) -> bool:
    try:
        labelling = Labelling(bool(kept["by_type"]), tuple(kept["types"]))
        return labels_of_doc(doc) != parts_of(kept["document"], labelling).labels(doc)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return True
