"""A question at the foot of the screen that one key answers, while the panes stay visible above."""

import string
from collections.abc import Callable, Mapping
from time import monotonic
from types import MappingProxyType
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset, Size
from textual.widget import Widget

from db.errors import NotWrittenError
from tui.runtime.screen import SingleLayout
from tui.text.safe import safe
from tui.widgets.bar import PlainLinks, clickable, fitted

_KEYS = [
    *string.ascii_letters, *string.digits, "enter", "escape", "tab", "shift+tab", "up", "down", "full_stop", "slash",
    "space", "backspace", "ctrl+d", "ctrl+u", "plus", "equals_sign",
]  # fmt: skip
_LINES_WITH_LABELS = 4
_KEY_NAMES = {"escape": "esc", "slash": "/", "backspace": "⌫", "plus": "+", "equals_sign": "="}


class KeyPrompt(PlainLinks, SingleLayout, Widget, can_focus=True):
    """A question answered by one key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"answer('{key}')", priority=True, show=False) for key in _KEYS
    ]
    DEFAULT_CSS = """
    KeyPrompt { height: auto; display: none; padding: 0 1; background: $surface; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._answers: Mapping[str, str] = {}
        self._labels: Mapping[str, str] = {}
        self._submit: Callable[[str], None] = lambda _: None
        self._question = ""
        self._cancel = "cancel"
        self.ignored_at = 0.0  # when a key was pressed that answers nothing

    def ask(
        self,
        question: str,
        answers: Mapping[str, str],
        submit: Callable[[str], None],
        labels: Mapping[str, str] = MappingProxyType({}),
        cancel: str = "cancel",
    ) -> None:
        """Ask for a key, and call ``submit`` with it or with ``escape``.

        answers: what each key means; one with an empty meaning is not shown.
        labels: answers that are shown in a pane too, of which as many are listed as fit.
        cancel: what escape means.
        """
        self._cancel = cancel
        self._question, self._answers, self._labels, self._submit = question, answers, labels, submit
        self._stay()
        self.refresh(layout=True)

    def on_key(self) -> None:
        """Note when a key was pressed that can't be an answer."""
        self.ignored_at = monotonic()

    def reword(self, question: str) -> None:
        """Replace the question's text by one of about the same length."""
        self._question = question
        self.refresh()

    def action_answer(self, key: str) -> None:
        """Submit a key, or ignore one that answers nothing."""
        if key != "escape" and key not in self._answers and key not in self._labels:
            self.ignored_at = monotonic()
            return
        self.display = False
        try:
            self._submit(key)
        except NotWrittenError:
            self._stay()
            raise

    def _stay(self) -> None:
        self.display = True
        self.screen.set_focus(self)  # not focus(), which waits until the next keys were acted on

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 (Textual's call)
        """Return the number of lines that the question and its keys need."""
        return len(self._wrapped(width))

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the question begins on the screen."""
        return self.content_region.offset

    def render(self) -> Content:
        """The question and its keys."""
        return Content("\n").join(self._wrapped(self.size.width))

    def _wrapped(self, width: int) -> list[Content]:
        """Wrap the keys without breaking between a key and its meaning, as Textual would."""
        lines = [fitted(Content.styled(safe(self._question), "bold")).truncate(width, ellipsis=True)]
        gap = "   "
        for key, meaning in [*self._answers.items(), ("escape", self._cancel)]:
            if meaning:
                _add_answer(lines, key, meaning, width, gap)
                gap = " · "
        most = max(_LINES_WITH_LABELS, len(lines))
        if any(self._labels.values()):
            lines.append(Content(""))
        for key, meaning in self._labels.items():
            if meaning:
                _add_answer(lines, key, meaning, width, gap)
        return lines[: max(1, min(most, self.screen.size.height - 1))]


def _add_answer(lines: list[Content], key: str, meaning: str, width: int, gap: str) -> None:
    answer = fitted(Content.assemble((_KEY_NAMES.get(key, key), "bold reverse"), f" {safe(meaning)}"))
    answer = clickable(answer, f"answer('{key}')")
    if not lines[-1].plain:
        lines[-1] = answer.truncate(width, ellipsis=True)
    elif lines[-1].cell_length + len(gap) + answer.cell_length <= width:
        lines[-1] = Content.assemble(lines[-1], gap, answer)
    else:
        lines.append(answer.truncate(width, ellipsis=True))
