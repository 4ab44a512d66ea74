"""Whether a patch is one that eventdesk could have written: a flipped bit may leave JSON that says something else."""

from db.decisions import patches
from db.model import REASONS, STATES, STATUSES, Json, Patch, Value

_ONE_OF = {"status": STATUSES, "state": STATES, "reason": (*REASONS, None)}
_TEXTS = ("type", "name")
_FIELD = (*patches.CONTENT, "note")


def is_sound(patch: Patch) -> bool:
    """Whether columns and what they are set to are ours."""
    return all(_all_right(columns, patches.EVENT) for columns in patch.events.values()) and all(
        _all_right(columns, _FIELD) for columns in patch.fields.values()
    )


def _all_right(columns: object, known: tuple[str, ...]) -> bool:
    return isinstance(columns, dict) and all(name in known and _is_right(name, columns) for name in columns)


def _is_right(name: str, columns: Json) -> bool:
    value = columns[name]
    if name in _ONE_OF:
        return value in _ONE_OF[name]
    if name in _TEXTS:
        return isinstance(value, str)
    if name == "spans":
        return isinstance(value, list) and all(_is_span(pair) for pair in value)
    if name == "live":
        return isinstance(value, bool)
    if name == "merged_into":
        return value is None or type(value) is int
    return name == "value" or value is None or isinstance(value, str)


def _is_span(pair: Value) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(end) is int for end in pair)
