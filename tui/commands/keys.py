"""keys: what every key of the reviewer does, as this person has set them."""

import argparse
import json

from db.model import Value
from tui.config.bindings import SECTIONS
from tui.config.keymap import preset, written
from tui.config.settings import config_file, read_settings
from tui.output.tables import print_rows


def keys(arguments: argparse.Namespace) -> int:
    """Print the keys, or the lines of a configuration file that set them so. Raises InputError for a bad file."""
    keymap = preset(arguments.preset) if arguments.preset else read_settings().keymap
    if arguments.toml:
        lines = [
            # A TOML string is written as one of JSON.
            f"# {item.description}\n{json.dumps(item.id)} = {json.dumps([*map(written, keymap.keys(item))])}"
            for section in SECTIONS
            for item in section.bindings
        ]
        print("\n".join([f"# in {config_file()}", "[keys]", *lines]))
        return 0
    rows: list[list[Value]] = [
        [section.title, keymap.shown(item), item.description, item.id]
        for section in SECTIONS
        for item in section.bindings
    ]
    print_rows(["where", "keys", "what it does", "id"], rows)
    return 0
