"""JSON in columns: lists of events in the row of their text, objects with fields, and texts inside objects."""

from collections.abc import Iterator, Sequence
from typing import Any

from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import MappedField
from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name, name_words
from db.formats.tables.read.guessed_kinds import guess_kind
from db.formats.tables.read.guessing import Columns
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import ROWID
from db.sources.proposing.findings import EventDraft, Findings, TextDraft
from db.sources.proposing.shapes.json_samples import parsed
from db.sources.proposing.vocabulary import ACTORS, DATES, HARM, PLACES, has

_LONG = 120  # characters of a text inside JSON, on average
_DEEPEST = 5  # levels of objects
_LEAST_KEYS = 2  # of an event
_SHARE = 0.3  # of the values of objects that are in the text, from which the objects are events
_LEAST_KINDS = 3  # of what happened, where, who, when and how many
_PLAIN = (str, int, float, type(None))
_NAMES = frozenset("events event extraction extractions extracted incidents output response result results".split())


def find_json_texts(database: Database, findings: Findings) -> None:
    """Find texts inside JSON objects, in tables without a text in a column of its own."""
    for table in database.catalogue.tables:
        if table.name in findings.ignored or table.name in findings.texts:
            continue
        for column, values in _json_columns(table):
            texts: dict[str, list[str]] = {}
            for value in values:
                for path, text in _texts(value, column, 0):
                    texts.setdefault(path, []).append(text)
            lengths = {path: sum(map(len, set(found))) for path, found in texts.items()}
            path = max(lengths, key=lambda one: lengths[one], default="")
            if path and lengths[path] >= _LONG * len(values):
                mean = lengths[path] // len(values)
                reason = f"texts of {mean:,} characters on average, inside the JSON of {column}"
                findings.texts[table.name] = TextDraft(table, path, reason=reason, json=(column,))
                break


def find_json_events(database: Database, findings: Findings) -> None:
    """Make drafts of tables in which the row of a text holds its events as JSON."""
    for table in database.catalogue.tables:
        text = findings.texts.get(table.name)
        if text is None or table.name in findings.ignored or table.name in findings.events:
            continue
        best: tuple[float, str, str] = (0.0, "", "")
        for column in table.names:
            for path in paths_of_events(table.values(column), column):
                if path != column and text.column.startswith(f"{path}."):
                    continue
                said, count = _share_in_text(table, path, text)
                points = said + 0.1 * bool(_NAMES.intersection(name_words(path)))
                if (said >= _SHARE or (said and _are_named_events(table, path))) and points > best[0]:
                    best = (points, path, f"{path} holds {count} objects; {said:.0%} of their values are in the text")
        if best[1] and not _has_event_columns(table):
            findings.events[table.name] = _draft(table, text, best[1], best[2])


def split_lists_of_events(_: Database, findings: Findings) -> None:
    """Make each object of a list an event, where a row beside the text holds all events of it."""
    for draft in findings.events.values():
        if draft.each is not None or draft.fields is not None or _has_event_columns(draft.table):
            continue
        for column in draft.table.names:
            cells = draft.table.values(column)
            for path in paths_of_events(cells, column):
                objects = [item for cell in cells for item in events_at(cell, path)]
                if not any(isinstance(_decoded(_value_at(cell, path)), list) for cell in cells):
                    continue
                if kinds_of(objects) >= _LEAST_KINDS:
                    draft.each = path
                    draft.reasons["events"] += f"; {path} holds lists of {len(objects)} objects"
                    add_roles(draft, objects)
                    break
            if draft.each is not None:
                break


