"""The file beside a .ann that keeps what brat has no place for: ``NAME.eventdesk.json``.

It holds the document in the native form as it was written, without its text, and of each event what brat's lines said
of it. Where the lines are still as they were, the document is given again; where somebody went on in brat, what was
changed there goes before, and the rest is given again.
"""

import json
from typing import Any

from db.errors import InputError
from db.formats.brat.events import Json
from db.formats.brat.writing import Written, without_defaults
from db.io.json_lines import parse_json
from db.native import digest

SUFFIX = ".eventdesk.json"


def beside(document: Json, text: str, written: Written, read_again: Json) -> bytes | None:
    """The content of the file; None where ``read_again``, which is what the lines alone give, is the whole document."""
    if without_defaults(document) == read_again | {"text": text}:
        return None
    said = {event["id"]: digest(event) for event in read_again["events"]}
    kept: Json = {
        "eventdesk": 1,
        "lines": digest([text, written.ann]),
        "events": [{"id": id_, "said": said.get(id_)} if id_ else None for id_ in written.ids],
        "document": {key: value for key, value in document.items() if key != "text" or value != text},
        "text_is": "text" if document.get("text") == text else "title",
    }
    return json.dumps(kept, ensure_ascii=False, indent=1).encode() + b"\n"


def merged(read: Json, text: str, ann: str, content: bytes) -> Json:
    """What was ``read`` of the lines, completed by the file. Raises InputError where that can't be used."""
    kept = parse_json(content)
    document, events = _checked(kept)
    rest: Json = {} if kept.get("text_is") == "title" else {"text": text}
    if kept.get("lines") == digest([text, ann]):
        return document | rest
    by_id = {event["id"]: event for event in read["events"]}
    told = {entry["id"] for entry in events if entry}
    completed = []
    for entry, event in zip(events, document["events"], strict=True):
        if entry is None:
            completed.append(event)
        elif (now := by_id.get(entry["id"])) is not None:
            changed = entry.get("said") != digest(now)
            known = {key: event[key] for key in ("id", "extractor") if key in event}
            completed.append(now | known if changed else event)
    completed += [event for id_, event in by_id.items() if id_ not in told]
    own = {"brat": read["brat"]} if "brat" in read else {}
    return document | rest | own | {"events": completed}


def _checked(kept: Any) -> tuple[Json, list[Any]]:
    if isinstance(kept, dict) and kept.get("eventdesk") == 1:
        document = kept["document"] if isinstance(kept.get("document"), dict) else {}
        entries, events = kept.get("events"), document.get("events")
        if isinstance(events, list) and isinstance(entries, list) and len(events) == len(entries):
            are_events = all(isinstance(event, dict) for event in events)
            are_entries = all(
                entry is None or (isinstance(entry, dict) and isinstance(entry.get("id"), str)) for entry in entries
            )
            if are_events and are_entries:
                return document, entries
    raise InputError("not as eventdesk writes it")
