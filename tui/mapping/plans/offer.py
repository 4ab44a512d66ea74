"""What is offered for review the first time, and the lines that say what was found in it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textual.content import Content

from db.formats.tables.table import SAMPLE_ROWS
from db.sources.database.database import Database
from db.sources.plan import EventTable, Link, Plan
from db.sources.proposing.choosing import text_of
from db.sources.proposing.routes import Route
from tui.mapping.plans.draft import Draft
from tui.mapping.rows import Outcome, Sample
from tui.text.safe import safe

_LABEL = 9  # cells
_SHOWN = 4  # ignored tables named in the head


@dataclass(frozen=True)
class Offer:
    """A file, a folder or a database that is offered for review.

    what: its kind, such as ``CSV file``. desk: the eventdesk file that will hold the review. sample: opens the first
    rows of a table of the plan; raises InputError. rows: how many rows a table has, if that is known. database: for
    choices of tables, texts and links; None for a file. documents: what a format without columns found, in words.
    """

    name: str
    what: str
    desk: Path
    plan: Plan
    sample: Callable[[EventTable], Sample]
    rows: Callable[[EventTable], int | None] = lambda _: None
    database: Database | None = None
    documents: str = ""
    notes: tuple[str, ...] = field(default=())


def head(offer: Offer, draft: Draft, outcomes: Sequence[Outcome | None]) -> list[Content]:
    """Return what was found, a line for each: events, texts, what is imported and what isn't."""
    lines = [Content.assemble((f" {safe(offer.name)}", "bold"), (f"  {offer.what} → {safe(offer.desk.name)}", "dim"))]
    lines.append(_line("events", *_events(offer, draft, outcomes)))
    lines.append(_line("texts", *_texts(draft.table, outcomes)))
    lines.append(_line("import", *_imported(offer, draft, outcomes)))
    if draft.plan.ignored:
        named = [f"{table}: {reason}" for table, reason in draft.plan.ignored.items()]
        more = [f"and {len(named) - _SHOWN} more"] if len(named) > _SHOWN else []
        lines.append(_line("not read", (" · ".join([*map(safe, named[:_SHOWN]), *more]), "dim")))
    return lines


def link_words(table: str, link: Link) -> str:
    """Return the words for a link: ``attacks.article_id = articles.id``."""
    pairs = [f"{table}.{own} = {link.table}.{other}" for own, other in zip(link.columns, link.to, strict=False)]
    return ", ".join([" and ".join(pairs), *([link_words(link.table, link.then)] if link.then else [])])


def route_words(table: str, route: Route | None) -> str:
    """Return the words for a text: ``articles.body by attacks.article_id = articles.id; 58 of 60 values are in it``."""
    if route is None:
        return "no text"
    found = f"; {route.found} of {route.compared} values are in it" if route.compared else ""
    by = f" by {link_words(table, route.link)}" if route.link else ""
    return f"{route.text.table.name}.{route.text.column}{by}{found}"


def _line(label: str, *parts: str | tuple[str, str]) -> Content:
    return Content.assemble((f" {label:<{_LABEL}}", "dim"), *parts)


def _events(offer: Offer, draft: Draft, outcomes: Sequence[Outcome | None]) -> Iterator[str | tuple[str, str]]:
    if offer.documents:
        yield offer.documents
        return
    for number, table in enumerate(draft.plan.events):
        rows = offer.rows(table)
        if rows is None and number == draft.shown and len(outcomes) < SAMPLE_ROWS:
            rows = len(outcomes)
        counted = "rows" if rows is None else f"{rows:,} row{'' if rows == 1 else 's'}"
        name = table.table or offer.name
        words = f"{counted} of {safe(name)}{f', each object of {safe(table.each)}' if table.each else ''}"
        current = number == draft.shown and len(draft.plan.events) > 1
        yield " · " if number else ""
        yield (words, "bold underline" if current else "")
    constant = draft.mapping.event.constant_type
    if constant and draft.mapping.event.type is None:
        yield f", of type {safe(constant)}"
    if reason := draft.table.reasons.get("events"):
        yield (f"  ({safe(reason)})", "dim")


def _texts(table: EventTable, outcomes: Sequence[Outcome | None]) -> Iterator[str | tuple[str, str]]:
    document = table.mapping.document
    if not document.text and not document.title:
        has_texts = any(outcome and outcome.document and outcome.document.text for outcome in outcomes)
        yield "as the format has them" if has_texts else "none: events come without a source text"
        return
    yield safe(", ".join(document.text or document.title))
    if not document.text:
        yield ", a title; there is no longer text"
    form = {"html": ", HTML made readable", "file": ", read from the file that it names"}.get(table.text_form, "")
    yield form
    if (joined := text_of(table)) is not None:
        yield f" by {safe(link_words(table.table, joined.link))}"
        if joined.several:
            yield ", several texts for an event"
    reasons = [reason for key in ("text", "join") if (reason := table.reasons.get(key))]
    if reasons:
        yield (f"  ({safe('; '.join(reasons))})", "dim")


def _imported(offer: Offer, draft: Draft, outcomes: Sequence[Outcome | None]) -> Iterator[str | tuple[str, str]]:
    checked = [outcome for outcome in outcomes if outcome is not None]
    documents = [outcome.document for outcome in checked if outcome.document is not None and not outcome.refusal]
    refused = [outcome for outcome in checked if outcome.refusal]
    if not outcomes:
        yield "nothing: there are no rows"
        return
    if len(checked) < len(outcomes):
        yield ("checking rows …", "dim")
        return
    total = offer.rows(draft.table)
    if total is not None and total > len(outcomes):
        yield f"{total:,} rows; of the first {len(outcomes)}: "
    elif total is None and len(outcomes) >= SAMPLE_ROWS:
        yield f"of the first {len(outcomes)}: "
    noun = "event" if any(document.events for document in documents) or not documents else "text"
    yield f"{len(documents)} {noun}{'' if len(documents) == 1 else 's'}"
    without = sum(document.text is None for document in documents)
    if without and without < len(documents):
        yield f", {without} without a text"
    fields = [item for document in documents for event in document.events for item in event.fields]
    if fields and any(document.text for document in documents):
        yield f", evidence for {sum(bool(item.spans) for item in fields) * 100 // len(fields)}% of values"
    if refused:
        rows = "row" if len(refused) == 1 else "rows"
        yield (f"; {len(refused)} {rows} skipped: {safe(refused[0].refusal)}", "$error")
