"""One MUC template as an event of the native form, and the template again.

A slot is a field, each filler one more of it. A cross reference is a group: targets are numbered ``human_target:1`` as
they stand, and what is said of one has its group; instruments and perpetrators have groups where something refers to
them. What refers to no filler of the template is in a group that is called as it says. Slots that MUC-4 does not have
are fields under their own name.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeGuard

from db.formats.muc.fillers import NOT_APPLICABLE, NOTHING, Filler, filler_of, parse_filler

Json = dict[str, Any]

ID, TEMPLATE, TYPE = "MESSAGE: ID", "MESSAGE: TEMPLATE", "INCIDENT: TYPE"
OPTIONAL = "(OPTIONAL)"
INCIDENT = "incident"  # the type of an event whose template names none
_COLUMN = 36  # in which fillers begin
_NO_FIELDS = (ID, TEMPLATE, TYPE)


class Slot(NamedTuple):
    """A slot of MUC-4. ``field`` is the name of its fields; ``strings``, whether its fillers are strings of the text;
    ``family``, within which cross references are; ``rank`` there: what is of a lower one can be referred to.
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
_REFERRING, _STATEMENT = 2, 3

Template = list[tuple[str, list[str]]]
"""The slots of a template in order: label, and fillers as they stand."""


def event_of(template: Template, id_: str) -> Json:
    """The event of a template, without spans; ``muc`` keeps what has no place in it."""
    muc: Json = {}
    fillers = [(label, parse_filler(raw), raw) for label, raws in template for raw in raws]
    not_applicable = [label for label, filler, _ in fillers if label not in _NO_FIELDS and _is(filler, NOT_APPLICABLE)]
    if not_applicable:
        muc["not_applicable"] = not_applicable
    said = [
        (slot_of(label), filler, raw)
        for label, filler, raw in fillers
        if label not in _NO_FIELDS and not _is(filler, NOT_APPLICABLE) and not _is(filler, None)
    ]
    groups = _groups([(slot, filler) for slot, filler, _ in said])
    fields = [_field(slot, filler, group) for (slot, filler, _), group in zip(said, groups, strict=True)]
    for (_, filler, _), field, again in zip(said, fields, _fillers(fields), strict=True):
        if filler.about != again.about:
            field["muc"] = {"about": list(filler.about)}
    for (_, _, raw), field, again in zip(said, fields, _fillers(fields), strict=True):
        if str(again) != raw.strip():
            field["muc"] = field.get("muc", {}) | {"filler": raw.strip(), "of": str(again)}
    raw_type = next((raws[0] for label, raws in template if label == TYPE and raws), NOTHING).strip()
    type_ = type_of(raw_type)
    if _type_filler(type_) != raw_type:
        muc["type"] = raw_type
    number = next((raws[0] for label, raws in template if label == TEMPLATE and raws), "")
    if OPTIONAL in number.upper():
        muc["optional"] = True
    event: Json = {"id": id_, "type": type_, "fields": fields}
    return event | ({"muc": muc} if muc else {})


def template_of(event: Json, number: str, message: str) -> Iterator[str]:
    """The lines of the template of an event."""
    muc = event["muc"] if isinstance(event.get("muc"), dict) else {}
    fields = [item for item in event.get("fields") or () if item.get("state") != "removed"]
    fillers: dict[str, list[str]] = {}
    for item, filler in zip(fields, _fillers(fields), strict=True):
        kept = item["muc"] if isinstance(item.get("muc"), dict) else {}
        text = str(filler)
        if kept.get("of") == text and _is_line(kept.get("filler")):
            text = kept["filler"]
        fillers.setdefault(_slot_named(item["name"]).label, []).append(text)
    type_ = event["type"]
    raw_type = muc.get("type")
    fillers[ID] = [message]
    fillers[TEMPLATE] = [f"{number} {OPTIONAL}" if muc.get("optional") is True else number]
    fillers[TYPE] = [raw_type if _is_line(raw_type) and type_of(raw_type) == type_ else _type_filler(type_)]
    not_applicable = muc.get("not_applicable")
    for label in not_applicable if isinstance(not_applicable, list) else ():
        if isinstance(label, str) and slot_of(label).label == label:
            fillers.setdefault(label, [NOT_APPLICABLE])
    return lines_of(fillers)


def empty_template(message: str) -> Iterator[str]:
    """The lines that say that nothing of a message is an event."""
    fillers = {slot.label: [NOT_APPLICABLE] for slot in SLOTS if slot.label not in _NO_FIELDS}
    return lines_of(fillers | {ID: [message], TEMPLATE: [NOT_APPLICABLE], TYPE: [NOT_APPLICABLE]})


def lines_of(fillers: dict[str, list[str]]) -> Iterator[str]:
    """A template: the slots of MUC-4 in their order, ``-`` where nothing fills them, then others."""
    others = [label for label in fillers if label not in BY_LABEL]
    for number, label in enumerate([*BY_LABEL, *others]):
        head = f"{f'{number}.':<4}{label}"
        for filler in fillers.get(label) or [NOTHING]:
            yield f"{head:<{_COLUMN - 2}}  {filler}"
            head = ""


