"""Textual's text inputs, drawing and measuring only text that is safe for a terminal.

Textual draws control characters of a value as they are, and splits pasted lines at characters that aren't line ends
here. No upstream issue known; written for Textual 8.2, check on upgrade.
"""

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Offset
from textual.widgets import Input

from tui.text.safe import measured, safe


class SafeInput(Input):
    """A line of text. A frame may be painted between a paste and the code that makes the value safe."""

    @property
    def _value(self) -> Text:
        return Text(measured(safe(self.value)), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(measured(safe(self.value[:position])))

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the cursor is drawn; at the end of the text, Textual's is a cell too far right."""
        left, top, _, _ = self.content_region
        return Offset(left + self._position_to_cell(self.cursor_position) - self.scroll_offset.x, top)
