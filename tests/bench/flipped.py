"""Damages copies of a small reviewed file and counts what eventdesk notices and salvages.

    PYTHONPATH=tests uv run python tests/bench/flipped.py [--damages 1000] [--seed 1] [--show]

Each copy is damaged once: a flipped bit, a zeroed sector or page, a cut end, a page overwritten by another, or a
changed byte of the header. It is then opened, checked, searched with `find` and salvaged, all in this process. A copy
in which nothing was noticed is compared with the original, value by value.
"""

import argparse
import contextlib
import io
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.builders import import_documents

from db.decisions.review import Review
from db.errors import EventdeskError
from db.maintenance.backups import back_up
from db.maintenance.check import check
from db.maintenance.compare import compare
from db.maintenance.salvage import salvage
from db.store.connection import open_file
from db.store.reading import read_event
from tui.cli import main as eventdesk
from tui.runtime.crash import EXIT_STATUS

_WORDS = (
    "prisoners crossed border Lesna Friday exchange soldiers Red Cross said north south convoy village officials"
    " killed wounded report morning river bridge agreed talks обмін військових 遗体 交换 reported"
).split()
_SECTOR = 512
_PAGE = 4096

# The columns to compare, by table; the number of changes of an event is not among them.
_COLUMNS = {
    "documents": "id, external_id, title, publisher, url, published, language, extra, text",
    "events": "id, document_id, external_id, extractor, type, confidence, extra, status, reason, reason_text, note,"
    " reviewer, decided_at, extracted_type, live, merged_into",
    "fields": "id, event_id, position, name, field_group, value, state, note, in_extraction, extracted_name,"
    " extracted_group, extracted_value, confidence, extra, modifier, extracted_modifier",
    "evidence": "field_id, position, start_offset, end_offset, extracted, current",
    "decisions": "id, event_id, field_id, action, reviewer, decided_at, target_id, before, after",
    "decision_events": "decision_id, event_id",
    "event_types": "name, help, headline, source",
    "event_type_fields": "event_type, name, position, kind, required, repeated, field_group, choices, unit, help,"
    " source",
    "saved_queries": "name, query, help",
}
_KEYED = ("documents", "events", "fields", "decisions")
_QUERIES = ("", "prisoners count>=20 date>=2024", "status:pending -type:protest", "reviewer:ana sort:-count")

Dump = dict[str, list[tuple[Any, ...]]]


def make(path: Path, documents: int = 30, seed: int = 1) -> None:
    """Make a reviewed file with decisions of every kind."""
    random_ = random.Random(seed)
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, *(_document(random_, number) for number in range(documents)))
        connection.execute("INSERT INTO saved_queries VALUES ('big', 'count>=20', 'many of them')")
        for _ in range(documents * 2):
            _act(connection, random_)


def _document(random_: random.Random, number: int) -> dict[str, Any]:
    text = " ".join(random_.choice(_WORDS) for _ in range(random_.choice((40, 120, 1200)))) + "."
    events = []
    for of in range(random_.randint(1, 3)):
        fields: list[dict[str, Any]] = [{"name": "date", "value": f"2025-0{random_.randint(1, 9)}-11"}]
        for group in range(random_.randint(1, 3)):
            start = random_.randrange(len(text) - 20)
            fields += [
                {"name": "count", "value": random_.randint(1, 900), "group": f"transfer:{group}",
                 "spans": [[start, start + 5]], "confidence": round(random_.random(), 2)},
                {"name": "recipient", "value": random_.choice(_WORDS), "group": f"transfer:{group}",
                 "spans": [[start + 6, start + 12]]},
            ]  # fmt: skip
        fields.append({"name": "armed", "value": random_.random() < 0.5, "source": "a guess"})
        kind = random_.choice(("prisoner_exchange", "protest", "attack"))
        events.append({"id": f"d{number}/{of}", "type": kind, "extractor": "rules", "fields": fields, "run": number})
    return {"id": f"d{number}", "title": f"{random_.choice(_WORDS)} {number}", "publisher": "The Post", "text": text,
            "published": "2025-03-07", "events": events, "rank": number}  # fmt: skip


