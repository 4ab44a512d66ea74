"""Asks at the foot of a screen for a line, a key or a label, then gives the focus back to the pane that had it.

Answers go to callbacks: a task that waits for an answer would resume after the next key was acted on.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from db.errors import NotWrittenError
from tui.widgets.foot import Foot
from tui.widgets.pane import Pane
from tui.widgets.question import LabelQuestion, NumberedQuestion, TextQuestion

_PAGE = 9  # choices that have a digit at a time


class DialogHost(Protocol):
    """What dialogs need of the screen that shows them."""

    def dialog_opened(self, room: bool) -> None:
        """A question is open; with ``room``, one about a pane, which needs room."""

    def dialog_closed(self) -> None:
        """The question is closed: clear what it drew in the panes, and show them as before."""

    def show_pane(self, pane: str) -> None:
        """Bring a pane into view, if only one is shown at a time."""

    def show_selection(self) -> None:
        """Show the selection, which a question may have replaced by what it asked about."""


class Dialogs:
    """The questions of one screen, one at a time."""

    def __init__(self, foot: Foot, host: DialogHost, home: str) -> None:
        """``home``: the id of the pane that gets the focus after a question if none had it before."""
        self._foot = foot
        self._host = host
        self._pane = home

    def text(self, question: TextQuestion) -> None:
        """Ask for a line of text. The question stays open, with the reason, while its answer is refused."""
        self._open()

        def submit(text: str, confirmed: bool) -> str | None:
            pane = self.close()
            with self._reopened_if_unwritten(lambda: self._open(pane)):
                refusal = question.submit(text, confirmed)
            if refusal is not None:
                self._open(pane)
            return refusal

        self._foot.text_prompt.ask(replace(question, submit=submit), question.on_cancel or self._cancel)

    def key(
        self,
        question: str,
        answers: Mapping[str, str],
        submit: Callable[[str], None],
        on_cancel: Callable[[], None] | None = None,
        cancel: str = "cancel",
    ) -> None:
        """Ask for one key of ``answers``. ``cancel`` is the word for escape, and ``on_cancel`` is called on it."""
        self._open(room=False)

        def answered(key: str) -> None:
            pane = self.close()
            if key != "escape":
                with self._reopened_if_unwritten(lambda: self._open(pane, room=False)):
                    submit(key)
            elif on_cancel is not None:
                on_cancel()
            else:
                self._host.show_selection()

        self._foot.key_prompt.ask(question, answers, answered, cancel=cancel)

    def numbered(self, question: NumberedQuestion) -> None:
        """Ask for one of any number of choices: by a digit, page by page, or by a part of its words."""
        choices, first = question.choices, question.first // _PAGE * _PAGE
        shown = range(first, min(first + _PAGE, len(choices)))
        answers = {**question.first_keys, **{str(place - first + 1): choices[place] for place in shown}}
        answers |= question.more_keys
        if len(choices) > _PAGE:
            then = first + _PAGE if first + _PAGE < len(choices) else 0
            answers["tab"] = f"{then + 1}–{min(then + _PAGE, len(choices))} of {len(choices)}"
            answers |= {"shift+tab": "", "slash": "filter"}

        def answered(key: str) -> None:
            if key.isdigit():
                question.submit(first + int(key) - 1)
            elif key in question.first_keys or key in question.more_keys:
                question.pressed(key)
            elif key == "slash":
                self._filter(question)
            else:
                last = (len(choices) - 1) // _PAGE * _PAGE
                before = first - _PAGE if first else last
                self.numbered(replace(question, first=then if key == "tab" else before))

        self.key(question.label, answers, answered)

    def _filter(self, question: NumberedQuestion) -> None:
        numbers = {choice: number for number, choice in reversed(list(enumerate(question.choices)))}

        def submit(text: str, _: bool) -> str | None:
            if text not in numbers:
                return f"no choice matches {text}; esc cancels"
            question.submit(numbers[text])
            return None

        suggestions = tuple(dict.fromkeys(question.choices))
        self.text(TextQuestion(question.label, submit, suggestions=suggestions, pick=True, enter="choose"))

    def label(self, question: LabelQuestion, typed: str = "") -> None:
        """Ask for a label, and for its second letter where the first is not enough."""
        self._open()
        self._host.show_pane(question.pane)
        question.draw(typed)
        answers = {}
        for label, meaning in question.meanings.items():
            if label.startswith(typed):
                letter = label[len(typed)]
                answers[letter] = meaning if len(label) == len(typed) + 1 else ""
        more = question.more_keys if not typed else {"backspace": "other letters"}

        def answered(key: str) -> None:
            if key in ("ctrl+d", "ctrl+u"):
                self._foot.screen.query_one(f"#{question.pane}", Pane).page(1 if key == "ctrl+d" else -1)
                self.label(question, typed)
                return
            pane_before = self.close()

            def reopen() -> None:
                self._open(pane_before)
                question.draw(typed)

            if key == "escape":
                self._host.show_selection()
            elif key == "backspace":
                self.label(question)
            elif key in answers and typed + key not in question.meanings:
                self.label(question, typed + key)
            else:
                self._host.show_selection()
                with self._reopened_if_unwritten(reopen):
                    question.submit(typed + key if key in answers else key)

        keys = {**more, "ctrl+d": "", "ctrl+u": ""}
        self._foot.key_prompt.ask(question.label, keys, answered, answers)

    def abandon(self) -> None:
        """Close any question because the mouse went to a pane: its answer would be about another event or field."""
        for prompt in self._foot.prompts:
            if prompt.display:
                prompt.display = False
                self._close()

    def open_in(self, pane: str) -> None:
        """Make room for a prompt of its own about a pane, and keep the line of keys."""
        self._open()
        self._host.show_pane(pane)
        self._foot.hints.display = True

    def close(self) -> str:
        """Give the focus back to the pane that had it, and return its id."""
        self._close()
        self._host.show_pane(self._pane)
        screen = self._foot.screen
        screen.set_focus(screen.query_one(f"#{self._pane}"))
        return self._pane

    @contextmanager
    def _reopened_if_unwritten(self, reopen: Callable[[], None]) -> Iterator[None]:
        """Open the question again if its answer couldn't be written: the same key is sent again."""
        try:
            yield
        except NotWrittenError:
            reopen()
            raise

    def _open(self, pane: str | None = None, *, room: bool = True) -> None:
        focused = self._foot.screen.focused
        if pane is not None:
            self._pane = pane
        elif isinstance(focused, Pane) and focused.id:
            self._pane = focused.id
        self._host.dialog_opened(room)
        self._foot.show_bars(False)

    def _close(self) -> None:
        self._foot.show_bars(True)
        self._host.dialog_closed()

    def _cancel(self) -> None:
        self.close()
        self._host.show_selection()
