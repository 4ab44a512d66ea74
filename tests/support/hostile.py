"""A file full of attacks, and the keys that show them on every screen and in every question."""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from db.store.connection import open_file
from db.store.schema import drop_triggers_and_views, renew_triggers_and_views
from support.attacks import WORD
from support.terminal import SYNC_QUERY, SYNC_REPLY, Terminal
from tui.cli import main

_SOON = 0.3  # seconds
_ABOUT = "title", "publisher", "url", "published", "language"


class Watched(Terminal):
    """A terminal that searches the raw output, since making screens of it would take most of the time."""

    def __init__(self, file: Path, *options: str, columns: int, rows: int) -> None:
        command = [sys.executable, "-m", "tui", "review", str(file), *options]
        super().__init__(command, columns, rows)
        self._drawn = False
        self._seen = 0

    def feed(self, data: bytes) -> None:
        """Keep output, and put it on the screen only when asked."""
        if self._drawn:
            super().feed(data)
            return
        self.raw += data
        if SYNC_QUERY in data:
            os.write(self.fd, SYNC_REPLY)

    def does(self, keys: str, *shown: str, timeout: float = 20.0) -> None:
        """Send keys, then wait for one of these texts in one piece and for the end of a frame.

        Without texts, possibly nothing is painted.
        """
        self._seen = len(self.raw)
        self.send(keys)
        self._wait(*shown, timeout=timeout, keys=keys)

    def _wait(self, *shown: str, timeout: float = 20.0, keys: str = "") -> None:
        wanted = [text.encode() for text in shown or ("\x1b[?2026l",)]
        end = time.monotonic() + (timeout if shown else _SOON)
        while self.mid_frame or not any(self.raw.find(text, self._seen) >= 0 for text in wanted):
            if self.ended or (time.monotonic() > end and shown):
                raise AssertionError(f"{keys!r} does not show {shown}:\n{bytes(self.raw[self._seen :])[-2000:]!r}")
            if not self.read(_SOON) and not shown and time.monotonic() > end:
                return

    def screen(self, columns: int, rows: int) -> str:
        """Repaint and return the whole screen at this size; its status line must contain ``left``."""
        for _ in range(5):
            self._seen = len(self.raw)
            self.resize(columns, rows - 1)
            self._wait(" left")
            self._drawn = True
            self._screen.reset()
            self.resize(columns, rows)
            self.settle(quiet=1.0)
            self._drawn = False
            if " left" in self.text():
                return self.text()
            # The status that came first was of the old size: the two resizes became one, which repaints only a part.
        raise AssertionError(f"the screen does not show its status:\n{self.text()}")


def alone(name: str, attack: str) -> dict[str, Any]:
    """A document with one attack in every text, in its event's too, and in a reviewer as exports name one."""
    text = f"before {attack} MIDDLE {attack} after"
    at = text.index("MIDDLE")
    shown = attack if attack.strip() else f"{attack}x"
    field = {"value": attack, "group": f"{attack}:1", "spans": [[at, at + 6]], "note": attack}
    event = {
        "id": f"{name} {attack}", "type": shown, "extractor": attack, "note": attack, "status": "unsure",
        "reviewer": shown, "decided_at": "2025-03-07T10:00:00.000Z",
        "fields": [{"name": "date", "value": attack, "state": "extracted"}, {"name": shown, **field},
                   {"name": f"{attack}.{attack}x", "value": [attack, {attack: attack}]}],
    }  # fmt: skip
    return {"id": f"{name} {attack}", "text": text, **dict.fromkeys(_ABOUT, attack), attack: attack, "events": [event]}


def packed(number: int, attacks: Mapping[str, str]) -> dict[str, Any]:
    """A document with many attacks: one a line, one a field, and all of them as its title."""
    lines = [f"{place} MIDDLE{place} {attack}" for place, attack in enumerate(attacks.values())]
    text = "\n".join(lines)
    every = " ".join(attacks.values())
    fields: list[dict[str, Any]] = [{"name": "date", "value": "2025-03-07"}]
    for place, attack in enumerate(attacks.values()):
        at = text.index(f"MIDDLE{place} ")
        shown = attack if attack.strip() else f"{attack}x"
        fields.append({"name": shown, "value": attack, "group": f"{shown}:1", "spans": [[at, at + 6]], "note": attack})
    name = f"packed{number}"
    event = {"id": f"{name} {every}", "type": f"{name} {every}", "extractor": every, "note": every, "fields": fields}
    return {"id": f"{name} {every}", "text": text, "title": every, "publisher": every, "events": [event]}


