"""What the reviewer asks, all in one place."""

from typing import TYPE_CHECKING

from tui.review.questions.copying import CopyQuestions
from tui.review.questions.events import EventQuestions
from tui.review.questions.fields import FieldQuestions
from tui.review.questions.picking import ValueQuestions
from tui.review.questions.selecting import SelectQuestions

if TYPE_CHECKING:
    from tui.review.screen import ReviewScreen


class Questions:
    """The questions about the event shown."""

    def __init__(self, screen: "ReviewScreen") -> None:
        self.values = ValueQuestions(screen)
        self.fields = FieldQuestions(screen, self.values)
        self.events = EventQuestions(screen)
        self.marking = SelectQuestions(screen, self.fields, self.values)
        self.copying = CopyQuestions(screen)
