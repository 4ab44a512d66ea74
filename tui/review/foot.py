"""The texts at the foot of the reviewer: about the selection, the status, and the keys."""

from collections.abc import Sequence

from textual.content import Content

from db.describe import describe, evidence_words, spans_words
from db.event_types import FieldType
from db.grounding.expected import what_it_is
from db.model import Decision, Event, Field
from db.query.queue import Queue
from db.store.texts.earlier import TextChange
from tui.config import bindings as keys
from tui.config.keymap import KeyMap
from tui.text.marks import KIND_WORDS, STATUS_MARKS, place_of, words
from tui.text.safe import measured, safe
from tui.text.wrapping import clip
from tui.widgets.foot import key_hint, key_hints

_QUERY_CELLS = 30  # of the status line; more would push out what undo would undo

_LONGEST = 1_000  # characters of each part of a line

Parts = list[str | tuple[str, str]]


def _brief(text: str) -> str:
    """Return the beginning of a text, more than the line has room for."""
    return safe(text[:_LONGEST])


def about_event(event: Event, others: Sequence[str] = (), text: TextChange | None = None) -> Content:
    """Describe an event: status, reason, reviewer, id, extractor, note, what changed, and who else has it open."""
    parts: Parts = [f" {STATUS_MARKS[event.status]} ", (event.status, "bold")]
    if event.reason:
        parts.append(f" as {words(event.reason)}")
    if event.reason_text:
        parts.append(f": {_brief(event.reason_text)}")
    if event.reviewer:
        parts.append(f" by {_brief(event.reviewer)}")
    if event.gone is not None:
        parts.append((f"  gone from the database since {safe(event.gone[:10])}", "bold"))
    if event.changed:
        parts.append(("  a new import changed it: review again", "bold"))
    if text is not None and (event.changed or (event.decided_at or "9") < text.replaced_at):
        parts.append(f"  the text changed on {safe(text.replaced_at[:10])}: {spans_words(text.moved, text.lost)}")
    if others:
        parts.append((f"  {safe(' and '.join(others))} {'has' if len(others) == 1 else 'have'} it open too", "bold"))
    parts.append((f"  {_brief(event.external_id)}  {_brief(event.extractor)}", "dim"))
    if event.extracted_type is None:
        parts.append("  added by a reviewer")
    elif event.extracted_type != event.type:
        parts.append(f"  was {words(event.extracted_type)}")
    if event.note:
        parts.append(f"  # {_brief(event.note)}")
    return Content.assemble(*parts)


def about_field(field: Field, spec: FieldType, usually_absent: bool = False) -> Content:
    """Describe a field: name, kind, unit and help, and how its evidence was found.

    usually_absent: the texts usually don't have the values of this field.
    """
    kind = ", ".join(part for part in (KIND_WORDS[spec.kind], spec.unit) if part)
    evidence = evidence_words(field)
    if not field.spans and usually_absent:
        evidence += ", as usual for this field"
    elif not field.spans and "grounding" not in field.extra and (what := what_it_is(field.name, field.value)):
        evidence += f": {what}"
    evidence = f", {evidence}" if evidence else ""
    return Content.assemble(f" {_brief(field.name)}  ", (f"{_brief(kind)}{evidence}", "dim"), f"  {_brief(spec.help)}")


def status(queue: Queue, place: int, last: Decision | None, reviewer: str, can_write: bool) -> Content:
    """Describe the place in the queue, how many events are pending, and what undo would undo."""
    left = f"{queue.pending:,}" if queue.complete else "…"
    parts: Parts = [(f" {place_of(queue, place)} ", "bold reverse"), f" {left} left"]
    if queue.query:
        parts.append(f" of “{clip(measured(safe(queue.query)), _QUERY_CELLS)}”")
    if not can_write:
        parts.append(("   read-only", "bold"))
    elif last:
        parts.append((f"   u undoes: {_brief(describe(last))}", "dim"))
    parts.append((f"   {safe(reviewer)}", "dim"))
    return Content.assemble(*parts)


def hints(pane: str, keymap: KeyMap, width: int) -> Content:
    """Return the line of keys of a pane: as many as fit, and always the last two."""
    items = []
    for id_ in keys.PANE_HINTS[pane]:
        action = keys.BINDINGS[id_].action
        action = action if action.startswith("screen.") else f"focused.{action}"
        items.append(key_hint(keymap, keys.BINDINGS[id_], keys.WORDS[id_], action))
    return key_hints(items, width, keep=2)


def first_hint(keymap: KeyMap) -> Content:
    """Five lines for someone who opens eventdesk for the first time."""

    def key(id_: str) -> tuple[str, str]:
        return (keymap.shown(keys.BINDINGS[id_]).split()[0], "bold reverse")

    lines: list[Parts] = [
        [key("queue.next"), " ", key("queue.previous"), " go through the events; the evidence is marked in the text."],
        [key("event.accept"), " accepts an event as it is, ", key("event.reject"), " rejects it."],
        [key("field.pick"), " corrects a field: press its letter, then the letter of the right value."],
        [key("history.undo"), " undoes anything. All is saved at once: ", key("app.quit"), " quits at any time."],
        [key("app.help"), " shows all keys, ", key("app.commands"), " finds a command. A decision closes this."],
    ]  # fmt: skip
    return Content("\n").join([Content.assemble(" ", *parts) for parts in lines])
