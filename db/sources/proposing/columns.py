"""Says what each column of an event table is, and makes the mapping: by the guesses that CSV files get too."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name
from db.formats.tables.read.guessed_kinds import guess_kind
from db.formats.tables.read.guessing import Columns, take_place
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import ROWID, Joined, Label
from db.sources.proposing.documents import document_of_row, joined_document
from db.sources.proposing.events import is_payload
from db.sources.proposing.findings import EventDraft, Findings
from db.sources.proposing.matching import comparable_key, follow, some_values
from db.sources.proposing.texts import mean_words
from db.sources.proposing.vocabulary import stems, type_of_table

_MOST_IN_TITLE = 3  # columns
_LONGEST_ROW = 60  # words of a column that is no text, from which it is the raw output of a model
_EVENT = frozenset("event incident attack crime conflict".split())
_TYPES = frozenset("type kind category class code".split())
_OTHER_TYPES = frozenset(
    "sub subtype source media mime file content date geo weapon weaptype1 targtype1 target".split()
)
_RAW = frozenset("raw prompt response output completion answer html embedding vector json payload metadata".split())


def map_columns(database: Database, findings: Findings, draft: EventDraft) -> Mapping:
    """Return the mapping of an event table, and add the columns that it needs of other tables to the draft."""
    table = draft.table
    document = joined_document(database, findings, draft)
    rows = _sample(database, draft)
    taken = {*draft.key, *draft.used, *draft.document_id, *draft.text, *draft.roles.values()}
    taken |= {column for item in draft.one_hot for column in item.columns}
    taken |= (
        {item.column for item in draft.mapped} | {draft.each or ""} | {path.partition(".")[0] for path in draft.json}
    )
    own = [name for name in table.names if name not in taken]
    at = [table.names.index(name) for name in own]
    seen = Columns(own, [[row[one] for one in at] for row in rows])
    text_in_row = draft.text[0] if draft.document_table is None and draft.text else None
    if text_in_row or not draft.text:
        document = document_of_row(draft, seen, table, document)
    event = _event(draft, seen, database, findings)
    ignored = [name for name in seen.remaining if _is_technical(findings, draft, name, seen.values(name))]
    fields = [name for name in seen.remaining if name not in ignored]
    fields.sort(key=own.index)
    names = field_names([_shown_name(draft, name) for name in fields], [item.name for item in draft.mapped])
    mapped = [_field(name, column, seen.values(column)) for name, column in zip(names, fields, strict=True)]
    mapped = _with_places(mapped, seen)
    if not draft.text and not document.title and document.id in ((), draft.key):
        document = _titled(draft, document, event, (*draft.mapped, *mapped))
    places = dict.fromkeys(column for item in (*draft.mapped, *mapped) for column in item.place_columns)
    mapped = [item for item in mapped if item.column not in places]
    used = set(replace(Mapping(), document=document, event=event).uses())
    ignored += [name for name in draft.key if name not in used and name in table.names]
    ignored += [name for name in draft.used if name not in used]
    return Mapping(
        document=document,
        event=event,
        fields=(*draft.mapped, *mapped),
        ignored=tuple(dict.fromkeys(name for name in (*ignored, *places) if name != ROWID)),
        guessed=True,
    )


def _shown_name(draft: EventDraft, column: str) -> str:
    """Return a column's name; of ids that labels replace, without the word for an id: ``place_id`` is ``place``."""
    if not any(label.column == column and not label.several for label in draft.labels):
        return column
    return re.sub(r"(?i)(?<=.)[_ -]?(id|key|fk|ref|code)$", "", column) or column


