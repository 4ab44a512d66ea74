"""What a publication wrote, or would write."""

from collections import Counter
from dataclasses import dataclass, field

SHOWN = 20  # changes and problems that are listed one by one


@dataclass(slots=True)
class PublishReport:
    """What a publication wrote, or would write. ``changes`` and ``problems`` hold the first ``SHOWN`` lines each.

    cells: changed cells by table and column. rows: rows written by table. removed: rows deleted by table. A table is
    that of a database, or the name of a file.
    problems: what could not be published, one line each. notes: what else users should know. backup: the copy of the
    file that was kept.
    """

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    changes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0
    notes: list[str] = field(default_factory=list)
    backup: str | None = None

    def add_change(self, table: str, where: str, column: str, old: str, new: str) -> None:
        """Count a changed cell, and list it if it is one of the first."""
        self.cells[table, column] += 1
        if len(self.changes) < SHOWN:
            self.changes.append(f"{where}: {column} {old} → {new}")

    def add_problem(self, problem: str) -> None:
        """Count what could not be published, and list it if it is one of the first."""
        self.problem_count += 1
        if len(self.problems) < SHOWN:
            self.problems.append(problem)

    @property
    def has_changes(self) -> bool:
        """True if anything was, or would be, written."""
        return bool(self.rows or self.removed)
