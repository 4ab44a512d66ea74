"""Reads a Doc of spaCy as a document with one event: entities, spans and categories are its fields."""

import json
from collections import Counter
from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions
from db.formats.shared.labelled import ANNOTATION, KEPT, Json, field_of, made_id
from db.formats.spacy.writing import MARK, Labelling, ids_of, labels_of_doc, parts_of

_TOKEN_KEYS = ("tokens", "sents")


def document_of_doc(doc: Any, seen: Counter[str], options: ReadOptions) -> tuple[Json, tuple[str, ...]]:
    """A document in the native form, and notes; ``seen`` counts the documents of one text in a file.

    Raises InputError where the text can't be used.
    """
    text = doc.text
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InputError("its text holds half of a surrogate pair, which is no character; mend it")
    fields, notes = _fields(doc, text)
    user_data, left_out = _user_data(doc)
    if left_out:
        notes.append(f"{left_out} values of its user data are none that JSON can hold: left out")
    kept = _kept(doc)
    if kept is not None and not (notes or _changed(doc, kept)):
        return kept["document"], ()
    id_ = made_id("spacy-", text)
    seen[id_] += 1
    document: Json = {"id": id_, "text": text}
    mark: Json = {}
    whole = doc.to_json()
    mark |= {key: whole[key] for key in _TOKEN_KEYS if key in whole}
    if user_data:
        mark["user_data"] = user_data
    event: Json = {"id": f"{id_}/{seen[id_]}", "type": ANNOTATION, "fields": fields, MARK: mark}
    if options.extractor:
        event["extractor"] = options.extractor
    if kept is not None and fields:
        told = "its labels were changed since it was exported: they are another event, by the extractor spacy"
        event = {**event, "id": made_id(f"{id_}/", fields), "extractor": options.extractor or "spacy"}
        return kept["document"] | {"events": [*kept["document"].get("events", ()), event]}, (told, *notes)
    if not fields:
        return document | {"events": [], MARK: mark}, tuple(notes)
    return document | {"events": [event]}, tuple(notes)


def _fields(doc: Any, text: str) -> tuple[list[Json], list[str]]:
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
    return fields, [f"{empty} empty spans are left out"] if empty else []


def _field(span: Any, text: str, mark: Json) -> Json:
    ids = {key: value for key, value in zip(("id", "kb_id"), ids_of(span), strict=True) if value}
    return field_of(span.label_, text, span.start_char, span.end_char) | {MARK: mark | {"label": span.label_} | ids}


def _user_data(doc: Any) -> tuple[list[Any], int]:
    """What people put into a Doc, as pairs, since its keys may be tuples; and how much of it is no JSON."""
    pairs, left_out = [], 0
    for key, value in doc.user_data.items():
        if key == KEPT:
            continue
        try:
            pair = json.loads(json.dumps([key, value], allow_nan=False))
            json.dumps(pair, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError):
            left_out += 1
            continue
        pairs.append(pair)
    return pairs, left_out


def _kept(doc: Any) -> Json | None:
    """What an export put beside the labels."""
    try:
        kept = json.loads(doc.user_data[KEPT])
        document = kept["document"]
        if document.get("text") is None and not document.pop("only_title", False):
            document["text"] = doc.text
        if isinstance(document.get("id"), str) and isinstance(document.get("events"), list):
            return dict(kept)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        pass  # of another program, or cut short: what the Doc says by itself holds
    return None


def _changed(doc: Any, kept: Json) -> bool:
    try:
        labelling = Labelling(bool(kept["by_type"]), tuple(kept["types"]))
        return labels_of_doc(doc) != parts_of(kept["document"], labelling).labels(doc)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return True
