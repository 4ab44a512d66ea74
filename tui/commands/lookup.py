"""show, log and stats: print an event, its decisions, and the figures of a file."""

import argparse
import contextlib
import sqlite3
import sys
from dataclasses import asdict
from itertools import chain, islice

from db.describe import describe, spans_words, value_words
from db.errors import InputError
from db.exporting import event_with_document
from db.figures.statistics import Statistics, statistics
from db.grounding.missing import MissingValues
from db.maintenance.opening import open_to_read
from db.model import STATUSES, Decision, Document, Event, Field, Json, Value
from db.store.reading import find_event_ids, read_decisions, read_document, read_event
from db.store.texts.earlier import TextChange, last_text_change
from db.store.valid.fetching import decoded
from tui.arguments import add_output_options, text
from tui.commands import Command
from tui.output.damage import DamagedRows
from tui.output.pages import in_pages, print_csv_pages, print_json_pages, print_pages
from tui.output.tables import BAR, bar, console, count, one_line, print_json, print_rows
from tui.text.marks import STATE_MARKS, STATUS_MARKS, words
from tui.text.safe import safe

_LOG = ("decision", "when", "reviewer", "event", "action", "what")
_TABLE = 500  # decisions that are laid out as one table


def _add_show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("event", type=text, metavar="EVENT", help="the id of an event")
    add_output_options(parser, "json")


def _add_log_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("event", nargs="?", type=text, metavar="EVENT", help="the id of an event; default: all events")
    add_output_options(parser, "json", "csv")


def _add_stats_arguments(parser: argparse.ArgumentParser) -> None:
    add_output_options(parser, "json")


def show(arguments: argparse.Namespace) -> int:
    """Print one event, or all events that share the id."""
    with contextlib.closing(open_to_read(arguments.file)) as connection:
        ids = _ids_of(connection, arguments.event)
        if arguments.form == "json":
            events = [event_with_document(connection, event_id) for event_id in ids]
            print_json(events[0] if len(events) == 1 else events)
            return 0
        for event_id in ids:
            event = read_event(connection, event_id)
            text = last_text_change(connection, event.document_id)
            _show(event, read_document(connection, event.document_id), MissingValues(connection), text)
    return 0


def _ids_of(connection: sqlite3.Connection, external_id: str) -> list[int]:
    ids = find_event_ids(connection, external_id)
    if not ids:
        raise InputError(f"no event has the id {external_id}; eventdesk find lists the ids")
    return ids


def _show(event: Event, document: Document, missing: MissingValues, text: TextChange | None) -> None:
    about = [document.external_id, document.publisher, document.published, document.title]
    head: list[tuple[str, str | None]] = [
        ("event", event.external_id),
        ("type", event.type),
        ("status", " ".join(part for part in (event.status, event.reason, event.reason_text) if part)),
        ("reviewer", f"{event.reviewer} {event.decided_at}" if event.reviewer else None),
        ("note", event.note),
        ("extractor", event.extractor or None),
        ("run", event.run),
        ("confidence", None if event.confidence is None else str(event.confidence)),
        ("document", " · ".join(part for part in about if part)),
        ("text", f"changed on {text.replaced_at[:10]}; {spans_words(text.moved, text.lost)}" if text else None),
    ]
    on_terminal = sys.stdout.isatty()
    for name, value in head:
        if value and on_terminal:
            console().print(f"{name:<11}{safe(value)}", soft_wrap=True)
        elif value:
            print(f"{name}\t{one_line(value)}")
    removed = [field for field in event.fields if field.state == "removed" and field.in_extraction]
    rows: list[list[Value]] = []
    for field in [*event.live_fields, *removed]:
        state = f"{STATE_MARKS[field.state]} {field.state}" if on_terminal else field.state
        row = [state, field.group, field.name, _value(field), _machine_value(field), field.confidence]
        rows.append([*row, _quote(field, document, missing.weak_evidence(event, field))])
    print_rows(("state", "group", "field", "value", "machine", "confidence", "quote"), rows, right=("confidence",))


def _quote(field: Field, document: Document, weak: str | None) -> str:
    quotes = " … ".join(document.source[start:end] for start, end in field.spans)
    return f"{quotes} ({weak})".lstrip() if weak else quotes


def _value(field: Field) -> Value:
    return value_words(field.value, field.modifier) if field.modifier else field.value


def _machine_value(field: Field) -> str:
    machine = field.extracted
    if machine is None or field.state not in ("corrected", "removed"):
        return ""
    name = f"{machine.name}: " if machine.name != field.name else ""
    return name + value_words(machine.value, machine.modifier)


