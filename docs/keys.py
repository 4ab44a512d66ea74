"""Write docs/keys.md from the bindings: `uv run python docs/keys.py`."""

from pathlib import Path

from tui.config.bindings import SECTIONS

PAGE = Path(__file__).with_name("keys.md")
HEAD = """# Keys

Every key of the reviewer, by pane. `?` shows them in the app, and `eventdesk keys` as you have set them.
[Set up](set-up.md) says how to change one. `docs/keys.py` makes this page.
"""


def page() -> str:
    """Return the page as it should be."""
    lines = [HEAD]
    for section in SECTIONS:
        lines += [f"## {section.title}", "", "| key | what it does |", "|---|---|"]
        lines += [f"| {_code(item.key_display or item.key)} | {item.description} |" for item in section.bindings]
        lines.append("")
    return "\n".join(lines)


def _code(keys: str) -> str:
    return " ".join(f"`{key}`" for key in keys.split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
