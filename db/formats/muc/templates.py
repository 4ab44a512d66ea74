"""Translates a MUC template into an event of the native form, and back.

Each filler of a slot becomes a field. A cross reference becomes a group: targets are numbered in order,
``human_target:1``, and every filler about a target joins its group; instruments and perpetrators get a group only if
something refers to them. A reference to a string that no slot holds becomes a group named after that string. Slots that
MUC-4 doesn't have become fields of the same name.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeGuard

from db.formats.format import Data
from db.formats.muc.dates import iso_date, muc_date
from db.formats.muc.fillers import NOT_APPLICABLE, NOTHING, Filler, filler_of, parse_filler
from db.formats.shared.objects import list_at, object_at

ID, TEMPLATE, TYPE = "MESSAGE: ID", "MESSAGE: TEMPLATE", "INCIDENT: TYPE"
OPTIONAL = "(OPTIONAL)"
INCIDENT = "incident"  # the type of an event whose template has none
_DATE = "date"  # the field of INCIDENT: DATE
_COLUMN = 36  # where fillers start
_NO_FIELDS = (ID, TEMPLATE, TYPE)


class Slot(NamedTuple):
    """A slot of MUC-4.

    field: the name of its fields.
    strings: True if its fillers are strings from the text.
    family: the slots that can refer to each other.
    rank: a slot can refer to those of a lower rank in its family.
    """

    label: str
    field: str
    strings: bool = False
    family: str = ""
    rank: int = 0


SLOTS = (
    Slot(ID, ""),
    Slot(TEMPLATE, ""),
    Slot("INCIDENT: DATE", "date"),
    Slot("INCIDENT: LOCATION", "location"),
    Slot(TYPE, ""),
    Slot("INCIDENT: STAGE OF EXECUTION", "stage"),
    Slot("INCIDENT: INSTRUMENT ID", "instrument", True, "instrument", 1),
    Slot("INCIDENT: INSTRUMENT TYPE", "instrument.type", False, "instrument", 3),
    Slot("PERP: INCIDENT CATEGORY", "category"),
    Slot("PERP: INDIVIDUAL ID", "perpetrator.individual", True, "perpetrator", 1),
    Slot("PERP: ORGANIZATION ID", "perpetrator.organization", True, "perpetrator", 2),
    Slot("PERP: ORGANIZATION CONFIDENCE", "perpetrator.confidence", False, "perpetrator", 3),
    Slot("PHYS TGT: ID", "physical_target.id", True, "physical_target", 1),
    Slot("PHYS TGT: TYPE", "physical_target.type", False, "physical_target", 3),
    Slot("PHYS TGT: NUMBER", "physical_target.number", False, "physical_target", 3),
    Slot("PHYS TGT: FOREIGN NATION", "physical_target.nation", False, "physical_target", 3),
    Slot("PHYS TGT: EFFECT OF INCIDENT", "physical_target.effect", False, "physical_target", 3),
    Slot("PHYS TGT: TOTAL NUMBER", "physical_target.total"),
    Slot("HUM TGT: NAME", "human_target.name", True, "human_target", 1),
    Slot("HUM TGT: DESCRIPTION", "human_target.description", True, "human_target", 2),
    Slot("HUM TGT: TYPE", "human_target.type", False, "human_target", 3),
    Slot("HUM TGT: NUMBER", "human_target.number", False, "human_target", 3),
    Slot("HUM TGT: FOREIGN NATION", "human_target.nation", False, "human_target", 3),
    Slot("HUM TGT: EFFECT OF INCIDENT", "human_target.effect", False, "human_target", 3),
    Slot("HUM TGT: TOTAL NUMBER", "human_target.total"),
)
BY_LABEL = {slot.label: slot for slot in SLOTS}
_BY_FIELD = {slot.field: slot for slot in SLOTS if slot.field}
_ALWAYS_GROUPED = ("physical_target", "human_target")
_ATTRIBUTE_RANK = 3  # of slots that nothing refers to

Template = list[tuple[str, list[str]]]
"""The slots of a template in order: the label, and the fillers as the file has them."""


def first_filler(template: Template, label: str, default: str = "") -> str:
    """Return the first filler of a slot, the default if it has none."""
    return next((fillers[0] for name, fillers in template if name == label and fillers), default)


def event_of(template: Template, id_: str) -> Data:
    """Return the event of a template, without spans. Its key ``muc`` keeps what the native form has no place for."""
    muc: Data = {}
    fillers = [(label, parse_filler(raw), raw) for label, raws in template for raw in raws if label not in _NO_FIELDS]
    if not_applicable := [label for label, filler, _ in fillers if _is_only(filler, NOT_APPLICABLE)]:
        muc["not_applicable"] = not_applicable
    filled = [
        (BY_LABEL.get(label) or Slot(label, label), filler, raw)
        for label, filler, raw in fillers
        if not _is_only(filler, NOT_APPLICABLE) and not _is_only(filler, None)
    ]
    groups = _groups([(slot, filler) for slot, filler, _ in filled])
    fields = [_field(slot, filler, group) for (slot, filler, _), group in zip(filled, groups, strict=True)]
    for (_, filler, _), field, rewritten in zip(filled, fields, _fillers(fields), strict=True):
        if filler.about != rewritten.about:
            field["muc"] = {"about": list(filler.about)}
    for (_, _, raw), field, rewritten in zip(filled, fields, _fillers(fields), strict=True):
        if str(rewritten) != raw.strip():
            field["muc"] = field.get("muc", {}) | {"filler": raw.strip(), "of": str(rewritten)}
    raw_type = first_filler(template, TYPE, NOTHING).strip()
    type_ = _type_of(raw_type)
    if _type_filler(type_) != raw_type:
        muc["type"] = raw_type
    if OPTIONAL in first_filler(template, TEMPLATE).upper():
        muc["optional"] = True
    event: Data = {"id": id_, "type": type_, "fields": fields}
    return event | ({"muc": muc} if muc else {})


def template_of(event: Data, number: str, message: str) -> Iterator[str]:
    """Return the lines of an event's template. ``message`` is the id of the message, with its source."""
    muc = object_at(event, "muc")
    fields = [item for item in event.get("fields") or () if item.get("state") != "removed"]
    fillers: dict[str, list[str]] = {}
    for item, filler in zip(fields, _fillers(fields), strict=True):
        kept = object_at(item, "muc")
        text = str(filler)
        if kept.get("of") == text and _is_line(kept.get("filler")):
            text = kept["filler"]
        fillers.setdefault(_slot_of_field(item["name"]).label, []).append(text)
    type_ = event["type"]
    raw_type = muc.get("type")
    fillers[ID] = [message]
    fillers[TEMPLATE] = [f"{number} {OPTIONAL}" if muc.get("optional") is True else number]
    fillers[TYPE] = [raw_type if _is_line(raw_type) and _type_of(raw_type) == type_ else _type_filler(type_)]
    for label in list_at(muc, "not_applicable"):
        if isinstance(label, str):
            fillers.setdefault(label, [NOT_APPLICABLE])
    return _lines(fillers)


