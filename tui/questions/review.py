"""What the reviewer asks, all in one place."""

from typing import TYPE_CHECKING

from tui.questions.copying import CopyQuestions
from tui.questions.events import EventQuestions
from tui.questions.fields import FieldQuestions
from tui.questions.picking import ValueQuestions
from tui.questions.selecting import SelectQuestions

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Questions:
    """The questions about the event shown."""

    def __init__(self, screen: "ReviewScreen") -> None:
        self.values = ValueQuestions(screen)
        self.fields = FieldQuestions(screen, self.values)
        self.events = EventQuestions(screen)
        self.marking = SelectQuestions(screen, self.fields, self.values)
        self.copying = CopyQuestions(screen)
