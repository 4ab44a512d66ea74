"""All questions about the open event and its document."""

from tui.review.host import Host
from tui.review.questions.copying import CopyQuestions
from tui.review.questions.events import EventQuestions
from tui.review.questions.fields import FieldQuestions
from tui.review.questions.picking import ValueQuestions
from tui.review.questions.selecting import SelectQuestions
from tui.widgets.select import SelectPrompt


class Questions:
    """The questions of one screen."""

    def __init__(self, host: Host, prompt: SelectPrompt) -> None:
        """``prompt``: where text is selected."""
        values = ValueQuestions(host)
        self.fields = FieldQuestions(host, values)
        self.events = EventQuestions(host)
        self.selecting = SelectQuestions(host, prompt, self.fields, values)
        self.copying = CopyQuestions(host)
