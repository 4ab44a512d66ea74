"""Writes the README's table of keys from the bindings: `uv run python docs/keys.py`."""

from pathlib import Path

from tui.config.bindings import SECTIONS

README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- keys: made by docs/keys.py, checked by tests/tui/test_keys.py -->\n"
END = "<!-- end of keys -->"


def table() -> str:
    """The keys of every pane, as Markdown."""
    lines = []
    for section in SECTIONS:
        lines += [f"**{section.title}**", "", "| key | what it does |", "|---|---|"]
        lines += [f"| {_code(item.key_display or item.key)} | {item.description} |" for item in section.bindings]
        lines.append("")
    return "\n".join(lines)


def _code(keys: str) -> str:
    return " ".join(f"`{key}`" for key in keys.split())


def with_table(readme: str) -> str:
    """The README with the table as it should be."""
    head, rest = readme.split(BEGIN)
    return f"{head}{BEGIN}{table()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
