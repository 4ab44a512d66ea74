"""What to kill: the reviewer, imports, exports, migrations, backups, restores, repairs."""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from db.decisions.review import Review
from db.demo import make_demo
from db.maintenance.backups import back_up, list_backups
from db.store.connection import open_file
from db.store.reading import read_event
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION, apply_steps
from support.builders import ARTICLE
from support.killing import (
    Toll,
    acts_of_review,
    acts_of_undo,
    content,
    copy_of,
    kill_command,
    kill_reviewer,
    leftovers,
    run_and_kill,
)

_KILLS_OF_A_FILE = 25  # before the reviewer gets a fresh file
_TABLES = {  # in every version, or since schema 2; and their columns, as far as a version has them
    "documents": "id, external_id, title, publisher, url, published, language, extra, text",
    "events": "id, document_id, external_id, extractor, type, confidence, extra, status, reason, reason_text, note,"
    " reviewer, decided_at, revision, extracted_type, live, merged_into, extracted_again",
    "fields": "id, event_id, position, name, field_group, value, state, note, in_extraction, extracted_name,"
    " extracted_group, extracted_value, confidence, extra, modifier, extracted_modifier",
    "evidence": "field_id, position, start_offset, end_offset, extracted, current",
    "decisions": "id, event_id, field_id, action, reviewer, decided_at, target_id, before, after",
    "decision_events": "decision_id, event_id",
    "imports": "id, file, format, started_at, finished_at, documents, events, refused, updated",
    "event_types": "name, help, headline, source",
    "event_type_fields": "event_type, name, position, kind, required, repeated, field_group, choices, unit, help,"
    " source",
}

Story = Callable[[Path, int, random.Random, Toll], None]


