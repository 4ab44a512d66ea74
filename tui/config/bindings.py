"""Every key of the reviewer, by pane. The help screen and docs/keys.md are made from these.

All have priority, so that the app handles a key completely before it reads the next one. A pane's keys work only while
it has the focus, so they never take a letter from a text that is being typed.
"""

from dataclasses import dataclass, replace

from textual.binding import Binding


def _key(id_: str, keys: str, action: str, description: str, display: str | None = None) -> Binding:
    return Binding(keys, f"screen.{action}", description, id=id_, key_display=display, priority=True, show=False)


def _own(id_: str, keys: str, action: str, description: str, display: str | None = None) -> Binding:
    """A key of the widget that has the focus, not of the screen."""
    return Binding(keys, action, description, id=id_, key_display=display, priority=True, show=False)


REVIEWING = [
    _key("event.accept", "a", "accept", "accept the event and go on"),
    _key("event.reject", "x", "reject", "reject the event; asks for the reason"),
    _key("event.unsure", "exclamation_mark", "flag", "mark the event unsure and go on", "!"),
    _key("event.skip", "space", "skip", "skip to the next pending event", "␣"),
    _key("field.pick", "f", "pick", "pick a field's value from the text by hint letters"),
    _key("field.edit", "e", "edit_field", "edit a field's value; enter saves"),
    _key("field.confirm", "full_stop", "confirm_field", "confirm a field and go to the next", "."),
    _key("field.remove", "d", "remove_field", "remove a field"),
    _key("field.move", "m", "move_field", "move a field to another name or group"),
    _key("field.swap", "s", "swap_fields", "swap a field's value with the next of the same kind in its group"),
    _key("field.add", "o", "add_field", "add a field, or a whole group, that the machine missed"),
    _key("group.add", "O", "add_group", "add a group, such as a second transfer, field by field"),
    _key("group.remove", "D", "remove_group", "remove a whole group"),
    _key("source.select", "v", "select_text", "select text with the keyboard for a field's value"),
    _key("event.note", "n", "note", "write a note on the event or the selected field"),
    _key("event.new", "N", "new_event", "add an event that the machine missed"),
    _key("event.copy", "C", "copy_event", "copy the event"),
    _key("event.split", "S", "split_event", "split groups off into a new event"),
    _key("event.merge", "M", "merge_event", "merge the event, a duplicate, into a similar one"),
    _key("event.type", "t", "set_type", "change the event's type"),
    _key("document.open", "b", "open_document", "open a document without extracted events"),
    _key("clipboard.copy", "y", "copy", "copy a value, quote or citation to the clipboard"),
    _key("history.undo", "u", "undo", "undo your last decision, from any session"),
    _key("history.redo", "ctrl+r", "redo", "redo what you undid", "ctrl+r"),
    _key("app.commands", "colon,ctrl+p", "commands", "find a command by name", ": ctrl+p"),
]
"""Keys of every pane that only a review has."""

BROWSING = [
    _key("query.edit", "slash", "query", "change the query", "/"),
    _key("query.save", "w", "save_query", "save the query as @name"),
    _key("lookup.query", "ctrl+f", "look_up", "look up other events, then come back", "ctrl+f"),
    _key("lookup.same", "asterisk", "look_up_value", "look up events with a field's value", "*"),
    _key(
        "lookup.near",
        "percent_sign",
        "look_up_near",
        "look up events near this one: parties within a week, counts",
        "%",
    ),
    _key("queue.go_to", "ctrl+g", "go_to_place", "go to a number, a percentage or an event's id", "ctrl+g"),
    _key("event.next", "J", "next_event", "next event, from any pane"),
    _key("event.previous", "K", "previous_event", "previous event, from any pane"),
    _key("source.page_down", "ctrl+d", "source_page(1)", "half a page down in the source", "ctrl+d"),
    _key("source.page_up", "ctrl+u", "source_page(-1)", "half a page up in the source", "ctrl+u"),
    _key("pane.next", "tab", "next_pane(1)", "next pane", "tab"),
    _key("pane.previous", "shift+tab", "next_pane(-1)", "previous pane", "shift+tab"),
    _key("app.help", "question_mark", "help", "show all keys", "?"),
    _key("app.theme", "f2", "next_theme", "next theme: dark, light, contrast, terminal", "F2"),
    _key("app.mouse", "f3", "toggle_mouse", "mouse off, to select text with the terminal, or on", "F3"),
    _key("app.layout", "f4", "next_layout", "read keys by position on a keyboard without Latin letters, or not", "F4"),
    _key("app.suspend", "ctrl+z", "suspend", "suspend to the shell; `fg` returns", "ctrl+z"),
    _key("app.quit", "q", "quit", "quit; every decision is already saved"),
]
"""Keys of every pane, in a review and in a lookup."""

