"""formats, keys and completions: what eventdesk offers, without a file."""

import argparse
import json

from db.model import Value
from tui.arguments import add_output_options, all_parsers
from tui.commands import Command
from tui.output.tables import print_json, print_rows

_FILE_METAVARS = ("DB", "FILE", "NEW")


def _add_formats_arguments(parser: argparse.ArgumentParser) -> None:
    add_output_options(parser, "json")


def formats(arguments: argparse.Namespace) -> int:
    """Print the formats."""
    from db.formats.registry import all_formats

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


def _add_keys_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=("vim", "arrows"), help="print a shipped set of keys instead of yours")
    parser.add_argument("--toml", action="store_true", help="print the keys as lines for the configuration file")


def keys(arguments: argparse.Namespace) -> int:
    """Print the keys, or the lines of a configuration file that set them. Raises InputError for an invalid file."""
    from tui.config.bindings import SECTIONS
    from tui.config.keymap import preset, written
    from tui.config.settings import config_file, read_settings

    keymap = preset(arguments.preset) if arguments.preset else read_settings().keymap
    if arguments.toml:
        lines = [
            # A JSON string is a TOML string, too.
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


def _add_completions_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="your shell")


def completions(arguments: argparse.Namespace) -> int:
    """Print a completion script, made from the arguments of every command."""
    import shtab

    root, commands = all_parsers()
    for parser in commands.values():
        for action in parser._actions:
            if action.metavar in _FILE_METAVARS:
                setattr(action, "complete", shtab.FILE)  # noqa: B010 (an attribute that shtab reads and mypy rejects)
    print(shtab.complete(root, shell=arguments.shell))
    return 0


COMMANDS = {
    "formats": Command(
        formats, ("eventdesk formats", "eventdesk formats --json"), _add_formats_arguments, takes_file=False
    ),
    "keys": Command(
        keys,
        ("eventdesk keys", "eventdesk keys --toml >> ~/.config/eventdesk/config.toml"),
        _add_keys_arguments,
        takes_file=False,
    ),
    "completions": Command(
        completions,
        (
            "eventdesk completions bash > ~/.local/share/bash-completion/completions/eventdesk",
            "eventdesk completions zsh > ~/.zfunc/_eventdesk",
            "eventdesk completions fish > ~/.config/fish/completions/eventdesk.fish",
        ),
        _add_completions_arguments,
        takes_file=False,
    ),
}
