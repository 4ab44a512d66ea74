"""The plan that is being made, with undo and redo. A table that is no database's is a plan of that table alone."""

from dataclasses import dataclass, replace

from db.formats.tables.mapping.mapping import Mapping
from db.sources.plan import EventTable, Plan

Step = tuple[str, Plan, int]
"""What a change was, with the plan and the table shown before it, or after it if it was undone."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan with its history. ``first`` is the plan at the start; ``shown`` is the number of the table shown."""

    first: Plan
    plan: Plan
    shown: int = 0
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    @classmethod
    def of(cls, made: Mapping | Plan) -> "Draft":
        """Return a draft without changes."""
        plan = made if isinstance(made, Plan) else Plan((EventTable("", (), made),))
        return cls(plan, plan)

    @property
    def table(self) -> EventTable:
        """The table shown."""
        return self.plan.events[self.shown]

    @property
    def mapping(self) -> Mapping:
        """The mapping of the table shown."""
        return self.table.mapping

    @property
    def initial(self) -> Mapping:
        """The mapping that the table shown had at the start, if it was in the plan."""
        same = (item.mapping for item in self.first.events if (item.table, item.each) == _name(self.table))
        return next(same, self.mapping)

    def changed(self, mapping: Mapping, words: str) -> "Draft":
        """Return the draft after a change of the mapping, or itself if nothing is different."""
        return self.with_table(replace(self.table, mapping=mapping), words)

    def with_table(self, table: EventTable, words: str) -> "Draft":
        """Return the draft after a change of the table shown, or itself if nothing is different."""
        tables = (*self.plan.events[: self.shown], table, *self.plan.events[self.shown + 1 :])
        return self.with_plan(replace(self.plan, events=tables), words)

    def with_plan(self, plan: Plan, words: str) -> "Draft":
        """Return the draft after a change of the plan, or itself if nothing is different. It shows the same table."""
        if plan == self.plan:
            return self
        same = (number for number, item in enumerate(plan.events) if _name(item) == _name(self.table))
        shown = next(same, min(self.shown, len(plan.events) - 1))
        return replace(self, plan=plan, shown=shown, past=(*self.past, (words, self.plan, self.shown)), future=())

    def showing(self, number: int) -> "Draft":
        """Return the draft with another table shown, counted around."""
        return replace(self, shown=number % len(self.plan.events))

    def undone(self) -> "Draft":
        """Return the draft without its last change, or itself if there is none."""
        if not self.past:
            return self
        *past, (words, plan, shown) = self.past
        future = (*self.future, (words, self.plan, self.shown))
        return replace(self, plan=plan, shown=shown, past=tuple(past), future=future)

    def redone(self) -> "Draft":
        """Return the draft with the last undone change, or itself if there is none."""
        if not self.future:
            return self
        *future, (words, plan, shown) = self.future
        return replace(
            self, plan=plan, shown=shown, past=(*self.past, (words, self.plan, self.shown)), future=tuple(future)
        )


def _name(table: EventTable) -> tuple[str, str | None]:
    return table.table, table.each
