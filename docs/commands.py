"""Write docs/commands.md from the command line's parsers: `uv run python docs/commands.py`."""

import argparse
from pathlib import Path

from tui.arguments import all_parsers, load
from tui.commands import COMMANDS

PAGE = Path(__file__).with_name("commands.md")
HEAD = """# Commands

`eventdesk` alone opens the demo. Every command explains itself with `--help`; `docs/commands.py` makes this page from
the same texts. Output is a table on a terminal and tab-separated text in a pipe; `-` as a file is standard input or
output.

**Exit status**: 0 done; 1 the answer is no (nothing found, a check failed, some input refused); 2 unusable arguments
or input; 70 eventdesk crashed and wrote a report without your texts ([SECURITY.md](../SECURITY.md)); 128 + N stopped
by signal N.
"""


def page() -> str:
    """Return the page as it should be."""
    _, parsers = all_parsers()
    return "\n".join([HEAD, *(_section(name, parser) for name, parser in parsers.items())])


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    command = load(name)
    summary = COMMANDS[name].summary
    lines = [f"## {name}", "", f"{summary[0].upper()}{summary[1:]}.", ""]
    if command.details:
        lines += [command.details, ""]
    lines += [*(f"    {example}" for example in command.examples), "", "| argument | |", "|---|---|"]
    for action in parser._actions:
        if action.dest != "help":
            lines.append(f"| {_name(action)} | {action.help} |".replace("| |", "|"))
    return "\n".join(lines) + "\n"


def _name(action: argparse.Action) -> str:
    value = action.metavar or ("\\|".join(map(str, action.choices)) if action.choices else "")
    shown = [f"{option} {value}".strip() for option in action.option_strings if action.nargs != 0]
    return ", ".join(f"`{name}`" for name in shown or action.option_strings or [value])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