def _event(draft: EventDraft, seen: Columns, database: Database, findings: Findings) -> EventColumns:
    event_type = (
        draft.roles.get("event.type")
        or seen.take(column_names.TYPE, seen.is_type)
        or _label_of_type(draft, seen)
        or _like_a_type(seen)
    )
    confidence = draft.roles.get("event.confidence") or seen.take(column_names.CONFIDENCE, seen.is_confidence)
    extractor = (
        draft.roles.get("event.extractor")
        or seen.take(column_names.EXTRACTOR, seen.is_text)
        or seen.take(column_names.CODER, seen.is_there)
    )
    run = draft.roles.get("event.run") or seen.take(column_names.RUN, seen.is_there)
    start, end, quote = take_place(seen, seen.is_text)
    if extractor is None or run is None:
        extractor, run = _of_the_run(draft, database, findings, extractor, run)
    for name, column in (("type", event_type), ("confidence", confidence), ("extractor", extractor), ("run", run)):
        if column:
            draft.reasons.setdefault(column, f"named like the {name} of an event")
    if quote:
        draft.reasons[quote] = "named like a quote of the text"
    if start and end:
        draft.reasons[start] = f"{start} and {end} are named like a place in the text"
    return EventColumns(
        draft.key if draft.each is None else (),
        event_type,
        constant_type=type_of_table(draft.table.name),
        extractor=extractor,
        run=run,
        confidence=confidence,
        confidence_of=seen.scale(confidence) if confidence in draft.table.names and confidence else 1.0,
        start=start,
        end=end,
        quote=quote,
    )


def _like_a_type(seen: Columns) -> str | None:
    """Return the column whose name has the word for a type in it, such as ``attacktype1_txt``, if few values repeat."""
    for column in list(seen.remaining):
        words, values = set(stems(column)), seen.values(column)
        is_named = any("type" in word for word in words) or bool(words & _EVENT and words & _TYPES)
        is_sure = bool(words & _EVENT and words & _TYPES) or len(set(values)) < len(values)
        if is_named and is_sure and not words & _OTHER_TYPES and values and seen.is_type(column):
            seen.remaining.remove(column)
            return column
    return None


def _label_of_type(draft: EventDraft, seen: Columns) -> str | None:
    """Return the column whose labels are the types, such as ``event_type_id`` or ``category_id``."""
    for label in draft.labels:
        if label.several or label.column not in seen.remaining:
            continue
        words = stems(label.column)
        is_type = "_".join(words[:-1]) in column_names.TYPE or "_".join(stems(label.link.end)) in column_names.TYPE
        if is_type and seen.is_type(label.column):
            seen.remaining.remove(label.column)
            return label.column
    return None


def _of_the_run(
    draft: EventDraft, database: Database, findings: Findings, extractor: str | None, run: str | None
) -> tuple[str | None, str | None]:
    """Return the extractor and the run, from a table of runs or models if the row refers to one."""
    labels = {label.column for label in draft.labels}
    for link in findings.from_table(draft.table.name):
        other = database.catalogue.named(link.link.end)
        if other is None or not link.one or other.name in (draft.document_table, draft.table.name):
            continue
        if labels & set(link.link.columns) or not set(stems(other.name)) & {
            "run",
            "extraction",
            "model",
            "extractor",
            "batch",
            "job",
        }:
            continue
        seen = Columns(other.names, [[_plain(cell) for cell in row] for row in other.sample])
        found = seen.take((*column_names.EXTRACTOR, "name"), seen.is_text) if extractor is None else None
        if found is None or any(item.name == other.name for item in draft.joined):
            continue
        draft.joined.append(Joined(other.name, link.link, (found,)))
        draft.reasons[f"{other.name}.{found}"] = link.reason
        extractor = f"{other.name}.{found}"
        if run is None and "run" in stems(other.name):
            run = link.link.columns[0]
    return extractor, run


