"""Child tables: rows that belong to an event, such as its victims, are groups of its fields."""

from db.formats.tables.read.column_names import name_words
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import Children, Label, Link
from db.sources.proposing.findings import EventDraft, Findings, FoundLink
from db.sources.proposing.shapes.facts import tables_of
from db.sources.proposing.shapes.look_ups import label_of, linked_by, payload, short_name

_TECHNICAL = frozenset("created updated inserted modified deleted position sort order rank idx index uuid hash".split())
"""Words of columns that say nothing about a person or a thing."""


def add_children(database: Database, findings: Findings) -> None:
    """Read the rows of child tables as groups, or as a list if they have a single column."""
    for draft in findings.events.values():
        for link in findings.to_table(draft.table.name):
            table = database.catalogue.named(link.table)
            if table is not None and link.one and link.link.then is None and _is_child(findings, draft, table):
                _add(database, findings, draft, link, table)


def _is_child(findings: Findings, draft: EventDraft, table: TableInfo) -> bool:
    if table.name in tables_of(draft) or table.name in findings.events:
        return False
    return table.name not in findings.ignored and table.name not in findings.texts


def _add(database: Database, findings: Findings, draft: EventDraft, link: FoundLink, table: TableInfo) -> None:
    """Read the rows of a table that refer to a row of the draft's."""
    outgoing = {other.link.columns: other for other in findings.from_table(table.name) if other.one}
    labels, columns = [], []
    ends = linked_by(findings, table)
    if ends and not payload(findings, table):
        return
    for name in table.names:
        if name in link.link.columns or (name,) == table.key or _TECHNICAL.intersection(name_words(name)):
            continue
        other = outgoing.get((name,))
        if other is not None:
            target = database.catalogue.named(other.link.end)
            if target is None or target.name in findings.texts or target.name in findings.events:
                continue
            if label := label_of(target):
                labels.append(Label(name, other.link, label))
        if table.values(name):
            columns.append(name)
    if columns:
        way = Link(link.link.to, table.name, link.link.columns)
        name = short_name(table.name, draft.table.name)
        draft.children.append(Children(name, way, tuple(columns), tuple(labels)))
        draft.reasons[name] = f"{', '.join(columns)} of {table.name}; {link.reason}"
