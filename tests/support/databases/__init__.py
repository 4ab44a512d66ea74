"""Small databases of many shapes, each with what must be read from it without a hint."""

from support.databases import cells, fields_tables, joined, linked, names, prose, values, without_events

SAMPLES = tuple(
    sample
    for module in (joined, linked, cells, fields_tables, prose, values, names, without_events)
    for sample in module.SAMPLES
)
