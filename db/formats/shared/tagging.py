"""Accepted values as tagged tokens, for training sequence taggers."""

from collections.abc import Iterator
from dataclasses import dataclass

from db.formats.format import Export
from db.formats.shared.tokens import Mention, Token, sentences, tokenise, without_overlaps
from db.formats.shared.versions import source_text
from db.model import ACCEPTED
from db.native import NativeDocument, NativeField

_DECIDED = (*ACCEPTED, "rejected")
_NOT_ACCEPTED = ("extracted", "removed")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens and their tags (B-, I-, O); ``mentions`` include those that overlap others, which have no tags."""

    tokens: tuple[Token, ...]
    tags: tuple[str, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """A document, split into tagged sentences."""

    id: str
    text: str
    sentences: tuple[Sentence, ...]


def tagged_documents(export: Export) -> Iterator[TaggedDocument]:
    """Yield the documents with accepted or rejected events; if all events were rejected, without labels.

    A label is the name of a field, or ``type.name`` if accepted events of several types are exported.
    """
    by_type = len({type_ for document in export.documents() for type_, _ in _accepted(document)}) > 1
    for document in export.documents():
        text = source_text(document)
        if not text.strip() or not (export.reviewed or _is_decided(document)):
            continue
        mentions = _mentions(document, by_type)
        tokens = tokenise(text, (offset for mention in mentions for offset in mention[:2]))
        parts = sentences(text, tokens, [mention[:2] for mention in mentions])
        yield TaggedDocument(document["id"], text, tuple(_sentences(parts, mentions)))


def _is_decided(document: NativeDocument) -> bool:
    return any(event.get("status") in _DECIDED for event in document.get("events") or ())


def _accepted(document: NativeDocument) -> Iterator[tuple[str, NativeField]]:
    for event in document.get("events") or ():
        if event.get("status") in ACCEPTED:
            for field in event.get("fields") or ():
                if field.get("spans") and field.get("state") not in _NOT_ACCEPTED:
                    yield event["type"], field


def _mentions(document: NativeDocument, by_type: bool) -> list[Mention]:
    mentions = set()
    for type_, field in _accepted(document):
        # White space separates the columns of a file.
        label = "_".join((f"{type_}.{field['name']}" if by_type else field["name"]).split())
        mentions |= {Mention(start, end, label) for start, end in field["spans"] or ()}
    return sorted(mentions)


def _sentences(parts: list[list[Token]], mentions: list[Mention]) -> Iterator[Sentence]:
    begin = 0
    for part in parts:
        end = begin
        while end < len(mentions) and mentions[end].start < part[-1].end:
            end += 1
        inside = mentions[begin:end]
        begin = end
        yield Sentence(tuple(part), tuple(_tags(part, without_overlaps(inside))), tuple(inside))


def _tags(tokens: list[Token], mentions: list[Mention]) -> Iterator[str]:
    remaining = iter(mentions)
    mention = next(remaining, None)
    inside = False
    for token in tokens:
        while mention and mention.end <= token.start:
            mention, inside = next(remaining, None), False
        if mention and mention.start <= token.start:
            yield f"{'I' if inside else 'B'}-{mention.label}"
            inside = True
        else:
            yield "O"
