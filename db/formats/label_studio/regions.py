"""Reads the results of a prediction or annotation as regions of the text and relations between them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from db.formats.format import Data, OffsetUnit
from db.formats.label_studio.controls import LEVEL_SEPARATOR
from db.formats.label_studio.texts import TaskText, object_key
from db.formats.shared.annotated_text import EXTRA_KEY
from db.formats.shared.objects import is_number, list_at, object_at, objects_in
from db.formats.shared.spans.placing import RawSpan, place_spans

MARK = "label_studio"  # the key of a document, event or field under which its Label Studio side is kept
TRIGGER = "trigger"
ALSO = "also"  # the label of a relation to another region with evidence for the same value
_ORIGIN_KEYS = ("id", "label", "from_name", "to_name", "type")
_ATTRIBUTE_TYPES = ("choices", "textarea", "number", "rating", "datetime", "taxonomy", "pairwise")


@dataclass(slots=True)
class Region:
    """The results of one id: a labelled span with its attributes, or attributes of the whole task.

    result: the result with the labels, or else the first.
    attributes: name, value and result of each choice, text or number about the region.
    stored: what eventdesk stored in the region when it exported it.
    """

    id: str
    result: Data = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    raw: RawSpan | None = None
    in_code_points: bool = False  # True if the raw span counts code points already
    span: tuple[int, int] | None = None
    attributes: list[tuple[str, Any, Data]] = field(default_factory=list)
    score: float | None = None
    stored: Data = field(default_factory=dict)

    @property
    def is_span(self) -> bool:
        """True for a span of the text, False for attributes of the whole task."""
        return self.raw is not None


class Relation(NamedTuple):
    """A relation from one region to another."""

    source: str
    target: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions by id, relations by source, notes for the user, and the number of results that aren't about the text."""

    by_id: dict[str, Region]
    relations: dict[str, list[Relation]]
    notes: tuple[str, ...]
    unread: int


def regions_of(results: Iterable[Data], data: Data, text: TaskText, unit: OffsetUnit | None) -> Regions:
    """Return the regions of results about ``text``, with their spans in code points."""
    regions: dict[str, Region] = {}
    relations: list[Relation] = []
    unread = 0
    for number, result in enumerate(results):
        if result.get("type") == "relation":
            relations += _relation(result)
        elif not _add(regions, result, number, data, text):
            unread += 1
    notes = _place(regions, text, unit)
    by_source: dict[str, list[Relation]] = {}
    for relation in relations:
        if relation.source in regions and relation.target in regions:
            by_source.setdefault(relation.source, []).append(relation)
    return Regions(regions, by_source, notes, unread)


def results_of(owner: Data) -> list[Data]:
    """Return the results of a prediction or an annotation."""
    return objects_in(owner.get("result"))


def origin_of(item: Data) -> Data:
    """Return the region that a field or an event was read from, without invalid values; empty if there is none."""
    found = object_at(item, MARK)
    texts = {key: found[key] for key in _ORIGIN_KEYS if isinstance(found.get(key), str)}
    numbers = {key: found[key] for key in ("field", "event") if type(found.get(key)) is int}
    also = found.get("also")
    ids = {"also": [id_ for id_ in also if isinstance(id_, str)]} if isinstance(also, list) else {}
    return texts | numbers | ids