def add_objects(_: Database, findings: Findings) -> None:
    """Read the JSON columns of the drafts: the keys of objects are columns, lists of objects groups."""
    for draft in findings.events.values():
        for column, values in _json_columns(draft.table):
            if column in (draft.each, *draft.json, *draft.used, *draft.text) or _is_each(draft, column):
                continue
            objects = [value for value in values if isinstance(value, dict)]
            keys = {key for item in objects for key in item}
            if len(keys & set(draft.table.names)) * 2 >= len(keys) > 0:
                draft.used[column] = "its keys are columns too"
                continue
            draft.json.append(column)
            if (base := _placed_column(draft, column, values)) is not None:
                kind = guess_kind(base, draft.table.values(base)).kind
                [name] = field_names([base], [item.name for item in draft.mapped])
                draft.mapped.append(MappedField(name, base, kind, start=f"{column}.0", end=f"{column}.1"))
                draft.used[column] = draft.reasons[column] = f"the places of {base} in the text"
                continue
            what = "objects, whose keys are fields" if objects else "lists"
            draft.reasons[column] = f"JSON with {what}"
            add_roles(draft, objects, f"{column}.")


def _placed_column(draft: EventDraft, column: str, values: Sequence[Any]) -> str | None:
    """Return the column whose place in the text another one holds: ``place`` for ``place_span`` with ``[3, 9]``."""
    *base, last = name_words(column) or ("",)
    if last.removesuffix("s") not in ("span", "offset", "position", "char", "range") or not base:
        return None
    if not all(isinstance(value, list) and [*map(type, value)] == [int, int] for value in values):
        return None
    taken = {item.column for item in draft.mapped}
    return next((one for one in draft.table.names if [*name_words(one)] == base and one not in taken), None)


def _draft(table: TableInfo, text: TextDraft, each: str, reason: str) -> EventDraft:
    key = table.key or ((ROWID,) if table.rowid else table.names[:1])
    draft = EventDraft(table, key, text=(text.column,), document_id=key, each=each, text_form=text.form)
    draft.reasons["events"] = reason
    draft.reasons["text"] = text.reason
    draft.json.extend(text.json)
    objects = [item for value in table.values(each.partition(".")[0]) for item in events_at(value, each)]
    add_roles(draft, objects, "")
    return draft


def _is_each(draft: EventDraft, column: str) -> bool:
    return draft.each is not None and draft.each.startswith(f"{column}.")


def add_roles(draft: EventDraft, objects: Sequence[dict[str, Any]], prefix: str = "") -> None:
    """Say which key of the objects is the type of the event, and which its confidence."""
    keys = list(dict.fromkeys(key for item in objects for key in item))
    plain = [[item.get(key) if isinstance(item.get(key), _PLAIN) else "" for key in keys] for item in objects]
    seen = Columns(keys, [["" if cell is None else cell for cell in row] for row in plain])
    for role, names, fits in (
        ("event.type", column_names.TYPE, seen.is_type),
        ("event.confidence", column_names.CONFIDENCE, seen.is_confidence),
    ):
        has_column = any(folded_name(name) in names for name in draft.table.names if name not in draft.used)
        if role in draft.roles or (prefix and has_column) or (key := seen.take(names, fits)) is None:
            continue
        path = f"{prefix}{key}" if prefix or key not in draft.table.names else f"{draft.each}.{key}"
        draft.roles[role] = path
        draft.reasons[path] = f"named like the {role.partition('.')[2]} of an event"


def _has_event_columns(table: TableInfo) -> bool:
    """Return True if columns of the row itself say what happened, so that its JSON only adds to that."""
    folded = {folded_name(name) for name in table.names}
    return bool(folded & column_names.SURE_TYPE) or sum(has(name, HARM) for name in table.names) > 1


def _json_columns(table: TableInfo) -> Iterator[tuple[str, list[Any]]]:
    for name in table.names:
        if found := parsed(table.values(name)):
            yield name, found


