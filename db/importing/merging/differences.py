"""Decisions of an import that differ from those of the file: what each side says, and which one is used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple, TypeAlias

from db.model import Json, Value
from db.native import Author

About = Literal["event", "type", "status", "note", "value", "evidence", "field note", "duplicate of"]


class Decided(NamedTuple):
    """What one side decided; ``value`` is None if it decided against a value, or never saw it."""

    value: Value
    modifier: str | None
    author: Author


@dataclass(frozen=True, slots=True)
class Difference:
    """Two decisions about one thing. ``used`` is the side that holds after the import.

    must_keep: the imported decision can't be used, because the values that it is about aren't used.
    document, event: their ids in the source. field, group: None if the difference is about the event.
    """

    document: str
    event: str
    extractor: str
    about: About
    field: str | None
    group: str | None
    file: Decided
    imported: Decided
    used: Literal["file", "imported"] = "file"
    must_keep: bool = False

    @property
    def place(self) -> tuple[str, ...]:
        """What the difference is about, to recognise it in a second reading of the same file."""
        value = repr((self.imported.value, self.imported.modifier))
        return self.document, self.event, self.extractor, self.about, self.field or "", self.group or "", value

    def json(self) -> Json:
        """Return the difference as a JSON object without empty keys; its keys are documented."""
        data: Json = {"document": self.document, "event": self.event, "extractor": self.extractor, "what": "decision"}
        data |= {"about": self.about}
        data |= {key: value for key in ("field", "group") if (value := getattr(self, key)) is not None}
        for side, decided in (("file", self.file), ("imported", self.imported)):
            data[side] = decided.value
            if decided.modifier:
                data[f"{side}_modifier"] = decided.modifier
            for key, value in decided.author._asdict().items():
                if value is not None:
                    data[f"{side}_{key}"] = value
        return data | {"used": self.used}


Choose: TypeAlias = Callable[[Difference], bool]
"""Returns True if the imported decision replaces the file's."""


def keep(_: Difference) -> bool:
    """Keep the file's decision."""
    return False


def newest(difference: Difference) -> bool:
    """Use the imported decision if it is the newer one. A decision without a time is not newer."""
    ours, theirs = (moment(side.author.decided_at) for side in (difference.file, difference.imported))
    return ours is not None and theirs is not None and theirs > ours


def moment(time: str | None) -> datetime | None:
    """Return a time of a decision to compare; None if it can't be read. One without a zone is UTC."""
    try:
        read = datetime.fromisoformat(time or "")
    except ValueError:
        return None
    return read.replace(tzinfo=read.tzinfo or UTC)
