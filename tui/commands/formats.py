"""formats: what can be read and written."""

import argparse

from db.formats.registry import all_formats
from tui.output.tables import print_json, print_rows


def formats(arguments: argparse.Namespace) -> int:
    """List the formats."""
    found = list(all_formats().values())
    if arguments.form == "json":
        print_json(
            [
                {key: getattr(item, key) for key in ("name", "about", "reads", "writes", "loses")}
                | {"options": sorted(item.options), "writing_options": sorted(item.writing_options)}
                for item in found
            ]
        )
        return 0
    print_rows(
        ("format", "what it is", "reads", "writes", "loses"),
        ((item.name, item.about, item.reads or "–", item.writes or "–", item.loses or "–") for item in found),
    )
    return 0
