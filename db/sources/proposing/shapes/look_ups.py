"""Look-up tables: the label of a row, such as a name, is the value, in place of its id."""

import re

from db.formats.tables.read.column_names import name_words
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import Label, Link
from db.sources.proposing.findings import EventDraft, Findings, FoundLink
from db.sources.proposing.shapes.facts import is_short_text, own_columns, tables_of

_LABELS = (
    "name label title value term description text form string caption word desc bezeichnung nombre nom nome etiqueta"
    " libelle libellé titel название имя 名称 code slug"
).split()
_MOST_COLUMNS = 12  # of a look-up table
_MOST_PAYLOAD = 3  # columns of a link table beside its two references
_ABOUT_LINKS = frozenset(
    "role relation similarity score confidence weight relevance rank primary match matched".split()
)
_PAYLOAD = frozenset("id created updated added inserted order position sort rank idx index at on by created_at".split())
"""Words of columns of a link table that say nothing about an event."""


def find_look_ups(database: Database, findings: Findings) -> None:
    """Say which tables are looked up by others and which only link two tables, before events are searched for."""
    for table in database.catalogue.tables:
        if table.name in findings.ignored or table.name in findings.part_of or table.name in findings.texts:
            continue
        incoming = [link for link in findings.to_table(table.name) if link.one and link.table != table.name]
        if incoming and not _leads_to_text(findings, table) and _is_look_up(table):
            columns = ", ".join(f"{link.table}.{'+'.join(link.link.columns)}" for link in incoming[:3])
            findings.part_of[table.name] = f"{columns} refers to it; its rows are known by {label_of(table)}"
    for table in database.catalogue.tables:
        if table.name in findings.ignored or table.name in findings.part_of or table.name in findings.texts:
            continue
        ends = linked_by(findings, table)
        if ends:
            findings.part_of[table.name] = f"links {ends[0].link.end} and {ends[1].link.end}"


def add_labels(database: Database, findings: Findings) -> None:
    """Read labels in place of ids in the drafts of events, also those behind a link table."""
    for draft in findings.events.values():
        if draft.table.kind == "view":
            continue
        for link in findings.from_table(draft.table.name):
            _add_label(database, draft, link)
        for link in findings.to_table(draft.table.name):
            between = database.catalogue.named(link.table)
            if between is not None and link.one and between.name != draft.table.name:
                _add_labels_behind(database, findings, draft, link, between)


def _add_label(database: Database, draft: EventDraft, link: FoundLink) -> None:
    """Replace the ids in a column by the labels of the rows that they refer to."""
    column, target = link.link.columns[0], database.catalogue.named(link.link.end)
    if target is None or not link.one or len(link.link.columns) > 1 or link.link.then is not None:
        return
    is_document = target.name == draft.document_table or column in draft.document_id or column in draft.used
    if is_document or target.name == draft.table.name or any(label.column == column for label in draft.labels):
        return
    if (
        (label := label_of(target)) is None
        or (label,) == link.link.to
        or target.name in tables_of(draft) - {label.link.end for label in draft.labels}
    ):
        return
    draft.labels.append(Label(column, link.link, label))
    draft.reasons[column] = f"{label} of {target.name}, to which it refers"


def _add_labels_behind(
    database: Database, findings: Findings, draft: EventDraft, link: FoundLink, between: TableInfo
) -> None:
    """Read the labels of the rows to which a link table leads as a list."""
    ends = linked_by(findings, between)
    if not ends or payload(findings, between):
        return
    other = next((end for end in ends if end.link.columns != link.link.columns), None)
    target = database.catalogue.named(other.link.end) if other else None
    if other is None or target is None or target.name in (draft.table.name, draft.document_table):
        return
    if target.name in findings.texts or target.name in findings.events or (label := label_of(target)) is None:
        return
    way = Link(link.link.to, between.name, link.link.columns, other.link)
    name = short_name(target.name, draft.table.name)
    draft.labels.append(Label(name, way, label, several=True))
    draft.reasons[name] = f"{label} of {target.name}, by the links in {between.name}"


def linked_by(findings: Findings, table: TableInfo) -> list[FoundLink]:
    """Return the two links of a table that only links rows of two others; empty if it is no such table."""
    ends: dict[tuple[str, ...], FoundLink] = {}
    for link in findings.from_table(table.name):
        if link.one and link.link.then is None and link.link.end != table.name:
            ends.setdefault(link.link.columns, link)
    if len(ends) != 2:
        return []
    named, (one, other) = set(name_words(table.name)), (_words_of_rows(link.link.end) for link in ends.values())
    by_name = bool(named & (one - other)) and bool(named & (other - one))  # words of one table alone, not of the app
    others = payload(findings, table)
    silent = all(_ABOUT_LINKS.intersection(name_words(name)) for name in others)
    return list(ends.values()) if (by_name and len(others) <= _MOST_PAYLOAD) or silent else []


def payload(findings: Findings, table: TableInfo) -> list[str]:
    """Return the columns of a link table that say something about the link, such as a role."""
    references = {column for link in findings.from_table(table.name) for column in link.link.columns}
    return [
        name
        for name in table.names
        if name not in references and name not in table.key[:1] and not _PAYLOAD.issuperset(name_words(name))
    ]


def label_of(table: TableInfo) -> str | None:
    """Return the column whose cells name the rows of a table; None if no column does."""
    texts = [name for name in table.names if is_short_text(table.values(name)) and not _is_id(table, name)]
    own = {*name_words(table.name), *(word.removesuffix("s") for word in name_words(table.name))}
    by_words = {name: name_words(name) for name in texts}
    for label in _LABELS:
        for name, parts in by_words.items():
            if parts == (label,) or (parts and parts[-1] == label and own.issuperset(parts[:-1])):
                return name
    for name, parts in by_words.items():  # such as ``country`` of the table ``countries``
        if own.issuperset(parts):
            return name
    for name, parts in by_words.items():
        if parts and parts[-1] in _LABELS[:3]:
            return name
    distinct = [name for name in texts if len(set(table.values(name))) == len(table.sample)]
    return distinct[0] if len(distinct) == 1 else texts[0] if len(texts) == 1 else None


def _is_id(table: TableInfo, column: str) -> bool:
    """Return True for a key, unless it is the only text of its table."""
    return column in table.key and len(own_columns(table)) > 0


def _words_of_rows(table: str) -> set[str]:
    """Return the words of a table's name, also of one row."""
    return {form for word in name_words(table) for form in (word, word.removesuffix("s"), re.sub("ies$", "y", word))}


def _leads_to_text(findings: Findings, table: TableInfo) -> bool:
    return any(link.link.end in findings.texts for link in findings.from_table(table.name))


def _is_look_up(table: TableInfo) -> bool:
    """Return True if the rows of a table are known by a label, and nothing happens in them."""
    label = label_of(table)
    if label is None or len(table.columns) > _MOST_COLUMNS:
        return False
    return len(own_columns(table)) <= 2 or bool(set(name_words(label)) & {*_LABELS, *_words_of_rows(table.name)})


def short_name(table: str, of: str) -> str:
    """Return the name of a table without the words of another one before it: ``event_victims`` is ``victims``."""
    parts, other = name_words(table), {*name_words(of), *_words_of_rows(of)}
    at = 0
    while at < len(parts) - 1 and parts[at] in other:
        at += 1
    return "_".join(parts[at:]) if at else table