def without_events(number: int, attack: str) -> dict[str, Any]:
    """A document without events."""
    return {"id": f"empty{number} {attack}", "title": attack, "text": attack}


def make_file(path: Path, documents: Sequence[Mapping[str, Any]], queries: Sequence[str] = ()) -> Path:
    """Import documents into a new file, and save queries with names that eventdesk itself would refuse."""
    source = path.with_suffix(".jsonl")
    source.write_text("".join(f"{json.dumps(document)}\n" for document in documents), encoding="utf-8")
    assert main(["import", str(path), str(source)]) == 0
    connection = open_file(path)
    for number, attack in enumerate(queries):
        connection.execute("INSERT INTO saved_queries VALUES (?, ?, ?)", (f"q{number}{attack}", f'"{attack}"', attack))
    connection.close()
    return path


def date_by_attacks(path: Path) -> None:
    """Store an attack as the time of each decision. An import refuses it, other programs can write it."""
    with closing(open_file(path)) as connection:
        drop_triggers_and_views(connection)
        connection.execute("UPDATE events SET decided_at = type")
        connection.execute("UPDATE decisions SET decided_at = (SELECT type FROM events WHERE events.id = event_id)")
        renew_triggers_and_views(connection)


def decided(path: Path) -> int:
    """Count the decisions in a file."""
    connection: sqlite3.Connection = open_file(path)
    count: int = connection.execute("SELECT count(*) FROM decisions").fetchone()[0]
    connection.close()
    return count


LEAVE = "\x1b[27u"  # escape in the protocol that tells it from the beginning of a sequence

# Keys, and the texts one of which shows that they were handled. The field has attacks as name, value, group and note.
QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("l", ("Fields",)), ("j", ("▸",)),
    ("o", ("Add field",)), ("\x1b[B", ()), (WORD[0], ()),
    (f"{LEAVE}m", ("Move ",)), ("\x1b[B", ()),
    (f"{LEAVE}n", ("Note on ",)),
    (f"{LEAVE}e", ("save",)), ("\x1b[B", ()),
    (f"{LEAVE}f", ("Pick ",)), ("/", ("Filter ",)),
    (f"{LEAVE}v", (" at ",)), ("v", (" selecting ",)), ("w", (" selecting ",)), ("/", ("Find in the text",)),
    (f"{LEAVE}{LEAVE}d", ("removed ",)), ("u", ("undone",)),
    ("s", ("swap",)), ("u", ("undone", "nothing")), (".", ()),
    ("h", ("Events",)),
    ("f", ("Pick which",)), (f"{LEAVE}hD", ("Remove which",)), (f"{LEAVE}O", ("Add which", "no groups", "Pick ")),
    (f"{LEAVE}S", ("Split off which",)), ("1", ("split off",)),
    (f"{LEAVE}M", ("Merge into", "no similar event")), (f"{LEAVE}t", ("Change type",)), ("\x1b[B", ()),
    (f"{LEAVE}N", ("Add event of",)), (f"{LEAVE}b", ("Open document",)), ("\x1b[B", ()),
    (f"{LEAVE}n", ("Note on this",)), (f"{LEAVE}y", ("Copy",)), (f"{LEAVE}x", ("Reject as",)), ("o", ("reason",)),
    (f"{LEAVE}:", ("Command",)), ("note", ()), (f"{LEAVE}?", ("type to filter",)), ("w", ("Filter:",)),
    (f"{LEAVE}/", ("Query",)), ("date:", ()), ("\x1b[B", ()), (f"{LEAVE}/", ("Query",)), ("@", ()), ("\x1b[B", ()),
    (f"{LEAVE}\x06", ("Look up",)), ("date:*\r", ("Lookup",)), ("l", ("Fields",)),
    (f"{LEAVE}{LEAVE}%", ("Lookup", "can't")),
    (f"{LEAVE}{LEAVE}\x07", ("Go to",)), ("nowhere\r", ("no event has",)),
    (f"{LEAVE}C", ("the copy",)), ("u", ("undone",)),
)  # fmt: skip
