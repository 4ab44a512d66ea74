"""Accepted values as labelled tokens, which sequence taggers are trained on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from db.formats.format import Export
from db.formats.shared.annotated_text import source_of
from db.formats.shared.mentions import Mention, without_overlaps
from db.formats.shared.tokens import Token, sentences, tokenise
from db.model import ACCEPTED

_DECIDED = (*ACCEPTED, "rejected")
_NOT_ACCEPTED = ("extracted", "removed")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens and their tags (B-, I-, O); ``mentions`` are all of it, those that a tag has no place for too."""

    tokens: tuple[Token, ...]
    tags: tuple[str, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A document by sentences."""

    id: str
    text: str
    sentences: tuple[Sentence, ...]


def tagged_documents(export: Export) -> Iterator[Tagged]:
    """The documents in which somebody accepted or rejected an event; one whose every event was rejected has no labels.

    A label is a field's name; ``type.name`` where accepted values of several types of events are exported.
    """
    by_type = len({type_ for document in export.documents() for type_, _ in _accepted(document)}) > 1
    for document in export.documents():
        text = source_of(document)
        if not text.strip() or not (export.reviewed or _is_decided(document)):
            continue
        mentions = _mentions(document, by_type)
        tokens = tokenise(text, (offset for mention in mentions for offset in mention[:2]))
        parts = sentences(text, tokens, [mention[:2] for mention in mentions])
        yield Tagged(document["id"], text, tuple(_sentences(parts, mentions)))


def _is_decided(document: dict[str, Any]) -> bool:
    return any(event.get("status") in _DECIDED for event in document.get("events") or ())


def _accepted(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for event in document.get("events") or ():
        if event.get("status") in ACCEPTED:
            for field in event.get("fields") or ():
                if field.get("spans") and field.get("state") not in _NOT_ACCEPTED:
                    yield event["type"], field


def _mentions(document: dict[str, Any], by_type: bool) -> list[Mention]:
    found = set()
    for type_, field in _accepted(document):
        # No white space, at which the columns of a file are told apart.
        label = "_".join((f"{type_}.{field['name']}" if by_type else field["name"]).split())
        found |= {Mention(start, end, label) for start, end in field["spans"]}
    return sorted(found)


def _sentences(parts: list[list[Token]], mentions: list[Mention]) -> Iterator[Sentence]:
    begun = 0
    for part in parts:
        ended = begun
        while ended < len(mentions) and mentions[ended].start < part[-1].end:
            ended += 1
        inside = mentions[begun:ended]
        begun = ended
        yield Sentence(tuple(part), tuple(_tags(part, without_overlaps(inside))), tuple(inside))


def _tags(tokens: list[Token], mentions: list[Mention]) -> Iterator[str]:
    left = iter(mentions)
    mention = next(left, None)
    begun = False
    for token in tokens:
        while mention and mention.end <= token.start:
            mention, begun = next(left, None), False
        if mention and mention.start <= token.start:
            yield f"{'I' if begun else 'B'}-{mention.label}"
            begun = True
        else:
            yield "O"
