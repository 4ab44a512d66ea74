"""The ways from a table to its texts, and the one on which its values are found in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import Link
from db.sources.proposing.findings import Findings, FoundLink, TextDraft
from db.sources.proposing.matching import comparable_key, follow, share_in_texts, some_values
from db.sources.proposing.texts import readable

_MOST_LINKS = 3  # to a text
_ROWS = 40  # that are compared with their texts
_PAYLOAD_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Route:
    """A text and the link to its table; no link for a text in the row itself. found, compared: values in the text."""

    text: TextDraft
    link: Link | None
    reason: str
    found: int = 0
    compared: int = 0
    rows: int = 0

    @property
    def share(self) -> float:
        """The share of values that are in the text."""
        return self.found / self.compared if self.compared else 0.0


def routes(findings: Findings, table: TableInfo) -> Iterator[tuple[Link, str, str]]:
    """Yield the links from a table to tables with texts, with their tables and reasons: the shortest first."""
    ways: list[tuple[tuple[FoundLink, ...], str]] = [((), table.name)]
    seen = {table.name}
    for _ in range(_MOST_LINKS):
        longer = []
        for way, end in ways:
            for link in sorted(steps_from(findings, end), key=lambda one: not one.declared):
                to = link.link.end
                if not link.one or (to in seen and to not in findings.texts) or to == table.name:
                    continue
                if any(step.link.end == to for step in way):
                    continue
                seen.add(to)
                longer.append(((*way, link), to))
        for way, end in longer:
            if end in findings.texts:
                yield _joined(way), end, "; ".join(link.reason for link in way)
        ways = [(way, end) for way, end in longer if end not in findings.texts]


def steps_from(findings: Findings, table: str) -> Iterator[FoundLink]:
    """Yield the links from a table, and those back from a table of texts of which each belongs to another row."""
    yield from findings.from_table(table)
    for link in findings.to_table(table):
        text, here = findings.texts.get(link.table), link.link
        if text is not None and link.one and here.then is None and text.table.is_unique(here.columns):
            yield FoundLink(table, Link(here.to, link.table, here.columns), True, link.reason, link.declared)


def best_route(database: Database, findings: Findings, table: TableInfo, payload: list[str]) -> Route | None:
    """Return the way to the text in which most values of the rows are found; the shortest of equal ones."""
    found = [
        measured(database, table, payload, Route(text, link, reason))
        for link, end, reason in routes(findings, table)
        for text in texts_of(findings, end)
    ]
    found += [
        measured(database, table, [name for name in payload if name != text.column], Route(text, None, ""))
        for text in texts_of(findings, table.name)
    ]
    reached = [route for route in found if route.rows]
    if not reached:
        return None
    best = max(reached, key=lambda route: route.share)
    if table.kind == "view" and (own := [route for route in reached if route.link is None]):
        return max(own, key=lambda route: route.share)
    # A text of another table that holds nearly as many values is the source; what is in the row may be made of them.
    return next((route for route in reached if route.share >= best.share * 0.8), best)


def texts_of(findings: Findings, table: str) -> list[TextDraft]:
    """Return the columns of a table that may be the text, the most likely first."""
    if table not in findings.texts:
        return []
    first = findings.texts[table]
    return [first, *(text for text in findings.prose.get(table, ()) if text.column != first.column)]


def measured(database: Database, table: TableInfo, payload: list[str], route: Route) -> Route:
    """Return a route with how many values of some rows are found in their texts."""
    texts: list[str]
    at = [table.names.index(name) for name in payload]
    if route.link is None:
        column = table.names.index(route.text.column) if route.text.column in table.names else None
        if column is None:
            return Route(route.text, None, "", 0, 0, 1)
        rows = [row for row in table.sample if row[column]][:_ROWS]
        texts = [_text(row[column]) for row in rows]
    else:
        keys = some_values(table, route.link.columns, _ROWS)
        plain = route.text.column if route.text.column in route.text.table.names else route.text.table.names[0]
        ends = follow(database, route.link, (plain,), keys)
        place = [table.names.index(name) for name in route.link.columns]
        rows, texts = [], []
        for row in table.sample:
            ways = ends.get(comparable_key(row[one] for one in place))
            if ways and len(rows) < _ROWS:
                rows.append(row)
                texts.append(_text(ways[0][0]))
    found, compared = share_in_texts([[row[one] for one in at] for row in rows], texts)
    return Route(route.text, route.link, route.reason, found, compared, len(rows))


def _text(cell: Any) -> str:
    return readable(cell) or ""


def _joined(way: tuple[FoundLink, ...]) -> Link:
    link = way[-1].link
    for step in reversed(way[:-1]):
        link = Link(step.link.columns, step.link.table, step.link.to, link)
    return link
