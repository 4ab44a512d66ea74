"""Makes the fields of a region: one for each label, and what is said about it."""

from collections.abc import Iterable
from typing import Any

from db.errors import InputError
from db.formats.label_studio.regions import (
    AS_CHOICE,
    AS_JSON,
    AS_NUMBER,
    AS_TEXT,
    EVENT_TYPE,
    GROUP,
    MARK,
    MODIFIER,
    OF_REGION,
    TRIGGER,
    VALUE,
    VALUE_JSON,
    VALUE_NUMBER,
    Region,
)  # fmt: skip
from db.formats.label_studio.texts import Json
from db.formats.shared.annotated_text import objects_in
from db.io.json_lines import parse_json
from db.kinds import is_modifier


def fields_of(region: Region, text: str, name: str | None, only_stated: bool = False) -> list[Json]:
    """The fields of a region: one for each label, named ``name`` if given, and what is said about it.

    ``only_stated``: the latter alone, of a region that is no more than the handle of an event.
    """
    if not region.is_span:
        return stated_fields(region, None, ())
    if only_stated:
        return stated_fields(region, None, ())
    of_field = {key: value for key, value, _ in reversed(region.stated) if key in OF_REGION}
    group = of_field.get(GROUP)
    if group is None and any(key not in OF_REGION for key, _, _ in region.stated) and "of" not in region.ours:
        group = f"{(region.labels or [TRIGGER])[0]}:{region.id}"
    spans = [list(region.span)] if region.span else []
    fields: list[Json] = []
    labels: list[str | None] = [*region.labels] or [None]
    for label in labels:
        from_name = region.of.get("from_name")
        named = name or label or (from_name if isinstance(from_name, str) and from_name.strip() else "span")
        made: Json = {"name": named, "value": _value(region, of_field, text, label or named)}
        if isinstance(group, str) and group:
            made["group"] = group
        if is_modifier(of_field.get(MODIFIER)):
            made["modifier"] = of_field[MODIFIER]
        if spans:
            made["spans"] = list(spans)
        if region.score is not None:
            made["confidence"] = region.score
        origin = {"id": region.id, "label": label}
        origin |= {
            key: region.of[key] for key in ("from_name", "to_name", "type") if isinstance(region.of.get(key), str)
        }
        if type(region.ours.get("field")) is int:
            origin["field"] = region.ours["field"]
        fields.append(made | {MARK: origin})
    return fields + stated_fields(region, None if "of" in region.ours else group, spans)


def _value(region: Region, of_field: Json, text: str, otherwise: str) -> Any:
    if VALUE_JSON in of_field:
        return _json(of_field[VALUE_JSON])
    for key in (VALUE_NUMBER, VALUE):
        if key in of_field:
            return of_field[key]
    if region.span:
        return text[slice(*region.span)]
    return (region.mark and region.mark.quote) or otherwise


def stated_fields(region: Region, group: Any, spans: Iterable[Any]) -> list[Json]:
    """What is said about a region, or about the whole task, a field each."""
    fields: list[Json] = []
    left = objects_in(region.ours.get("stated"))
    ours = "event" in region.ours or "of" in region.ours
    for name, value, result in region.stated:
        if name == EVENT_TYPE or (region.is_span and name in OF_REGION):
            continue
        prefix = next((prefix for prefix in (AS_TEXT, AS_NUMBER, AS_JSON, AS_CHOICE) if name.startswith(prefix)), "")
        made: Json = {"name": name.removeprefix(prefix) or name, "value": value}
        if prefix == AS_JSON:
            made["value"] = _json(value)
        told = next((item for item in left if item.get("name") == name), {})
        if told:
            left.remove(told)
        belongs = told.get("group") if ours or told else group
        if isinstance(belongs, str) and belongs:
            made["group"] = belongs
        if is_modifier(told.get("modifier")):
            made["modifier"] = told["modifier"]
        if spans and not ours:
            made["spans"] = list(spans)
        if region.score is not None and not ours:
            made["confidence"] = region.score
        origin = {"id": region.id, "from_name": name}
        origin |= _control(result, "to_name", "type")
        if type(told.get("field")) is int:
            origin["field"] = told["field"]
        fields.append(made | {MARK: origin})
    return fields


def _control(result: Json, *keys: str) -> Json:
    """Which control a result is of, as far as it says that."""
    return {key: result[key] for key in keys if isinstance(result.get(key), str)}


def _json(value: Any) -> Any:
    try:
        return parse_json(value.encode()) if isinstance(value, str) else value
    except (InputError, UnicodeEncodeError):
        return value
