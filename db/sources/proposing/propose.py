"""Proposes the plan by which a source database is read."""

from collections.abc import Callable
from dataclasses import replace

from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import ROWID, EventTable, Link, Plan, TextTable
from db.sources.proposing.columns import map_columns
from db.sources.proposing.documents import map_texts
from db.sources.proposing.events import find_events
from db.sources.proposing.findings import EventDraft, Findings, NoEvents
from db.sources.proposing.ignoring import ignore_tables
from db.sources.proposing.linking import find_links
from db.sources.proposing.matching import some_values
from db.sources.proposing.shapes.children import add_children
from db.sources.proposing.shapes.fields_table import add_fields, find_fields_of_texts, find_fields_tables
from db.sources.proposing.shapes.json_columns import (
    add_objects,
    find_json_events,
    find_json_texts,
    split_lists_of_events,
)
from db.sources.proposing.shapes.lists import find_lists
from db.sources.proposing.shapes.llm_logs import find_responses
from db.sources.proposing.shapes.look_ups import add_labels, find_look_ups
from db.sources.proposing.shapes.one_hot import find_one_hot
from db.sources.proposing.shapes.repeats import ignore_logs, ignore_views
from db.sources.proposing.shapes.several_texts import add_other_texts, add_several_texts
from db.sources.proposing.shapes.text_files import find_text_files
from db.sources.proposing.texts import find_texts

Step = Callable[[Database, Findings], None]

STEPS: tuple[Step, ...] = (
    ignore_tables,
    find_texts,
    find_json_texts,
    find_text_files,
    find_links,
    find_responses,
    ignore_logs,
    find_fields_tables,
    find_look_ups,
    find_json_events,
    find_fields_of_texts,
    find_events,
    split_lists_of_events,
    add_several_texts,
    add_other_texts,
    ignore_views,
    add_fields,
    add_labels,
    add_children,
    add_objects,
    find_one_hot,
    find_lists,
)
"""The steps in order: each adds to the findings."""

LOOKED_FOR = "rows with a type, a date, a place, an actor or a count, beside a text or linked to one"
_NAMED = 8  # tables in a message


def propose(database: Database) -> Plan:
    """Return the plan for a database. Raises NoEvents, an InputError, which says what was looked for."""
    findings = findings_of(database)
    if not findings.events:
        raise no_events(database, findings)
    return Plan(_event_tables(database, findings), ignored=_unread(database, findings))


def propose_texts(database: Database) -> Plan:
    """Return the plan that also imports the texts that have no event. Raises NoEvents if there are no texts either."""
    findings = findings_of(database)
    if not findings.events and not findings.texts:
        raise no_events(database, findings)
    read = {draft.document_table or draft.table.name for draft in findings.events.values()}
    names = [name for name in findings.texts if not findings.events or name in read]
    texts = []
    for name in names:
        text = findings.texts[name]
        if name in findings.events:
            continue
        mapping, joined = map_texts(database, findings, text)
        texts.append(
            TextTable(
                name, mapping.document.id, mapping, tuple(joined), text.json, text.form, reasons={"text": text.reason}
            )
        )
    unread = {name: why for name, why in _unread(database, findings).items() if name not in names}
    return Plan(_event_tables(database, findings), tuple(texts), unread)


def no_events(database: Database, findings: Findings) -> NoEvents:
    """Return the error that says why nothing is proposed, what was looked for, and what can be done."""
    tables = database.catalogue.tables
    if not tables:
        return NoEvents(f"{database.path}: has no tables; name the database that your program writes to")
    if findings.texts:
        names = tuple(findings.texts)
        listed = ", ".join(names[:_NAMED])
        return NoEvents(
            f"{database.path}: texts in {listed}, but no events: no table has {LOOKED_FOR};"
            " --texts imports the texts alone",
            names,
        )
    shown = [table.name for table in tables if findings.ignored.get(table.name) != "part of a virtual table"]
    if shown and all(findings.ignored.get(name) == "has no rows" for name in shown):
        return NoEvents(f"{database.path}: its tables have no rows yet ({', '.join(shown[:_NAMED])}); fill them first")
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    return NoEvents(
        f"{database.path}: no events: none of its tables ({', '.join(shown[:_NAMED])}{more}) has {LOOKED_FOR};"
        f" if one does, name it: sqlite:{database.path}:{shown[0] if shown else 'TABLE'}"
    )


