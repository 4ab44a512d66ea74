"""The codebook of a table that is written by a mapping: what each column holds."""

from collections.abc import Iterator

from db.formats.format import Export
from db.formats.tables.mapping.loading import load_mapping
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.write.rows import rows_of
from db.io.csv import csv_of, defused

NAMES = ("column", "field", "about", "kind", "unit", "group")


def write(export: Export) -> Iterator[bytes]:
    """Yield the codebook as CSV, one line per column. Raises InputError like the table itself."""
    mapping = load_mapping(export.mapping or "")
    columns, _ = next(rows_of(export, mapping))
    mapping = mapping.with_columns(columns)
    return csv_of([defused(cell) for cell in row] for row in (NAMES, *_rows(mapping, columns)))


def _rows(mapping: Mapping, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    fields = {item.column: item for item in mapping.fields}
    modifiers = {item.modifier: item.name for item in mapping.fields if item.modifier}
    uses = mapping.uses()
    for column in columns:
        item = fields.get(column)
        if item:
            about = f"values of the field {item.name}"
            if item.separator:
                about += f", separated by {item.separator!r}"
            yield column, item.name, about, item.kind or "", item.unit or "", item.group or ""
        elif column in modifiers:
            yield column, modifiers[column], f"modifier of the number in {modifiers[column]}", "", "", ""
        else:
            use = uses.get(column, "ignored")
            part, _, key = use.partition(".")
            yield column, "", "not used; kept as imported" if use == "ignored" else f"{key} of the {part}", "", "", ""
