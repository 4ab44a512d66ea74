"""The controls in which eventdesk writes values, and how each type of control holds a value."""

import json
from typing import Any

from db.event_types import EventType
from db.formats.format import Data
from db.formats.shared.objects import is_number
from db.formats.shared.versions import FieldVersion

# Controls of a region that belong to its own field. All other controls are fields of their own.
VALUE, VALUE_NUMBER, VALUE_JSON, GROUP, MODIFIER = "value", "value.number", "value.json", "group", "modifier"
REGION_CONTROLS = (VALUE, VALUE_NUMBER, VALUE_JSON, GROUP, MODIFIER)
EVENT_TYPE = "event_type"  # holds the type of an event without evidence
# Prefixes of controls that hold the value of a field without evidence; the name of the field follows.
TEXT_PREFIX, NUMBER_PREFIX, JSON_PREFIX, CHOICE_PREFIX = "field.", "number.", "json.", "choice."
LEVEL_SEPARATOR = " > "  # between the levels of a taxonomy

Control = tuple[str, str, Data]  # name, type of its results, value


def value_control(value: Any) -> Control:
    """Return the control for the value of a region that differs from the region's text."""
    if isinstance(value, str):
        return VALUE, "textarea", {"text": [value]}
    if is_number(value):
        return VALUE_NUMBER, "number", {"number": value}
    return VALUE_JSON, "textarea", {"text": [json.dumps(value, ensure_ascii=False)]}


def field_control(field: FieldVersion, event_type: str, types: dict[str, EventType]) -> Control:
    """Return the control for a field without evidence."""
    value = field.value
    if isinstance(value, str):
        declared = types.get(event_type)
        if declared is not None and value in declared.field(field.name).choices:
            return CHOICE_PREFIX + field.name, "choices", {"choices": [value]}
        return TEXT_PREFIX + field.name, "textarea", {"text": [value]}
    if is_number(value):
        return NUMBER_PREFIX + field.name, "number", {"number": value}
    return JSON_PREFIX + field.name, "textarea", {"text": [json.dumps(value, ensure_ascii=False)]}


def original_control_value(origin: Data, value: Any) -> Data | None:
    """Return a value as the control it was read from holds it; None if that control can't."""
    kind = origin.get("type")
    if kind in ("number", "rating") and is_number(value):
        return {kind: value}
    if not isinstance(value, str):
        return None
    by_kind: dict[Any, Data] = {
        "choices": {"choices": [value]},
        "textarea": {"text": [value]},
        "taxonomy": {"taxonomy": [value.split(LEVEL_SEPARATOR)]},
        "datetime": {"datetime": value},
        "pairwise": {"selected": value},
    }
    return by_kind.get(kind)
