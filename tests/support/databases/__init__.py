"""Small databases of many shapes, each with what must be read from it without a hint."""

from support.databases import (
    cells,
    faulty,
    few_rows,
    fields_tables,
    joined,
    linked,
    more,
    names,
    odd_texts,
    prose,
    strangers,
    values,
    without_events,
)

_MODULES = (
    joined, linked, cells, fields_tables, prose, values, names, strangers, odd_texts, faulty, few_rows, more,
    without_events,
)  # fmt: skip
SAMPLES = tuple(sample for module in _MODULES for sample in module.SAMPLES)
