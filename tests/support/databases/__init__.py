"""Small databases of many shapes, each with what must be read from it without a hint."""

from support.databases import (
    cells,
    faulty,
    fields_tables,
    joined,
    linked,
    more,
    names,
    prose,
    strangers,
    values,
    without_events,
)

SAMPLES = tuple(
    sample
    for module in (joined, linked, cells, fields_tables, prose, values, names, strangers, faulty, more, without_events)
    for sample in module.SAMPLES
)
