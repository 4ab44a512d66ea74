"""Stored patches: only the columns and values that eventdesk writes, since their names become SQL."""

import contextlib
from typing import Any

from db.errors import DamagedRowError
from db.model import REASONS, STATES, STATUSES, Json, Patch, Value, is_too_deep, parse_json
from db.store.valid.rows import DECISION, Row, is_span

_TEXT, _TEXT_OR_NONE = (str,), (str, type(None))
_EVENT_PATCH: dict[str, tuple[type, ...]] = {
    "status": _TEXT, "reason": _TEXT_OR_NONE, "reason_text": _TEXT_OR_NONE, "reviewer": _TEXT_OR_NONE,
    "decided_at": _TEXT_OR_NONE, "note": _TEXT_OR_NONE, "type": _TEXT_OR_NONE, "live": (bool,),
    "merged_into": (int, type(None)),
}  # fmt: skip
_FIELD_PATCH: dict[str, tuple[type, ...]] = {
    "name": _TEXT, "group": _TEXT_OR_NONE, "value": (str, int, float, bool, type(None), list, dict),
    "modifier": _TEXT_OR_NONE, "spans": (list,), "state": _TEXT, "note": _TEXT_OR_NONE,
}  # fmt: skip


_POSSIBLE = {"status": STATUSES, "state": STATES, "reason": (None, *REASONS)}


def checked_patch(row: Row, place: int) -> Patch:
    """Return the patch in a column of a row of decisions. Raises DamagedRowError."""
    try:
        return patch_from_json(row[place])
    except ValueError as error:
        raise DamagedRowError("decisions", row[0], f"{DECISION.columns[place]} {error}") from None


def patch_from_json(text: str) -> Patch:
    """Parse a stored patch; the keys of JSON become integer ids.

    Raises ValueError, which says what is wrong, if it isn't one of eventdesk's: names of columns become SQL.
    """
    sides = parse_json(text)
    if isinstance(sides, dict) and sides.keys() <= {"events", "fields"}:
        with contextlib.suppress(ValueError, AttributeError):
            return Patch(_side(sides.get("events", {}), _EVENT_PATCH), _side(sides.get("fields", {}), _FIELD_PATCH))
    raise ValueError("is not a change of events and fields")


def _side(side: Any, columns: dict[str, tuple[type, ...]]) -> dict[int, Json]:
    """Return the changes of one side of a patch. Raises ValueError or AttributeError."""
    for change in side.values():
        for name, value in change.items():
            kind = type(value)
            if kind not in columns.get(name, ()):
                raise ValueError(name)
            if name in _POSSIBLE:
                if value not in _POSSIBLE[name]:
                    raise ValueError(name)
            elif name == "spans":
                if not all(map(_is_span, value)):
                    raise ValueError(name)
            elif (kind is list or kind is dict) and is_too_deep(value):
                raise ValueError(name)
    return {int(key): change for key, change in side.items()}


def _is_span(pair: Value) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and is_span(*pair)
