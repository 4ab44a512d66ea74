"""What came of an act of the reviewer, and what other processes did meanwhile."""

from dataclasses import dataclass
from enum import Enum, auto

from db.model import Change


@dataclass(frozen=True, slots=True)
class Saved:
    """A decision that is on disk, now or since earlier. ``resized``: the queue has another number of events."""

    change: Change
    resized: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was saved; ``why`` tells the reviewer. ``reread``: what is shown was read again."""

    why: str
    reread: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Someone else decided first: their decision and the one that was refused, in words. All was read again."""

    theirs: str
    mine: str


Outcome = Saved | Refused | Conflict


class Step(Enum):
    """How far the session got towards the next pending event."""

    MOVED = auto()
    NONE_LEFT = auto()
    SEARCHING = auto()
    """The next one is known once the query has found all events."""


class News(Enum):
    """What others wrote to the file."""

    NOTHING = auto()
    DECISIONS = auto()
    """Decisions or imports."""
    RESTORED = auto()
    """Another state of the file: it was restored or repaired."""
