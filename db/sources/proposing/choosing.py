"""Other choices than the proposed ones: which tables hold events, where their texts are, and what joins them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from db.errors import InputError
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import EventTable, Joined, Link, Plan
from db.sources.proposing.events import draft_of, is_payload, judge
from db.sources.proposing.findings import Findings
from db.sources.proposing.matching import matches, some_values
from db.sources.proposing.propose import event_table_of, findings_of
from db.sources.proposing.routes import Route, measured, routes, texts_of
from db.sources.proposing.vocabulary import stems

_LEAST_VALUES = 40  # to compare columns by
_KEYS = [(word,) for word in "id key ref nr no num number rowid".split()]


@dataclass(frozen=True, slots=True)
class TableChoice:
    """A table that may hold events: ``chosen`` if the plan reads it so; ``about``: what it is otherwise."""

    name: str
    rows: int
    chosen: bool
    about: str


class Choices:
    """What can be chosen in a database; what was found in it is worked out once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._findings: Findings | None = None

    @property
    def findings(self) -> Findings:
        """What is known about the tables."""
        if self._findings is None:
            self._findings = findings_of(self._database)
        return self._findings

    def tables(self, plan: Plan) -> list[TableChoice]:
        """Return the tables and views, those of the plan first."""
        names = {table.table for table in plan.events}
        found = [
            TableChoice(table.name, table.size, table.name in names, plan.ignored.get(table.name, ""))
            for table in self._database.catalogue.tables
            if table.kind != "shadow"
        ]
        return sorted(found, key=lambda choice: not choice.chosen)

    def texts(self, name: str) -> list[Route]:
        """Return the texts that can be those of a table's events: in other tables, then in the row itself."""
        table = self._table(name)
        payload = self._payload(table)
        found = [
            measured(self._database, table, payload, Route(text, link, reason))
            for link, end, reason in routes(self.findings, table)
            for text in texts_of(self.findings, end)
        ]
        found += [
            measured(
                self._database, table, [one for one in payload if one != text.column], Route(text, None, text.reason)
            )
            for text in texts_of(self.findings, name)
        ]
        reached = {route.text.table.name for route in found}
        for other in self.findings.texts:
            if other not in reached and (links := self.links(name, other)):
                found += [replace(links[0], text=text) for text in texts_of(self.findings, other)]
        different: dict[tuple[str, str], Route] = {}
        for route in found:
            different.setdefault((route.text.table.name, route.text.column), route)
        return list(different.values())

    def links(self, name: str, text_table: str) -> list[Route]:
        """Return the ways from a table to the texts of another one, those by which most rows have a text first."""
        table, other = self._table(name), self._table(text_table)
        text = self.findings.texts.get(text_table)
        if text is None or table is other:
            return []
        known = {link: reason for link, end, reason in routes(self.findings, table) if end == text_table}
        for one in self.findings.from_table(name):
            if one.link.end == text_table:
                known.setdefault(one.link, one.reason)
        for link, reason in self._by_values(table, other):
            known.setdefault(link, reason)
        payload = self._payload(table)
        found = [measured(self._database, table, payload, Route(text, link, reason)) for link, reason in known.items()]
        return sorted(found, key=lambda route: -route.rows)

    def event_table(self, name: str, route: Route | None, *, best: bool = False) -> EventTable:
        """Return a table as one of events, with its text at the end of a route, or without a text.

        ``best``: choose the route as a proposal does. Raises InputError if the table can't be read.
        """
        table = self._table(name)

        def choose(database: Database, findings: Findings) -> None:
            for known in (findings.ignored, findings.part_of):
                known.pop(name, None)
            judged = judge(database, findings, table)
            findings.events[name] = draft_of(judged if best else judged._replace(route=route))
            findings.events[name].reasons["events"] = "; ".join(judged.reasons) or "your choice"

        findings = findings_of(self._database, choose)
        return event_table_of(self._database, findings, findings.events[name])

    def _by_values(self, table: TableInfo, other: TableInfo) -> Iterator[tuple[Link, str]]:
        """Yield the links by columns whose values are in a column of another table."""
        for own in table.names:
            values = some_values(table, (own,), _LEAST_VALUES)
            if all(isinstance(value, int | float) for (value,) in values) and stems(own)[-1:] not in _KEYS:
                continue  # counts are among the keys of any table
            for to in other.names if values else ():
                if not other.is_unique((to,)) and to not in other.indexed and own.lower() != to.lower():
                    continue
                number = matches(self._database, values, other.name, (to,))
                if number:
                    reason = f"{number} of {len(values)} values of {own} are in {other.name}.{to}"
                    yield Link((own,), other.name, (to,)), reason

    def _payload(self, table: TableInfo) -> list[str]:
        linked = {column for link in self.findings.from_table(table.name) for column in link.link.columns}
        return [name for name in table.names if is_payload(table, name) and name not in linked]

    def _table(self, name: str) -> TableInfo:
        if (table := self._database.catalogue.named(name)) is None:
            raise InputError(f"{self._database.path}: has no table {name}")
        return table


def with_table(plan: Plan, added: EventTable) -> Plan:
    """Return a plan with one more table of events, whose ids differ from those of the others."""
    ignored = {name: why for name, why in plan.ignored.items() if name != added.table}
    if not plan.events:
        return replace(plan, events=(added,), ignored=ignored)
    prefixes = {document_table(table): table.document_prefix for table in plan.events}
    documents = document_table(added)
    prefix = prefixes.get(documents, f"{documents}:")
    added = replace(added, event_prefix=f"{added.table}:", document_prefix=prefix)
    return replace(plan, events=(*plan.events, added), ignored=ignored)


def without_table(plan: Plan, name: str) -> Plan:
    """Return a plan without a table of events."""
    events = tuple(table for table in plan.events if table.table != name)
    return replace(plan, events=events, ignored={**plan.ignored, name: "your choice"})


def document_table(table: EventTable) -> str:
    """Return the table whose rows are the documents of an event table."""
    joined = text_of(table)
    return table.table if joined is None else joined.link.end


def text_of(table: EventTable) -> Joined | None:
    """Return the joined rows that hold the text of an event table; None if the text is in its own row."""
    columns: Iterable[str] = table.mapping.document.text or table.mapping.document.title
    return next((item for item in table.joined if any(one.startswith(f"{item.name}.") for one in columns)), None)
