"""Writes the labelling configuration for tasks: all controls, labels and choices that they use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from db.event_types import EventType
from db.formats.format import Data
from db.formats.label_studio.controls import CHOICE_PREFIX
from db.formats.label_studio.meta import stored_of
from db.formats.label_studio.regions import results_of
from db.formats.label_studio.texts import is_dialogue, is_text, object_key
from db.formats.shared.objects import list_at, object_at, objects_in

# By type of result: the tag of the control, and the tag of its labels.
_IMAGE_TAGS = ("RectangleLabels", "PolygonLabels", "EllipseLabels", "KeyPointLabels", "BrushLabels")
_LABEL_TAGS = ("Labels", "HyperTextLabels", "ParagraphLabels", "TimeSeriesLabels", *_IMAGE_TAGS)
_TAGS = (
    {tag.lower(): (tag, "Label") for tag in _LABEL_TAGS}
    | {tag.lower(): (tag, "Choice") for tag in ("Choices", "Taxonomy")}
    | {tag.lower(): (tag, "") for tag in ("TextArea", "Number", "Rating", "DateTime", "Pairwise")}
)
_MEDIA = {"timeserieslabels": "TimeSeries"} | {tag.lower(): "Image" for tag in _IMAGE_TAGS}
_ANNOTATED = ("predictions", "annotations", "completions")


@dataclass(slots=True)
class _Control:
    """A control, the objects it refers to, and its labels as paths, which are longer than one in a taxonomy only."""

    kind: str
    to_names: dict[str, None] = field(default_factory=dict)
    labels: dict[tuple[str, ...], None] = field(default_factory=dict)
    per_region: bool = True  # False if it is ever used for the whole task
    is_multiple: bool = False
    max_rating: float = 5


class Config:
    """The configuration for the tasks that were added."""

    def __init__(self) -> None:
        self._controls: dict[str, _Control] = {}
        self._objects: dict[str, tuple[str, str]] = {}  # by name: tag, and key of the data
        self._relations: dict[str, None] = {}

    def add_task(self, task: Data) -> None:
        """Add what a task uses."""
        data = object_at(task, "data")
        for name in _ANNOTATED:
            for owner in objects_in(task.get(name)):
                results = results_of(owner)
                region_ids = [result.get("id") for result in results if str(result.get("type")).endswith("labels")]
                for result in results:
                    self._add(result, data, isinstance(result.get("id"), str) and result["id"] in region_ids)
        if not self._objects:
            key = next((key for key, value in data.items() if is_text(value, key)), "text")
            stored_key = (stored_of(task) or {}).get("key")
            if isinstance(stored_key, str) and stored_key in data:
                key = stored_key  # the text may be empty, so that another key looks more like it
            self._objects[key] = (_object("", data.get(key)), key)

    def add_types(self, types: Iterable[EventType]) -> None:
        """Add the declared choices of fields that are written as choices, so that all of them can be chosen."""
        for event_type in types:
            for declared in event_type.fields:
                control = self._controls.get(CHOICE_PREFIX + declared.name)
                if control is not None:
                    control.labels |= {(choice,): None for choice in declared.choices}

    def lines(self) -> Iterator[str]:
        """Yield the lines of the configuration, which is XML."""
        yield "<View>"
        if self._relations:
            yield "  <Relations>"
            yield from (f"    <Relation value={_quoted(label)}/>" for label in self._relations)
            yield "  </Relations>"
        spans = {name: item for name, item in self._controls.items() if item.kind.endswith("labels")}
        for name, control in spans.items():
            yield from _control(name, control)
        for name, (tag, key) in self._objects.items():
            yield f"  <{tag} name={_quoted(name)} value={_quoted('$' + key)}/>"
        for name, control in self._controls.items():
            if name not in spans:
                yield from _control(name, control)
        yield "</View>"

    def _add(self, result: Data, data: Data, of_region: bool) -> None:
        kind = result.get("type")
        if kind == "relation":
            self._relations |= {label: None for label in list_at(result, "labels") if isinstance(label, str)}
            return
        name, to_name, value = result.get("from_name"), result.get("to_name"), result.get("value")
        if not isinstance(kind, str) or kind not in _TAGS or not isinstance(value, dict):
            return
        if not isinstance(name, str) or not isinstance(to_name, str):
            return
        control = self._controls.setdefault(name, _Control(kind))
        control.to_names[to_name] = None
        found = value.get(kind)
        if kind == "taxonomy":
            paths = [path for path in list_at(value, kind) if isinstance(path, list)]
            control.labels |= {tuple(map(str, path[:n])): None for path in paths for n in range(1, len(path) + 1)}
        elif isinstance(found, list):
            control.labels |= {(label,): None for label in found if isinstance(label, str)}
            control.is_multiple = control.is_multiple or len(found) > 1
        elif kind == "rating" and isinstance(found, int | float):
            control.max_rating = max(control.max_rating, found)
        control.per_region = control.per_region and (of_region or "start" in value)
        if to_name not in self._objects:
            key = object_key(result, data) or next((key for key, item in data.items() if is_text(item, key)), to_name)
            self._objects[to_name] = (_object(kind, data.get(key)), key)


def _object(kind: str, value: object) -> str:
    if kind in _MEDIA:
        return _MEDIA[kind]
    return "HyperText" if kind == "hypertextlabels" else "Paragraphs" if is_dialogue(value) else "Text"


def _control(name: str, control: _Control) -> Iterator[str]:
    tag, label_tag = _TAGS[control.kind]
    attributes = ' perRegion="true"' if control.per_region and not control.kind.endswith("labels") else ""
    attributes += ' choice="multiple"' if control.is_multiple and control.kind == "choices" else ""
    attributes += f' maxRating="{int(control.max_rating)}"' if control.kind == "rating" else ""
    opened = f"  <{tag} name={_quoted(name)} toName={_quoted(','.join(control.to_names))}{attributes}"
    if not label_tag:
        yield f"{opened}/>"
        return
    yield f"{opened}>"
    depth = 0
    for path in sorted(control.labels) if control.kind == "taxonomy" else control.labels:
        while depth >= len(path):
            yield f"{'  ' * (depth + 1)}</{label_tag}>"
            depth -= 1
        end = "/" if control.kind != "taxonomy" else ""
        yield f"{'  ' * (len(path) + 1)}<{label_tag} value={_quoted(path[-1])}{end}>"
        depth = len(path) if not end else 0
    yield from (f"{'  ' * (open_depth + 1)}</{label_tag}>" for open_depth in range(depth, 0, -1))
    yield f"  </{tag}>"


def _quoted(text: str) -> str:
    """Return an attribute value in quotes. Characters that XML doesn't allow become replacement characters."""
    allowed = "".join(
        c if (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff") or c in "\t\n\r" else "\ufffd"
        for c in text
    )
    return '"' + escape(allowed, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}) + '"'
