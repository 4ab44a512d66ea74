"""Several texts for one event: the texts refer to the event, or a table between them links both."""

from collections.abc import Iterator
from dataclasses import dataclass

from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.plan import Joined, Link
from db.sources.proposing.findings import EventDraft, Findings, TextDraft
from db.sources.proposing.shapes.facts import tables_of
from db.sources.proposing.shapes.look_ups import linked_by


@dataclass(frozen=True, slots=True)
class _Way:
    """A way from events to texts."""

    link: Link
    text: TextDraft
    reason: str


def add_several_texts(database: Database, findings: Findings) -> None:
    """Join the drafts that have no text yet with the texts that refer to their rows."""
    for draft in findings.events.values():
        if draft.text:
            continue
        ways = list(_ways(database, findings, draft))
        if not ways:
            continue
        way = max(ways, key=lambda one: _reached(database, draft, one))
        table = way.text.table
        draft.joined.append(Joined(table.name, way.link, table.names, several=True))
        draft.text = (f"{table.name}.{way.text.column}",)
        draft.text_form = way.text.form
        draft.document_table = table.name
        draft.document_id = tuple(f"{table.name}.{column}" for column in table.key)
        draft.json += (f"{table.name}.{column}" for column in way.text.json)
        draft.reasons["text"] = way.text.reason
        draft.reasons["join"] = f"{way.reason}; an event is shown beside the text in which its values are"


def _ways(database: Database, findings: Findings, draft: EventDraft) -> Iterator[_Way]:
    for link in findings.to_table(draft.table.name):
        if not link.one or link.link.then is not None:
            continue
        here = link.link
        for text in _texts(findings, link.table) if link.table != draft.table.name else ():
            yield _Way(Link(here.to, link.table, here.columns), text, link.reason)
        between = database.catalogue.named(link.table)
        for other in linked_by(findings, between) if between else ():
            if other.link.columns == here.columns or other.link.end == draft.table.name:
                continue
            way = Link(here.to, link.table, here.columns, other.link)
            for text in _texts(findings, other.link.end):
                yield _Way(way, text, f"{link.table} links {draft.table.name} and {other.link.end}")


def _reached(database: Database, draft: EventDraft, way: _Way) -> int:
    """Return for how many of the first rows a way leads to a text."""
    at = [draft.table.names.index(column) for column in way.link.columns if column in draft.table.names]
    if len(at) != len(way.link.columns):
        return 0
    columns = " AND ".join(f"{quoted(column)} = ?" for column in way.link.to)
    query = f"SELECT 1 FROM {quoted(way.link.table)} WHERE {columns} LIMIT 1"
    keys = [[row[place] for place in at] for row in draft.table.sample[:50]]
    return sum(bool(database.rows_in_time(query, key, 0.1)) for key in keys if None not in key)


def _texts(findings: Findings, table: str) -> list[TextDraft]:
    """Return the columns of a table that may be the text."""
    return findings.prose.get(table) or [text for text in [findings.texts.get(table)] if text is not None]


def add_other_texts(_: Database, findings: Findings) -> None:
    """Join a second table of texts with the rows that have no text in the first one, such as posts beside articles."""
    for draft in findings.events.values():
        joined = next((item for item in draft.joined if item.name == draft.document_table), None)
        if joined is None or joined.several or joined.link.then is not None or len(draft.document_id) != 1:
            continue
        rows = [row for row in draft.table.sample if row[draft.table.names.index(joined.link.columns[0])] is None]
        for link in findings.from_table(draft.table.name):
            text, column = findings.texts.get(link.link.end), link.link.columns[0]
            if text is None or not link.one or text.json or text.form != draft.text_form or link.link.then is not None:
                continue
            if link.link.end in tables_of(draft) or not any(row[draft.table.names.index(column)] for row in rows):
                continue
            keys = [set(map(str, draft.table.values(one))) for one in (draft.document_id[0], column)]
            table = text.table
            draft.joined.append(Joined(table.name, link.link, (text.column,)))
            draft.text += (f"{table.name}.{text.column}",)
            draft.document_id = draft.key if keys[0] & keys[1] else (draft.document_id[0], column)
            why = f"the text of rows without one in {joined.name}; {link.reason}"
            draft.reasons[f"{table.name}.{text.column}"] = why
            break