EVERYWHERE = [*REVIEWING, *BROWSING]

QUEUE = [
    _key("queue.next", "j,down", "next_event", "next event", "j ↓"),
    _key("queue.previous", "k,up", "previous_event", "previous event", "k ↑"),
    _key("queue.first", "g,home", "first_event", "first event", "g"),
    _key("queue.last", "G,end", "last_event", "last event", "G"),
    _key("queue.page_down", "pagedown", "queue_page(1)", "a page of events down", "pgdn"),
    _key("queue.page_up", "pageup", "queue_page(-1)", "a page of events up", "pgup"),
    _key("queue.fields", "l,enter,right", "go_to('fields')", "go to the fields", "l ↵"),
]

LOOKUP = [
    _key("lookup.leave", "escape", "leave_lookup", "back to the events, then to the review", "esc"),
    _key("lookup.review", "r", "review_found", "review these events"),
]

IN_LOOKUP = [*BROWSING, *LOOKUP, *(replace(binding, action="screen.refuse") for binding in REVIEWING)]
"""Keys of every pane of a lookup; those of a review say that this is a lookup."""

SOURCE = [
    _key("source.down", "j,down", "source_lines(1)", "a line down", "j ↓"),
    _key("source.up", "k,up", "source_lines(-1)", "a line up", "k ↑"),
    _key("source.top", "g,home", "source_end(-1)", "to the top", "g"),
    _key("source.bottom", "G,end", "source_end(1)", "to the bottom", "G"),
    _key("source.fields", "l,enter,right", "go_to('fields')", "go to the fields", "l ↵"),
    _key("source.back", "h,escape,left", "go_to('queue')", "back to the events", "h esc"),
]

FIELDS = [
    _key("fields.next", "j,down", "next_field(1)", "next field", "j ↓"),
    _key("fields.previous", "k,up", "next_field(-1)", "previous field", "k ↑"),
    _key("fields.first", "g,home", "end_field(-1)", "first field", "g"),
    _key("fields.last", "G,end", "end_field(1)", "last field", "G"),
    _key("fields.edit", "enter", "edit_field", "edit the value; enter saves", "↵"),
    _key("fields.back", "h,escape,left", "go_to('queue')", "back to the events", "h esc"),
]

