"""Asks for a query, with names and values of the file as one types, and the queries of before."""

from typing import TYPE_CHECKING

from db.query import QueryError, compile_query, parse
from tui.widgets.prompt import TextQuestion

if TYPE_CHECKING:
    from tui.screens.searching import Searching

_EXAMPLE = "as in: type:attack status:pending killed>=10 date>=2024-10 -publisher:RBC confidence<0.6"


class QueryQuestions:
    """Asks which events the queue holds."""

    def __init__(self, screen: "Searching") -> None:
        self._screen = screen

    def ask(self) -> None:
        """Ask for the query and show what it finds."""
        screen = self._screen

        def take(text: str, _: bool) -> str | None:
            try:
                screen.show_queue(text.strip())
            except QueryError as error:
                return str(error)
            return None

        def remark(text: str) -> str:
            try:
                compile_query(screen.connection, parse(text))
            except QueryError as error:
                return str(error)
            return _EXAMPLE

        screen.asking.text(TextQuestion("Query", take, screen.queue.query, remark=remark))
