"""Reads a value that a person types for a field, a date or a number in words too."""

from db.errors import KindError
from db.event_types import FieldType
from db.kinds import Typed, parse_typed
from db.model import Document, Span
from db.suggest.candidates import candidates


def typed_value(spec: FieldType, typed: str, document: Document | None) -> Typed:
    """Return the value and its modifier; words such as "last Friday" are read as of the document. Raises KindError."""
    try:
        return parse_typed(spec.kind, typed, spec.choices)
    except KindError:
        published, language = (document.published, document.language) if document else (None, None)
        for item in candidates(spec.kind, typed.strip(), published, language):
            if item.span == Span(0, len(typed.strip())):
                return Typed(item.value, item.modifier)
        raise
