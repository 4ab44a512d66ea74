"""What the lines at the foot of the mapping screen say."""

from collections.abc import Sequence

from textual.content import Content

from db.formats.tables.table import SAMPLE_ROWS
from tui.mapping import keys
from tui.mapping.model import Draft
from tui.mapping.sample import Outcome
from tui.review.foot import Parts
from tui.text.safe import safe
from tui.widgets.bar import clickable


def about_column(name: str, words: str, example: str) -> Content:
    """The selected column: its name, what it is, and what its cell holds."""
    return Content.assemble(
        (f" {safe(name) or '(no name)'}", "bold"), f"  {safe(words)}", (f"  {safe(example) or 'an empty cell'}", "dim")
    )


def status(draft: Draft, outcomes: Sequence[Outcome | None], origin: str, written: str | None) -> Content:
    """Whether the mapping is written, what becomes of the rows, what to do next, and what undo would take back."""
    parts: Parts = [(" written " if written is not None else " not written ", "bold reverse"), " "]
    if written is not None:
        parts.append(f"{safe(written)}: ")
    elif not draft.past:
        parts.append(f"{origin}: ")
    parts.append(f"{of_rows(outcomes)}; {advice(draft, outcomes, written is not None)}")
    if draft.past:
        parts.append((f"   u undoes: {safe(draft.past[-1][0])}", "dim"))
    return Content.assemble(*parts)


def of_rows(outcomes: Sequence[Outcome | None]) -> str:
    """What becomes of the rows that are looked at."""
    seen = [outcome for outcome in outcomes if outcome is not None]
    refused = sum(bool(outcome.refusal) for outcome in seen)
    noted = sum(bool(outcome.notes and not outcome.refusal) for outcome in seen)
    count = len(outcomes)
    if not count:
        return "no row"
    if not refused and len(seen) < count:
        return "looking at the rows …"
    notes = f", {noted} with notes" if noted else ""
    rows = "row" if count == 1 else "rows"
    of = f"of the first {count}" if count == SAMPLE_ROWS else f"of {count}"
    if refused:
        return f"✗ {refused} {of} {rows} refused{notes}"
    all_of = "the" if count == 1 else f"all {of}" if count == SAMPLE_ROWS else f"all {count}"
    return f"{all_of} {rows} can be imported{notes}"


def advice(draft: Draft, outcomes: Sequence[Outcome | None], written: bool) -> str:
    """What to do next."""
    mapping = draft.mapping
    if not mapping.document.title and not mapping.document.text:
        return "d makes a column the text, t the title"
    if any(outcome and outcome.refusal for outcome in outcomes):
        return "! goes to one"
    if written:
        return "q quits"
    if not mapping.document.text and not draft.past:
        return "no column is the text yet: d makes it so"
    if any(outcome and outcome.notes for outcome in outcomes):
        return "! goes to one"
    return "w writes it"


def hints(width: int) -> Content:
    """The keys that one wants next, each to be clicked as well; the last three and as many as fit before."""
    told = []
    for id_, word in keys.HINTS.items():
        binding = keys.BINDINGS[id_]
        shown = (binding.key_display or binding.key).split()[0]
        told.append(clickable(Content.assemble((shown, "bold"), f" {word}"), binding.action))
    while len(told) > 3 and sum(hint.cell_length + 2 for hint in told) - 1 > width:
        del told[-4]
    return Content.assemble(" ", Content("  ").join(told))
