"""Decisions and values in words, for the log and the undo hint."""

import json
from dataclasses import replace

from db.model import Action, Decision, Field, Json, Patch, Value, same_value

_WEAK = {
    "none": "not found in the text",
    "fuzzy": "similar text found",
    "lesser": "found in part",
    "greater": "found inside a longer text",
}
_FOUND = {
    "number_words": "found in words",
    "date": "found in another notation",
    "normalised": "found in another form",
    "computed": "computed from other values",
    "none": "not in the text",
}


def spans_words(moved: int, lost: int) -> str:
    """Return what became of spans in a new text: ``5 of 7 spans moved, 2 have no place in it``."""
    total = moved + lost
    spans = f"{total:,} span{'' if total == 1 else 's'}"
    if not lost:
        return f"{spans} moved"
    return f"{moved:,} of {spans} moved, {lost:,} {'has' if lost == 1 else 'have'} no place in it"


def value_text(value: Value) -> str:
    """Return a value as text; anything but text as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def value_words(value: Value, modifier: Value) -> str:
    """Return a value with its modifier: ``about 500``, ``500 to 600``."""
    text = value_text(value)
    if not modifier:
        return text
    return f"{text} {modifier}" if str(modifier).startswith("to ") else f"{modifier} {text}"


def weak_evidence(field: Field) -> str | None:
    """Describe weak evidence of an unchanged extracted value; None if the evidence is good."""
    machine = field.extracted
    if machine is None or field.spans != machine.spans or not same_value(field.value, machine.value):
        return None
    grounding = field.extra.get("grounding")
    return _WEAK.get(grounding) if isinstance(grounding, str) else None


def evidence_words(field: Field) -> str:
    """Describe how the evidence of a field was found, or that it has none, for a line about the field."""
    machine = field.extracted
    grounding = field.extra.get("grounding")
    if machine is None or field.spans != machine.spans or not same_value(field.value, machine.value):
        grounding = None
    if grounding == "several":
        places = field.extra.get("places")
        return "in 1 place, far from the other evidence" if places == 1 else f"in {places} places, none chosen"
    found = _FOUND.get(grounding) if isinstance(grounding, str) else None
    return found or ("" if field.spans else "no evidence")


def describe(decision: Decision) -> str:
    """Describe a decision in a few words: ``correct count 802 → 757``."""
    before, after = _of_field(decision.before, decision), _of_field(decision.after, decision)
    event, seen = (patch.events.get(decision.event_id, {}) for patch in (decision.after, decision.before))
    name = str(before.get("name") or after.get("name") or "")
    value = value_words(after.get("value"), after.get("modifier"))
    match decision.action:
        case "undo" | "redo":
            return f"{decision.action} of decision {decision.target_id}"
        case "confirm" if decision.field_id:
            return f"confirm {name} {value}"
        case "confirm":
            return "accept as corrected" if event.get("status") == "corrected" else "accept"
        case "correct" if decision.field_id and len(decision.after.fields) == 2:
            names = [str(columns.get("name")) for columns in decision.after.fields.values()]
            return f"swap {names[0]} and {names[1]}"
        case "correct" if decision.field_id is None and decision.after.fields:
            return _corrections(decision)
        case "correct" if "type" in event and ("status" not in event or event["type"] != seen.get("type")):
            return f"change the type to {event['type']}"
        case "correct" if before and before.get("group") != after.get("group"):
            return f"move {name} {value} to {after.get('group') or 'no group'}"
        case "correct" if before and before.get("name") != after.get("name"):
            return f"move {name} {value} to {after.get('name')}"
        case "correct" if before and _same(before, after, "value", "modifier"):
            return f"correct the evidence of {name} {value}"
        case "correct" if before:
            return f"correct {name} {value_words(before.get('value'), before.get('modifier'))} → {value}"
        case "add" if not decision.field_id:
            return f"add an event, {event.get('type')}" + (
                f", {len(decision.after.fields)} fields" * bool(decision.after.fields)
            )
        case "split":
            return f"split off an event, {event.get('type')}"
        case "merge":
            return "merge as a duplicate"
        case "remove" if len(decision.after.fields) > 1:
            return f"remove {len(decision.after.fields)} fields"
        case "reject":
            text = event.get("reason_text")
            return f"reject, {str(event.get('reason')).replace('_', ' ')}" + (f": {text}" if text else "")
        case "flag":
            return "mark unsure"
        case "note":
            note = event.get("note") or after.get("note")
            return f"note: {note}" if note else "remove the note"
        case "add" | "remove":
            return f"{decision.action} {name} {value}"
        case _:
            return decision.action


def _corrections(decision: Decision) -> str:
    """Describe an imported decision, which holds all that its reviewer did to the fields of an event."""
    words = []
    for field_id, after in decision.after.fields.items():
        action: Action = {"added": "add", "removed": "remove"}.get(str(after.get("state")), "correct")  # type: ignore
        before = decision.before.fields.get(field_id, {})
        content = ("name", "group", "value", "modifier", "spans")
        if action == "correct" and _same(before, after, *content):
            continue  # confirmed
        alone = replace(decision, action=action, field_id=field_id, after=Patch({}, {field_id: after}))
        words.append(describe(alone))
    status = decision.after.events.get(decision.event_id, {}).get("status")
    if not words:
        return "accept as corrected" if status == "corrected" else "accept"
    return "; ".join(words[:3]) + ("; …" if len(words) > 3 else "")


def _same(before: Json, after: Json, *columns: str) -> bool:
    return all(same_value(before.get(column), after.get(column)) for column in columns)


def _of_field(patch: Patch, decision: Decision) -> Json:
    return patch.fields.get(decision.field_id or 0, {})
