"""The page on formats lists every installed format, and what it reads and writes."""

import re
from pathlib import Path

from db.formats.registry import all_formats

_PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
_ROW = re.compile(r"^\| `([^`]+)` \| (.+) \| (yes|) \| (yes|) \|$", re.MULTILINE)


def test_the_table_lists_every_format_and_what_it_can_do() -> None:
    table = {name: (reads, writes) for name, _, reads, writes in _ROW.findall(_PAGE.read_text(encoding="utf-8"))}
    formats = {
        name: ("yes" * bool(item.read), "yes" * bool(item.write or item.write_folder))
        for name, item in all_formats().items()
    }
    assert table == formats, "\n" + "\n".join(
        f"| `{name}` | {all_formats()[name].about} | {reads} | {writes} |" for name, (reads, writes) in formats.items()
    )


def test_every_format_has_a_section() -> None:
    headings = re.findall(r"^#+ (.+)$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    described = {name for heading in headings for name in re.findall(r"`([^`]+)`", heading)}
    assert described >= set(all_formats())
