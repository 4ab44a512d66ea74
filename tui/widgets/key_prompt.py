"""A question at the foot of the screen that one key answers. The panes stay in view above."""

import string
from collections.abc import Callable, Mapping
from time import monotonic
from types import MappingProxyType
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from db.errors import NotWrittenError
from tui.runtime.steady import Steady
from tui.text.safe import safe
from tui.widgets.bar import PlainLinks, clickable, fitted

_GAP = 3  # cells between the answers
_KEYS = [
    *string.ascii_letters, *string.digits, "enter", "escape", "tab", "shift+tab", "up", "down", "full_stop", "slash",
    "space", "backspace", "ctrl+d", "ctrl+u", "plus", "equals_sign",
]  # fmt: skip
_LINES_WITH_LABELS = 4
_KEY_NAMES = {
    "escape": "esc",
    "enter": "↵",
    "space": "␣",
    "slash": "/",
    "backspace": "⌫",
    "plus": "+",
    "equals_sign": "=",
}


class KeyPrompt(PlainLinks, Steady, Widget, can_focus=True):
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
        self._take: Callable[[str], None] = lambda _: None
        self._question = ""
        self._leave = "leave"
        self.ignored_at = 0.0  # when a key came that is no answer

    def ask(
        self,
        question: str,
        answers: Mapping[str, str],
        take: Callable[[str], None],
        labels: Mapping[str, str] = MappingProxyType({}),
        leave: str = "leave",
    ) -> None:
        """Ask. ``answers`` says what each key means; an empty text hides it. ``take`` gets the key, or escape.

        ``labels`` are answers that stand elsewhere on the screen too: as many are told as there is room for. ``leave``
        says what escape means.
        """
        self._leave = leave
        self._question, self._answers, self._labels, self._take = question, answers, labels, take
        self._stay()
        self.refresh(layout=True)

    def on_key(self) -> None:
        """Take note of a key that can be no answer."""
        self.ignored_at = monotonic()

    def reword(self, question: str) -> None:
        """Say the question in other words of about the same length."""
        self._question = question
        self.refresh()

    def action_answer(self, key: str) -> None:
        """Take a key; one that means nothing is left, with the question as it stands."""
        if key != "escape" and key not in self._answers and key not in self._labels:
            self.ignored_at = monotonic()
            return
        self.display = False
        try:
            self._take(key)
        except NotWrittenError:
            self._stay()
            raise

    def _stay(self) -> None:
        self.display = True
        self.screen.set_focus(self)  # not focus(), which waits until the next keys were acted on

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 (Textual's call)
        """As many lines as the question and its keys take."""
        return len(self._wrapped(width))

    def render(self) -> Content:
        """The question and its keys."""
        return Content("\n").join(self._wrapped(self.size.width))

    def _wrapped(self, width: int) -> list[Content]:
        """Lines that keep a key and its meaning together; Textual would break between the two."""
        lines = [fitted(Content.styled(safe(self._question), "bold")).truncate(width, ellipsis=True)]
        for key, meaning in [*self._answers.items(), ("escape", self._leave)]:
            _add_answer(lines, key, meaning, width)
        most = max(_LINES_WITH_LABELS, len(lines))
        if any(self._labels.values()):
            lines.append(Content(""))
        for key, meaning in self._labels.items():
            _add_answer(lines, key, meaning, width)
        return lines[:most]


def _add_answer(lines: list[Content], key: str, meaning: str, width: int) -> None:
    if not meaning:
        return
    answer = fitted(Content.assemble((_KEY_NAMES.get(key, key), "bold reverse"), f" {safe(meaning)}"))
    answer = clickable(answer, f"answer('{key}')")
    if not lines[-1].plain:
        lines[-1] = answer.truncate(width, ellipsis=True)
    elif lines[-1].cell_length + _GAP + answer.cell_length <= width:
        lines[-1] = Content.assemble(lines[-1], " " * _GAP, answer)
    else:
        lines.append(answer.truncate(width, ellipsis=True))
