"""Write the table of rooms in docs/design.md from the folders' docstrings: `uv run python docs/rooms.py`."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "design.md"
BEGIN = "<!-- rooms: made by docs/rooms.py, checked by tests/test_architecture.py -->\n"
END = "<!-- end of rooms -->"


def rooms() -> dict[str, str]:
    """Return the docstring of each folder with modules, on one line."""
    docstrings = {}
    for path in sorted(file for package in ("db", "tui") for file in (ROOT / package).rglob("__init__.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        docstrings[path.parent.relative_to(ROOT).as_posix()] = re.sub(r"\s+", " ", docstring)
    return docstrings


def page(text: str) -> str:
    """Return the page with the table as it should be."""
    head, rest = text.split(BEGIN)
    rows = [
        f"| `{name}/` | {docstring.replace('``', '`').replace('|', '&#124;')} |" for name, docstring in rooms().items()
    ]
    table = "\n".join(["| folder | what lives there and what it may import |", "|---|---|", *rows, ""])
    return f"{head}{BEGIN}{table}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
