"""Asks for a query, with names and values of the file as one types, and the queries of before; and for a place."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from db.errors import EventdeskError, NotWrittenError
from db.query import QueryError, check_query, parse
from db.store.reading import find_event_ids
from tui.review.query_history import read_history, remember
from tui.widgets.question import TextQuestion

if TYPE_CHECKING:
    from db.model import Event, Field
    from db.query.completing import Completion
    from tui.review.moving import Moving

_OPTIONS = 5
_EXAMPLE = "as in: type:attack status:pending killed>=10 date>=2024-10 -publisher:RBC confidence<0.6"


class QueryQuestions:
    """Asks which events a screen holds, and where in them to go."""

    def __init__(self, screen: "Moving") -> None:
        self._screen = screen

    def ask(self) -> None:
        """Ask for the query and show what it finds."""
        self._ask("Query", self._screen.queue.query, self._screen.show_queue)

    def save(self) -> None:
        """Ask for a name and keep the query under it; one that has a query is asked for twice."""
        from db.query.saved import read_saved_queries, save_query

        screen = self._screen
        query = screen.queue.query
        saved = {item.name.casefold(): item.query for item in read_saved_queries(screen.connection)}

        def take(name: str, again: bool) -> str | None:
            name = name.strip().removeprefix("@")
            there = saved.get(name.casefold(), query)
            if there != query and not again:
                return f"@{name} is {there} now; enter again puts this query in its place"
            try:
                save_query(screen.connection, name, query, timeout=screen.review.lock_timeout)
            except NotWrittenError as error:
                if screen.retried:
                    raise
                return str(error)
            except EventdeskError as error:
                return str(error)
            screen.say(f"@{name} stands for {query} from now on", "")
            return None

        if query:
            screen.asking.text(
                TextQuestion("Keep this query as", take, suggestions=tuple(f"@{name}" for name in saved))
            )
        else:
            screen.say("there is no query to keep; / asks for one")

    def look_up(self) -> None:
        """Ask for a query and look at what it finds, without leaving the place."""
        self._ask("Look up", "", self._screen.look_up)

    def look_up_value(self, field: "Field") -> None:
        """Look at the events whose field of that name has the same value."""
        from db.query.near import with_value

        query = with_value(field.name, field.value)
        if query is None:
            self._screen.say(f"a query can't name the field {field.name}")
        else:
            self._look_up(query)

    def look_up_near(self, event: "Event") -> None:
        """Look at the events near one."""
        from db.query.near import near

        self._look_up(near(event, self._screen.event_type))

    def _look_up(self, query: str) -> None:
        screen = self._screen
        try:
            screen.look_up(query, screen.event.id if screen.event else None)
        except QueryError as error:  # names and values may be such as no query takes
            screen.say(f"can't be looked up: {error}")

    def _ask(self, label: str, initial: str, run: Callable[[str], None]) -> None:
        screen = self._screen
        history = screen.settings.queries

        def take(text: str, _: bool) -> str | None:
            try:
                run(text.strip())
            except QueryError as error:
                return str(error)
            remember(history, text.strip())
            return None

        def remark(text: str) -> str:
            try:
                check_query(screen.connection, parse(text))
            except QueryError as error:
                return str(error)
            return _EXAMPLE

        def completed(text: str, cursor: int) -> "Completion":
            from db.query.completing import complete

            return complete(screen.connection, text, cursor, _OPTIONS)

        screen.asking.text(
            TextQuestion(
                label, take, initial, remark=remark, complete=completed, history=read_history(history), enter="search"
            )
        )

    def go_to(self) -> None:
        """Ask for a place: a number, a percentage or an event's id."""
        screen = self._screen

        def take(text: str, _: bool) -> str | None:
            wanted = text.strip()
            number = wanted.removesuffix("%")
            ids = find_event_ids(screen.connection, wanted)
            if not ids and not number.isdecimal():
                return f"no event has the id {wanted}; a number, a percentage as 50% or an id of this query goes there"
            screen.when_all_found(lambda: self._go_to(wanted, ids))
            return None

        screen.asking.text(TextQuestion("Go to (number, 50% or id)", take, enter="go"))

    def _go_to(self, wanted: str, ids: list[int]) -> None:
        screen = self._screen
        places = [place for id_ in ids if (place := screen.queue.place(id_)) is not None]
        if places:
            screen.show_place(places[0])
        elif ids:
            screen.say(f"event {wanted} is not in this query; / changes it")
        else:
            number, last = int(wanted.removesuffix("%")), len(screen.queue) - 1
            screen.show_place(last * min(number, 100) // 100 if wanted.endswith("%") else number - 1)
