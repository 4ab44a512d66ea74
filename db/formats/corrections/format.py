"""What people changed of what the machine extracted: a record for each event and field in which the two differ."""

import json
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Companion, Export, Format
from db.formats.shared.versions import (
    FieldVersion,
    extracted_type_of,
    extracted_version,
    quote_of,
    reviewed_version,
    source_text,
)
from db.model import same_value


def changes(document: dict[str, Any], event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The records of one exported event.

    Of the event: action ``rejected`` with its reason (and ``same_as``, if it is a duplicate), ``retyped``, ``added``.
    Of a field: ``corrected`` (its value, modifier, name, group or evidence), ``added``, ``removed``. ``machine`` and
    ``person`` are the two values, or types; what the machine's side has of its own beside the value is under
    ``machine_field``, ``machine_group``, ``machine_modifier``. Spans are in code points.
    """
    about = {
        "document": document["id"],
        "event": event["id"],
        "extractor": event.get("extractor"),
        "type": event["type"],
        "status": event.get("status"),
    }
    act = {key: event.get(key) for key in ("reviewer", "decided_at", "reason", "reason_text", "note")}
    extracted_type = extracted_type_of(event)
    if extracted_type is None:
        yield _record(about, act, action="added", person=event["type"])
    elif extracted_type != event["type"]:
        yield _record(about, act, action="retyped", machine=extracted_type, person=event["type"])
    if event.get("status") == "rejected":
        told = {"machine": extracted_type} if extracted_type is not None else {}
        told |= {"same_as": event["same_as"]} if "same_as" in event else {}
        yield _record(about, act, action="rejected", **told, confidence=event.get("confidence"))
    source = source_text(document)
    for field in event.get("fields") or ():
        machine, person = extracted_version(field), reviewed_version(field)
        if (machine is None and person is None) or _same(machine, person):
            continue
        action = "added" if machine is None else "removed" if person is None else "corrected"
        of_field = _of_field(machine, person, source)
        note = field.get("note") or act["note"]
        yield _record(about, act | {"note": note}, action=action, **of_field, confidence=field.get("confidence"))


def _of_field(machine: FieldVersion | None, person: FieldVersion | None, source: str) -> dict[str, Any]:
    stands = person or machine
    assert stands is not None
    told: dict[str, Any] = {"field": stands.name, "group": stands.group}
    if machine is not None:
        told["machine"] = machine.value
        if machine.name != stands.name:
            told["machine_field"] = machine.name
        if machine.group != stands.group:
            told["machine_group"] = machine.group or ""  # none, told apart from the same
        told |= {"machine_modifier": machine.modifier, "machine_spans": machine.spans or None}
        told["machine_quote"] = quote_of(source, machine.spans)
    if person is not None:
        told |= {"person": person.value, "person_modifier": person.modifier, "person_spans": person.spans or None}
        told["person_quote"] = quote_of(source, person.spans)
    return told


def _record(about: dict[str, Any], act: dict[str, Any], **told: Any) -> dict[str, Any]:
    """The record without what there is nothing to say of; a value that is null is one."""
    action = told.pop("action")
    whole = {**about, "action": action, **told, **act}
    return {key: value for key, value in whole.items() if value is not None or key in ("machine", "person")}


def _same(left: FieldVersion | None, right: FieldVersion | None) -> bool:
    if left is None or right is None:
        return left is right
    return left._replace(value=None) == right._replace(value=None) and same_value(left.value, right.value)


def _all_changes(export: Export) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The events in which something differs, with their records."""
    if export.reviewed:
        raise InputError("corrections compare the machine with people, whose values alone --reviewed has; leave it out")
    for document in export.documents():
        for event in document.get("events") or ():
            found = list(changes(document, event))
            if found:
                yield event, found


def _write(export: Export) -> Iterator[bytes]:
    for _, found in _all_changes(export):
        for record in found:
            yield json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _write_diff(export: Export) -> Iterator[bytes]:
    """The same as a diff, an event a hunk: - what the machine has, + what a person left there."""
    yield b"--- machine\n+++ people\n"
    for event, found in _all_changes(export):
        yield ("\n".join(_hunk(event, found)) + "\n").encode()


def _hunk(event: dict[str, Any], found: list[dict[str, Any]]) -> Iterator[str]:
    first = found[0]
    words = (first["document"], first["event"], first.get("extractor"), event.get("status"))
    who = (event.get("reviewer"), event.get("decided_at"))
    yield f"@@ {' '.join(_line(word) for word in (*words, *who) if word)} @@"
    for record in found:
        if record["action"] == "rejected":
            why = (record.get("reason"), record.get("reason_text"))
            yield f"-type: {_line(event['type'])}  # rejected: {', '.join(_line(word) for word in why if word)}"
        elif "field" not in record:
            yield from _sides(record, "type", "type")
        else:
            name = _named(record.get("group"), record["field"])
            machine_group = record.get("machine_group", record.get("group"))
            yield from _sides(record, _named(machine_group, record.get("machine_field", record["field"])), name)


def _sides(record: dict[str, Any], machine_name: str, name: str) -> Iterator[str]:
    for sign, side, named in (("-", "machine", machine_name), ("+", "person", name)):
        if side in record:
            modifier = record.get(f"{side}_modifier")
            at = record.get(f"{side}_quote")
            value = json.dumps(record[side], ensure_ascii=False)
            modified = f" ({_line(modifier)})" if modifier else ""
            yield f"{sign}{named}: {value}{modified}{f'  # {_line(at)}' if at else ''}"


def _named(group: str | None, name: str) -> str:
    return f"{_line(group)}.{_line(name)}" if group else _line(name)


def _line(text: Any) -> str:
    """A text on one line."""
    return " ".join(str(text).split())


FORMAT = Format(
    name="corrections",
    about="what people changed of what the machine extracted: JSON Lines, and beside it a diff to read",
    writes="a line for each event that was rejected, added or given another type, and each field that was corrected,"
    " added or removed: both values, their quotes, who and when",
    loses="what is as the machine has it, and what it was corrected to before",
    write=_write,
    companions=(Companion(".diff", _write_diff),),
)
