"""The two sides of a field and of an event as an export has them: what a person left there, and the machine's."""

from typing import Any, NamedTuple


class Side(NamedTuple):
    """A field as one side has it. ``spans`` are pairs of offsets in code points."""

    name: str
    group: str | None
    value: Any
    modifier: str | None
    spans: tuple[tuple[int, int], ...]


def reviewed_side(field: dict[str, Any]) -> Side | None:
    """A field as it stands; None where a person removed it."""
    if field.get("state") == "removed":
        return None
    return _as_it_stands(field)


def machine_side(field: dict[str, Any]) -> Side | None:
    """A field as the machine extracted it; None where a person added it."""
    if field.get("state") == "added":
        return None
    stands = _as_it_stands(field)
    return Side(
        field.get("extracted_name", stands.name),
        field.get("extracted_group", stands.group) or None,
        field.get("extracted", stands.value),
        field.get("extracted_modifier", stands.modifier),
        _spans(field["extracted_spans"]) if "extracted_spans" in field else stands.spans,
    )


def machine_type(event: dict[str, Any]) -> str | None:
    """The type of an event as the machine extracted it; None where a person made the event."""
    if event.get("added") is True:
        return None
    extracted: str = event.get("extracted_type", event["type"])
    return extracted


def source_of(document: dict[str, Any]) -> str:
    """What the spans of a document count in: its text, or its title where there is no more than that."""
    text = document.get("text")
    return text if isinstance(text, str) else document.get("title") or ""


def quote(source: str, spans: tuple[tuple[int, int], ...]) -> str | None:
    """What stands at the spans, those that are apart joined by an ellipsis; None where there are none."""
    return " … ".join(source[start:end] for start, end in spans) if spans else None


def _as_it_stands(field: dict[str, Any]) -> Side:
    return Side(
        field["name"], field.get("group") or None, field["value"], field.get("modifier"), _spans(field.get("spans"))
    )


def _spans(pairs: Any) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in pairs or ())
