"""What was measured: times with median and 95th percentile, beside a floor, a limit and what others take."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sample:
    """Some measurements of one thing, in one unit."""

    values: tuple[float, ...]
    unit: str = "ms"

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def high(self) -> float:
        """The 95th percentile; of fewer than twenty the highest."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]

    def __str__(self) -> str:
        return f"{amount(self.median)} {self.unit}"


def sample(values: Iterable[float], unit: str = "ms") -> Sample:
    """Measurements as a sample."""
    return Sample(tuple(values), unit)


@dataclass(frozen=True, slots=True)
class Limit:
    """What DESIGN.md allows: of the median, of the 95th percentile, and of the ratio to the floor."""

    median: float | None = None
    high: float | None = None
    ratio: float | None = None
    at_least: bool = False  # the ratio must be as high; else each must be as low

    def met(self, measured: Sample, floor: Sample | None) -> bool | None:
        """Return True if all of it holds; None if its floor was not measured."""
        if self.ratio is not None:
            if floor is None:
                return None
            ratio = measured.median / floor.median
            if not (ratio >= self.ratio if self.at_least else ratio <= self.ratio):
                return False
        holds = self.median is None or measured.median <= self.median
        return holds and (self.high is None or measured.high <= self.high)

    def words(self, unit: str) -> str:
        """Return the limit as the table shows it."""
        parts = [f"{amount(self.median)} {unit}"] if self.median is not None else []
        parts += [f"p95 {amount(self.high)} {unit}"] if self.high is not None else []
        parts += [f"{'at least ' if self.at_least else ''}{self.ratio:g}× floor"] if self.ratio is not None else []
        return ", ".join(parts)


@dataclass(slots=True)
class Figure:
    """One row of the table. ``peers``: what others take, by their names, with a unit."""

    name: str
    measured: Sample
    floor: Sample | None = None
    floor_of: str = ""
    limit: Limit | None = None
    peers: dict[str, Sample] = field(default_factory=dict)


def amount(number: float) -> str:
    """A number with three digits that tell something."""
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"