def _texts(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the texts inside a list or an object, each with its path."""
    if isinstance(value, str):
        if parsed([value]) == []:
            yield path, value
    elif isinstance(value, dict) and depth < _DEEPEST:
        for key, item in value.items():
            if "." not in key:
                yield from _texts(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for number, item in enumerate(value[:_DEEPEST]):
            yield from _texts(item, f"{path}.{number}", depth + 1)


def paths_of_events(cells: Sequence[Any], column: str) -> list[str]:
    """Return the paths in the JSON of a column at which there are objects that look like events."""
    found: dict[str, list[dict[str, Any]]] = {}
    for value in parsed(cells):
        for path, objects in _objects(value, column, 0):
            found.setdefault(path, []).extend(objects)
    return [path for path, objects in found.items() if _are_events(objects)]


def _objects(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the lists of objects inside a value, and its objects, each with its path."""
    if isinstance(value, str):
        inner = parsed([value])
        value = inner[0] if inner else None
    if isinstance(value, list):
        objects = [item for item in value if isinstance(item, dict)]
        if objects:
            yield path, objects
        for number, item in enumerate(value[:2]):
            if depth < _DEEPEST and isinstance(item, dict):
                yield from ((at, some) for at, some in _objects(item, f"{path}.{number}", depth + 1) if some != [item])
    elif isinstance(value, dict):
        yield path, [value]
        for key, item in value.items():
            if depth < _DEEPEST and "." not in key and isinstance(item, dict | list | str):
                yield from _objects(item, f"{path}.{key}", depth + 1)


def events_in(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, of the only list of objects in an object, or the object itself."""
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list) and item and isinstance(item[0], dict)]
        value = lists[0] if len(lists) == 1 else [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def events_at(cell: Any, path: str) -> list[dict[str, Any]]:
    """Return the objects at a path, which begins with the name of the column, in the JSON of a cell."""
    value = _decoded(_value_at(cell, path))
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _are_events(objects: Sequence[dict[str, Any]]) -> bool:
    """Return True if most objects have several keys, and some of them are those of events."""
    rich = sum(len(item) >= _LEAST_KEYS for item in objects)
    said = sum(any(_says_event(key) for key in item) for item in objects)
    return rich * 2 > len(objects) and said * 2 > len(objects)


def _are_named_events(table: TableInfo, path: str) -> bool:
    """Return True if the name of a path and the keys of its objects both say that these are events."""
    if not _NAMES.intersection(name_words(path)):
        return False
    objects = [item for cell in table.values(path.partition(".")[0]) for item in events_at(cell, path)]
    return kinds_of(objects) >= _LEAST_KINDS


def holds_events(table: TableInfo, column: str) -> bool:
    """Return True if the cells of a column are JSON whose objects say what happened, such as a model's answers."""
    return any(
        kinds_of([item for cell in table.values(column) for item in events_at(cell, path)]) >= _LEAST_KINDS
        for path in paths_of_events(table.values(column), column)
    )


def kinds_of(objects: Sequence[dict[str, Any]]) -> int:
    """Return how many of what happened, where, who, when and how many the keys of objects say; a type counts twice."""
    keys = {folded_name(key) for item in objects for key in item}
    kinds = sum(any(has(key, words) for key in keys) for words in (HARM, PLACES, ACTORS, DATES))
    return kinds + 2 * bool(keys & frozenset(column_names.TYPE))


def _says_event(key: str) -> bool:
    return folded_name(key) in column_names.TYPE or any(has(key, words) for words in (HARM, PLACES, ACTORS, DATES))


def _share_in_text(table: TableInfo, path: str, text: TextDraft) -> tuple[float, int]:
    """Return the share of the values of the objects at a path that are in the text of their row, and their number."""
    at = table.names.index(path.partition(".")[0])
    text_at = table.names.index(text.column.partition(".")[0])
    found = total = count = 0
    for row in table.sample:
        prose = _value_at(row[text_at], text.column)
        if not isinstance(prose, str):
            continue
        objects = events_at(row[at], path)
        count += len(objects)
        for value in _leaves(objects):
            total += 1
            found += value.casefold() in prose.casefold() and value != prose
    return (found / total if total else 0.0), count


def _leaves(value: Any) -> Iterator[str]:
    """Yield the values inside lists and objects as texts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool) and value != "":
        yield str(value)


def _decoded(value: Any) -> Any:
    """Return the JSON that a text is, and other values as they are."""
    return next(iter(parsed([value])), None) if isinstance(value, str) else value


def _value_at(cell: Any, path: str) -> Any:
    """Return what is at a path, which begins with the name of the column; JSON inside of texts counts as such."""
    value = cell
    for key in path.split(".")[1:]:
        if isinstance(value, str):
            value = next(iter(parsed([value])), None)
        if isinstance(value, list):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value
