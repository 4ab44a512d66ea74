"""Makes a Doc of spaCy of a document: spans by groups, entities of those that do not overlap, types as categories."""

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from db.formats.shared.labelled import KEPT, Json, plain_event, source_of, stands
from db.formats.taggers.tokens import tokenise
from db.formats.taggers.training import Mention, without_overlaps

MARK = "spacy"
GROUP = "sc"  # where spaCy's own span categorizer looks

Id = str | int  # a number where spaCy was given one, which names nothing
Label = tuple[int, int, str, Id, Id]  # characters from, to; label, id, kb_id


class Labelling(NamedTuple):
    """How the documents of one file are labelled: whether labels name types, and the types that there are."""

    by_type: bool
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a document a Doc holds."""

    ents: list[Label] = field(default_factory=list)
    spans: dict[str, list[Label]] = field(default_factory=dict)
    cats: dict[str, Any] = field(default_factory=dict)

    def labels(self, doc: Any) -> tuple[Any, ...]:
        """What ``labels_of_doc`` gives for a Doc with these parts."""
        groups = {
            key: [label for span in group if (label := _at_tokens(doc, span))] for key, group in self.spans.items()
        }
        ents = [label for span in self.ents if (label := _at_tokens(doc, span))]
        return sorted(ents, key=repr), groups, self.cats


def labels_of_doc(doc: Any) -> tuple[Any, ...]:
    """All labels of a Doc, to be compared."""
    groups = {key: [_label(span) for span in group] for key, group in doc.spans.items()}
    return sorted(map(_label, doc.ents), key=repr), groups, dict(doc.cats)


def ids_of(span: Any) -> tuple[Id, Id]:
    """The id and the kb_id of a span; empty where it has none."""
    return _named(span.doc.vocab.strings, span.id), _named(span.doc.vocab.strings, span.kb_id)


def _named(strings: Any, number: int) -> Id:
    return strings[number] if number in strings else number  # noqa: SIM401 (spaCy's strings have no get)


def parts_of(document: Json, labelling: Labelling) -> Parts:
    """The labels of the events of a document that are not rejected; those that came from spaCy go where they were."""
    parts = Parts()
    events = [event for event in document.get("events") or () if event.get("status") != "rejected"]
    free: list[Label] = []
    for event in events:
        for item in event.get("fields") or ():
            if not stands(item):
                continue
            mark = item.get(MARK) if isinstance(item.get(MARK), dict) else {}
            if mark.get("in") == "cats" and not item.get("spans"):
                parts.cats[item["name"]] = item["value"]
                continue
            for start, end in item.get("spans") or ():
                _put(parts, free, (start, end), item, mark, event["type"] if labelling.by_type else None)
    taken = [Mention(start, end, label) for start, end, label, _, _ in parts.ents]
    for mention in without_overlaps(Mention(start, end, label) for start, end, label, _, _ in free):
        if not any(mention.start < other.end and other.start < mention.end for other in taken):
            parts.ents.append((*mention, "", ""))
    if not any(MARK in event for event in events) and events:
        found = {event["type"] for event in events}
        parts.cats.update({type_: float(type_ in found) for type_ in labelling.types})
    return parts


def doc_of_document(document: Json, vocab: Any, labelling: Labelling) -> Any:
    """A Doc with all that it can hold of a document, and the rest in its user data."""
    parts = parts_of(document, labelling)
    doc = _doc(document, parts, vocab)
    doc.ents = [span for label in parts.ents if (span := _span(doc, label))]
    for key, group in parts.spans.items():
        doc.spans[key] = [span for label in group if (span := _span(doc, label))]
    doc.cats = {label: score for label, score in parts.cats.items() if _is_packable(score, int | float)}
    for pair in pairs if isinstance(pairs := _mark(document).get("user_data"), list) else ():
        _put_user_data(doc, pair)
    if not _reads_as(doc, document):
        kept = {key: value for key, value in document.items() if key != "text"}
        kept |= {"events": document.get("events") or []}
        if not isinstance(document.get("text"), str):
            kept["only_title"] = True
        doc.user_data[KEPT] = json.dumps({"document": kept, "by_type": labelling.by_type, "types": labelling.types})
    return doc


def _put(parts: Parts, free: list[Label], span: tuple[int, int], item: Json, mark: Json, type_: str | None) -> None:
    named = mark.get("label") if item["name"] in (mark.get("label"), "span") else None
    label = named if isinstance(named, str) else item["name"]
    first, second = (_id_of(mark.get(key)) for key in ("id", "kb_id"))
    whole: Label = (*span, label if mark or type_ is None else f"{type_}.{label}", first, second)
    if mark.get("in") == "ents":
        parts.ents.append(whole)
        return
    if mark.get("in") == "spans" and isinstance(mark.get("key"), str):
        parts.spans.setdefault(mark["key"], []).append(whole)
        return
    if whole not in free:
        free.append(whole)
        parts.spans.setdefault(GROUP, []).append(whole)


def _mark(document: Json) -> Json:
    """What a Doc was besides its labels, of a document that was read of one."""
    for data in (document, *(document.get("events") or ())):
        if isinstance(data.get(MARK), dict):
            return dict(data[MARK])
    return {}


def _doc(document: Json, parts: Parts, vocab: Any) -> Any:
    from spacy.tokens import Doc

    text = source_of(document)
    labels = [*parts.ents, *(label for group in parts.spans.values() for label in group)]
    mark = _mark(document)
    if mark.get("tokens"):
        try:
            whole: Json = {key: mark[key] for key in ("tokens", "sents") if key in mark}
            doc = Doc(vocab).from_json({"text": text, **whole})
            if doc.text == text and all(doc.char_span(start, end) is not None for start, end, *_ in labels):
                return doc
        except Exception:  # whatever spaCy raises for tokens that are none: there are others
            pass
    words, spaces = _words(text, [offset for start, end, *_ in labels for offset in (start, end)])
    return Doc(vocab, words=words, spaces=spaces)


def _words(text: str, cuts: list[int]) -> tuple[list[str], list[bool]]:
    """All of a text as words, each with whether a space follows; other white space are words too."""
    words: list[str] = []
    spaces: list[bool] = []
    done = 0
    for start, end in [*tokenise(text, cuts), (len(text), len(text))]:
        gap = text[done:start]
        if gap.startswith(" ") and words:
            spaces[-1] = True
            gap = gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
        if end > start:
            words.append(text[start:end])
            spaces.append(False)
        done = end
    return words, spaces


def _span(doc: Any, label: Label) -> Any:
    start, end, name, id_, kb_id = label
    span = doc.char_span(start, end, label=name, kb_id=kb_id, span_id=id_)
    if span is None:  # it begins or ends within white space
        span = doc.char_span(start, end, label=name, kb_id=kb_id, span_id=id_, alignment_mode="contract")
    return span


def _label(span: Any) -> Label:
    return (span.start_char, span.end_char, span.label_, *ids_of(span))


def _id_of(value: object) -> Id:
    return value if isinstance(value, str) or (isinstance(value, int) and _is_id(value)) else ""


def _is_id(value: object) -> bool:
    return isinstance(value, str) or (type(value) is int and 0 < value < 2**64)


def _at_tokens(doc: Any, label: Label) -> Label | None:
    span = _span(doc, label)
    return None if span is None else _label(span)


def _put_user_data(doc: Any, pair: Any) -> None:
    if _is_packable(pair, list) and len(pair) == 2:
        key = tuple(pair[0]) if isinstance(pair[0], list) else pair[0]
        try:
            doc.user_data[key] = pair[1]
        except TypeError:  # a key that is none
            return


def _is_packable(value: Any, kind: Any) -> bool:
    """Whether a DocBin can hold it: no whole number of more than 64 bits, for one."""
    from srsly import msgpack_dumps

    try:
        msgpack_dumps(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False
    return isinstance(value, kind)


def _reads_as(doc: Any, document: Json) -> bool:
    """Whether what is read of a Doc is the document again."""
    from collections import Counter

    from db.formats.format import ReadOptions
    from db.formats.spacy.reading import document_of_doc

    read, _ = document_of_doc(doc, Counter(), ReadOptions())
    wanted = dict(document) | {"events": [plain_event(event) for event in document.get("events") or ()]}
    return read == wanted
