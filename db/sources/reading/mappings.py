"""What the columns of a wide table mean: the mapping of the plan, completed for columns that it does not name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from db.formats.tables.mapping.mapping import Mapping
from db.sources.plan import EventTable, Link, TextTable
from db.sources.reading.json_cells import NUMBER, named_columns


def completed(table: EventTable, columns: Sequence[str]) -> Mapping:
    """Return the mapping of an event table, with ids made of its keys where it names none.

    Columns that only join tables are no fields. Cells that don't fit the kind of their column stay text: one odd cell
    must not keep an event out.
    """
    mapping = table.mapping
    event, document = mapping.event, mapping.document
    if not event.id:
        event = replace(event, id=(*table.key, NUMBER) if table.each else table.key)
    elif table.each and event.id == table.key:
        event = replace(event, id=(*table.key, NUMBER))
    if not event.type and not event.constant_type:
        event = replace(event, constant_type=table.table)
    elif event.type and not event.constant_type:
        event = replace(event, constant_type=table.table)  # for rows whose type is empty
    if not document.id:
        document = replace(document, id=_document_key(table))
    mapping = replace(mapping, event=event, document=document, guessed=True)
    named = named_columns(mapping)
    joining = [column for column in _joining(table) if column not in named and column in columns]
    places = [column for item in mapping.fields for column in item.place_columns if column not in mapping.uses()]
    return replace(mapping, ignored=tuple(dict.fromkeys((*mapping.ignored, *places, *joining))))


def _document_key(table: EventTable) -> tuple[str, ...]:
    """Return the columns that tell documents apart where the mapping names none: the key of the text's row."""
    for joined in table.joined:
        names = {f"{joined.name}.{column}" for column in joined.columns}
        if not names.isdisjoint((*table.mapping.document.text, *table.mapping.document.title)):
            to = [f"{joined.name}.{column}" for column in joined.link.to]
            if joined.link.then is None and not joined.several:
                return joined.link.columns
            return tuple(to) if names.issuperset(to) else ()
    return table.key


def _joining(table: EventTable) -> Iterable[str]:
    """Yield the own columns that only say which rows of other tables belong to a row, and its key."""
    yield from table.key
    yield NUMBER
    if table.each:
        yield table.each.partition(".")[0]
    replaced = {label.column for label in table.labels if not label.several}
    for link in links_of(table):
        yield from (column for column in link.columns if column not in replaced)


def links_of(table: EventTable) -> list[Link]:
    """Return the links from the rows of an event table to those of other tables."""
    links = [joined.link for joined in table.joined] + [label.link for label in table.labels]
    links += [children.link for children in table.children]
    return [*links, table.fields.link] if table.fields else links


def of_texts(table: TextTable) -> EventTable:
    """Return a table of texts as an event table without events."""
    return EventTable(
        table.table,
        table.key,
        table.mapping,
        joined=table.joined,
        json=table.json,
        text_form=table.text_form,
        document_prefix=table.document_prefix,
    )


def key_columns(table: EventTable) -> set[str]:
    """Return the columns that identify events and documents, or lead to other tables."""
    named = {*table.key, *table.mapping.event.id, *table.mapping.document.id}
    return named | {column for link in links_of(table) for column in link.columns}