def review(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Accept, reject, correct, note, undo."""
    _review(folder, kills, chance, toll, acts_of_review)


def undo(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Mostly undo and redo."""
    _review(folder, kills, chance, toll, acts_of_undo)


def _review(
    folder: Path, kills: int, chance: random.Random, toll: Toll, acts: Callable[[random.Random, str], str]
) -> None:
    make_demo(folder / "base.db").close()
    for kill in range(kills):
        if kill % _KILLS_OF_A_FILE == 0:
            file = copy_of(folder / "base.db", folder)
        kill_reviewer(file, acts, chance, toll)


def reviewed(folder: Path) -> Path:
    """Make a closed file with some decisions."""
    base = folder / "base.db"
    with closing(make_demo(base)) as connection:
        reviewer = Review(connection, "ana")
        for number in range(1, 30):
            event = read_event(connection, number)
            reviewer.correct(event, event.live_fields[0], f"value {number}", [])
            reviewer.accept(read_event(connection, number))
        reviewer.undo()
    return base


def lines_to_import(folder: Path, documents: int) -> Path:
    """Write a file of new documents, changed known ones, and invalid lines."""
    lines = folder / "lines.jsonl"
    with lines.open("w", encoding="utf-8") as stream:
        for number in range(documents):
            document = json.loads(json.dumps(ARTICLE))
            document["id"] = f"new-{number}"
            for at, event in enumerate(document["events"]):
                event["id"] = f"new-{number}/{at}"
            stream.write(json.dumps(document) + "\n")
            if number % 9 == 0:
                stream.write("no JSON\n")
        with (Path(__file__).parents[2] / "db" / "demo" / "demo.jsonl").open(encoding="utf-8") as demo:
            for line in demo:
                known = json.loads(line)
                for event in known["events"]:
                    event["confidence"] = 0.01
                stream.write(json.dumps(known) + "\n")
    return lines


def import_into_a_file(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Import into an existing file: all or nothing."""
    base, lines = reviewed(folder), lines_to_import(folder, 300)
    file = copy_of(base, folder)
    arguments = ["import", str(file), str(lines)]
    before = content(file)
    run_and_kill(arguments, None)
    outcomes: list[object] = [before, content(file)]
    assert before != outcomes[1]
    kill_command(
        arguments, lambda: copy_of(base, folder) and None, outcomes, lambda: content(file), kills, chance, toll
    )


def import_into_a_new_file(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Import into a new file: all or nothing, and the next import removes partial files."""
    lines, file = lines_to_import(folder, 100), folder / "new.db"
    arguments = ["import", str(file), str(lines)]

    def begin() -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)

    run_and_kill(arguments, None)
    outcomes: list[object] = [None, content(file)]
    kill_command(arguments, begin, outcomes, lambda: content(file) if file.exists() else None, kills, chance, toll)
    begin()
    assert run_and_kill(arguments, None) == 1  # lines were refused
    toll.halves += [f"left beside the file: {name}" for name in leftovers(folder)]


def older(base: Path, target: Path, version: int) -> Path:
    """Write the same content in an older schema."""
    with closing(sqlite3.connect(target, isolation_level=None)) as old:
        stop = {1: "acts", 2: "lookup", 3: "presence", 4: "identity", 5: "earlier_texts", 6: "sources"}[version]
        apply_steps(old, stop_before=stop)
        old.execute("ATTACH ? AS new", (str(base),))
        old.execute("BEGIN")
        for table, known in _TABLES.items():
            has = {row[1] for row in old.execute(f"PRAGMA main.table_info({table})")}
            if columns := ", ".join(column for column in known.split(", ") if column in has):
                old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        if version >= 3:
            old.execute("INSERT INTO main.field_values SELECT * FROM new.field_values")
            from db.store.lookup_index import index_all

            index_all(old)
        old.execute("COMMIT")
        old.execute("DETACH new")
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute(f"PRAGMA user_version = {version}")
    return target


def migration(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Open a file of an older version."""
    base = reviewed(folder)
    for version in range(1, SCHEMA_VERSION):
        old = older(base, folder / f"old{version}.db", version)
        file = copy_of(old, folder)
        whole = content(file)
        assert whole == content(base) or version == 1  # which knew no modifiers
        assert not any(line.startswith("check: ") for line in whole)
        many = kills * version // (SCHEMA_VERSION - 1) - kills * (version - 1) // (SCHEMA_VERSION - 1)
        kill_command(
            ["stats", str(file)],
            lambda old=old: copy_of(old, folder) and None,  # type: ignore[misc]
            [whole],
            lambda file=file: content(file),  # type: ignore[misc]
            many,
            chance,
            toll,
        )


def backup(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Back up to a file, and among the automatic backups: all or nothing."""
    base = reviewed(folder)
    whole = content(base)
    target = folder / "backup.db"

    def gone() -> None:
        target.unlink(missing_ok=True)

    to_file = ["backup", str(base), str(target)]
    kill_command(
        to_file, gone, [None, whole], lambda: content(target) if target.exists() else None, kills // 2, chance, toll
    )
    gone()
    run_and_kill(to_file, None)
    toll.halves += [f"left beside the backup: {name}" for name in leftovers(folder)]

    def no_backups() -> None:
        for item in list_backups(base):
            item.path.unlink()

    kill_command(
        ["backup", str(base)],
        no_backups,
        [[], [whole]],
        lambda: [content(item.path) for item in list_backups(base)],
        kills - kills // 2,
        chance,
        toll,
    )


def export(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Export to a file: all or nothing."""
    base, target = reviewed(folder), folder / "export.jsonl"
    arguments = ["export", str(base), "--output", str(target)]
    run_and_kill(arguments, None)
    whole = target.read_bytes()
    kill_command(
        arguments,
        lambda: target.unlink(missing_ok=True),
        [None, whole],
        lambda: target.read_bytes() if target.exists() else None,
        kills,
        chance,
        toll,
    )


def restore(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Restore a backup: the state before, or that of the backup."""
    base = reviewed(folder)
    file = copy_of(base, folder)
    with closing(open_file(file)) as connection:
        kept = back_up(connection, file, "asked").path
        then = content(file)
        Review(connection, "ben").reject(read_event(connection, 60), "generic")
    now = content(file)
    later = folder / "later.db"
    later.write_bytes(file.read_bytes())
    copy = folder / "kept.db"
    copy.write_bytes(kept.read_bytes())
    kill_command(
        ["restore", str(file), str(copy)],
        lambda: copy_of(later, folder) and None,
        [now, then],
        lambda: content(file),
        kills,
        chance,
        toll,
    )


def repair(folder: Path, kills: int, chance: random.Random, toll: Toll) -> None:
    """Repair derived data: damaged as before, or repaired."""
    base = reviewed(folder)
    whole = content(base)
    file = copy_of(base, folder)
    with closing(open_file(file)) as connection:
        connection.execute("UPDATE events SET status = 'unsure' WHERE id = 3")
        connection.execute("UPDATE field_values SET uses = 7")
        connection.execute("INSERT INTO documents_fts (documents_fts) VALUES ('delete-all')")
    damaged = content(file)
    wrong = folder / "wrong.db"
    wrong.write_bytes(file.read_bytes())
    kill_command(
        ["check", str(file), "--repair"],
        lambda: copy_of(wrong, folder) and None,
        [damaged, whole],
        lambda: content(file),
        kills,
        chance,
        toll,
    )


STORIES: dict[str, Story] = {
    "review": review,
    "undo and redo": undo,
    "import into a file": import_into_a_file,
    "import into a new file": import_into_a_new_file,
    "migration": migration,
    "backup": backup,
    "export": export,
    "restore": restore,
    "check --repair": repair,
}
SHARES = {"review": 8, "undo and redo": 3}
"""The share of the kills that each story gets; 3 by default: short runs often end before the kill."""


def kills_of(total: int) -> Iterator[tuple[str, Story, int]]:
    """Yield each story with its number of kills."""
    parts = sum(SHARES.get(name, 3) for name in STORIES)
    for name, story in STORIES.items():
        yield name, story, -(-total * SHARES.get(name, 3) // parts)


def seed_of(name: str, seed: int) -> random.Random:
    """Return a random generator for each story."""
    return random.Random(f"{name} {seed}")


def since(began: float) -> str:
    """Format the seconds since a moment."""
    return f"{time.monotonic() - began:.0f} s"