def _add(regions: dict[str, Region], result: Data, number: int, data: Data, text: TaskText) -> bool:
    """Add a result to its region. Return False if it isn't about the text."""
    kind, value = result.get("type"), result.get("value")
    if not isinstance(value, dict) or not isinstance(kind, str):
        return False
    attributes = _attribute_values(kind, value) if kind in _ATTRIBUTE_TYPES else None
    key = object_key(result, data)
    has_span = "start" in value or "end" in value
    labels = [] if attributes is not None else _labels(kind, value)
    if attributes is None and not (has_span and labels is not None and _is_about_text(value, key, text)):
        return False
    given = result.get("id")
    id_ = str(given) if type(given) is int or (isinstance(given, str) and given) else f"#{number}"
    region = regions.setdefault(id_, Region(id_))
    if attributes is not None:
        name = result.get("from_name")
        named = name if isinstance(name, str) and name.strip() else kind
        region.attributes += [(named, item, result) for item in attributes]
        region.result = region.result or result
    else:
        region.labels += labels or []
        region.result = result
    if has_span and (region.raw is None or attributes is None) and (key is None or key == text.key):
        region.raw, region.in_code_points = _raw_span(value, text)
    if region.score is None and is_number(result.get("score")):
        region.score = float(result["score"])
    region.stored = region.stored or object_at(object_at(result, "meta"), EXTRA_KEY)
    return True


def _is_about_text(value: Data, key: str | None, text: TaskText) -> bool:
    if key is not None:
        return key == text.key
    # Fractions are seconds of audio or video.
    return not any(isinstance(value.get(end), float) and value[end] % 1 for end in ("start", "end"))


def _labels(kind: str, value: Data) -> list[str] | None:
    found = value.get(kind)
    if found is None:
        found = next((item for key, item in value.items() if key.endswith("labels")), [])
    return [label for label in found if isinstance(label, str) and label.strip()] if isinstance(found, list) else None


def _attribute_values(kind: str, value: Data) -> list[Any] | None:
    found = value.get({"textarea": "text", "pairwise": "selected"}.get(kind, kind))
    if kind in ("number", "rating"):
        return [found] if is_number(found) else None
    items = found if isinstance(found, list) else [found]
    if kind == "taxonomy":
        items = [LEVEL_SEPARATOR.join(map(str, path)) if isinstance(path, list) else path for path in items]
    return [item for item in items if isinstance(item, str)] or None


def _raw_span(value: Data, text: TaskText) -> tuple[RawSpan, bool]:
    quote = value.get("text")
    quote = quote if isinstance(quote, str) and quote else None
    if quote is not None and "\\n" in quote and "\\n" not in text.text:
        quote = quote.replace("\\n", "\n")  # older versions escape line ends
    overall = object_at(value, "globalOffsets")
    start, end = overall.get("start"), overall.get("end")
    if type(start) is int and type(end) is int:
        return RawSpan(start, end, quote), False
    if text.nodes:
        first = text.position_in(value.get("start"), value.get("startOffset"))
        last = text.position_in(value.get("end"), value.get("endOffset"))
        if first is not None and last is not None:
            return RawSpan(first, last, quote), True
    return RawSpan(_offset(value.get("start")), _offset(value.get("end")), quote), False


def _offset(value: object) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        return int(value)
    return int(value) if is_number(value) else -1


def _place(regions: dict[str, Region], text: TaskText, unit: OffsetUnit | None) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    for in_code_points in (False, True):
        alike = [region for region in regions.values() if region.in_code_points == in_code_points]
        chosen = [(region, region.raw) for region in alike if region.raw is not None]
        # Label Studio counts UTF-16 units, but a model may count anything, which only its quotes reveal.
        detected: OffsetUnit | None = None if any(raw.quote for _, raw in chosen) else "utf16"
        chosen_unit: OffsetUnit | None = "code_points" if in_code_points else unit or detected
        placed = place_spans(text.text, [raw for _, raw in chosen], chosen_unit)
        for (region, _), span in zip(chosen, placed.spans, strict=True):
            region.span = span
        notes += placed.notes
    return notes


def _relation(result: Data) -> list[Relation]:
    ends = (result.get("from_id"), result.get("to_id"))
    if result.get("direction") == "left":
        ends = (ends[1], ends[0])
    if not all(isinstance(end, str) for end in ends) or ends[0] == ends[1]:
        return []
    named = [label for label in list_at(result, "labels") if isinstance(label, str) and label]
    return [Relation(str(ends[0]), str(ends[1]), tuple(named))]