SELECT = [
    _own("select.word", "w", "select_move('w')", "next word; while extending, its end"),
    _own("select.back", "b", "select_move('b')", "a word back"),
    _own("select.end", "e", "select_move('e')", "end of the word"),
    _own("select.left", "h,left", "select_move('h')", "a character left", "h ←"),
    _own("select.right", "l,right", "select_move('l')", "a character right", "l →"),
    _own("select.down", "j,down", "select_move('j')", "a line down", "j ↓"),
    _own("select.up", "k,up", "select_move('k')", "a line up", "k ↑"),
    _own("select.line_start", "0,home", "select_move('0')", "start of the line", "0"),
    _own("select.line_end", "dollar_sign,end", "select_move('$')", "end of the line", "$"),
    _own("select.top", "g", "select_move('g')", "start of the text"),
    _own("select.bottom", "G", "select_move('G')", "end of the text"),
    _own("select.find", "slash", "select_find", "find in the text", "/"),
    _own("select.find_next", "n", "select_find_next", "find the next match"),
    _own("select.extend", "v,space", "select_extend", "start or stop extending", "v ␣"),
    _own("select.swap", "o", "select_swap", "go to the other end"),
    _own("select.take", "enter", "select_take", "use as the field's value and evidence", "↵"),
    _own("select.evidence", "s", "select_take_evidence", "use as evidence only, and keep the value"),
    _own("select.leave", "escape,q", "select_leave", "cancel", "esc"),
]


@dataclass(frozen=True, slots=True)
class Section:
    """The keys of one pane."""

    title: str
    bindings: tuple[Binding, ...]


SECTIONS = (
    Section("In every pane", tuple(EVERYWHERE)),
    Section("Events", tuple(QUEUE)),
    Section("In a lookup", tuple(LOOKUP)),
    Section("Fields", tuple(FIELDS)),
    Section("Source", tuple(SOURCE)),
    Section("While selecting text", tuple(SELECT)),
)


PANE_KEYS = {"queue": QUEUE, "source": SOURCE, "fields": FIELDS}

SCOPES = {pane: [*EVERYWHERE, *bindings] for pane, bindings in PANE_KEYS.items()}
SCOPES |= {"lookup": [*EVERYWHERE, *QUEUE, *LOOKUP], "select": SELECT}
"""Bindings that are active together: no key may be bound twice among them."""

BINDINGS = {binding.id or "": binding for section in SECTIONS for binding in section.bindings}
"""Every binding by its id."""


def commands(pane: str) -> list[Binding]:
    """Return the commands of a pane."""
    return [binding for binding in (*EVERYWHERE, *PANE_KEYS[pane]) if binding.id != "app.commands"]


WORDS = {
    "event.accept": "accept", "event.reject": "reject", "event.unsure": "unsure", "event.skip": "skip",
    "history.undo": "undo", "queue.fields": "fields", "query.edit": "query", "lookup.query": "look up",
    "lookup.near": "nearby", "lookup.leave": "back", "lookup.review": "review these", "queue.next": "next",
    "queue.go_to": "go to", "app.help": "keys", "app.quit": "quit", "document.open": "documents without events",
    "field.pick": "pick", "field.edit": "edit", "field.confirm": "confirm", "field.remove": "remove",
    "field.move": "move", "field.add": "add", "fields.back": "back", "source.down": "scroll", "source.back": "back",
    "source.select": "select", "select.word": "word", "select.extend": "extend", "select.swap": "other end",
    "select.find": "find", "select.take": "use", "select.evidence": "evidence only", "select.leave": "cancel",
}  # fmt: skip
"""A word for a binding, for the line of hints at the foot of the screen."""

PANE_HINTS = {
    "queue": ("event.accept", "event.reject", "field.pick", "event.unsure", "event.skip", "queue.fields",
              "history.undo", "query.edit", "app.help", "app.quit"),
    "fields": ("field.pick", "field.edit", "field.confirm", "field.remove", "field.add", "field.move",
               "event.accept", "fields.back", "history.undo", "app.help"),
    "source": ("source.select", "field.pick", "source.down", "event.accept", "event.reject", "source.back",
               "history.undo", "app.help", "app.quit"),
    "lookup": ("queue.next", "queue.fields", "lookup.near", "lookup.review", "queue.go_to", "query.edit", "app.help",
               "lookup.leave"),
    "nothing": ("query.edit", "document.open", "history.undo", "app.help", "app.quit"),
    "select": ("select.word", "select.extend", "select.swap", "select.find", "select.take", "select.evidence",
               "select.leave"),
}  # fmt: skip
