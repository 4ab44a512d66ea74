"""What the mapping screen says: what columns are, what becomes of the rows, and what to do next."""

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.table import SAMPLE_ROWS
from db.kinds import Kind
from tui.mapping.edits import Role, Uses, uses
from tui.mapping.keys import FIELD_MARK, IGNORED_MARK, MODIFIER_MARK, REVIEW_MARK, ROLE_KEYS
from tui.mapping.plans.draft import Draft
from tui.mapping.rows import Outcome
from tui.text.safe import measured, safe
from tui.text.wrapping import clip

_KEYS = {role: key for key, role in ROLE_KEYS.items()}
_DATE_ORDERS = {"dmy": ", day first", "mdy": ", month first"}


def mark(used: Uses) -> str:
    """Return the key that makes a column what it is, as its mark."""
    if used.roles:
        return _KEYS.get(used.roles[0], REVIEW_MARK)
    if used.fields:
        return FIELD_MARK
    return MODIFIER_MARK if used.modifies else IGNORED_MARK


def kind_word(kind: Kind | None) -> str:
    """Return the word for a kind; None is detected per cell."""
    return kind or "detected"


def meanings(column: str, used: Uses, orders: MappingOf[Role, tuple[str, ...]]) -> list[str]:
    """Return what a column is, from the longest wording to the shortest. ``orders``: the columns of each role."""
    parts = []
    for role in used.roles:
        columns = orders[role]
        parts.append(f"{role.words} {columns.index(column) + 1}/{len(columns)}" if len(columns) > 1 else role.words)
    if used.modifies:
        parts.append(f"modifier of {used.modifies}")
    if used.ignored:
        parts.append("ignored")
    fields = [_field_wordings(column, item) for item in used.fields]
    if not fields:
        return [" and ".join(parts) or "ignored"]
    longest = " and ".join([*parts, *(wordings[0] for wordings in fields)])
    return [longest, *fields[0][1:]] if len(fields) == 1 and not parts else [longest, " + ".join([*parts, "field"])]


def columns_by_role(mapping: Mapping, used: MappingOf[str, Uses]) -> dict[Role, tuple[str, ...]]:
    """Return the columns of each role, in the order in which they are joined."""
    columns: dict[Role, tuple[str, ...]] = {}
    for column_uses in used.values():
        for role in column_uses.roles:
            value = getattr(getattr(mapping, role.part), role.key)
            columns[role] = value if isinstance(value, tuple) else (value,)
    return columns


def _field_wordings(column: str, item: MappedField) -> list[str]:
    kind = f"as {kind_word(item.kind)}"
    named = f"field {item.name} {kind}" if item.name != column else f"field {kind}"
    more = _DATE_ORDERS.get(item.dates or "", "")
    if item.group:
        more += f", in {item.group}"
    if item.separator:
        more += f", split at {item.separator!r}"
    if not item.ground:
        more += ", not searched in the text"
    short = f"{item.name}: {kind_word(item.kind)}" if item.name != column else kind
    longest = [named + more] if more else []
    return [*longest, named, named.removeprefix("field "), short, short.removeprefix("as "), item.name]


def about_column(mapping: Mapping, column: str, cell: str) -> Content:
    """Return the line about the selected column: its name, what it is, and its cell in the row shown."""
    used = uses(mapping)
    meaning = meanings(column, used.get(column, Uses()), columns_by_role(mapping, used))[0]
    return Content.assemble(
        (f" {safe(column) or '(no name)'}", "bold"), f"  {safe(meaning)}", (f"  {safe(cell) or 'empty cell'}", "dim")
    )


def status(draft: Draft, outcomes: Sequence[Outcome | None], origin: str, saved: str | None) -> Content:
    """Return the status line: whether the mapping is saved, what becomes of the rows, and what to do next.

    saved: the file that holds the mapping, or None.
    """
    parts: list[str | tuple[str, str]] = [(" not saved " if saved is None else " saved ", "bold reverse"), " "]
    if saved is not None:
        parts.append(f"{safe(saved)}: ")
    elif not draft.past:
        parts.append(f"{origin}: ")
    parts.append(f"{_summary(outcomes)}; {_advice(draft, outcomes, saved is not None)}")
    if draft.past:
        parts.append((f"   u undo: {safe(draft.past[-1][0])}", "dim"))
    return Content.assemble(*parts)


def offer_status(draft: Draft, outcomes: Sequence[Outcome | None]) -> Content:
    """Return the status line of an offer: what enter does, what becomes of the rows, and what undo does."""
    problem = "; press ! to see it" if any(outcome and outcome.refusal for outcome in outcomes) else ""
    parts: list[str | tuple[str, str]] = [
        (" enter ", "bold reverse"),
        f" import and review: {_summary(outcomes)}{problem}",
    ]
    if draft.past:
        parts.append((f"   u undo: {safe(draft.past[-1][0])}", "dim"))
    return Content.assemble(*parts)


def _summary(outcomes: Sequence[Outcome | None]) -> str:
    checked = [outcome for outcome in outcomes if outcome is not None]
    invalid = sum(bool(outcome.refusal) for outcome in checked)
    noted = sum(bool(outcome.notes and not outcome.refusal) for outcome in checked)
    count = len(outcomes)
    if not count:
        return "no rows"
    if not invalid and len(checked) < count:
        return "checking rows …"
    notes = f", {noted} with notes" if noted else ""
    rows = "row" if count == 1 else "rows"
    total = f"the first {count}" if count == SAMPLE_ROWS else f"{count}"
    if invalid:
        return f"✗ {invalid} of {total} {rows} invalid{notes}"
    return f"{'the' if count == 1 else f'all {total}'} {rows} can be imported{notes}"


def _advice(draft: Draft, outcomes: Sequence[Outcome | None], saved: bool) -> str:
    document = draft.mapping.document
    if not document.title and not document.text:
        return "press d on the text column, or h on the title"
    if any(outcome and outcome.refusal for outcome in outcomes):
        return "press ! to see it"
    if saved:
        return "press q to quit"
    if not document.text and not draft.past:
        return "no text column yet: press d on it"
    if any(outcome and outcome.notes for outcome in outcomes):
        return "press ! to see it"
    return "press w to save"


def shown(text: str) -> str:
    """Return a text as it is drawn and measured."""
    return measured(safe(text))


def shorten_middle(name: str, width: int) -> str:
    """Shorten a drawn name to a width by cutting its middle, since the end of a name often matters most."""
    if cell_len(name) <= width:
        return name
    end = max(0, (width - 1) // 2)
    if len(name) != cell_len(name) or end < 2:
        return clip(name, width)
    return f"{name[: width - 1 - end]}…{name[-end:]}"
