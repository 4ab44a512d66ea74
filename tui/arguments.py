"""Arguments of the command line: the parsers, and the types and options that several commands share."""

import argparse
import contextlib
import os
import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from db.errors import InputError
from tui.commands import COMMANDS, Command
from tui.text.safe import safe

_LONGEST_NAME = 100
_TABLE = "sqlite:"  # begins the name of a table
_LIKE_A_FILE = re.compile(r"[./\\:~]")
_LIKENESS = 0.6  # from which difflib counts two words as alike

UNUSABLE = 2
"""The exit status for arguments or input that can't be used."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        unknown = re.match(r"unrecognized arguments: (--[\w-]+)", message)
        options = (option for option in self._option_string_actions if option.startswith("--"))
        similar = _did_you_mean(unknown[1], options) if unknown else ""
        self.exit(UNUSABLE, f"{self.prog}: {safe(message)}{similar}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """Prints the version. argparse's own action would look it up at every start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"{parser.prog} {version('eventdesk')}")
        parser.exit()


def command_of(words: list[str]) -> tuple[str, list[str]]:
    """Return the name of the command that words ask for, and its arguments; an empty name for options alone.

    Without any word, it is ``demo``. A file in place of a command is to be reviewed. Raises InputError for a word that
    is neither.
    """
    if not words:
        return "demo", words
    first = words[0]
    if not first or first.startswith("-"):
        return "", words
    if first in COMMANDS:
        return first, words[1:]
    if os.path.lexists(first) or first.lower().startswith(_TABLE):
        return "review", words
    if _LIKE_A_FILE.search(first):
        folder, name = os.path.split(first)
        with contextlib.suppress(OSError):
            raise InputError(f"{first}: no such file{_did_you_mean(name, os.listdir(folder or '.'))}")
        raise InputError(f"{first}: no such file")
    advice = _did_you_mean(first, COMMANDS) or "; `eventdesk --help` lists the commands"
    raise InputError(f"{first}: no such command or file{advice}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean review?`` with the known word that is most like a word; empty if none is like it."""
    from difflib import get_close_matches

    similar = get_close_matches(word, known, 1, _LIKENESS)
    return f"; did you mean {similar[0]}?" if similar else ""


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
