"""Links of duplicates: an export names the event that a duplicate was merged into, which may arrive later."""

import json
import sqlite3

from db.decisions.journal import append, utc_now
from db.model import Json, Patch
from db.native import WAITING_LINK, Author
from db.store.reading import read_event

_NAMES = ("event", "extractor", "document")


def waiting_link(same_as: Json, by: Author) -> Json:
    """Return what the file keeps of a link until the other event is there: its names, and who made the link."""
    return {WAITING_LINK: {key: same_as.get(key) for key in _NAMES} | {"by": list(by)}}


def keep_waiting(connection: sqlite3.Connection, event_id: int, same_as: Json, by: Author) -> None:
    """Keep the link of an event that the file knows, for ``link_duplicates``."""
    extra = read_event(connection, event_id).extra | waiting_link(same_as, by)
    connection.execute("UPDATE events SET extra = ? WHERE id = ?", (json.dumps(extra, ensure_ascii=False), event_id))


def link_duplicates(connection: sqlite3.Connection) -> None:
    """Merge each event that an export rejects as a duplicate into the event that it names.

    That one may come later in the file, or never. If it is a duplicate itself, its own original counts.
    """
    waiting = connection.execute(
        "SELECT id, extra FROM events WHERE status = 'rejected' AND live AND merged_into IS NULL AND instr(extra, ?)",
        (json.dumps(WAITING_LINK),),
    ).fetchall()
    for event_id, extra in waiting:
        keys = json.loads(extra)
        link = keys.pop(WAITING_LINK, None)
        target_id = original_of(connection, link)
        if target_id is None or target_id == event_id:
            continue
        own = connection.execute("SELECT id FROM events WHERE merged_into = ? AND live", (event_id,)).fetchall()
        rest = json.dumps(keys, ensure_ascii=False) if keys else None
        connection.execute("UPDATE events SET extra = ? WHERE id = ?", (rest, event_id))
        after = Patch({id_: {"merged_into": target_id} for id_ in (event_id, *(row[0] for row in own))}, {})
        after.events[target_id] = {}
        reviewer, decided_at = link["by"]
        append(connection, "merge", reviewer, decided_at or utc_now(), event_id, after)


def original_of(connection: sqlite3.Connection, same_as: object) -> int | None:
    """Return the id of the event that ``same_as`` names, or of its original if it is a duplicate itself."""
    if not isinstance(same_as, dict):
        return None
    names = [same_as.get(key) for key in _NAMES]
    if not all(isinstance(name, str) for name in names):
        return None
    row = connection.execute(
        "SELECT events.id, merged_into FROM events JOIN documents ON documents.id = document_id"
        " WHERE events.external_id = ? AND extractor = ? AND documents.external_id = ? AND live",
        names,
    ).fetchone()
    return None if row is None else int(row[1] or row[0])
