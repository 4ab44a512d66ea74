"""Finds the tables that hold events: by their names, their columns, their texts, and values that are in the texts."""

from typing import Any, NamedTuple

from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import ROWID, Joined
from db.sources.proposing import vocabulary as words
from db.sources.proposing.findings import EventDraft, Findings
from db.sources.proposing.routes import Route, best_route
from db.sources.proposing.shapes.json_columns import holds_events
from db.sources.proposing.vocabulary import has, stems

_LEAST, _LEAST_ALONE = 5, 7  # points, with a text and without one
_LEAST_IN_TEXT = 0.25  # share of values
_DOCUMENT_ROLES = frozenset(
    (*column_names.TITLE, *column_names.URL, *column_names.PUBLISHER, *column_names.PUBLISHED, *column_names.LANGUAGE,
     "author", "authors", "byline", "section", "tags", "keywords", "word_count", "length", "category", "categories",
     "image", "image_url", "html", "raw", "guid", "rating", "slug", "autor", "autores")
)  # fmt: skip
_TECHNICAL = frozenset("status state raw raw_json raw_output raw_response response prompt position ordinal seq".split())


class Judged(NamedTuple):
    """How much says that a table holds events, and what; ``route`` leads to its text."""

    table: TableInfo
    points: int
    reasons: list[str]
    route: Route | None
    is_named: bool


def find_events(database: Database, findings: Findings) -> None:
    """Add a draft for each table that holds events."""
    judged: dict[str, Judged] = {}
    for table in database.catalogue.tables:
        if not ({table.name} & (findings.ignored.keys() | findings.part_of.keys() | findings.events.keys())):
            one = judge(database, findings, table)
            if one.points >= (_LEAST if one.route or _text_leads_to(findings, table) else _LEAST_ALONE):
                judged[table.name] = one
    for one in judged.values():
        if (parent := _parent(findings, one, judged)) is not None:
            findings.part_of[one.table.name] = f"its rows belong to those of {parent}"
            continue
        findings.events[one.table.name] = draft_of(one)


def judge(database: Database, findings: Findings, table: TableInfo) -> Judged:
    """Return how much says that a table holds events."""
    linked = {column for link in findings.from_table(table.name) for column in link.link.columns}
    payload = [name for name in table.names if is_payload(table, name) and name not in linked]
    route = best_route(database, findings, table, payload)
    own = route is not None and route.link is None
    if own:
        payload = [name for name in payload if name != route.text.column]  # type: ignore[union-attr]
        fields = [name for name in payload if folded_name(name) not in _DOCUMENT_ROLES]
    else:
        fields = payload
    found: list[tuple[int, str]] = []
    is_named = has(table.name, words.EVENTS)
    last = stems(table.name)[-1:]
    if is_named:
        found.append((3, f"the name {table.name}"))
    elif has(table.name, words.MAYBE_EVENTS):
        found.append((1, f"the name {table.name}"))
    if (last and last[0] in words.NO_EVENTS) or (not is_named and has(table.name, words.NO_EVENTS)):
        found.append((-4 if not is_named else -3, ""))
    if route is not None and route.link is not None:
        found.append((3, f"a link to the texts in {route.text.table.name}"))
    elif own:
        found.append((1, f"a text in {route.text.column}"))  # type: ignore[union-attr]
    elif _text_leads_to(findings, table):
        found.append((3, "texts that refer to it"))
    found += _of_columns(table, fields)
    if route is not None and fields and route.compared and route.share >= _LEAST_IN_TEXT:
        found.append((3, f"{route.found} of {route.compared} values are in the text"))
    if len(business := [name for name in table.names if has(name, words.BUSINESS)]) > 1:
        found.append((-2 * len(business), ""))
    if route is not None and route.link is not None:
        found += [(2, f"the objects in {name}") for name in table.names if holds_events(table, name)][:1]
    if table.name in findings.with_fields and not own:
        found.append((2, f"fields in {findings.with_fields[table.name]}"))
    elif not fields:
        found.append((-6, ""))
    return Judged(table, sum(points for points, _ in found), [why for _, why in found if why], route, is_named)


