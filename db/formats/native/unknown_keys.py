"""Keys of native documents that eventdesk keeps and gives back on export, but doesn't read."""

from collections.abc import Iterator

from db.formats.format import Data
from db.native import NativeDocument, NativeEvent, NativeField

# Each holds, as an object, what a format reads and the native form has no place for.
_OF_FORMATS = frozenset(
    "annotated_json brat doccano eventdesk html label_studio langextract llm_json muc prodigy spacy table".split()
)
DOCUMENT_KEYS = frozenset(NativeDocument.__annotations__)
EVENT_KEYS = frozenset(NativeEvent.__annotations__) | {"seen_type"}
_FIELD_KEYS = frozenset(NativeField.__annotations__) | {"grounding"}


def unknown_keys(document: Data) -> tuple[str, ...]:
    """Return the name of each unknown key of a document, its events and their fields, once for each place."""
    return tuple(_names(document))


def _names(document: Data) -> Iterator[str]:
    yield from _unknown(document, DOCUMENT_KEYS, "key")
    events = document.get("events")
    for event in events if isinstance(events, list) else ():
        if not isinstance(event, dict):
            continue
        if not event.keys() <= EVENT_KEYS:
            yield from _unknown(event, EVENT_KEYS, "key events.")
        fields = event.get("fields")
        for field in fields if isinstance(fields, list) else ():
            if isinstance(field, dict) and not field.keys() <= _FIELD_KEYS:
                yield from _unknown(field, _FIELD_KEYS, "key fields.")


def _unknown(data: Data, known: frozenset[str], prefix: str) -> Iterator[str]:
    for key, value in data.items():
        if key in known or value is None or (key in _OF_FORMATS and isinstance(value, dict)):
            continue
        yield f"{prefix} {key}" if prefix == "key" else f"{prefix}{key}"
