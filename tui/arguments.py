"""Arguments of the command line: the parsers, and the types and options that several commands share."""

import argparse
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from tui.commands import COMMANDS, Command
from tui.text.safe import safe

_LONGEST_NAME = 100

UNUSABLE = 2
"""The exit status for arguments or input that can't be used."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"{self.prog}: {safe(message)}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """Prints the version. argparse's own action would look it up at every start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"{parser.prog} {version('eventdesk')}")
        parser.exit()


def load(name: str) -> Command:
    """Import the module of a command and return the command."""
    command: Command = import_module(f"tui.commands.{COMMANDS[name].module}").COMMANDS[name]
    return command


def parser_of(name: str, command: Command) -> argparse.ArgumentParser:
    """Return the parser of one command's arguments."""
    return _describe(_Parser(prog=f"eventdesk {name}"), name, command)


def root_parser() -> argparse.ArgumentParser:
    """Return the parser of ``eventdesk`` alone, which knows the names of the commands but not their arguments."""
    return _root_and_commands()[0]


def all_parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Return the parser of everything, and its parsers by command. Imports the modules of all commands."""
    root, commands = _root_and_commands()
    for name, parser in commands.items():
        _describe(parser, name, load(name))
    return root, commands


def _root_and_commands() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    parser = _Parser(
        prog="eventdesk",
        description="Review machine-extracted events by keyboard, in one local SQLite file.",
        epilog="Without a command, eventdesk opens its demo: a temporary copy to try the keys on.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    return parser, {name: commands.add_parser(name, help=entry.summary) for name, entry in COMMANDS.items()}


def _describe(parser: argparse.ArgumentParser, name: str, command: Command) -> argparse.ArgumentParser:
    summary = COMMANDS[name].summary
    parser.description = f"{summary[0].upper()}{summary[1:]}.\n\n{command.details}".rstrip()
    parser.epilog = "\n  ".join(["example:", *command.examples])
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    if command.takes_file:
        parser.add_argument("file", type=Path, metavar="DB", help="the eventdesk file")
    command.add_arguments(parser)
    return parser


def text(value: str) -> str:
    """Accept what is searched for or stored. File names may hold any bytes; text must be UTF-8."""
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise argparse.ArgumentTypeError(f"{value} is not UTF-8; set your terminal to UTF-8")
    return value


def reviewer(value: str) -> str:
    """Accept a reviewer's name, without blanks around it: they would make two people of one."""
    name = " ".join(text(value).split())
    if not name or len(name) > _LONGEST_NAME or safe(name) != name:
        raise argparse.ArgumentTypeError(f"a name has 1 to {_LONGEST_NAME} characters, all of them visible")
    return name


def positive(value: str) -> int:
    """Accept a whole number from 1."""
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {value}")
    return number


def add_review_options(parser: argparse.ArgumentParser) -> None:
    """Add the query and the reviewer, as ``review`` and ``serve`` have them."""
    parser.add_argument("--query", type=text, default="", metavar="Q", help="events to review; change it with /")
    parser.add_argument("--reviewer", type=reviewer, metavar="NAME", help="your name on decisions; default: login name")


def add_output_options(parser: argparse.ArgumentParser, *options: str) -> None:
    """Add options of which one may be given, as ``form``: of ``json``, ``csv``, ``ndjson``, ``count``."""
    group = parser.add_mutually_exclusive_group()
    for option in options:
        group.add_argument(f"--{option}", action="store_const", const=option, dest="form", help=_OUTPUT_HELP[option])


_OUTPUT_HELP = {
    "json": "print JSON",
    "csv": "print CSV",
    "ndjson": "print JSON Lines, one object per line",
    "count": "print only the number of events",
}
