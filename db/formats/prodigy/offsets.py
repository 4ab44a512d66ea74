"""Converts the spans and tokens of a task to code points, in which Prodigy itself counts."""

from typing import Any

from db.formats.format import Data, OffsetUnit
from db.formats.shared.objects import objects_in, without
from db.formats.shared.spans.placing import RawSpan, place_spans

TOKEN_NUMBERS = ("token_start", "token_end")  # keys of a span


def in_code_points(task: Data, text: str, unit: OffsetUnit | None) -> tuple[Data, tuple[str, ...]]:
    """Return a task with spans in code points, and notes. Spans that can't be placed stay as they are."""
    tokens = objects_in(task.get("tokens"))
    spans = [span for span in spans_of(task) if has_offsets(span)]
    placed = place_spans(text, [RawSpan(span["start"], span["end"], _quote(span, tokens)) for span in spans], unit)
    moved = {
        id(span): span | {"start": found[0], "end": found[1]}
        for span, found in zip(spans, placed.spans, strict=True)
        if found is not None and found != (span["start"], span["end"])
    }
    if not moved:
        return task, placed.notes
    task = dict(task)
    if tokens:
        task["tokens"] = _moved_tokens(task["tokens"], text, placed.unit)
        if placed.unit == "code_points":
            moved = {key: without(span, *TOKEN_NUMBERS) for key, span in moved.items()}
    if isinstance(task.get("spans"), list):
        task["spans"] = [moved.get(id(span), span) for span in task["spans"]]
    if isinstance(task.get("relations"), list):
        task["relations"] = [
            {key: moved.get(id(value), value) for key, value in item.items()} if isinstance(item, dict) else item
            for item in task["relations"]
        ]
    return task, placed.notes


def has_offsets(item: object) -> bool:
    """Return True if a span or token has integer offsets, which may lie outside the text."""
    return isinstance(item, dict) and type(item.get("start")) is type(item.get("end")) is int


def spans_of(task: Data) -> list[Data]:
    """Return the spans of a task, and those of the ends of its relations."""
    ends = [item.get(key) for item in objects_in(task.get("relations")) for key in ("head_span", "child_span")]
    return objects_in(task.get("spans")) + objects_in(ends)


def _quote(span: Data, tokens: list[Data]) -> str | None:
    """Return the text of a span as the task gives it: its own, or that of its only token."""
    text = span.get("text")
    if isinstance(text, str):
        return text
    first = span.get("token_start")
    if type(first) is int and first == span.get("token_end") and 0 <= first < len(tokens):
        start, end, text = map(tokens[first].get, ("start", "end", "text"))
        if (start, end) == (span["start"], span["end"]) and isinstance(text, str):
            return text
    return None


def _moved_tokens(tokens: list[Any], text: str, unit: OffsetUnit) -> list[Any]:
    if unit == "code_points":
        return tokens
    placeable = [token for token in objects_in(tokens) if has_offsets(token)]
    spans = place_spans(text, [RawSpan(token["start"], token["end"]) for token in placeable], unit).spans
    moved = {
        id(token): token | {"start": span[0], "end": span[1]}
        for token, span in zip(placeable, spans, strict=True)
        if span
    }
    return [moved.get(id(token), token) for token in tokens]
