"""A fields table: each row is one field of an event, with a name, a value, and perhaps its place in the text."""

from collections.abc import Iterable, Sequence
from typing import Any

from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import name_words
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import ROWID, FieldRows, Label, Link
from db.sources.proposing.findings import EventDraft, Findings
from db.sources.proposing.shapes.facts import mean_length
from db.sources.proposing.shapes.look_ups import label_of

_NAMES = (
    "name field_name field fieldname attribute attribute_name attr key slot slot_name property property_name variable"
    " variable_name param parameter feature feature_name argument_name argument_role arg_role role element fe question"
    " label tag entity_label entity_type nombre_campo campo clave champ cle feld feldname schluessel schlüssel merkmal"
    " поле ключ атрибут 字段 属性"
).split()
_VALUES = (
    "value field_value val text filler answer content argument argument_text arg_text attribute_value slot_value"
    " entity_text entity surface surface_form mention span_text value_text span str_value string_value valor wert"
    " valeur значение 值"
).split()
_GROUP = "group group_id grp field_group frame instance row_number".split()
_SAID = frozenset(
    "field fields value values attribute attributes argument arguments arg slot slots filler fillers elements".split()
)
"""Words in the name of a table that is surely one of fields, also of one with roles."""
_MOST_NAMES = 200  # of fields
_FEW = 20  # rows, which show little
_PEOPLE = frozenset("role type kind label tag".split())
"""Names that a child table has too: the role of an actor. Only some tables with them are fields tables."""


def find_fields_tables(database: Database, findings: Findings) -> None:
    """Say which tables hold the fields of events, before events are searched for."""
    for table in database.catalogue.tables:
        if table.name in findings.ignored or table.name in findings.part_of or table.name in findings.texts:
            continue
        for link in findings.from_table(table.name):
            if link.one and _fields_of(database, findings, table, link.link) is not None:
                findings.part_of[table.name] = f"each row is a field of a row of {link.link.end}"
                findings.with_fields[link.link.end] = table.name
                break


def add_fields(database: Database, findings: Findings) -> None:
    """Add the fields tables to the drafts of events."""
    for draft in findings.events.values():
        for link in findings.to_table(draft.table.name):
            table = database.catalogue.named(link.table)
            if table is None or draft.fields is not None or not link.one or table.name in findings.ignored:
                continue
            if fields := _fields_of(database, findings, table, link.link):
                draft.fields = fields
                names = f"{fields.name} has the names of fields and {fields.value} their values"
                draft.reasons[table.name] = f"{names}; {link.reason}"


def find_fields_of_texts(database: Database, findings: Findings) -> None:
    """Make drafts of tables of texts whose fields tables refer to the texts themselves: one event for each text."""
    for table in database.catalogue.tables:
        text = findings.texts.get(table.name)
        if text is None or table.name in findings.events or table.name in findings.ignored:
            continue
        for link in findings.to_table(table.name):
            other = database.catalogue.named(link.table)
            if other is None or other.name not in findings.part_of or not link.one or other.name in findings.ignored:
                continue
            if fields := _fields_of(database, findings, other, link.link):
                key = table.key or ((ROWID,) if table.rowid else table.names[:1])
                draft = EventDraft(table, key, (text.column,), key, fields=fields, text_form=text.form)
                draft.json += text.json
                draft.reasons["events"] = f"the rows of {other.name} are fields of what each text is about"
                draft.reasons["text"] = text.reason
                findings.events[table.name] = draft
                break


def _fields_of(database: Database, findings: Findings, table: TableInfo, link: Link) -> FieldRows | None:
    """Return how a table holds fields of the rows that a link leads to; None if it holds none."""
    if link.then is not None:
        return None
    free = [name for name in table.names if name not in link.columns]
    labels: list[Label] = []
    name = _named(free, _NAMES, table)
    value = _named([one for one in free if one != name], _VALUES, table)
    if name is None or _is_reference(findings, table.name, name):
        for other in findings.from_table(table.name):
            target = database.catalogue.named(other.link.end)
            if not other.one or target is None or other.link.columns == link.columns or other.link.then:
                continue
            if (
                len(other.link.columns) == 1
                and (label := label_of(target))
                and _SAID_NAMES.intersection(name_words(target.name))
            ):
                name = other.link.columns[0]
                labels.append(Label(name, other.link, label))
                break
        value = _named([one for one in free if one != name], _VALUES, table)
    if name is None or value is None:
        return None
    is_sure = bool(_SAID.intersection(name_words(f"{name} {value}")))
    if not _are_names(table, name, link, are_ids=bool(labels), is_sure=is_sure):
        return None
    if set(name_words(name)) <= _PEOPLE and not labels and not _SAID.intersection(name_words(f"{table.name} {value}")):
        return None
    rest = [one for one in free if one not in (name, value)]
    return FieldRows(
        Link(link.to, table.name, link.columns),
        name,
        value,
        group=_named(rest, _GROUP),
        start=_named(rest, column_names.STARTS),
        end=_named(rest, column_names.ENDS),
        quote=_named(rest, column_names.QUOTE),
        confidence=_named(rest, column_names.CONFIDENCE),
        labels=tuple(labels),
    )


_SAID_NAMES = frozenset(
    (*_SAID, *(word for name in _NAMES for word in name_words(name)), "roles", "keys", "properties")
)


def _named(columns: Sequence[str], names: Iterable[str], table: TableInfo | None = None) -> str | None:
    """Return the column with the first of these names, also behind the name of its table, as in ``slot_name``."""
    own = set(name_words(table.name)) if table else set()
    folded = {"_".join(name_words(column)): column for column in reversed(columns)}
    for column in reversed(columns):
        rest = [word for word in name_words(column) if word not in own and f"{word}s" not in own]
        folded.setdefault("_".join(rest), column)
    return next((folded[name] for name in names if name in folded), None)


def _is_reference(findings: Findings, table: str, column: str) -> bool:
    return any(column in link.link.columns for link in findings.from_table(table))


def _are_names(table: TableInfo, name: str, link: Link, *, are_ids: bool, is_sure: bool) -> bool:
    """Return True if a column has few short values that repeat from event to event, but not within one.

    In a few rows the names need not repeat, if the names of the columns are sure.
    """
    names = table.values(name)
    if not names or (not are_ids and (not all(isinstance(one, str) for one in names) or mean_length(names) > 40)):
        return False
    distinct = len(set(map(str, names)))
    at = [table.names.index(column) for column in link.columns]
    owners: set[Any] = {tuple(row[place] for place in at) for row in table.sample}
    repeat = distinct * 2 <= max(len(names), 4) or (is_sure and len(names) <= _FEW)
    return distinct <= _MOST_NAMES and repeat and len(owners) < len(table.sample)