def is_payload(table: TableInfo, column: str) -> bool:
    """Return True if a column may hold what was extracted: no key, no time of writing, nothing technical."""
    folded = folded_name(column)
    if (column in table.key and len(table.key) == 1) or folded in _TECHNICAL or folded in ("id", "uuid", "guid"):
        return False
    parts = folded.split("_")
    return not (parts and parts[0] in words.BOOKKEEPING and len(parts) <= 2)


def _of_columns(table: TableInfo, fields: list[str]) -> list[tuple[int, str]]:
    folded = {folded_name(name): name for name in fields}
    found: list[tuple[int, str]] = []
    types = [name for key, name in folded.items() if key in column_names.TYPE and _is_repeated(table.values(name))]
    if types:
        sure = any(folded_name(name) in column_names.SURE_TYPE for name in types)
        found.append((2 if sure else 1, f"the type in {types[0]}"))
    for points, what, names in (
        (3, "the harm in {}", words.HARM),
        (1, "the place in {}", words.PLACES),
        (1, "the actor in {}", words.ACTORS),
        (1, "the date in {}", words.DATES),
    ):
        if named := words.any_of(fields, names):
            found.append((points, what.format(", ".join(named[:2]))))
    for points, what, roles in (
        (1, "the confidence in {}", column_names.CONFIDENCE),
        (1, "the extractor in {}", (*column_names.EXTRACTOR, *column_names.CODER)),
        (2, "the place in the text in {}", (*column_names.STARTS, *column_names.QUOTE)),
    ):
        if named := [name for key, name in folded.items() if key in roles]:
            found.append((points, what.format(named[0])))
    return found


def _is_repeated(values: list[Any]) -> bool:
    different = set(values)
    return all(isinstance(value, str) and len(value) < 60 for value in different) and len(different) <= 50


def _text_leads_to(findings: Findings, table: TableInfo) -> bool:
    return any(
        link.table in findings.texts
        or any(other.link.end in findings.texts for other in findings.from_table(link.table) if other is not link)
        for link in findings.to_table(table.name)
        if link.table != table.name
    )


def _parent(findings: Findings, one: Judged, judged: dict[str, Judged]) -> str | None:
    """Return the table of events to whose rows these belong; None if they are events of their own."""
    for link in findings.from_table(one.table.name):
        other = judged.get(link.link.end)
        if other is None or other is one or not link.one:
            continue
        leads = one.route is not None and one.route.link is not None and other.route is not None
        if leads and one.is_named and not other.is_named:
            continue
        if one.route is not None and one.route.link is not None and other.table.name in _tables_of(one.route):
            return other.table.name
        if other.is_named or not one.is_named:
            return other.table.name
    return None


def _tables_of(route: Route) -> set[str]:
    found, link = set(), route.link
    while link is not None:
        found.add(link.table)
        link = link.then
    return found


def draft_of(one: Judged) -> EventDraft:
    """Return the draft of a table of events, with its text at the end of the route."""
    table = one.table
    key = table.key or next((unique for unique in table.unique if len(unique) == 1), ()) or _natural_key(table)
    draft = EventDraft(table, key)
    draft.reasons["events"] = "; ".join(one.reasons)
    route = one.route
    if route is None:
        draft.reasons["text"] = "no text was found"
        return draft
    text = route.text
    draft.text_form = text.form
    in_text = f"; {route.found} of {route.compared} values are in it" if route.compared else ""
    draft.reasons["text"] = text.reason + in_text
    if route.link is None:
        draft.text = (text.column,)
        draft.json += text.json
        return draft
    name = text.table.name
    draft.text = (f"{name}.{text.column}",)
    draft.document_table = name
    last = route.link
    while last.then is not None:
        last = last.then
    draft.document_id = route.link.columns if last is route.link else tuple(f"{name}.{column}" for column in last.to)
    draft.joined.append(Joined(name, route.link, text.table.names))
    draft.json += (f"{name}.{column}" for column in text.json)
    draft.reasons["join"] = route.reason
    return draft


def _natural_key(table: TableInfo) -> tuple[str, ...]:
    """Return the key of a table that declares none: its rowid, or for a view a column whose values all differ."""
    if table.rowid is not None:
        return (ROWID,)
    for name in table.names:
        values = table.values(name)
        ends = stems(name)[-1:]
        if (
            ends
            and ends[0] in ("id", "key", "uuid", "guid", "nr")
            and len(set(values)) == len(table.sample) == len(values)
        ):
            return (name,)
    return table.names[:1]
