"""Asks at the foot of the mapping screen, then goes back to the columns."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.widgets.key_prompt import KeyPrompt
from tui.widgets.prompt import TextPrompt
from tui.widgets.question import TextQuestion

if TYPE_CHECKING:
    from tui.mapping.screen import MappingScreen


class Asking:
    """Asks on one screen. Answers are handed to callbacks, since a task that waits would resume too late."""

    def __init__(self, screen: "MappingScreen") -> None:
        self._screen = screen

    def text(self, question: TextQuestion) -> None:
        """Ask for a line of text. The question stays open with the reason while its answer is refused."""
        self._open()

        def take(text: str, again: bool) -> str | None:
            self._close()
            refusal = question.submit(text, again)
            if refusal is not None:
                self._open()
            return refusal

        self._screen.query_one(TextPrompt).ask(replace(question, submit=take), self._close)

    def key(self, question: str, answers: Mapping[str, str], take: Callable[[str], None], leave: str = "leave") -> None:
        """Ask for one key of ``answers``; escape leaves, which ``leave`` is a word for."""
        self._open()

        def answered(key: str) -> None:
            self._close()
            if key != "escape":
                take(key)

        self._screen.query_one(KeyPrompt).ask(question, answers, answered, cancel=leave)

    def abandon(self) -> None:
        """Leave any question, because the mouse went elsewhere."""
        for prompt in (self._screen.query_one(TextPrompt), self._screen.query_one(KeyPrompt)):
            if prompt.display:
                prompt.display = False
                self._close()

    def _open(self) -> None:
        self._show_lines(False)

    def _close(self) -> None:
        self._show_lines(True)
        self._screen.set_focus(self._screen.columns_pane)
        self._screen.show_foot()

    def _show_lines(self, shown: bool) -> None:
        for name in ("#detail", "#hints"):
            self._screen.query_one(name).display = shown
