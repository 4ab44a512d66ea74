"""The unit in which a whole file counts its offsets: what one of its texts proves holds for the others.

Many texts read the same in several units, since the few characters that differ come late in them, or because no span
lies outside the text. So a file is read once before its import, and each call of ``place_spans`` is observed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from db.formats.format import OffsetUnit
from db.formats.shared.spans.offsets import UNITS, OffsetMap, differing_units

UNIT_NAMES: dict[OffsetUnit, str] = {"code_points": "characters", "utf16": "UTF-16 units", "bytes": "bytes"}
_PLAIN = UNITS[0]
_ENOUGH = 10  # spans that differ between units, from which the edges of words alone are a proof
_MOST_AT_EDGES, _FEW_AT_EDGES = 0.95, 0.6


@dataclass(slots=True)
class FileUnits:
    """What the texts of a file say about the unit of its offsets.

    position: that of the text read now. against: how many texts rule out a unit, with the first one for each unit.
    edges: of the spans that differ between units, how many begin and end at the edges of words.
    """

    position: int = 0
    against: Counter[OffsetUnit] = field(default_factory=Counter)
    first_against: dict[OffsetUnit, int] = field(default_factory=dict)
    differing: int = 0
    edges: Counter[OffsetUnit] = field(default_factory=Counter)

    def observe(self, text: str, raw: Sequence[tuple[int, int, str | None]]) -> None:
        """Add a text with its spans, each with the text that the file gives for it, if any."""
        units = differing_units(text)
        if len(units) == 1 or not raw:
            return
        spans: dict[OffsetUnit, list[tuple[int, int] | None]] = {}
        for unit in UNITS:
            offsets = OffsetMap(text, unit if unit in units else _PLAIN)
            spans[unit] = [offsets.span(start, end) for start, end, _ in raw]
        self._rule_out(text, raw, spans)
        for number in range(len(raw)):
            places = [spans[unit][number] for unit in UNITS]
            if places.count(places[0]) == len(UNITS):
                continue
            self.differing += 1
            for unit, place in zip(UNITS, places, strict=True):
                self.edges[unit] += place is not None and _at_edges(text, *place)

    def _rule_out(
        self,
        text: str,
        raw: Sequence[tuple[int, int, str | None]],
        spans: dict[OffsetUnit, list[tuple[int, int] | None]],
    ) -> None:
        quoted = any(quote for _, _, quote in raw)
        score: dict[OffsetUnit, int] = {}
        for unit, placed in spans.items():
            pairs = [(item, place) for item, place in zip(raw, placed, strict=True) if item[0] < item[1]]
            score[unit] = sum(
                place is not None and (not quoted or text[place[0] : place[1]] == item[2]) for item, place in pairs
            )
            if not quoted and score[unit] < len(pairs):
                score[unit] = -1  # some lie outside the text or cut a character
        best = max(score.values())
        if best <= 0:
            return
        for unit in UNITS:
            if score[unit] < best:
                self.against[unit] += 1
                self.first_against.setdefault(unit, self.position)

    def decision(self) -> tuple[OffsetUnit | None, str]:
        """Return the unit of the file, None for characters or if each text decides for itself; and a note."""
        ruled_out = self.against[_PLAIN] > 0
        possible = [unit for unit in UNITS[1:] if not self.against[unit] and self.edges[unit] >= self.edges[_PLAIN]]
        if ruled_out and possible:
            return possible[0], (
                f"all offsets are read as {UNIT_NAMES[possible[0]]}, which item {self.first_against[_PLAIN]} proves:"
                " counted in characters its spans lie elsewhere; --offsets sets the unit"
            )
        if ruled_out:
            return None, (
                f"item {self.first_against[_PLAIN]} does not count its offsets in characters, but other items do;"
                " each is read on its own, and others may be shifted: set the unit with --offsets"
            )
        if self.differing >= _ENOUGH and self.edges[_PLAIN] < _FEW_AT_EDGES * self.differing:
            for unit in UNITS[1:]:
                if not self.against[unit] and self.edges[unit] >= _MOST_AT_EDGES * self.differing:
                    return unit, (
                        f"all offsets are read as {UNIT_NAMES[unit]}: {self.edges[unit]:,} of {self.differing:,} spans"
                        f" are whole words then, but {self.edges[_PLAIN]:,} counted in characters; --offsets sets the"
                        " unit"
                    )
        return None, ""


def _at_edges(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return (
        not (before.isalnum() and text[start].isalnum())
        and not (after.isalnum() and text[end - 1].isalnum())
        and not text[start].isspace()
        and not text[end - 1].isspace()
    )
