"""Writes generated events in the native format."""

import json
from typing import Any, TextIO

from bench.filling import pool_size
from bench.pool import make_pool
from bench.stories import Drawn, Story, stories


def write_lines(stream: TextIO, events: int, seed: int) -> None:
    """Write as many events, a document a line: those that ``fill`` puts into a file."""
    for story in stories(make_pool(pool_size(events), seed), events, seed):
        stream.write(json.dumps(_document(story), ensure_ascii=False) + "\n")


def _document(story: Story) -> dict[str, Any]:
    return {
        "id": story.external_id,
        "title": story.title,
        "publisher": story.publisher,
        "url": story.url,
        "published": story.published,
        "language": story.language,
        "text": story.text,
        "events": [_event(f"{story.external_id}/{number}", one) for number, one in enumerate(story.events, 1)],
    }


def _event(id_: str, drawn: Drawn) -> dict[str, Any]:
    fields = []
    for position, item in enumerate(drawn.pool.fields):
        one: dict[str, Any] = {"name": item.name, "value": item.value if position else drawn.date}
        if item.group:
            one["group"] = item.group
        if item.modifier:
            one["modifier"] = item.modifier
        if not position:
            one["spans"] = [[drawn.date_at, drawn.date_end]]
        elif item.start is not None and item.end is not None:
            base = drawn.after_at if item.after_date else drawn.before_at
            one["spans"] = [[base + item.start, base + item.end]]
        one["confidence"] = max(20, drawn.thousandths - item.doubt) / 1000
        if item.extra:
            one |= json.loads(item.extra)
        fields.append(one)
    return {
        "id": id_,
        "type": drawn.pool.type,
        "extractor": drawn.extractor,
        "confidence": drawn.thousandths / 1000,
        "fields": fields,
    }
