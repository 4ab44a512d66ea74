"""Draws docs/review.svg from the running app on the demo: `uv run python docs/picture.py`."""

import asyncio
import contextlib
import re
import tempfile
from pathlib import Path

from db.decisions.review import Review
from db.demo import make_demo
from tui.review.app import EventdeskApp

TARGET = Path(__file__).with_name("review.svg")
SIZE = (132, 36)
# Correct the place of the handover, then ask who it is that an outlet was taken for: the letters of two fields.
KEYS = ("f", "f", "slash", *"Kell", "enter", "f", "y")


async def picture(folder: Path) -> str:
    """The screen after some keys, as SVG."""
    with contextlib.closing(make_demo(folder / "demo.db")) as connection:
        app = EventdeskApp(Review(connection, "ana"))
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*KEYS)
            await pilot.pause()
            drawn = app.export_screenshot(title="eventdesk")
    # The drawing would fetch its font from the web; the reader's own monospace font does.
    return re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL).replace("Fira Code", "ui-monospace")


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        TARGET.write_text(asyncio.run(picture(Path(folder))), encoding="utf-8")
    print(TARGET)


if __name__ == "__main__":
    main()