def slot_of(label: str) -> Slot:
    """The slot of a label, one that MUC-4 does not have too."""
    return BY_LABEL.get(label) or Slot(label, label)


def type_of(filler: str) -> str:
    """The type of an event: ``forced_work_stoppage`` of ``FORCED WORK STOPPAGE``; what is quoted stays as it is."""
    parsed = parse_filler(filler)
    value = parsed.values[0] if parsed.values else None
    if not isinstance(value, str) or not value.strip() or value == NOT_APPLICABLE:
        return INCIDENT
    return value if parsed.quoted[0] else "_".join(value.lower().split())


def _type_filler(type_: str) -> str:
    plain = type_.upper().replace("_", " ")
    return plain if type_of(plain) == type_ and plain == " ".join(plain.split()) else str(Filler((type_,), (True,)))


def _slot_named(name: str) -> Slot:
    if name in _BY_FIELD:
        return _BY_FIELD[name]
    label = " ".join(name.split())
    return Slot(f"{label}." if label in _NO_FIELDS or not label else label, name)


def _is(filler: Filler, what: str | None) -> bool:
    """Whether a filler is nothing but ``-`` (None) or ``*``."""
    return filler.values == (what,) and not filler.about and not any(filler.quoted)


def _field(slot: Slot, filler: Filler, group: str | None) -> Json:
    field: Json = {"name": slot.field, "value": filler.values[0] if filler.values else ""}
    if group:
        field["group"] = group
    if len(filler.values) > 1:
        field["alternatives"] = list(filler.values[1:])
    if filler.optional:
        field["optional"] = True
    return field


def _groups(said: list[tuple[Slot, Filler]]) -> list[str | None]:
    """The group of each filler."""
    known: dict[tuple[str, str], str] = {}  # by family and string
    numbers: dict[str, int] = {}
    groups: list[str | None] = [None] * len(said)
    referred = {(slot.family, text) for slot, filler in said for text in filler.about}
    ranked = sorted(range(len(said)), key=lambda n: said[n][0].rank)
    for n in ranked:
        slot, filler = said[n]
        if filler.about:
            of = next((known[slot.family, text] for text in filler.about if (slot.family, text) in known), None)
            groups[n] = of or filler.about[0] or None
        elif slot.family and slot.rank < _STATEMENT:
            if slot.family in _ALWAYS_GROUPED or any((slot.family, text) in referred for text in _strings(filler)):
                numbers[slot.family] = numbers.get(slot.family, 0) + 1
                groups[n] = f"{slot.family}:{numbers[slot.family]}"
        if groups[n] and slot.family and slot.rank < _STATEMENT:
            for text in _strings(filler):
                known.setdefault((slot.family, text), str(groups[n]))
    return groups


def _fillers(fields: list[Json]) -> list[Filler]:
    """The filler of each field, with the cross reference that its group is."""
    heads: dict[tuple[str, str], tuple[int, Filler]] = {}  # by family and group, with their rank
    plain = []
    for item in fields:
        slot = _slot_named(item["name"])
        others = item.get("alternatives")
        alternatives = others if isinstance(others, list) else []
        is_string = slot.strings or slot.label not in BY_LABEL
        filler = filler_of(item["value"], alternatives, is_string, (), item.get("optional") is True)
        plain.append((item, slot, filler))
        key = (slot.family, item.get("group") or "")
        if all(key) and slot.rank < _STATEMENT and _strings(filler) and (key not in heads or slot.rank < heads[key][0]):
            heads[key] = (slot.rank, filler)
    return [filler._replace(about=_about(item, slot, filler, heads)) for item, slot, filler in plain]


def _about(item: Json, slot: Slot, filler: Filler, heads: dict[tuple[str, str], tuple[int, Filler]]) -> tuple[str, ...]:
    group = item.get("group")
    if not group:
        return ()
    _, head = heads.get((slot.family, group), (0, None))
    strings = _strings(head) if head else (group,)
    kept = item["muc"].get("about") if isinstance(item.get("muc"), dict) else None
    if isinstance(kept, list) and all(isinstance(text, str) for text in kept) and set(kept) & {*strings, group}:
        return tuple(kept)
    return () if head is filler else strings


def _strings(filler: Filler) -> tuple[str, ...]:
    return tuple(value for value in filler.values if isinstance(value, str))


def _is_line(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and bool(text.strip()) and "\n" not in text


def strings_of(event: Json) -> Iterable[Json]:
    """The fields of an event whose values are strings of its text."""
    return [
        item
        for item in event["fields"]
        if isinstance(item["value"], str)
        and (slot := _slot_named(item["name"]))
        and (slot.strings or slot.label not in BY_LABEL)
    ]
