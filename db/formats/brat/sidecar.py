"""The file ``NAME.eventdesk.json`` next to a .ann, which keeps what brat has no place for.

It holds the exported document in the native form without its text, and a digest of what the .ann said about each event.
If the .ann is unchanged, the document is restored as it was. If someone edited it in brat, the edited events are read
from the .ann and all others are restored.
"""

import json
from typing import Any

from db.errors import InputError
from db.formats.brat.writing import without_defaults
from db.formats.format import Data
from db.formats.shared.objects import object_at
from db.io.json_lines import parse_json
from db.native import digest

SUFFIX = ".eventdesk.json"


def sidecar_of(document: Data, text: str, ann: str, ids: list[str | None], reread: Data) -> bytes | None:
    """Return the content of the file; None if ``reread``, the document that the .ann alone gives, lacks nothing."""
    if without_defaults(document) == reread | {"text": text}:
        return None
    digests = {event["id"]: digest(event) for event in reread["events"]}
    kept: Data = {
        "eventdesk": 1,
        "lines": digest([text, ann]),
        "events": [{"id": id_, "said": digests.get(id_)} if id_ else None for id_ in ids],
        "document": {key: value for key, value in document.items() if key != "text" or value != text},
        "text_is": "text" if document.get("text") == text else "title",
    }
    return json.dumps(kept, ensure_ascii=False, indent=1).encode() + b"\n"


def restore(read: Data, text: str, ann: str, content: bytes) -> Data:
    """Return the exported document with the changes in the .ann, given as ``read``. Raises InputError if invalid."""
    kept = parse_json(content)
    document, entries = _checked(kept)
    source: Data = {} if kept.get("text_is") == "title" else {"text": text}
    if kept.get("lines") == digest([text, ann]):
        return document | source
    by_id = {event["id"]: event for event in read["events"]}
    exported = {entry["id"] for entry in entries if entry}
    events = []
    for entry, event in zip(entries, document["events"], strict=True):
        if entry is None:
            events.append(event)
        elif (current := by_id.get(entry["id"])) is not None:
            known = {key: event[key] for key in ("id", "extractor") if key in event}
            events.append(event if entry.get("said") == digest(current) else current | known)
    events += [event for id_, event in by_id.items() if id_ not in exported]
    brat = {"brat": read["brat"]} if "brat" in read else {}
    return document | source | brat | {"events": events}


def _checked(kept: Any) -> tuple[Data, list[Any]]:
    """Return the document and the entries of its events. Raises InputError if they don't have the expected form."""
    if isinstance(kept, dict) and kept.get("eventdesk") == 1:
        document = object_at(kept, "document")
        entries, events = kept.get("events"), document.get("events")
        if isinstance(events, list) and isinstance(entries, list) and len(events) == len(entries):
            ids = [entry.get("id") if isinstance(entry, dict) else None for entry in entries if entry is not None]
            if all(isinstance(id_, str) for id_ in ids) and all(isinstance(event, dict) for event in events):
                return document, entries
    raise InputError("not in the form that eventdesk writes")
