"""Decisions and values in words, for the log and for the line that says what undo would take back."""

import json

from db.model import Decision, Json, Patch, Value


def value_text(value: Value) -> str:
    """A value as text: a text as it is, a number in its digits, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def describe(decision: Decision) -> str:
    """What a decision did, in a few words: ``correct count 802 → 757``."""
    before, after = _of_field(decision.before, decision), _of_field(decision.after, decision)
    event = decision.after.events.get(decision.event_id, {})
    name = str(before.get("name") or after.get("name") or "")
    value = value_text(after.get("value"))
    match decision.action:
        case "undo" | "redo":
            return f"{decision.action} of decision {decision.target_id}"
        case "confirm" if decision.field_id:
            return f"confirm {name} {value}"
        case "confirm":
            return "accept as corrected" if event.get("status") == "corrected" else "accept"
        case "correct" if before and before.get("name") != after.get("name"):
            return f"move {name} {value} to {after.get('name')}"
        case "correct" if before:
            return f"correct {name} {value_text(before.get('value'))} → {value}"
        case "reject":
            text = event.get("reason_text")
            return f"reject, {str(event.get('reason')).replace('_', ' ')}" + (f": {text}" if text else "")
        case "flag":
            return "mark unsure"
        case "note":
            note = event.get("note") or after.get("note")
            return f"note: {note}" if note else "take the note away"
        case "add" | "remove":
            return f"{decision.action} {name} {value}"
        case _:
            return decision.action


def _of_field(patch: Patch, decision: Decision) -> Json:
    return patch.fields.get(decision.field_id or 0, {})
