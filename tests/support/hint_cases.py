"""The cases of the hint letters: a text, and what must or must not be offered for a value in it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.suggest.candidates import candidates

FILE = Path(__file__).parents[1] / "db" / "suggest" / "hint_cases.jsonl"


@dataclass(frozen=True, slots=True)
class HintCase:
    """One line of the file. ``absent``: nothing that overlaps the quote may be offered."""

    text: str
    language: str
    kind: str
    quote: str
    value: Any = None
    modifier: str | None = None
    published: str | None = None
    absent: bool = False

    def passes(self) -> bool:
        """Return True if the right value is offered for the quote, or nothing if nothing may be."""
        found = candidates(self.kind, self.text, self.published, self.language)  # type: ignore[arg-type]
        start = self.text.index(self.quote)
        end = start + len(self.quote)
        if self.absent:
            return not any(item.span.start < end and start < item.span.end for item in found)
        return any(
            self.text[item.span.start : item.span.end] == self.quote
            and (item.value, item.modifier) == (self.value, self.modifier)
            for item in found
        )


def hint_cases() -> Iterator[HintCase]:
    """Yield the cases."""
    with FILE.open(encoding="utf-8") as lines:
        for line in lines:
            yield HintCase(**json.loads(line))


def outcome() -> tuple[Counter[tuple[str, str]], list[HintCase]]:
    """Return how many cases each language and kind has, and those that fail."""
    cases = list(hint_cases())
    return Counter((case.language, case.kind) for case in cases), [case for case in cases if not case.passes()]
