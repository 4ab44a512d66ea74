"""Installs eventdesk and a bare Textual app side by side, so that both start as a user starts a program."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BARE = """
from textual.app import App
from textual.widgets import Label

class Bare(App):
    BINDINGS = [("j", "more"), ("q", "quit")]
    ENABLE_COMMAND_PALETTE = False
    n = 0

    def compose(self):
        yield Label("ready 0", id="label")

    def action_more(self):
        self.n += 1
        {act}
        self.query_one("#label").update(f"ready {{self.n}}")

def main():
    {before}
    Bare().run()
"""
_COMMIT = "connection.execute('INSERT INTO decisions (text) VALUES (?)', ('decided ' * 40,))"
_OPEN = """import sqlite3, sys
    global connection
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS decisions (id INTEGER PRIMARY KEY, text TEXT)")"""
_MODULES = {
    "bare_label": _BARE.format(act="pass", before="pass"),
    "bare_commit": _BARE.format(act=_COMMIT, before=_OPEN),
}
_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "bare"
version = "0"

[project.scripts]
bare-label = "bare_label:main"
bare-commit = "bare_commit:main"

[tool.hatch.build.targets.wheel]
include = ["*.py"]
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """Commands of one environment: eventdesk, and bare apps that show a label.

    ``label`` redraws the label at ``j``; ``commit`` takes a file, and commits a row to it before that.
    """

    eventdesk: str
    label: str
    commit: str


def install(folder: Path) -> Installed:
    """Make the environment in ``folder``, with compiled modules as after a first start."""
    environment, bare = folder / "installed", folder / "bare"
    bare.mkdir()
    (bare / "pyproject.toml").write_text(_PROJECT, encoding="utf-8")
    for name, code in _MODULES.items():
        (bare / f"{name}.py").write_text(code, encoding="utf-8")
    for command in (
        ["uv", "venv", "--quiet", str(environment)],
        ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", str(environment), str(ROOT), str(bare)],
    ):
        subprocess.run(command, check=True)
    return Installed(*(str(environment / "bin" / name) for name in ("eventdesk", "bare-label", "bare-commit")))
