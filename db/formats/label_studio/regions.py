"""Reads the results of a prediction or an annotation as regions of the text, and relations between them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from db.formats.format import OffsetUnit
from db.formats.label_studio.texts import Json, TaskText, object_key
from db.formats.shared.annotated_text import EXTRA_KEY, is_number, objects_in
from db.formats.shared.spans import RawSpan, place_spans

MARK = "label_studio"  # the key of documents, events and fields that holds what they were in Label Studio
TRIGGER = "trigger"
ALSO = "also"  # the label of a relation to a further place of the same value
# Controls of a region that say something of its field; others are fields of their own.
VALUE, VALUE_NUMBER, VALUE_JSON, GROUP, MODIFIER = "value", "value.number", "value.json", "group", "modifier"
EVENT_TYPE = "event_type"  # the control that names the type of an event without evidence
# What a control is called that holds the values of fields without evidence, before their name.
AS_TEXT, AS_NUMBER, AS_JSON, AS_CHOICE = "field.", "number.", "json.", "choice."
OF_REGION = (VALUE, VALUE_NUMBER, VALUE_JSON, GROUP, MODIFIER)
BETWEEN_LEVELS = " > "  # of a taxonomy
_OF_ORIGIN = ("id", "label", "from_name", "to_name", "type")
_STATED = ("choices", "textarea", "number", "rating", "datetime", "taxonomy", "pairwise")


@dataclass(slots=True)
class Region:
    """What the results of one id say together."""

    id: str
    of: Json = field(default_factory=dict)  # the result that is its labels, else its first
    labels: list[str] = field(default_factory=list)
    mark: RawSpan | None = None
    counted: bool = False  # whether the mark is in code points already
    span: tuple[int, int] | None = None
    stated: list[tuple[str, Any, Json]] = field(default_factory=list)  # name and value of what is said about it
    score: float | None = None
    ours: Json = field(default_factory=dict)  # what eventdesk left in it

    @property
    def is_span(self) -> bool:
        """Whether it is a stretch of the text, rather than of the whole task."""
        return self.mark is not None


class Relation(NamedTuple):
    """A relation from one region to another."""

    source: str
    target: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions by their ids, in order, the relations between them by where they begin, what to say of it, and how
    many results are about no text.
    """

    by_id: dict[str, Region]
    relations: dict[str, list[Relation]]
    notes: tuple[str, ...]
    aside: int


def regions_of(results: Iterable[Json], data: Json, text: TaskText, unit: OffsetUnit | None) -> Regions:
    """The regions of results about ``text``, with their places in it."""
    regions: dict[str, Region] = {}
    relations: list[Relation] = []
    aside = 0
    for number, result in enumerate(results):
        if result.get("type") == "relation":
            relations += _relation(result)
        elif not _add(regions, result, number, data, text):
            aside += 1
    notes = _place(regions, text, unit)
    led: dict[str, list[Relation]] = {}
    for relation in relations:
        if relation.source in regions and relation.target in regions:
            led.setdefault(relation.source, []).append(relation)
    return Regions(regions, led, notes, aside)


def results_of(owner: Json) -> list[Json]:
    """The results of a prediction or an annotation."""
    return objects_in(owner.get("result"))


def region_of(item: Json) -> Json:
    """What a field or an event was in Label Studio, as far as it is that; nothing where it was not."""
    found = item.get(MARK)
    if not isinstance(found, dict):
        return {}
    texts = {key: found[key] for key in _OF_ORIGIN if isinstance(found.get(key), str)}
    numbers = {key: found[key] for key in ("field", "event") if type(found.get(key)) is int}
    also = found.get("also")
    further = {"also": [id_ for id_ in also if isinstance(id_, str)]} if isinstance(also, list) else {}
    return texts | numbers | further


