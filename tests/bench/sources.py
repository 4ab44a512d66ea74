"""Measures the first sync of a source database: ``sources.py [--events 200000] [--folder DIR]``; prints Markdown.

The database has a table of events with ten columns, joined by a foreign key with articles of 30 to 300 words. Measured
are the plan, the first events, the whole sync, and beside it the native import of the same events with their evidence,
each in a process of its own. CPU seconds count: the machine may have other work.
"""

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_MEASURED = """
import json, resource, sys, time
from pathlib import Path
import bench.sources
begun, cpu = time.monotonic(), time.process_time()
found = getattr(bench.sources, sys.argv[1])(*map(Path, sys.argv[2:]))
took = (time.monotonic() - begun, time.process_time() - cpu)
(peak,) = [int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps([*took, peak, found]))
"""
_KINDS = ("attack", "protest", "exchange", "accident")
_ACTORS = ("police", "army", "rebels", "workers", "students", "the union", "villagers", "a gang")
_SEED = 1


def write_database(path: Path, events: int) -> None:
    """Write a database of so many events, of which one to five are in each article."""
    rng = random.Random(_SEED)
    words = ["".join(rng.choices("abcdefghijklmnoprstuvw", k=rng.randint(2, 9))) for _ in range(4000)]
    places = [word.capitalize() for word in rng.sample(words, 300)]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, url TEXT, published TEXT, body TEXT)"
        )
        connection.execute(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles (id), kind TEXT,"
            " event_date TEXT, location TEXT, actor TEXT, killed INTEGER, wounded INTEGER, model TEXT, confidence REAL)"
        )
        number = article = 0
        while number < events:
            article += 1
            day = date(2024, 1, 1) + timedelta(days=rng.randrange(700))
            text = rng.choices(words, k=rng.randint(30, 300))
            for _ in range(min(rng.randint(1, 5), events - number)):
                number += 1
                kind, place, actor = rng.choice(_KINDS), rng.choice(places), rng.choice(_ACTORS)
                killed, wounded = rng.randint(0, 60), rng.choice((None, rng.randint(1, 200)))
                sentence = (
                    f"On {day:%d %B %Y} {actor} in {place} reported {killed} killed and {wounded or 'no'} wounded."
                )
                text.insert(rng.randrange(len(text)), sentence)
                row = (
                    number,
                    article,
                    kind,
                    f"{day}",
                    place,
                    actor,
                    killed,
                    wounded,
                    "model-1",
                    rng.randint(50, 99) / 100,
                )
                connection.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(row))})", row)
            row_of_text = (article, f"Report {article}", f"https://example.org/{article}", f"{day}", " ".join(text))
            connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", row_of_text)
        connection.commit()


def plan_of(path: Path) -> Any:
    """The plan for such a database, as it is proposed."""
    from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
    from db.sources.plan import EventTable, Joined, Link, Plan

    assert path
    kinds: dict[str, Any] = {"event_date": "date", "location": "place", "actor": "actor"}
    kinds |= dict.fromkeys(("killed", "wounded"), "integer")
    mapping = Mapping(
        document=DocumentColumns(
            id=("articles.id",),
            title=("articles.title",),
            text=("articles.body",),
            url="articles.url",
            published="articles.published",
        ),
        event=EventColumns(id=("id",), type="kind", extractor="model", confidence="confidence"),
        fields=tuple(MappedField(name, name, kind) for name, kind in kinds.items()),
        guessed=True,
    )
    articles = Joined(
        "articles", Link(("article_id",), "articles", ("id",)), ("id", "title", "url", "published", "body")
    )
    return Plan((EventTable("events", ("id",), mapping, joined=(articles,)),))


def plan(database: Path) -> list[int]:
    """Propose the plan."""
    from db.sources.database.database import open_database
    from db.sources.proposing.propose import propose

    with open_database(database) as opened:
        return [len(propose(opened).events)]


def first_events(database: Path) -> list[int]:
    """Read the first documents."""
    from itertools import islice

    from db.sources.database.database import open_database
    from db.sources.reading.records import read_plan

    with open_database(database) as opened:
        return [len(list(islice(read_plan(opened, plan_of(database)), 100)))]


def read_only(database: Path) -> list[int]:
    """Read all documents, and import none."""
    from db.sources.database.database import open_database
    from db.sources.reading.records import read_plan

    with open_database(database) as opened:
        return [sum(1 for _ in read_plan(opened, plan_of(database)))]


def sync(database: Path, desk: Path) -> list[int]:
    """Import the database into a new desk."""
    from db.formats.format import Source
    from db.sources.reading.format import format_of

    return _imported(desk, Source(database.name, None, database), format_of(plan_of(database)))


def native(lines: Path, desk: Path) -> list[int]:
    """Import the same events, with their evidence, from a native file."""
    from db.formats.format import Source
    from db.formats.registry import format_named

    with lines.open("rb") as stream:
        return _imported(desk, Source(lines.name, stream, lines), format_named("native"))


def export(desk: Path, lines: Path) -> list[int]:
    """Export a desk as a native file."""
    from db.exporting import export_documents
    from db.formats.format import Export
    from db.formats.registry import format_named
    from db.store.connection import open_file

    write = format_named("native").write
    assert write is not None
    with closing(open_file(desk)) as connection, lines.open("wb") as stream:
        stream.writelines(write(Export(lambda: export_documents(connection))))
    return []


def _imported(desk: Path, source: Any, format: Any) -> list[int]:
    from db.importing.importing import import_source
    from db.importing.report import ImportReport
    from db.store.new_file import new_file

    report = ImportReport()
    with new_file(desk) as connection:
        import_source(connection, source, report, format)
    return [report.documents, report.events, report.refused]


def _measure(function: str, *paths: Path) -> tuple[float, float, int, list[int]]:
    command = [sys.executable, "-c", _MEASURED, function, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took, cpu, peak, found = json.loads(done.stdout)
    return took, cpu, peak, found


def main() -> None:
    """Read the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, help="where the database is kept for the next run")
    parser.add_argument("--only", nargs="+", default=["plan", "first_events", "read_only", "sync", "native"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        database = folder / f"{options.events}.db"
        if not database.exists():
            write_database(database, options.events)
        desk, lines, again = (Path(temporary) / name for name in ("desk.db", "events.jsonl", "again.db"))
        print("| what | seconds | CPU seconds | events a CPU second | peak MB | documents, events, refused |")
        print("|---|---|---|---|---|---|")
        for name in options.only:
            if name == "native":
                _measure("export", desk, lines)
            paths = {"sync": (database, desk), "native": (lines, again)}.get(name, (database,))
            took, cpu, peak, found = _measure(name, *paths)
            print(f"| {name} | {took:.2f} | {cpu:.2f} | {options.events / cpu:,.0f} | {peak} | {found} |", flush=True)


if __name__ == "__main__":
    main()
