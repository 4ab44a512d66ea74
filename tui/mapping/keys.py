"""Every key of the mapping screen. Its help and the line at its foot are made from these.

All have priority, as in ``tui.config.bindings``: keys typed ahead meet the screen that the keys before them made.
"""

from textual.binding import Binding

from tui.mapping import model
from tui.mapping.model import Role

FIELD_MARK, IGNORED_MARK, MODIFIER_MARK, REVIEW_MARK = "f", "-", "~", "r"

ROLE_KEYS: dict[str, Role] = {
    "d": model.TEXT,
    "t": model.TITLE,
    "I": model.DOCUMENT_ID,
    "U": model.URL,
    "p": model.PUBLISHER,
    "D": model.PUBLISHED,
    "l": model.LANGUAGE,
    "i": model.EVENT_ID,
    "y": model.TYPE,
    "c": model.CONFIDENCE,
    "x": model.EXTRACTOR,
}
"""The keys that say what the selected column is; they are the marks before columns too."""

_ABOUT = {
    model.TEXT: "document text; several columns are put together",
    model.TITLE: "title of the document; several are put together",
    model.DOCUMENT_ID: "document id: rows with the same one are one document",
    model.URL: "url of the document",
    model.PUBLISHED: "when the document was published",
    model.LANGUAGE: "language of the document",
    model.EVENT_ID: "event id; several are put together",
    model.EXTRACTOR: "extractor: who or what found the event",
}


def _key(id_: str, keys: str, action: str, description: str, display: str | None = None) -> Binding:
    return Binding(
        keys, f"screen.{action}", description, id=f"map.{id_}", key_display=display, priority=True, show=False
    )


MOVING = [
    _key("next", "j,down", "move(1)", "next column", "j ↓"),
    _key("previous", "k,up", "move(-1)", "previous column", "k ↑"),
    _key("first", "home", "end(-1)", "first column", "home"),
    _key("last", "end", "end(1)", "last column", "end"),
    _key("page_down", "pagedown", "page(1)", "a page of columns down", "pgdn"),
    _key("page_up", "pageup", "page(-1)", "a page of columns up", "pgup"),
    _key("next_row", "J,right_square_bracket", "row(1)", "next row in the preview", "J ]"),
    _key("previous_row", "K,left_square_bracket", "row(-1)", "previous row in the preview", "K ["),
    _key("next_trouble", "exclamation_mark", "trouble", "next row that is refused or of which something is noted", "!"),
    _key("preview_down", "ctrl+d", "scroll(1)", "half a page down in the preview", "ctrl+d"),
    _key("preview_up", "ctrl+u", "scroll(-1)", "half a page up in the preview", "ctrl+u"),
]

ROLES = [
    *(
        _key(f"{role.part}_{role.key}", key, f"assign('{key}')", _ABOUT.get(role, role.words))
        for key, role in ROLE_KEYS.items()
    ),
    _key("field", FIELD_MARK, "make_field", "a field of the event"),
    _key("ignore", "minus", "ignore", "ignored: no field, but there again on export", IGNORED_MARK),
    _key("review", REVIEW_MARK, "review", "what somebody decided: status, reviewer, when, reason, note"),
]

FIELD = [
    _key("name", "n", "rename", "name of the field"),
    _key("kind", "e", "kind", "kind of its values: text, number, date …"),
    _key("group", "g", "regroup", "group: fields of one, as transfer:1, belong together"),
    _key("separator", "s", "separator", "separator, where a cell holds several values"),
    _key("ground", "slash", "ground", "look for its values in the text, as evidence, or no more", "/"),
]

WHOLE = [
    _key("type", "T", "constant_type", "event type, where no column tells"),
    _key("undo", "u", "undo", "undo the last change"),
    _key("redo", "ctrl+r", "redo", "redo what was undone", "ctrl+r"),
    _key("write", "w", "write", "write the mapping to a new file"),
    _key("finish", "W", "finish", "write it, leave, and tell the command that imports with it"),
    _key("help", "question_mark", "help", "these keys", "?"),
    _key("theme", "f2", "next_theme", "next theme: dark, light, contrast, terminal", "F2"),
    _key("mouse", "f3", "toggle_mouse", "mouse off, so that the terminal's own selection works, and on", "F3"),
    _key("suspend", "ctrl+z", "suspend", "back to the shell for a while", "ctrl+z"),
    _key("quit", "q", "quit", "quit; asks where the mapping is not written"),
]

SECTIONS = (
    ("The selected column is", ROLES),
    ("Of a field", FIELD),
    ("The mapping", WHOLE),
    ("Moving", MOVING),
)
ALL = [binding for _, bindings in SECTIONS for binding in bindings]
BINDINGS = {binding.id or "": binding for binding in ALL}

HINTS = {
    "map.next": "column",
    "map.next_row": "row",
    "map.document_text": "text",
    "map.document_title": "title",
    "map.event_type": "type",
    "map.field": "field",
    "map.ignore": "ignore",
    "map.kind": "kind",
    "map.name": "name",
    "map.group": "group",
    "map.undo": "undo",
    "map.write": "write",
    "map.help": "keys",
    "map.quit": "quit",
}
"""The keys told at the foot, with a word for each: the last three always, of the others as many as fit."""