def _add(regions: dict[str, Region], result: Json, number: int, data: Json, text: TaskText) -> bool:
    """Take a result in; False where it is about no text."""
    kind, value = result.get("type"), result.get("value")
    if not isinstance(value, dict) or not isinstance(kind, str):
        return False
    stated = _stated(kind, value) if kind in _STATED else None
    about = object_key(result, data)
    has_span = "start" in value or "end" in value
    labels = [] if stated is not None else _labels(kind, value)
    if stated is None and not (has_span and labels is not None and _is_about_text(value, about, text)):
        return False
    given = result.get("id")
    id_ = given if isinstance(given, str) and given else f"{given}" if type(given) is int else f"#{number}"
    region = regions.setdefault(id_, Region(id_))
    if stated is not None:
        name = result.get("from_name")
        named = name if isinstance(name, str) and name.strip() else kind
        region.stated += [(named, item, result) for item in stated]
        region.of = region.of or result
    else:
        region.labels += labels or []
        region.of = result
    if has_span and (region.mark is None or stated is None) and (about is None or about == text.key):
        region.mark, region.counted = _mark(value, text)
    if region.score is None and is_number(result.get("score")):
        region.score = float(result["score"])
    meta = result.get("meta")
    if isinstance(meta, dict) and isinstance(meta.get(EXTRA_KEY), dict):
        region.ours = region.ours or meta[EXTRA_KEY]
    return True


def _is_about_text(value: Json, about: str | None, text: TaskText) -> bool:
    if about is not None:
        return about == text.key
    # Seconds of audio and video are no offsets.
    return not any(isinstance(value.get(key), float) and value[key] % 1 for key in ("start", "end"))


def _labels(kind: str, value: Json) -> list[str] | None:
    found = value.get(kind)
    if found is None:
        found = next((item for key, item in value.items() if key.endswith("labels")), [])
    return [label for label in found if isinstance(label, str) and label.strip()] if isinstance(found, list) else None


def _stated(kind: str, value: Json) -> list[Any] | None:
    """The values that a result says; None where it is none of what can be read."""
    found = value.get({"textarea": "text", "pairwise": "selected"}.get(kind, kind))
    if kind in ("number", "rating"):
        return [found] if is_number(found) else None
    items = found if isinstance(found, list) else [found]
    if kind == "taxonomy":
        items = [BETWEEN_LEVELS.join(map(str, path)) if isinstance(path, list) else path for path in items]
    return [item for item in items if isinstance(item, str)] or None


def _mark(value: Json, text: TaskText) -> tuple[RawSpan, bool]:
    quote = value.get("text")
    quote = quote if isinstance(quote, str) and quote else None
    if quote is not None and "\\n" in quote and "\\n" not in text.text:
        quote = quote.replace("\\n", "\n")  # as older versions wrote it
    overall = value.get("globalOffsets")
    start, end = (overall.get("start"), overall.get("end")) if isinstance(overall, dict) else (None, None)
    if type(start) is type(end) is int:
        return RawSpan(start, end, quote), False
    if text.nodes:
        first = text.within(value.get("start"), value.get("startOffset"))
        last = text.within(value.get("end"), value.get("endOffset"))
        if first is not None and last is not None:
            return RawSpan(first, last, quote), True
    return RawSpan(_offset(value.get("start")), _offset(value.get("end")), quote), False


def _offset(value: object) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        return int(value)
    return int(value) if is_number(value) else -1  # type: ignore[call-overload]


def _place(regions: dict[str, Region], text: TaskText, unit: OffsetUnit | None) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    for counted in (False, True):
        chosen = [region for region in regions.values() if region.mark is not None and region.counted == counted]
        marks = [region.mark for region in chosen if region.mark is not None]
        # JavaScript counts UTF-16 units; what a model wrote can only be told by its quotes.
        told = "code_points" if counted else unit or (None if any(mark.quote for mark in marks) else "utf16")
        placed = place_spans(text.text, marks, told)
        for region, span in zip(chosen, placed.spans, strict=True):
            region.span = span
        notes += placed.notes
    return notes


def _relation(result: Json) -> list[Relation]:
    ends = (result.get("from_id"), result.get("to_id"))
    if result.get("direction") == "left":
        ends = (ends[1], ends[0])
    if not all(isinstance(end, str) for end in ends) or ends[0] == ends[1]:
        return []
    labels = result.get("labels")
    named = [label for label in labels if isinstance(label, str) and label] if isinstance(labels, list) else []
    return [Relation(str(ends[0]), str(ends[1]), tuple(named))]
