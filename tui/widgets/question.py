"""What a prompt asks: the data of a question, and what a line that is typed into tells its prompt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.geometry import Offset

    from db.query.completing import Completion


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """A question answered by a line of text.

    submit: gets the answer, and True if enter was pressed twice on the same text; returns None, or why it is refused.
    initial: the text to begin with, selected so that typing replaces it, unless it counts as ``typed``.
    suggestions: whole answers; with ``pick``, enter submits the first that matches, or the text where none does.
    remark: returns what to say about the text while it is typed.
    multiline: the answer may have several lines.
    on_cancel: called on escape; by default the focus goes back to the pane.
    complete: returns completions at the cursor, given the text and the cursor's place; enter inserts one.
    history: earlier answers, the newest last, reached with ↑.
    enter: what the enter key does, in a word.
    """

    label: str
    submit: Callable[[str, bool], str | None]
    initial: str = ""
    suggestions: tuple[str, ...] = ()
    remark: Callable[[str], str] = lambda _: ""
    typed: bool = False
    multiline: bool = False
    pick: bool = False
    on_cancel: Callable[[], None] | None = None
    complete: "Callable[[str, int], Completion] | None" = None
    history: Sequence[str] = ()
    enter: str = "save"


@dataclass(frozen=True, slots=True)
class LabelQuestion:
    """A question answered by one of the hint letters drawn in a pane.

    pane: the id of the pane that has the letters; ctrl+d and ctrl+u scroll it.
    meanings: what each label means, for the foot; empty if the pane shows it.
    more_keys: further keys and their meanings.
    draw: draws the labels that begin with what was typed so far.
    submit: gets the label or the further key, once the labels are cleared.
    """

    label: str
    pane: str
    meanings: Mapping[str, str]
    submit: Callable[[str], None]
    draw: Callable[[str], None]
    more_keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NumberedQuestion:
    """A question answered by one of any number of choices; nine at a time have the keys 1 to 9.

    choices: what the person can choose, as shown.
    submit: gets the number of the choice, from 0.
    more_keys: further keys and their meanings. pressed: gets one of them.
    first: a choice on the page to begin with.
    first_keys: further keys that are listed before the choices.
    """

    label: str
    choices: Sequence[str]
    submit: Callable[[int], object]
    more_keys: Mapping[str, str] = field(default_factory=dict)
    pressed: Callable[[str], object] = lambda _: None
    first_keys: Mapping[str, str] = field(default_factory=dict)
    first: int = 0


class Typing(Protocol):
    """What a line of text tells the prompt that it belongs to, at once and not by a message.

    A message would be handled after the next key, and keys typed ahead must find the prompt up to date.
    """

    def text_changed(self) -> None:
        """Another text is in the line."""

    def cursor_moved(self) -> None:
        """The cursor is elsewhere in the line."""

    def submit(self) -> None:
        """Enter was pressed."""

    def cancel(self) -> None:
        """Escape was pressed."""

    def complete(self) -> None:
        """Tab was pressed."""

    def chosen_at(self) -> "Offset | None":
        """Return where the suggestion is on the screen that ↓ or ↑ chose; None after any other key."""

    def step(self, step: int) -> None:
        """↓ or ↑ was pressed."""
