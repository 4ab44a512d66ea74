"""Tags of tokens, such as ``B-PER``, ``I-PER`` and ``O``, as labelled spans of tokens."""

import re
from collections.abc import Iterator
from typing import Any

TAG_KEYS = ("ner_tags", "tags", "ner", "labels", "bio", "iob", "bio_tags", "iob_tags", "ner_labels", "label")
_TAG = re.compile(r"O|[BILUESM]-(\S.*)")
_BEGINS = frozenset("BUS")
_ENDS = frozenset("LEUS")


def flat_tags(lists: list[Any]) -> list[str] | None:
    """Return the tags of all sentences in one list; None if there is anything else."""
    tags: list[str] = []
    for item in lists:
        if isinstance(item, list):
            inner = flat_tags(item)
            if inner is None:
                return None
            tags += inner
        elif isinstance(item, str) and _TAG.fullmatch(item):
            tags.append(item)
        else:
            return None
    return tags


def tagged_spans(tags: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the tokens ``[start, end)`` and the label of each run of tags, in any of BIO, IOB, BILOU and BIOES."""
    start, label = 0, ""
    for number, tag in enumerate([*tags, "O"]):
        kind, _, name = tag.partition("-")
        if label and (kind in _BEGINS or name != label):
            yield start, number, label
            label = ""
        if name and not label:
            start, label = number, name
        if label and kind in _ENDS:
            yield start, number + 1, label
            label = ""