def _act(connection: sqlite3.Connection, random_: random.Random) -> None:
    ids = [row[0] for row in connection.execute("SELECT id FROM events WHERE live AND id % 3")]
    event = read_event(connection, random_.choice(ids))
    other = read_event(connection, random_.choice(ids))
    review = Review(connection, random_.choice(("ana", "ben")))
    live = event.live_fields
    acts: list[Callable[[], object]] = [
        lambda: review.accept(event),
        lambda: review.reject(event, "other", "satire"),
        lambda: review.note(event, random_.choice(_WORDS)),
        lambda: review.correct(event, live[0], random_.choice(_WORDS), []),
        lambda: review.add(event, "mediator", None, random_.choice(_WORDS), []),
        lambda: review.remove(event, live[-1]),
        lambda: review.copy(event),
        lambda: review.split(event, ["transfer:1"]),
        lambda: review.set_type(event, "riot"),
        lambda: review.merge(event, other, fill=True),
        lambda: review.undo(),
        lambda: review.redo(),
    ]
    with contextlib.suppress(EventdeskError, IndexError):
        random_.choice(acts)()


def damaged(content: bytes, random_: random.Random) -> tuple[str, bytes]:
    """Return a description of a random damage, and the damaged content."""
    found = bytearray(content)
    kind = random_.choices(("bit", "sector", "page", "cut", "moved page", "header"), (60, 10, 10, 5, 10, 5))[0]
    if kind == "bit":
        at = random_.randrange(len(found))
        found[at] ^= 1 << random_.randrange(8)
        return f"bit of byte {at % _PAGE} of page {at // _PAGE + 1}", bytes(found)
    if kind == "header":
        at = random_.randrange(100)
        found[at] = random_.randrange(256)
        return f"byte {at} of the header", bytes(found)
    if kind == "cut":
        return "cut off", bytes(found[: random_.randrange(len(found))])
    size = _SECTOR if kind == "sector" else _PAGE
    at, source = (random_.randrange(len(found) // size) * size for _ in range(2))
    found[at : at + size] = bytes(size) if kind != "moved page" else found[source : source + size]
    return f"{kind} {at // size + 1}", bytes(found)


@dataclass(slots=True)
class Trial:
    """The result of one damage. ``unnoticed`` names the tables and columns that differ without a failed check."""

    damage: str
    outcome: str = ""
    unnoticed: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)  # what must never happen
    defects: list[str] = field(default_factory=list)  # crashes of `find`
    readable: int = 0  # original rows that SQLite finds by their ids
    saved: int = 0  # original rows in the salvaged file
    less: list[str] = field(default_factory=list)  # readable rows that were not salvaged
    seconds: float = 0.0


def dump(path: Path) -> Dump:
    """Return the compared columns of all rows, by table."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f"SELECT {of} FROM {name}").fetchall() for name, of in _COLUMNS.items()}


def try_out(content: bytes, original: Dump, random_: random.Random, folder: Path) -> Trial:
    """Damage a copy once, and open, check, search and salvage it."""
    what, bad = damaged(content, random_)
    trial = Trial(what)
    begun = time.monotonic()
    path, new = folder / "damaged.db", folder / "saved.db"
    for item in folder.iterdir():
        item.unlink()
    path.write_bytes(bad)
    trial.outcome = _noticed(path, original, trial)
    trial.seconds = time.monotonic() - begun
    path.write_bytes(bad)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    readable = _readable(path, original)
    trial.readable = sum(map(len, readable.values()))
    try:
        salvage(path, new)
    except EventdeskError as error:
        trial.less = ["nothing saved"] if trial.readable else []
        if "only a backup helps" not in str(error):
            trial.failed.append(f"salvage: {error}")
        return trial
    except Exception as error:
        trial.failed.append(f"salvage: {type(error).__name__} {error}")
        return trial
    with contextlib.closing(open_file(new)) as saved:
        trial.failed += [f"salvaged: {line}" for finding in check(saved) for line in finding.problems]
    there = dump(new)
    for name in _KEYED:
        as_they_were = set(there[name]) & set(original[name])
        trial.saved += len(as_they_were)
        ids = {row[0] for row in there[name]}
        # An undo of a lost decision can't be saved.
        expected = [row for row in readable[name] if name != "decisions" or row[6] is None or row[6] in ids]
        trial.less += [f"{name} {row[0]}" for row in expected if row[0] not in ids]
    return trial


def _noticed(path: Path, original: Dump, trial: Trial) -> str:
    try:
        connection = open_file(path)
    except EventdeskError:
        return "refused"
    except Exception as error:
        trial.failed.append(f"open: {type(error).__name__} {error}")
        return "refused"
    with contextlib.closing(connection):
        try:
            found = any(finding.problems for finding in check(connection))
        except Exception as error:
            trial.failed.append(f"check: {type(error).__name__} {error}")
            return "found"
    for command in (["find", str(path), query] for query in _QUERIES):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = eventdesk(command)
        if status == EXIT_STATUS:
            trial.defects.append(said.getvalue().splitlines()[-1].partition(";")[0])
    if found:
        return "found"
    try:
        now = dump(path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        trial.unnoticed.add(f"can't be read: {error}")
        return "NOT NOTICED"
    for name, rows in now.items():
        columns = _COLUMNS[name].split(", ")
        if len(rows) != len(original[name]):
            trial.unnoticed.add(f"rows of {name}")
        for old, new in zip(original[name], rows, strict=False):
            pairs = zip(columns, old, new, strict=True)
            trial.unnoticed |= {f"{name}.{column}" for column, one, two in pairs if one != two}
    if not trial.unnoticed:
        return "nothing differs"
    with contextlib.closing(open_file(path)) as connection:
        beside = any(finding.problems for finding in compare(connection, path))
    return "found by a backup" if beside else "NOT NOTICED"


def _readable(path: Path, original: Dump) -> dict[str, list[tuple[Any, ...]]]:
    """Return the original rows that SQLite finds by their ids, one by one."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _KEYED}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for name in _KEYED:
            for row in original[name]:
                with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
                    there = connection.execute(f"SELECT {_COLUMNS[name]} FROM {name} WHERE rowid = ?", row[:1])
                    if there.fetchone() == row:
                        found[name].append(row)
    return found


def run(damages: int, seed: int, folder: Path, documents: int = 30) -> list[Trial]:
    """Try that many damages in a folder; the file has a backup in the state directory."""
    file = folder / "whole.db"
    make(file, documents)
    content, original = file.read_bytes(), dump(file)
    place = folder / "trial"
    place.mkdir()
    damaged_file = place / "damaged.db"
    damaged_file.write_bytes(content)
    with contextlib.closing(open_file(damaged_file)) as connection:
        back_up(connection, damaged_file, "daily")
    trials = []
    for number in range(damages):
        trials.append(try_out(content, original, random.Random(f"{seed} {number}"), place))
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {damages}", end="", file=sys.stderr, flush=True)
    return trials


def main() -> None:
    """Run and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--damages", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--show", action="store_true", help="list each damage that was not noticed or went wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flipped-") as folder:
        os.environ["XDG_STATE_HOME"] = f"{folder}/state"
        trials = run(options.damages, options.seed, Path(folder))
    outcomes = Counter(trial.outcome for trial in trials)
    for outcome, count in outcomes.most_common():
        print(f"{outcome:20} {count:6,} {count / len(trials):6.1%}")
    print(f"{'failed':20} {sum(bool(trial.failed) for trial in trials):6,}")
    print(f"{'find crashed':20} {sum(bool(trial.defects) for trial in trials):6,}")
    readable, saved = sum(trial.readable for trial in trials), sum(trial.saved for trial in trials)
    print(f"original rows: {readable:,} found by SQLite one by one, {saved:,} salvaged")
    less = [trial for trial in trials if trial.less]
    print(f"damages with a row that SQLite finds and the salvage does not: {len(less):,}")
    print(f"longest check and search of a damaged file: {max(trial.seconds for trial in trials):.2f} s")
    for outcome in ("found by a backup", "NOT NOTICED"):
        differing = Counter(name for trial in trials if trial.outcome == outcome for name in trial.unnoticed)
        print(f"{outcome}: {dict(differing.most_common())}")
    if options.show:
        for trial in trials:
            if trial.failed or trial.less or trial.unnoticed or trial.defects:
                details = (sorted(trial.unnoticed), trial.failed[:3], trial.less[:5], trial.defects[:1])
                print(trial.damage, trial.outcome, *filter(None, details), sep="\n    ")


if __name__ == "__main__":
    main()