def empty_template(message: str) -> Iterator[str]:
    """Return the lines of the template that MUC has for a message without events."""
    fillers = {slot.label: [NOT_APPLICABLE] for slot in SLOTS if slot.label not in _NO_FIELDS}
    return _lines(fillers | {ID: [message], TEMPLATE: [NOT_APPLICABLE], TYPE: [NOT_APPLICABLE]})


def string_fields(event: Data) -> list[Data]:
    """Return the fields of an event whose values are strings from the text."""
    return [item for item in event["fields"] if isinstance(item["value"], str) and _holds_strings(item)]


def _holds_strings(field: Data) -> bool:
    slot = _slot_of_field(field["name"])
    return slot.strings or slot.label not in BY_LABEL


def _lines(fillers: dict[str, list[str]]) -> Iterator[str]:
    """Yield the slots of MUC-4 in their order, with ``-`` if they are empty, then other slots."""
    others = [label for label in fillers if label not in BY_LABEL]
    for number, label in enumerate([*BY_LABEL, *others]):
        head = f"{f'{number}.':<4}{label}"
        for filler in fillers.get(label) or [NOTHING]:
            yield f"{head:<{_COLUMN - 2}}  {filler}"
            head = ""


def _type_of(filler: str) -> str:
    """Return the event type of a filler: ``FORCED WORK STOPPAGE`` gives ``forced_work_stoppage``; strings are kept."""
    parsed = parse_filler(filler)
    value = parsed.values[0] if parsed.values else None
    if not isinstance(value, str) or not value.strip() or value == NOT_APPLICABLE:
        return INCIDENT
    return value if parsed.quoted[0] else "_".join(value.lower().split())


def _type_filler(type_: str) -> str:
    plain = type_.upper().replace("_", " ")
    return plain if _type_of(plain) == type_ and plain == " ".join(plain.split()) else str(Filler((type_,), (True,)))


