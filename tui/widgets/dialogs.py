"""Asks at the foot of the review screen: one line, one key, or a label of one or two letters, then back to the pane."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from db.errors import NotWrittenError
from tui.widgets.key_prompt import KeyPrompt
from tui.widgets.pane import Pane
from tui.widgets.prompt import TextPrompt, TextQuestion
from tui.widgets.select import SelectPrompt

if TYPE_CHECKING:
    from tui.review.desk import Desk


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question whose answers have labels, shown in a pane: ctrl+d and ctrl+u scroll it.

    ``meanings`` says what each label stands for; ``also`` names further keys. ``show`` draws the labels that begin with
    what was typed so far. ``take`` gets a label or one of the further keys; nothing is drawn any more then.
    """

    question: str
    pane: Pane
    meanings: Mapping[str, str]
    take: Callable[[str], None]
    show: Callable[[str], None]
    also: Mapping[str, str]


class Asking:
    """Asks on one screen. Answers are handed to callbacks, since a task that waits would resume too late."""

    def __init__(self, screen: "Desk") -> None:
        self.screen = screen
        self._pane = "queue"

    def text(self, question: TextQuestion) -> None:
        """Ask for a line of text. The question stays open with the reason while its answer is refused."""
        self._open()

        def take(text: str, again: bool) -> str | None:
            pane = self._close()
            with self._or_again(lambda: self._open(pane)):
                refusal = question.take(text, again)
            if refusal is not None:
                self._open(pane)
            return refusal

        self.screen.query_one(TextPrompt).ask(replace(question, take=take), question.left or self._leave)

    def key(
        self,
        question: str,
        answers: Mapping[str, str],
        take: Callable[[str], None],
        left: Callable[[], None] | None = None,
        leave: str = "leave",
    ) -> None:
        """Ask for one key of ``answers``; escape leaves, which ``leave`` is a word for and ``left`` is told."""
        self._open(lines=False)

        def answered(key: str) -> None:
            pane = self._close()
            if key != "escape":
                with self._or_again(lambda: self._open(pane, lines=False)):
                    take(key)
            elif left is not None:
                left()
            else:
                self.screen.show_selection()

        self.screen.query_one(KeyPrompt).ask(question, answers, answered, leave=leave)

    def label(self, asked: Labelled, typed: str = "") -> None:
        """Ask for a label; a second letter is asked for where the first is not enough."""
        self._open()
        self.screen.show_pane(asked.pane.id or self._pane)  # where one pane is shown at a time
        asked.show(typed)
        answers = {}
        for label, meaning in asked.meanings.items():
            if label.startswith(typed):
                letter = label[len(typed)]
                answers[letter] = meaning if len(label) == len(typed) + 1 else ""
        more = asked.also if not typed else {"backspace": "other letters"}

        def answered(key: str) -> None:
            if key in ("ctrl+d", "ctrl+u"):
                asked.pane.page(1 if key == "ctrl+d" else -1)
                self.label(asked, typed)
                return
            pane_before = self._close()

            def again() -> None:
                self._open(pane_before)
                asked.show(typed)

            if key == "escape":
                self.screen.show_selection()
            elif key == "backspace":
                self.label(asked)
            elif key in answers and typed + key not in asked.meanings:
                self.label(asked, typed + key)
            else:
                self.screen.show_selection()
                with self._or_again(again):
                    asked.take(typed + key if key in answers else key)

        prompt = self.screen.query_one(KeyPrompt)
        prompt.ask(asked.question, {**more, "ctrl+d": "", "ctrl+u": ""}, answered, answers)

    def abandon(self) -> None:
        """Leave any question because the mouse went to a pane: the answer would be about another event or field."""
        for prompt in map(self.screen.query_one, (TextPrompt, KeyPrompt, SelectPrompt)):
            if prompt.display:
                prompt.display = False
                self._show_foot()
                self.screen.clear_labels()

    def make_room(self) -> None:
        """Make room for a prompt that asks by itself about the source, and say its keys."""
        self._open()
        self.screen.show_pane("source")
        self.screen.query_one("#hints").display = True

    def close(self) -> str:
        """Give the pane that had the focus the focus again, and name it."""
        return self._close()

    @contextmanager
    def _or_again(self, again: Callable[[], None]) -> Iterator[None]:
        """Where an answer could not be written yet, have the question as it was: the same key comes again."""
        try:
            yield
        except NotWrittenError:
            again()
            raise

    def _open(self, pane: str | None = None, lines: bool = True) -> None:
        focused = self.screen.focused
        if pane is not None:
            self._pane = pane
        elif focused is not None and focused.id in ("queue", "source", "fields"):
            self._pane = focused.id
        self.screen.make_room(lines)
        self.screen.query_one("#detail").display = False
        self.screen.query_one("#hints").display = False

    def _close(self) -> str:
        self._show_foot()
        self.screen.clear_labels()
        self.screen.show_pane(self._pane)
        self.screen.set_focus(self.screen.query_one(f"#{self._pane}"))
        return self._pane

    def _show_foot(self) -> None:
        self.screen.make_room(False)
        self.screen.query_one("#detail").display = True
        self.screen.query_one("#hints").display = True

    def _leave(self) -> None:
        self._close()
        self.screen.show_selection()