def _is_technical(findings: Findings, draft: EventDraft, column: str, values: list[Any]) -> bool:
    """Return True if a column is no field: times of writing, references, bytes, and raw output."""
    if not is_payload(draft.table, column):
        draft.reasons.setdefault(column, "technical")
        return True
    if (draft.each or draft.fields) and draft.document_table is None and draft.document_id == draft.key:
        draft.reasons.setdefault(column, "describes the text, whose events are in its row")
        return True
    if any(label.column == column for label in draft.labels):
        return False
    if folded_name(column) in column_names.EVENT_ID and len(set(map(str, values))) == len(draft.table.sample) > 1:
        draft.reasons.setdefault(column, "identifies the row")
        return True
    if any(isinstance(value, bytes) for value in values):
        draft.reasons.setdefault(column, "holds bytes")
        return True
    link = next((one for one in findings.from_table(draft.table.name) if column in one.link.columns), None)
    if link is not None:
        draft.reasons.setdefault(column, link.reason)
        return True
    if set(stems(column)) & _RAW and mean_words(values) >= _LONGEST_ROW:
        draft.reasons.setdefault(column, "the raw output of a program")
        return True
    return False


def _titled(
    draft: EventDraft, document: DocumentColumns, event: EventColumns, fields: Iterable[MappedField]
) -> DocumentColumns:
    """Return the document of a row without a text, whose title is what can be read of its event: when, where, what."""
    by_kind: dict[str, list[str]] = {}
    for item in fields:
        if item.column in draft.table.names:
            by_kind.setdefault(item.kind or "", []).append(item.column)
    found = [by_kind[kind][0] for kind in ("date", "place") if kind in by_kind]
    found += [event.type] if event.type in draft.table.names and event.type else []
    found += [column for kind in ("actor", "text") for column in by_kind.get(kind, ())]
    return replace(document, id=document.id or draft.key, title=tuple(found[:_MOST_IN_TITLE]))


def _field(name: str, column: str, values: list[Any]) -> MappedField:
    guessed = guess_kind(column, [value for value in values if not str(value).startswith("0000-00")])
    return MappedField(name, column, guessed.kind, unit=guessed.unit)


def _with_places(fields: list[MappedField], seen: Columns) -> list[MappedField]:
    """Give each field the columns of its own place: ``trigger_start``, ``trigger_end`` and ``trigger_quote``."""
    by_words = {column_names.folded_name(item.column): item for item in fields}
    found = []
    for item in fields:
        folded = column_names.folded_name(item.column)
        bases = [folded] + [
            folded.removesuffix(end) for end in ("_text", "_word", "_name", "_value") if folded.endswith(end)
        ]
        starts = [
            by_words[f"{base}_{end}"].column
            for base in bases
            for end in ("start", "begin", "offset", "start_char", "start_offset")
            if f"{base}_{end}" in by_words
        ]
        ends = [
            by_words[f"{base}_{end}"].column
            for base in bases
            for end in ("end", "end_char", "end_offset")
            if f"{base}_{end}" in by_words
        ]
        quotes = [
            by_words[f"{base}_{end}"].column
            for base in bases
            for end in ("quote", "evidence", "snippet", "sentence", "span")
            if f"{base}_{end}" in by_words
        ]
        quotes = [column for column in quotes if seen.is_text(column)]
        if starts and ends and seen.is_offset(starts[0]) and seen.is_offset(ends[0]):
            item = replace(item, start=starts[0], end=ends[0])
        if quotes:
            item = replace(item, quote=quotes[0])
        found.append(item)
    return found


def _sample(database: Database, draft: EventDraft) -> list[list[Any]]:
    """Return the sample of an event table with the labels of its look-ups in place of their ids."""
    rows = [[_plain(cell) for cell in row] for row in draft.table.sample]
    for label in draft.labels:
        if not label.several and label.column in draft.table.names:
            _put_labels(database, draft.table, label, rows)
    return rows


def _put_labels(database: Database, table: TableInfo, label: Label, rows: list[list[Any]]) -> None:
    found = follow(database, label.link, (label.label,), some_values(table, label.link.columns, len(rows) or 1))
    at = [table.names.index(column) for column in label.link.columns]
    place = table.names.index(label.column)
    for row, cells in zip(table.sample, rows, strict=True):
        if labels := found.get(comparable_key(row[one] for one in at)):
            cells[place] = labels[0][0]


def _plain(cell: Any) -> Any:
    return "" if cell is None else cell
