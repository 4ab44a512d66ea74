"""Says values in Label Studio's controls: which one, of which type, and how."""

import json
from typing import Any

from db.event_types import EventType
from db.formats.label_studio.regions import (
    AS_CHOICE,
    AS_JSON,
    AS_NUMBER,
    AS_TEXT,
    BETWEEN_LEVELS,
    VALUE,
    VALUE_JSON,
    VALUE_NUMBER,
)  # fmt: skip
from db.formats.label_studio.texts import Json
from db.formats.shared.annotated_text import is_number
from db.formats.shared.versions import FieldVersion


def as_value(value: Any) -> tuple[str, str, Json]:
    """The control, its type and its value that say the value of a region which is not its text."""
    if isinstance(value, str):
        return VALUE, "textarea", {"text": [value]}
    if is_number(value):
        return VALUE_NUMBER, "number", {"number": value}
    return VALUE_JSON, "textarea", {"text": [_json(value)]}


def as_stated(side: FieldVersion, event_type: str, types: dict[str, EventType]) -> tuple[str, str, Json]:
    """The control, its type and its value that say a field without evidence."""
    value = side.value
    if isinstance(value, str):
        declared = types.get(event_type)
        if declared is not None and value in declared.field(side.name).choices:
            return AS_CHOICE + side.name, "choices", {"choices": [value]}
        return AS_TEXT + side.name, "textarea", {"text": [value]}
    if is_number(value):
        return AS_NUMBER + side.name, "number", {"number": value}
    return AS_JSON + side.name, "textarea", {"text": [_json(value)]}


def as_it_was_stated(origin: Json, value: Any) -> Json | None:
    """A value as the control says it that it came from; None where that can't."""
    kind = origin.get("type")
    if kind in ("number", "rating") and is_number(value):
        return {kind: value}
    if not isinstance(value, str):
        return None
    match kind:
        case "choices":
            return {"choices": [value]}
        case "textarea":
            return {"text": [value]}
        case "taxonomy":
            return {"taxonomy": [value.split(BETWEEN_LEVELS)]}
        case "datetime":
            return {"datetime": value}
        case "pairwise":
            return {"selected": value}
    return None


def _json(value: Any) -> str:

    return json.dumps(value, ensure_ascii=False)
