"""Matches extracted events with gold events, and their groups with each other."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from db.model import Event, Field, Value

Fact = tuple[str, str | None, Value]
"""A gold field: name, group, value."""


def facts(event: dict[str, Any]) -> list[Fact]:
    """Return the fields of an event in the native form."""
    return [(item["name"], item.get("group"), item["value"]) for item in event["fields"]]


def comparable(event: dict[str, Any]) -> str:
    """Return the type and the fields by group, without the order of fields and the numbers of groups."""
    groups: dict[str | None, list[tuple[str, str]]] = {}
    for name, group, value in facts(event):
        groups.setdefault(group, []).append((name, repr(value)))
    fields = [(group.partition(":")[0] if group else "", sorted(items)) for group, items in groups.items()]
    return repr((event["type"], sorted(fields)))


def alike(some: Iterable[Fact], others: Iterable[Fact]) -> int:
    """Count the names and values that both have."""

    def plain(items: Iterable[Fact]) -> Counter[tuple[str, str]]:
        return Counter((name, repr(value)) for name, _, value in items)

    return (plain(some) & plain(others)).total()


def _of(event: Event) -> list[Fact]:
    return [(field.name, field.group, field.value) for field in event.live_fields]


def matched_events(
    extracted: Sequence[Event], gold: Sequence[dict[str, Any]]
) -> list[tuple[Event, dict[str, Any] | None]]:
    """Pair each extracted event with the most similar gold event, or with None if it should be rejected."""
    pairs = sorted(
        (
            (-alike(_of(event), facts(right)), event.type != right["type"], n, m)
            for n, event in enumerate(extracted)
            for m, right in enumerate(gold)
        ),
    )
    chosen: dict[int, int] = {}
    for likeness, _, n, m in pairs:
        if likeness and n not in chosen and m not in chosen.values():
            chosen[n] = m
    return [(event, gold[chosen[n]] if n in chosen else None) for n, event in enumerate(extracted)]


def matched_groups(fields: Sequence[Field], wanted: Sequence[Fact]) -> dict[str, str | None]:
    """Return the gold group of each group to keep, the most similar first. Fields without a group match too."""
    pairs = []
    ours = list(dict.fromkeys(field.group for field in fields if field.group))
    theirs = list(dict.fromkeys(group for _, group, _ in wanted if group))
    for group in ours:
        for other in theirs:
            if group.partition(":")[0] == other.partition(":")[0]:
                mine = [(f.name, None, f.value) for f in fields if f.group == group]
                right = [(name, None, value) for name, its, value in wanted if its == other]
                pairs.append((-alike(mine, right), group, other))
    matched: dict[str, str | None] = {"": None}
    for likeness, group, other in sorted(pairs):
        if likeness and group not in matched and other not in matched.values():
            matched[group] = other
    return matched
