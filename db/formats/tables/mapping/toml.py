"""Mappings as TOML: parsed from a file that people write, and written for the mapping screen."""

from dataclasses import fields, replace
from typing import Any, cast

from db.errors import InputError
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import (
    ORDERS,
    DocumentColumns,
    EventColumns,
    MappedField,
    Mapping,
    Markup,
    Order,
    ReviewColumns,
)
from db.formats.tables.mapping.toml_keys import (
    boolean_of,
    choice_of,
    delimiter_of,
    encoding_of,
    ground_of,
    patterns_of,
    positive_of,
    refuse_unknown,
    strings_of,
    table_of,
    text_of,
    texts_of,
)
from db.io.toml import parse_toml
from db.kinds import KINDS, Kind


def parse_mapping(toml: str, where: str) -> Mapping:
    """Return the mapping in a TOML text. Raises InputError that names ``where`` and the key."""
    table = parse_toml(toml, where)
    refuse_unknown(where, table, [item.name for item in fields(Mapping) if item.name != "guessed"])
    mapping = Mapping(
        about=text_of(where, table, "about") or "",
        document=_document(f"{where}: [document]", table_of(where, table, "document")),
        event=_event(f"{where}: [event]", table_of(where, table, "event")),
        review=_review(f"{where}: [review]", table_of(where, table, "review")),
        fields=_fields(where, table.get("fields", [])),
        columns=strings_of(where, table, "columns"),
        ignored=strings_of(where, table, "ignored"),
        missing=strings_of(where, table, "missing"),
        recognise=strings_of(where, table, "recognise"),
        shapes=patterns_of(where, table),
        header=boolean_of(where, table, "header"),
        delimiter=delimiter_of(where, table),
        quoted=boolean_of(where, table, "quoted"),
        encoding=encoding_of(where, table),
        protected=bool(boolean_of(where, table, "protected")),
        markup=_markup(where, table),
    )
    _refuse_contradictions(where, mapping)
    return mapping


def to_toml(mapping: Mapping) -> str:
    """Return a mapping as TOML that ``parse_mapping`` reads back."""
    import tomli_w

    table = _table(replace(mapping, fields=(), document=DocumentColumns(), event=EventColumns(), markup=None))
    for key in ("document", "event", "review"):
        table.pop(key, None)
        if part := _table(getattr(mapping, key)):
            table[key] = part
    if mapping.header is False:
        table["header"] = False
    if mapping.quoted is False:
        table["quoted"] = False
    if mapping.markup:
        table["markup"] = {"column": mapping.markup.column, **mapping.markup.marks}
    if mapping.fields:
        table["fields"] = [_table(item) for item in mapping.fields]
    return tomli_w.dumps(table)


def _table(part: Any) -> dict[str, Any]:
    """Return the keys of a part of a mapping that differ from their defaults."""
    table: dict[str, Any] = {}
    for item in fields(part):
        value = getattr(part, item.name)
        if item.name == "guessed" or (value in (None, (), "", {}, False) and item.name != "column"):
            continue
        if item.name == "confidence_of" and value == 1.0:
            continue
        if item.name in ("id", "title", "text") and len(value) == 1:
            value = value[0]
        if isinstance(value, tuple):
            value = list(value)
        table[item.name] = dict(value) if item.name in ("types", "shapes") else value
    return table


def _document(where: str, table: dict[str, Any]) -> DocumentColumns:
    refuse_unknown(where, table, [item.name for item in fields(DocumentColumns)])
    return DocumentColumns(
        id=strings_of(where, table, "id"),
        title=strings_of(where, table, "title"),
        text=strings_of(where, table, "text"),
        **{key: text_of(where, table, key) for key in ("url", "publisher", "published", "language")},
    )


def _event(where: str, table: dict[str, Any]) -> EventColumns:
    refuse_unknown(where, table, [item.name for item in fields(EventColumns)])
    return EventColumns(
        id=strings_of(where, table, "id"),
        types=texts_of(where, table, "types"),
        confidence_of=positive_of(where, table, "confidence_of"),
        type=text_of(where, table, "type"),
        constant_type=text_of(where, table, "constant_type"),
        extractor=text_of(where, table, "extractor"),
        constant_extractor=text_of(where, table, "constant_extractor"),
        confidence=text_of(where, table, "confidence"),
    )


def _review(where: str, table: dict[str, Any]) -> ReviewColumns:
    keys = [item.name for item in fields(ReviewColumns)]
    refuse_unknown(where, table, keys)
    return ReviewColumns(**{key: text_of(where, table, key) for key in keys})


def _fields(where: str, items: object) -> tuple[MappedField, ...]:
    if not isinstance(items, list):
        raise InputError(f"{where}: fields must be a list of tables: [[fields]]")
    mapped = []
    for number, item in enumerate(items, 1):
        here = f"{where}: field {number}"
        if not isinstance(item, dict):
            raise InputError(f"{here}: must be a table with a column")
        refuse_unknown(here, item, [part.name for part in fields(MappedField)])
        column = item.get("column")
        name = text_of(here, item, "name")
        if not isinstance(column, str):  # "" is a valid name: the index column of a data frame has it
            raise InputError(f'{here}: has no column; add column = "…"')
        here = f"{where}: field {name or column}"
        mapped.append(
            MappedField(
                name or field_names([column])[0],
                column,
                cast("Kind | None", choice_of(here, item, "kind", KINDS)),
                text_of(here, item, "group"),
                text_of(here, item, "unit"),
                text_of(here, item, "separator"),
                text_of(here, item, "modifier"),
                cast("Order | None", choice_of(here, item, "dates", ORDERS)),
                ground_of(here, item),
            )
        )
    return tuple(mapped)


def _refuse_contradictions(where: str, mapping: Mapping) -> None:
    seen: set[tuple[str, str | None]] = set()
    for item in mapping.fields:
        if (item.name, item.group) in seen:
            raise InputError(f"{where}: field {item.name}: two columns have this name and group; rename one")
        seen.add((item.name, item.group))
    for key, columns in (("columns", mapping.columns), ("ignored", mapping.ignored)):
        if len(set(columns)) != len(columns):
            double = next(column for column in columns if columns.count(column) > 1)
            raise InputError(f"{where}: {key} lists {double} twice; remove one")
    if mapping.header is False and not mapping.columns:
        raise InputError(f'{where}: header = false needs columns = ["…"], because the file has no column names')
    if mapping.columns:
        for column, use in mapping.uses().items():
            if column not in mapping.columns:
                raise InputError(f"{where}: {use} names the column {column}, which is missing in columns; add it there")


def _markup(where: str, table: dict[str, Any]) -> Markup | None:
    if "markup" not in table:
        return None
    marks = texts_of(where, table, "markup")
    if "column" not in marks:
        raise InputError(f'{where}: [markup] has no column; add column = "…"')
    return Markup(marks["column"], {mark: column for mark, column in marks.items() if mark != "column"})