def findings_of(database: Database, choose: Step | None = None) -> Findings:
    """Return what all steps find; ``choose`` comes before events are found, for what a person decided."""
    findings = Findings()
    for step in STEPS:
        if choose is not None and step is find_events:
            choose(database, findings)
        step(database, findings)
    return findings


def _event_tables(database: Database, findings: Findings) -> tuple[EventTable, ...]:
    tables = [event_table_of(database, findings, draft) for draft in findings.events.values()]
    documents = {_document_table(findings, table): _document_key(findings, table) for table in tables}
    events_meet = _meet([_keys(database, table.table, table.key) for table in tables])
    documents_meet = _meet([_keys(database, name, key) for name, key in documents.items()])
    return tuple(
        replace(
            table,
            event_prefix=f"{table.table}:" if events_meet else "",
            document_prefix=f"{_document_table(findings, table)}:" if documents_meet else "",
        )
        for table in tables
    )


def _meet(keys: list[set[object] | None]) -> bool:
    """Return True if tables may have the same keys: those that count their rows have, others if the samples show it."""
    counting = [one for one in keys if one is None]
    known = [one for one in keys if one is not None]
    return len(counting) > 1 or any(one & other for at, one in enumerate(known) for other in known[at + 1 :])


def _keys(database: Database, name: str, key: tuple[str, ...]) -> set[object] | None:
    """Return the keys of the sample; None for a table that counts its rows."""
    table = database.catalogue.named(name)
    if table is None or key == (ROWID,) or not set(key) <= set(table.names):
        return None
    values = (
        {value for (value,) in some_values(table, key, 200)} if len(key) == 1 else set(some_values(table, key, 200))
    )
    return None if any(isinstance(value, int) for value in values) else values


def _document_table(findings: Findings, table: EventTable) -> str:
    return findings.events[table.table].document_table or table.table


def _document_key(findings: Findings, table: EventTable) -> tuple[str, ...]:
    draft = findings.events[table.table]
    joined = next((item for item in draft.joined if item.name == draft.document_table), None)
    if joined is None:
        return draft.key
    link = joined.link
    while link.then is not None:
        link = link.then
    return link.to


def event_table_of(database: Database, findings: Findings, draft: EventDraft) -> EventTable:
    """Return the event table of a draft, with the mapping of its columns."""
    mapping = map_columns(database, findings, draft)
    return EventTable(
        draft.table.name,
        draft.key,
        mapping,
        draft.each,
        tuple(draft.joined),
        tuple(draft.labels),
        tuple(draft.children),
        draft.fields,
        tuple(draft.one_hot),
        tuple(draft.json),
        draft.text_form,
        reasons=draft.reasons,
    )


def _unread(database: Database, findings: Findings) -> dict[str, str]:
    """Return why tables are not read, for all that no part of the plan reads."""
    read: set[str] = set()
    for draft in findings.events.values():
        read |= _read_by(draft)
    unread = dict.fromkeys(database.catalogue.unreadable, "SQLite can't read it")
    for table in database.catalogue.tables:
        if table.name not in read:
            unread[table.name] = (
                findings.ignored.get(table.name) or findings.part_of.get(table.name) or _why(findings, table)
            )
    return unread


def _read_by(draft: EventDraft) -> set[str]:
    links: list[Link] = [item.link for item in draft.joined]
    links += [item.link for item in draft.labels]
    links += [item.link for item in draft.children]
    links += [label.link for children in draft.children for label in children.labels]
    if draft.fields:
        links += [draft.fields.link, *(label.link for label in draft.fields.labels)]
    tables = {draft.table.name}
    for link in links:
        step: Link | None = link
        while step is not None:
            tables.add(step.table)
            step = step.then
    return tables


def _why(findings: Findings, table: TableInfo) -> str:
    if table.name in findings.texts:
        return "texts without events; --texts imports them"
    return "holds neither events nor their texts"