def log(arguments: argparse.Namespace) -> int:
    """Print decisions, the oldest first."""
    damaged = DamagedRows()
    with contextlib.closing(open_to_read(arguments.file)) as connection:
        ids = _ids_of(connection, arguments.event) if arguments.event else [None]
        decisions = (item for event_id in ids for item in read_decisions(connection, event_id, damaged))
        first = list(islice(decisions, _TABLE))
        pages = chain([first], in_pages(decisions))
        if arguments.form == "json":
            print_json_pages(_decision_objects(connection, page) for page in pages)
        elif arguments.form == "csv":
            print_csv_pages(_LOG, (_decision_rows(connection, page) for page in pages))
        elif len(first) < _TABLE:
            print_rows(_LOG, _decision_rows(connection, first), right=("decision",))
        else:  # rich lays out a table as a whole, which takes minutes for a hundred thousand rows
            print_pages(_LOG, (_decision_rows(connection, page) for page in pages))
    return damaged.status(arguments.file, 0 if first else 1)


def _decision_rows(connection: sqlite3.Connection, decisions: list[Decision]) -> list[list[Value]]:
    names = _names(connection, decisions)
    return [
        [item.id, item.decided_at, item.reviewer, names.get(item.event_id), item.action, describe(item)]
        for item in decisions
    ]


def _decision_objects(connection: sqlite3.Connection, decisions: list[Decision]) -> list[Json]:
    names = _names(connection, decisions)
    return [_decision_data(decision, names) for decision in decisions]


def _names(connection: sqlite3.Connection, decisions: list[Decision]) -> dict[int, str]:
    """Return the ids of the events of some decisions in their source, by integer id."""
    ids = sorted({decision.event_id for decision in decisions})
    rows = decoded(connection, f"SELECT id, external_id FROM events WHERE id IN ({','.join('?' * len(ids))})", 2, ids)
    return {id_: name for id_, name in rows if type(name) is str}


def _decision_data(decision: Decision, names: dict[int, str]) -> Json:
    return {
        "id": decision.id,
        "event": names.get(decision.event_id),
        "action": decision.action,
        "what": describe(decision),
        "reviewer": decision.reviewer,
        "decided_at": decision.decided_at,
        "target": decision.target_id,
        "before": [*decision.before.events.values(), *decision.before.fields.values()],
        "after": [*decision.after.events.values(), *decision.after.fields.values()],
    }


def stats(arguments: argparse.Namespace) -> int:
    """Print the figures of a file."""
    with contextlib.closing(open_to_read(arguments.file)) as connection:
        figures = statistics(connection)
    if arguments.form == "json":
        print_json(_stats_data(figures))
        return 0
    decided = sum(item.decided for item in figures.progress)
    events, decisions = count(figures.events, "event"), count(figures.decisions, "decision")
    print(f"{count(figures.documents, 'document')}, {events}, {decided:,} decided, {decisions}")
    # Marks instead of words head the columns on a terminal, so that the table fits 80 columns.
    on_terminal = sys.stdout.isatty()
    numbers = ("events", *(STATUS_MARKS[status] if on_terminal else status for status in STATUSES))
    rows: list[list[Value]] = [
        [words(item.type), item.extractor, item.events, *item.by_status, bar(item.decided, item.events)]
        for item in figures.progress
    ]
    print_rows(("type", "extractor", *numbers, BAR), rows, right=numbers, title="Decided")
    if on_terminal:
        print("  ".join(f"{mark} {status}" for status, mark in STATUS_MARKS.items()))
    if figures.reasons:
        rejected = sum(number for _, number in figures.reasons)
        rows = [[words(reason), number, bar(number, rejected)] for reason, number in figures.reasons]
        print_rows(("reason", "events", BAR), rows, right=("events",), title="Rejected as")
    if figures.fields:
        columns = ("field", "reviewed", "kept", "corrected", "removed", "added", BAR)
        rows = [
            [field.name, field.reviewed, field.kept, field.corrected, field.removed, field.added,
             bar(field.kept, field.reviewed)]
            for field in figures.fields
        ]  # fmt: skip
        print_rows(columns, rows, right=columns[1:-1], title="Kept as extracted, in accepted events")
    if figures.reviewers:
        rows = [[name, acts, undos] for name, acts, undos in figures.reviewers]
        print_rows(("reviewer", "decisions", "undone"), rows, right=("decisions", "undone"), title="Reviewers")
    return 0


def _stats_data(figures: Statistics) -> dict[str, object]:
    return {
        "documents": figures.documents,
        "events": figures.events,
        "decisions": figures.decisions,
        "progress": [
            {"type": item.type, "extractor": item.extractor, "events": item.events}
            | dict(zip(STATUSES, item.by_status, strict=True))
            for item in figures.progress
        ],
        "reasons": dict(figures.reasons),
        "reviewers": [
            {"reviewer": name, "decisions": acts, "undone": undos} for name, acts, undos in figures.reviewers
        ],
        "fields": [asdict(field) for field in figures.fields],
    }


COMMANDS = {
    "show": Command(show, ("eventdesk show war.db seed/1",), _add_show_arguments),
    "log": Command(log, ("eventdesk log war.db", "eventdesk log war.db seed/1"), _add_log_arguments),
    "stats": Command(stats, ("eventdesk stats war.db",), _add_stats_arguments),
}
