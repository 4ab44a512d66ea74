"""The tables that a plan reads, each with the columns that count and the way back from its rows to the events."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from db.sources.plan import ROWID, EventTable, Link, Plan
from db.sources.reading.mappings import links_of, of_texts


@dataclass(frozen=True, slots=True)
class Step:
    """From values of ``columns`` to those of ``to`` in the same rows of a table; ``rowid`` may be one of them."""

    table: str
    columns: tuple[str, ...]
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """The way from the owners of changed rows to the keys of an event table, by its number in the plan."""

    number: int
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class Tracked:
    """A table of which changes are found.

    owner: the columns whose values say to what a row belongs: its own key in an event table, or else the columns that
    a link leads to. columns: those whose changes count; empty for all but ``ignored``. path: of these, the one that
    holds the path of a text file.
    """

    table: str
    owner: tuple[str, ...]
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    path: str | None = None
    routes: list[Route] = field(default_factory=list)


def tracked_tables(plan: Plan) -> list[Tracked]:
    """Return the tables that a plan reads; a table that is read in the same way several times is one of them."""
    found: dict[tuple[object, ...], Tracked] = {}
    for number, table in enumerate(event_tables(plan)):
        for item, route in _of_table(table, number):
            same = found.setdefault((item.table, item.owner, item.columns, item.ignored, item.path), item)
            same.routes.append(route)
    return list(found.values())


def event_tables(plan: Plan) -> list[EventTable]:
    """Return the tables of a plan in the order in which they are numbered: those of events, then those of texts."""
    return [*plan.events, *(of_texts(table) for table in plan.texts)]


def _of_table(table: EventTable, number: int) -> Iterator[tuple[Tracked, Route]]:
    text = table.mapping.document.text[0] if table.text_form == "file" and table.mapping.document.text else None
    used = _used(table)
    ignored = tuple(column for column in table.mapping.ignored if column not in used)
    yield Tracked(table.table, table.key, ignored=ignored, path=text), Route(number)
    start = Step(table.table, (), table.key)
    for joined in table.joined:
        path = text.removeprefix(f"{joined.name}.") if text and text.startswith(f"{joined.name}.") else None
        yield from _along(joined.link, joined.columns, start, (), number, path)
    for label in table.labels:
        yield from _along(label.link, (label.label,), start, (), number)
    for children in table.children:
        inner = [column for label in children.labels for column in label.link.columns]
        yield from _along(children.link, (*children.columns, *inner), start, (), number)
        for label in children.labels:
            yield from _through(children.link, label.link, label.label, start, number)
    if fields := table.fields:
        cells = (fields.name, fields.value, fields.group, fields.start, fields.end, fields.quote, fields.confidence)
        inner = [column for label in fields.labels for column in label.link.columns]
        yield from _along(fields.link, (*filter(None, cells), *inner), start, (), number)
        for label in fields.labels:
            yield from _through(fields.link, label.link, label.label, start, number)


def _along(
    link: Link, columns: tuple[str, ...], start: Step, steps: tuple[Step, ...], number: int, path: str | None = None
) -> Iterator[tuple[Tracked, Route]]:
    """Yield the tables along a link. ``start``: the table it starts from, and in ``to`` the columns of its owner."""
    steps = (Step(start.table, link.columns, start.to), *steps)
    counting = link.then.columns if link.then else columns
    named = tuple(dict.fromkeys((*link.to, *counting)))
    yield Tracked(link.table, link.to, named, path=None if link.then else path), Route(number, steps)
    if link.then:
        yield from _along(link.then, columns, Step(link.table, (), link.to), steps, number, path)


def _through(link: Link, then: Link, label: str, start: Step, number: int) -> Iterator[tuple[Tracked, Route]]:
    """Yield the tables along a link that starts from the rows to which another link leads."""
    steps: tuple[Step, ...] = ()
    while True:
        steps = (Step(start.table, link.columns, start.to), *steps)
        start = Step(link.table, (), link.to)
        if link.then is None:
            break
        link = link.then
    yield from _along(then, (label,), start, steps, number)


def _used(table: EventTable) -> set[str]:
    """Return the own columns that are read for something else than a cell."""
    used = {column for link in links_of(table) for column in link.columns} | {*table.key} - {ROWID}
    used |= {column for item in table.one_hot for column in item.columns} | {*table.json}
    return used | {table.each.partition(".")[0]} if table.each else used
