"""show, log and stats."""

import argparse
import contextlib
import sqlite3
import sys
from dataclasses import asdict

from db.describe import describe, value_text, weak_evidence
from db.errors import InputError
from db.figures.statistics import Statistics, statistics
from db.maintenance.opening import open_with_backup
from db.model import STATUSES, Decision, Document, Event, Field, Json, Value
from db.store.reading import find_event_ids, read_decisions, read_document, read_event
from tui.commands.finding import event_data
from tui.output.tables import BAR, bar, console, one_line, print_csv, print_json, print_rows
from tui.text.looks import STATE_MARKS, STATUS_MARKS, words
from tui.text.safe import safe


def show(arguments: argparse.Namespace) -> int:
    """Print one event, or the several that share an id."""
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        ids = _ids_of(connection, arguments.event)
        if arguments.form == "json":
            events = [event_data(connection, event_id) for event_id in ids]
            print_json(events[0] if len(events) == 1 else events)
            return 0
        for event_id in ids:
            event = read_event(connection, event_id)
            _show(event, read_document(connection, event.document_id))
    return 0


def _ids_of(connection: sqlite3.Connection, external_id: str) -> list[int]:
    ids = find_event_ids(connection, external_id)
    if not ids:
        raise InputError(f"no event has the id {external_id}; `eventdesk find` lists ids")
    return ids


def _show(event: Event, document: Document) -> None:
    about = [document.external_id, document.publisher, document.published, document.title]
    head: list[tuple[str, str | None]] = [
        ("event", event.external_id),
        ("type", event.type),
        ("status", " ".join(part for part in (event.status, event.reason, event.reason_text) if part)),
        ("reviewer", f"{event.reviewer} {event.decided_at}" if event.reviewer else None),
        ("note", event.note),
        ("extractor", event.extractor or None),
        ("confidence", None if event.confidence is None else str(event.confidence)),
        ("document", " · ".join(part for part in about if part)),
    ]
    if sys.stdout.isatty():
        terminal = console()
        for name, text in head:
            if text:
                terminal.print(f"{name:<11}{safe(text)}", soft_wrap=True)
    else:
        for name, text in head:
            if text:
                print(f"{name}\t{one_line(text)}")
    marked = sys.stdout.isatty()
    removed = [field for field in event.fields if field.state == "removed" and field.in_extraction]
    rows: list[list[Value]] = [
        [
            f"{STATE_MARKS[field.state]} {field.state}" if marked else field.state,
            field.group,
            field.name,
            field.value,
            _machine_value(field),
            field.confidence,
            _quote(field, document),
        ]
        for field in [*event.live_fields, *removed]
    ]
    print_rows(("state", "group", "field", "value", "machine", "confidence", "quote"), rows, right=("confidence",))


def _quote(field: Field, document: Document) -> str:
    weak = weak_evidence(field)
    quotes = " … ".join(document.source[start:end] for start, end in field.spans)
    return f"{quotes} ({weak})".lstrip() if weak else quotes


def _machine_value(field: Field) -> str:
    machine = field.extracted
    if machine is None or field.state not in ("corrected", "removed"):
        return ""
    name = f"{machine.name}: " if machine.name != field.name else ""
    return name + value_text(machine.value)


def log(arguments: argparse.Namespace) -> int:
    """Print decisions, oldest first."""
    columns = ("decision", "when", "reviewer", "event", "action", "what")
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        ids = _ids_of(connection, arguments.event) if arguments.event else [None]
        names = dict(
            connection.execute("SELECT id, external_id FROM events WHERE id IN (SELECT event_id FROM decisions)")
        )
        decisions = [decision for event_id in ids for decision in read_decisions(connection, event_id)]
    if arguments.form == "json":
        print_json([_decision_data(decision, names) for decision in decisions])
        return 0 if decisions else 1
    rows: list[list[Value]] = [
        [item.id, item.decided_at, item.reviewer, names[item.event_id], item.action, describe(item)]
        for item in decisions
    ]
    if arguments.form == "csv":
        print_csv(columns, rows)
    else:
        print_rows(columns, rows, right=("decision",))
    return 0 if decisions else 1


def _decision_data(decision: Decision, names: dict[int, str]) -> Json:
    return {
        "id": decision.id,
        "event": names[decision.event_id],
        "action": decision.action,
        "what": describe(decision),
        "reviewer": decision.reviewer,
        "decided_at": decision.decided_at,
        "target": decision.target_id,
        "before": [*decision.before.events.values(), *decision.before.fields.values()],
        "after": [*decision.after.events.values(), *decision.after.fields.values()],
    }


def stats(arguments: argparse.Namespace) -> int:
    """Print figures."""
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        figures = statistics(connection)
    if arguments.form == "json":
        print_json(_stats_data(figures))
        return 0
    decided = sum(item.decided for item in figures.progress)
    print(
        f"{figures.documents:,} documents, {figures.events:,} events, {decided:,} decided,"
        f" {figures.decisions:,} decisions"
    )
    # On a terminal the marks stand for the statuses, so that the table fits 80 columns.
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
        rejected = sum(count for _, count in figures.reasons)
        rows = [[words(reason), count, bar(count, rejected)] for reason, count in figures.reasons]
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
