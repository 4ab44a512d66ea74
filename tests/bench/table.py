"""Prints what was measured as Markdown."""

import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.figures import Figure, amount
from bench.measuring import Measured


def machine() -> str:
    """The machine and the versions, in a line or two."""
    cpu = _first("/proc/cpuinfo", "model name")
    memory = int(_first("/proc/meminfo", "MemTotal").split()[0]) / 1024**2
    shell = "none"
    if shutil.which("sqlite3"):
        shell = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True).stdout.split()[0]
    return (
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GB of memory, {platform.system()} {platform.release()};"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} (shell {shell}),"
        f" Textual {version('textual')}, sqlite-utils {version('sqlite-utils')}."
        f" Load when it began: {os.getloadavg()[0]:.1f}."
    )


def _first(file: str, key: str) -> str:
    for line in Path(file).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "?"


def of_one_size(measured: Measured, size_on_disk: int) -> str:
    """The table of one file."""
    lines = [
        f"## {measured.events:,} events",
        "",
        f"{-(-measured.events // 5):,} documents, {measured.events * 10:,} fields, {size_on_disk / 1e9:.2f} GB.",
        "",
        "| figure | eventdesk | p95 | floor | ratio | limit | met | others |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(figure) for figure in measured.figures]
    floors = dict.fromkeys(figure.floor_of for figure in measured.figures if figure.floor)
    lines += ["", "Floors: " + "; ".join(floors) + "."]
    if measured.peers:
        lines += ["", *(f"- {peer.name} {peer.version}: {peer.did}" for peer in measured.peers)]
    lines += ["", *(f"Failed: {failure}" for failure in measured.failed)]
    return "\n".join(lines).rstrip() + "\n"


def _row(figure: Figure) -> str:
    measured, floor, limit = figure.measured, figure.floor, figure.limit
    met = limit.met(measured, floor) if limit else None
    cells = (
        figure.name.replace("|", "\\|"),
        str(measured),
        amount(measured.high) if len(measured.values) > 1 else "",
        str(floor) if floor else "",
        f"{amount(measured.median / floor.median)}×" if floor else "",
        limit.words(measured.unit) if limit else "",
        {True: "yes", False: "**no**", None: ""}[met],
        ", ".join(f"{name} {took}" for name, took in figure.peers.items()),
    )
    return f"| {' | '.join(cells)} |"


def of_growth(all_measured: Sequence[Measured]) -> str:
    """How each figure grows with the file."""
    names = list(dict.fromkeys(figure.name for one in all_measured for figure in one.figures))
    sizes = [f"{one.events:,}" for one in all_measured]
    lines = [
        "## How it grows",
        "",
        f"| figure, median | {' | '.join(sizes)} |",
        f"|---{'|---' * len(sizes)}|",
    ]
    for name in names:
        by_size = [next((str(f.measured) for f in one.figures if f.name == name), "") for one in all_measured]
        lines.append(f"| {name} | {' | '.join(by_size)} |")
    return "\n".join(lines) + "\n"
