"""Writes the differences between extracted and reviewed events: one record per changed event or field, and a diff."""

import json
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Companion, Export, Format
from db.formats.shared.versions import (
    FieldVersion,
    quote_of,
    reviewed_version,
    seen_type_of,
    seen_version,
    source_text,
)
from db.model import same_value
from db.native import NativeDocument, NativeEvent


def changes(document: NativeDocument, event: NativeEvent) -> Iterator[dict[str, Any]]:
    """Yield the records of one exported event.

    The action of an event is ``rejected`` (with its reason, and ``same_as`` for a duplicate), ``retyped`` or ``added``.
    The action of a field is ``corrected`` (its value, modifier, name, group or evidence), ``added`` or ``removed``.
    ``machine`` and ``person`` are the extracted and the reviewed value or type. ``machine_field``, ``machine_group``
    and ``machine_modifier`` are given where they differ. Spans count code points.
    """
    head = {
        "document": document["id"],
        "event": event["id"],
        "extractor": event.get("extractor"),
        "type": event["type"],
        "status": event.get("status"),
    }
    decision = {key: event.get(key) for key in ("reviewer", "decided_at", "reason", "reason_text", "note")}
    extracted_type = seen_type_of(event)
    if extracted_type is None:
        yield _record(head, "added", {"person": event["type"]}, decision)
    elif extracted_type != event["type"]:
        yield _record(head, "retyped", {"machine": extracted_type, "person": event["type"]}, decision)
    if event.get("status") == "rejected":
        rejected: dict[str, Any] = {"machine": extracted_type} if extracted_type is not None else {}
        rejected |= {"same_as": event["same_as"]} if "same_as" in event else {}
        yield _record(head, "rejected", rejected | {"confidence": event.get("confidence")}, decision)
    source = source_text(document)
    for field in event.get("fields") or ():
        extracted, reviewed = seen_version(field), reviewed_version(field)
        if (extracted is None and reviewed is None) or _same(extracted, reviewed):
            continue
        action = "added" if extracted is None else "removed" if reviewed is None else "corrected"
        values = _field_values(extracted, reviewed, source) | {"confidence": field.get("confidence")}
        yield _record(head, action, values, decision | {"note": field.get("note") or decision["note"]})


def _field_values(extracted: FieldVersion | None, reviewed: FieldVersion | None, source: str) -> dict[str, Any]:
    current = reviewed or extracted
    assert current is not None
    values: dict[str, Any] = {"field": current.name, "group": current.group}
    if extracted is not None:
        values["machine"] = extracted.value
        if extracted.name != current.name:
            values["machine_field"] = extracted.name
        if extracted.group != current.group:
            values["machine_group"] = extracted.group or ""  # not None, which would mean that the groups are equal
        values |= {"machine_modifier": extracted.modifier, "machine_spans": extracted.spans or None}
        values["machine_quote"] = quote_of(source, extracted.spans)
    if reviewed is not None:
        values |= {
            "person": reviewed.value,
            "person_modifier": reviewed.modifier,
            "person_spans": reviewed.spans or None,
            "person_quote": quote_of(source, reviewed.spans),
        }
    return values


def _record(head: dict[str, Any], action: str, values: dict[str, Any], decision: dict[str, Any]) -> dict[str, Any]:
    """Return a record without its empty keys; a null value is not empty."""
    record = {**head, "action": action, **values, **decision}
    return {key: value for key, value in record.items() if value is not None or key in ("machine", "person")}


def _same(left: FieldVersion | None, right: FieldVersion | None) -> bool:
    if left is None or right is None:
        return left is right
    return left._replace(value=None) == right._replace(value=None) and same_value(left.value, right.value)


def _all_changes(export: Export) -> Iterator[tuple[NativeEvent, list[dict[str, Any]]]]:
    """Yield the changed events with their records."""
    if export.reviewed:
        raise InputError("corrections compare with the extracted values, which --reviewed omits; remove --reviewed")
    for document in export.documents():
        for event in document.get("events") or ():
            if records := list(changes(document, event)):
                yield event, records


def _write(export: Export) -> Iterator[bytes]:
    for _, records in _all_changes(export):
        for record in records:
            yield json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _write_diff(export: Export) -> Iterator[bytes]:
    """Yield the same as a diff with a hunk per event: - extracted, + reviewed."""
    yield b"--- machine\n+++ people\n"
    for event, records in _all_changes(export):
        yield ("\n".join(_hunk(event, records)) + "\n").encode()


def _hunk(event: NativeEvent, records: list[dict[str, Any]]) -> Iterator[str]:
    first = records[0]
    head = (first["document"], first["event"], first.get("extractor"), event.get("status"))
    decision = (event.get("reviewer"), event.get("decided_at"))
    yield f"@@ {' '.join(_one_line(word) for word in (*head, *decision) if word)} @@"
    for record in records:
        if record["action"] == "rejected":
            reason = ", ".join(_one_line(text) for key in ("reason", "reason_text") if (text := record.get(key)))
            yield f"-type: {_one_line(event['type'])}  # rejected: {reason}"
        elif "field" not in record:
            yield from _both_sides(record, "type", "type")
        else:
            name = _full_name(record.get("group"), record["field"])
            extracted_group = record.get("machine_group", record.get("group"))
            extracted_name = _full_name(extracted_group, record.get("machine_field", record["field"]))
            yield from _both_sides(record, extracted_name, name)


def _both_sides(record: dict[str, Any], extracted_name: str, name: str) -> Iterator[str]:
    for sign, side, side_name in (("-", "machine", extracted_name), ("+", "person", name)):
        if side in record:
            modifier = record.get(f"{side}_modifier")
            quote = record.get(f"{side}_quote")
            value = json.dumps(record[side], ensure_ascii=False)
            modified = f" ({_one_line(modifier)})" if modifier else ""
            yield f"{sign}{side_name}: {value}{modified}{f'  # {_one_line(quote)}' if quote else ''}"


def _full_name(group: str | None, name: str) -> str:
    return f"{_one_line(group)}.{_one_line(name)}" if group else _one_line(name)


def _one_line(text: Any) -> str:
    return " ".join(str(text).split())


FORMAT = Format(
    name="corrections",
    about="differences between extracted and reviewed events, as JSON Lines and as a diff",
    writes="one line per event that was rejected, added or retyped, and per field that was corrected, added or removed:"
    " both values, their quotes, who decided and when",
    loses="unchanged events and fields; earlier corrections of a field",
    write=_write,
    companions=(Companion(".diff", _write_diff),),
)
