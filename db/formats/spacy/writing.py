"""Writes a document as a spaCy Doc: all spans in a group, those that don't overlap as entities, types as categories."""

import json
from collections import Counter
from typing import Any

from db.formats.format import Data, ReadOptions
from db.formats.shared.annotated_text import EXTRA_KEY, plain_event
from db.formats.shared.tokens import tokenise
from db.formats.shared.versions import source_text
from db.formats.spacy.labels import MARK, Labelling, Parts, parts_of, span_at
from db.formats.spacy.reading import document_of_doc


def doc_of_document(document: Data, vocab: Any, labelling: Labelling) -> Any:
    """Return a Doc with everything that it can hold of a document, and the whole document in its user data."""
    parts = parts_of(document, labelling)
    doc = _doc(document, parts, vocab)
    doc.ents = [span for label in parts.ents if (span := span_at(doc, label))]
    for key, group in parts.spans.items():
        doc.spans[key] = [span for label in group if (span := span_at(doc, label))]
    doc.cats = {label: score for label, score in parts.cats.items() if _is_packable(score, int | float)}
    for pair in pairs if isinstance(pairs := _mark(document).get("user_data"), list) else ():
        _add_user_data(doc, pair)
    if not _reads_back(doc, document):
        kept = {key: value for key, value in document.items() if key != "text"}
        kept |= {"events": document.get("events") or []}
        if not isinstance(document.get("text"), str):
            kept["only_title"] = True
        doc.user_data[EXTRA_KEY] = json.dumps(
            {"document": kept, "by_type": labelling.by_type, "types": labelling.types}
        )
    return doc


def _mark(document: Data) -> Data:
    """Return the tokens and user data that a document was read with; empty if it didn't come from spaCy."""
    for data in (document, *(document.get("events") or ())):
        if isinstance(data.get(MARK), dict):
            return dict(data[MARK])
    return {}


def _doc(document: Data, parts: Parts, vocab: Any) -> Any:
    """Return a Doc of the text, with the tokens it was read with if all labels fit them, else with new tokens."""
    from spacy.tokens import Doc

    text = source_text(document)
    labels = [*parts.ents, *(label for group in parts.spans.values() for label in group)]
    mark = _mark(document)
    if mark.get("tokens"):
        try:
            tokens: Data = {key: mark[key] for key in ("tokens", "sents") if key in mark}
            doc = Doc(vocab).from_json({"text": text, **tokens})
            if doc.text == text and all(doc.char_span(start, end) is not None for start, end, *_ in labels):
                return doc
        except Exception:  # spaCy raises anything on damaged tokens; new ones are made below
            pass
    words, spaces = _words(text, [offset for start, end, *_ in labels for offset in (start, end)])
    return Doc(vocab, words=words, spaces=spaces)


def _words(text: str, cuts: list[int]) -> tuple[list[str], list[bool]]:
    """Split a text into words and, for each, True if a space follows. Other white space becomes words of its own."""
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


def _add_user_data(doc: Any, pair: Any) -> None:
    if _is_packable(pair, list) and len(pair) == 2:
        key = tuple(pair[0]) if isinstance(pair[0], list) else pair[0]
        try:
            doc.user_data[key] = pair[1]
        except TypeError:  # the key isn't hashable
            return


def _is_packable(value: Any, kind: Any) -> bool:
    """Return True if a DocBin can hold the value, which excludes integers of more than 64 bits for one."""
    from srsly import msgpack_dumps

    try:
        msgpack_dumps(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False
    return isinstance(value, kind)


def _reads_back(doc: Any, document: Data) -> bool:
    read, _ = document_of_doc(doc, Counter(), ReadOptions())
    return read == dict(document) | {"events": [plain_event(event) for event in document.get("events") or ()]}
