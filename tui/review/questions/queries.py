"""Asks for a query, with completions and earlier queries, for a name to save it under, and for a place to go to."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from db.model import Field
from db.query import QueryError, check_query, parse
from db.store.reading import find_event_ids
from tui.review.host import QueryHost
from tui.review.session.query_history import read_history, remember
from tui.widgets.question import TextQuestion

if TYPE_CHECKING:
    from db.query.completing import Completion

_OPTIONS = 5
_EXAMPLE = "for example: type:attack status:pending killed>=10 date>=2024-10 -publisher:RBC confidence<0.6"


class QueryQuestions:
    """Asks which events a screen shows, and where in them to go."""

    def __init__(self, host: QueryHost) -> None:
        self._host = host

    def ask(self) -> None:
        """Ask for a query, and show its events."""
        self._ask("Query", self._host.session.queue.query, self._host.show_query)

    def save(self) -> None:
        """Ask for a name to save the query under. Replacing another query takes a second enter."""
        from db.query.saved import read_saved_queries

        host = self._host
        query = host.session.queue.query
        saved = {item.name.casefold(): item.query for item in read_saved_queries(host.session.connection)}

        def submit(name: str, confirmed: bool) -> str | None:
            name = name.strip().removeprefix("@")
            existing = saved.get(name.casefold(), query)
            if existing != query and not confirmed:
                return f"@{name} is already {existing}; enter again replaces it"
            refusal = host.session.save_query(name)
            if refusal is None:
                host.say(f"saved {query} as @{name}", "")
            return refusal

        if query:
            host.dialogs.text(
                TextQuestion("Save this query as", submit, suggestions=tuple(f"@{name}" for name in saved))
            )
        else:
            host.say("no query to save; / asks for one")

    def look_up(self) -> None:
        """Ask for a query, and look up its events."""
        self._ask("Look up", "", self._host.look_up)

    def look_up_value(self, field: Field) -> None:
        """Look up events in which that field has the same value."""
        from db.query.related import value_query

        query = value_query(field.name, field.value)
        if query is None:
            self._host.say(f"no query can name the field {field.name}")
        else:
            self._look_up(query)

    def look_up_selected(self) -> None:
        """Look up events with the value of the selected field."""
        if (field := self._host.panes.fields.selected) is not None:
            self.look_up_value(field)

    def look_up_near(self) -> None:
        """Look up events near the open one: with a party within a week, or a count."""
        from db.query.related import related_query

        if (event := self._host.session.event) is not None:
            self._look_up(related_query(event, self._host.session.event_type))

    def _look_up(self, query: str) -> None:
        event = self._host.session.event
        try:
            self._host.look_up(query, event.id if event else None)
        except QueryError as error:  # not every name and value can be written in a query
            self._host.say(f"can't look that up: {error}")

    def _ask(self, label: str, initial: str, run: Callable[[str], None]) -> None:
        connection, history = self._host.session.connection, self._host.settings.queries

        def submit(text: str, _: bool) -> str | None:
            try:
                run(text.strip())
            except QueryError as error:
                return str(error)
            remember(history, text.strip())
            return None

        def remark(text: str) -> str:
            try:
                check_query(connection, parse(text))
            except QueryError as error:
                return str(error)
            return _EXAMPLE

        def complete(text: str, cursor: int) -> "Completion":
            from db.query import completing

            return completing.complete(connection, text, cursor, _OPTIONS)

        earlier = read_history(history)
        self._host.dialogs.text(
            TextQuestion(label, submit, initial, remark=remark, complete=complete, history=earlier, enter="search")
        )

    def go_to(self) -> None:
        """Ask for a place: a number, a percentage or an event's id."""
        host = self._host

        def submit(text: str, _: bool) -> str | None:
            typed = text.strip()
            ids = find_event_ids(host.session.connection, typed)
            if not ids and not typed.removesuffix("%").isdecimal():
                return f"no event has the id {typed}; give a number, a percentage such as 50%, or an event's id"
            host.when_complete(lambda: self._go_to(typed, ids))
            return None

        host.dialogs.text(TextQuestion("Go to number, percentage or id", submit, enter="go"))

    def _go_to(self, typed: str, ids: list[int]) -> None:
        host, queue = self._host, self._host.session.queue
        places = [place for id_ in ids if (place := queue.place(id_)) is not None]
        if places:
            host.show_place(places[0])
        elif ids:
            host.say(f"event {typed} is not in this query; / changes the query")
        else:
            number, last = int(typed.removesuffix("%")), len(queue) - 1
            host.show_place(last * min(number, 100) // 100 if typed.endswith("%") else number - 1)