def _slot_of_field(name: str) -> Slot:
    if name in _BY_FIELD:
        return _BY_FIELD[name]
    label = " ".join(name.split())
    return Slot(f"{label}." if label in _NO_FIELDS or not label else label, name)


def _is_only(filler: Filler, value: str | None) -> bool:
    """Return True if a filler is just the code ``value``, None for ``-``."""
    return filler.values == (value,) and not filler.about and not any(filler.quoted)


def _field(slot: Slot, filler: Filler, group: str | None) -> Data:
    values, modifier = _iso_dates(filler) if slot.field == _DATE else (list(filler.values), None)
    field: Data = {"name": slot.field, "value": values[0] if values else ""}
    if modifier:
        field["modifier"] = modifier
    if group:
        field["group"] = group
    if len(values) > 1:
        field["alternatives"] = values[1:]
    if filler.optional:
        field["optional"] = True
    return field


def _iso_dates(filler: Filler) -> tuple[list[Any], str | None]:
    """Return the alternatives of a date slot, in ISO 8601 if they are dates, and the modifier of the first.

    An alternative with another modifier stays as it is written, since a field has one modifier.
    """
    dates = [
        iso_date(value.strip("()")) if isinstance(value, str) and not is_quoted else None
        for value, is_quoted in zip(filler.values, filler.quoted, strict=True)
    ]
    modifier = dates[0][1] if dates and dates[0] else None
    pairs = zip(filler.values, dates, strict=True)
    return [found[0] if found and found[1] == modifier else value for value, found in pairs], modifier


def _written_dates(item: Data, values: list[Any]) -> list[Any]:
    """Return the values of a date slot, dates as MUC writes them."""
    modifier = item.get("modifier")
    return [(muc_date(value, modifier) if isinstance(value, str) else None) or value for value in values]


def _groups(filled: list[tuple[Slot, Filler]]) -> list[str | None]:
    known: dict[tuple[str, str], str] = {}  # by family and string
    numbers: dict[str, int] = {}
    groups: list[str | None] = [None] * len(filled)
    referenced = {(slot.family, text) for slot, filler in filled for text in filler.about}
    for n in sorted(range(len(filled)), key=lambda n: filled[n][0].rank):
        slot, filler = filled[n]
        if filler.about:
            target = next((known[slot.family, text] for text in filler.about if (slot.family, text) in known), None)
            groups[n] = target or filler.about[0] or None
        elif slot.family and slot.rank < _ATTRIBUTE_RANK:
            if slot.family in _ALWAYS_GROUPED or any((slot.family, text) in referenced for text in _strings(filler)):
                numbers[slot.family] = numbers.get(slot.family, 0) + 1
                groups[n] = f"{slot.family}:{numbers[slot.family]}"
        for text in _strings(filler) if groups[n] and slot.family and slot.rank < _ATTRIBUTE_RANK else ():
            known.setdefault((slot.family, text), str(groups[n]))
    return groups


def _fillers(fields: list[Data]) -> list[Filler]:
    """Return the filler of each field, with the cross reference that its group stands for."""
    heads: dict[tuple[str, str], tuple[int, Filler]] = {}  # rank and filler that others refer to, by family and group
    plain = []
    for item in fields:
        slot = _slot_of_field(item["name"])
        values = [item["value"], *list_at(item, "alternatives")]
        if slot.field == _DATE:
            values = _written_dates(item, values)
        filler = filler_of(values, _holds_strings(item), item.get("optional") is True)
        plain.append((item, slot, filler))
        key = (slot.family, item.get("group") or "")
        rank, _ = heads.get(key, (_ATTRIBUTE_RANK, filler))
        if all(key) and slot.rank < rank and _strings(filler):
            heads[key] = (slot.rank, filler)
    return [filler._replace(about=_about(item, slot, filler, heads)) for item, slot, filler in plain]


def _about(item: Data, slot: Slot, filler: Filler, heads: dict[tuple[str, str], tuple[int, Filler]]) -> tuple[str, ...]:
    group = item.get("group")
    if not group:
        return ()
    _, head = heads.get((slot.family, group), (0, None))
    strings = _strings(head) if head else (group,)
    kept = list_at(object_at(item, "muc"), "about")
    if all(isinstance(text, str) for text in kept) and set(kept) & {*strings, group}:
        return tuple(kept)
    return () if head is filler else strings


def _strings(filler: Filler) -> tuple[str, ...]:
    return tuple(value for value in filler.values if isinstance(value, str))


def _is_line(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and bool(text.strip()) and "\n" not in text
