"""Measures the import of each format: ``formats.py [--quick] [--events 20000 160000] [--only NAME]``; prints Markdown.

A format that eventdesk writes is measured on generated events; tables, texts and pages are made here. Each import runs
in a process of its own, so that its peak memory can be measured. The time is that of the whole import with indexes.
Beside it is the floor: the seconds that bare sqlite3 takes to insert the same rows into the same tables and indexes.
A larger size is left out, with a line, where the time of the smaller one says that it would not fit into ``--minutes``.
"""

import argparse
import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.floors import bare_import
from bench.generate import make_lines
from bench.stories import EVENTS_A_DOCUMENT

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Export, Format, Source
from db.formats.registry import all_formats, format_named
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.connection import open_file
from db.store.event_types import read_event_types
from db.store.new_file import new_file

_IMPORT = """
import json, sys, time
from pathlib import Path
from db.store.new_file import new_file
from db.formats.format import ReadOptions, Source
from db.formats.registry import format_named
from db.importing.importing import import_source
from db.importing.report import ImportReport
name, target, table, *paths = sys.argv[1:]
format, report, begun = format_named(name), ImportReport(), time.monotonic()
with new_file(Path(target)) as connection:
    for path in map(Path, paths):
        if table or path.is_dir():
            import_source(connection, Source(str(path), None, path, table or None), report, format)
            continue
        with path.open("rb") as stream:
            import_source(connection, Source(path.name, stream, path), report, format)
    (fields,) = connection.execute("SELECT count(*) FROM fields").fetchone()
took = time.monotonic() - begun
# Not ru_maxrss, in which there is what the process had that started this one.
(peak,) = [int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
told = (report.documents, report.events, fields, report.refused, took, peak)
print(json.dumps([*told, str(report.refusals[0]) if report.refusals else ""]))
"""
_HEAD = (
    "format",
    "documents",
    "events",
    "fields",
    "MB",
    "seconds",
    "bare sqlite3",
    "events/s",
    "fields/s",
    "peak MB",
    "refused",
)
_TABLE = "rows"
_FIRST = ("csv", "native", "json-table", "llm-json")  # what most people import


class NotMeasuredError(Exception):
    """A format of which no file could be made, or imported."""


Made = tuple[list[Path], str]
"""Files or a folder to import, and the table of a SQLite file."""


def main() -> None:
    """Make the files and measure each format."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[20_000, 160_000])
    parser.add_argument("--quick", action="store_true", help="2,000 and 10,000 events, in at most a minute")
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--only", nargs="+", metavar="NAME")
    options = parser.parse_args()
    sizes = [2_000, 10_000] if options.quick else sorted(options.events)
    end = time.monotonic() + 60 * (1 if options.quick else options.minutes)
    print(f"| {' | '.join(_HEAD)} |\n|{'---|' * len(_HEAD)}", flush=True)
    left_out: list[str] = []
    seconds_each: dict[str, float] = {}  # of an event, when the files were made and imported in the last size
    names = [name for name, format in all_formats().items() if format.read and name in (options.only or all_formats())]
    names.sort(key=lambda name: (name not in _FIRST, name))
    for events in sizes:
        likely = {name: seconds_each.get(name, 0.0) * events for name in names}
        if seconds_each and min(likely.values(), default=0.0) > end - time.monotonic():
            left_out.append(f"{events:,} events: not measured: the time is up")
            continue
        with tempfile.TemporaryDirectory() as folder:
            native = Path(folder, "native.db")
            with closing(_filled(native, events)) as connection:
                for name in names:
                    if likely[name] > end - time.monotonic():
                        why = f"it needs about {likely[name]:.0f} s" if likely[name] else "the time is up"
                        left_out.append(f"{name}, {events:,} events: not measured: {why}")
                        continue
                    place = Path(folder, name)
                    place.mkdir()
                    begun = time.monotonic()
                    try:
                        made = _made(format_named(name), connection, place, events)
                        print(_row(name, made, _measure(name, made, place / "imported.db")), flush=True)
                    except (ImportError, InputError, NotMeasuredError) as error:
                        left_out.append(f"{name}: not measured: {error}")
                    seconds_each[name] = (time.monotonic() - begun) / events
    print("".join(f"\n{line}" for line in dict.fromkeys(left_out)))


def _filled(path: Path, events: int) -> sqlite3.Connection:
    """An eventdesk file of generated events, from which the formats write."""
    lines = path.with_suffix(".jsonl")
    make_lines(lines, events)
    with new_file(path) as connection, lines.open("rb") as stream:
        import_source(connection, Source(lines.name, stream), ImportReport(), format_named("native"))
    return open_file(path)


def _made(format: Format, connection: sqlite3.Connection, place: Path, events: int) -> Made:
    if maker := _MAKERS.get(format.name):
        return maker(place, events)
    if format.name == "llm-json":
        return _answers(place, export_documents(connection))
    export = Export(lambda: export_documents(connection), read_event_types(connection))
    if format.write is not None:
        file = place / "file"
        with file.open("wb") as stream:
            stream.writelines(format.write(export))
        return [file], ""
    if format.write_folder is not None:
        written = place / "folder"
        for name, content in format.write_folder(export):
            path = written / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return [written], ""
    raise NotMeasuredError("it has no writer, and no file of it is made here")


def _measure(name: str, made: Made, target: Path) -> list[Any]:
    paths, table = made
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _IMPORT, name, str(target), table, *map(str, paths)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NotMeasuredError(done.stderr.strip().splitlines()[-1])
    told: list[Any] = json.loads(done.stdout)
    return [*told, bare_import(target, target.parent)[1]]


def _row(name: str, made: Made, told: list[Any]) -> str:
    documents, events, fields, refused, took, peak, why, bare = told
    files = [file for path in made[0] for file in (path.rglob("*") if path.is_dir() else [path])]
    size = sum(file.stat().st_size for file in files if file.is_file()) / 1e6
    counts = [f"{number:,}" for number in (documents, events, fields)]
    speeds = [f"{number / took:,.0f}" for number in (events, fields)]
    said = f"{refused:,}{f' ({why})' if why else ''}"
    return (
        f"| {' | '.join([name, *counts, f'{size:,.1f}', f'{took:.1f}', f'{bare:.1f}', *speeds, f'{peak:,}', said])} |"
    )


def _answers(place: Path, documents: Iterator[dict[str, Any]]) -> Made:
    """Return the answer of a language model about the generated texts: values without spans."""
    path = place / "answers.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for document in documents:
            found = [
                {"event": event["type"]} | {field["name"]: field["value"] for field in event["fields"]}
                for event in document["events"]
            ]
            told = {"document_id": document["id"], "text": document["text"], "events": found}
            stream.write(json.dumps(told, ensure_ascii=False) + "\n")
    return [path], ""


def _rows(events: int) -> Iterator[dict[str, str | int | float]]:
    """Rows with the columns of UCDP GED that its shipped mapping takes, and some that nobody asked for."""
    for number in range(events):
        day = f"2014-{number % 12 + 1:02}-{number % 28 + 1:02}"
        yield {
            "id": number,
            "relid": f"ABC-2014-1-{number}",
            "year": 2014,
            "type_of_violence": number % 3 + 1,
            "conflict_name": "Varenia: Government",
            "dyad_name": "Government of Varenia - Front of the Ridge",
            "side_a": "Government of Varenia",
            "side_b": f"Front of the Ridge {number % 50}",
            "number_of_sources": number % 4 + 1,
            "source_article": f'"The Merevan Courier,{day},Fighting near Sarhat, officials say"',
            "source_office": "The Merevan Courier",
            "source_date": day,
            "source_headline": "Fighting near Sarhat, officials say",
            "source_original": "police",
            "where_prec": 1,
            "where_coordinates": "Sarhat village",
            "where_description": "on the ridge above Sarhat, ninety kilometres south of Merevan",
            "adm_1": "Sarhat governorate",
            "adm_2": "Pell district",
            "latitude": 35.763369,
            "longitude": 36.558974,
            "country": "Varenia",
            "region": "Middle East",
            "event_clarity": 1,
            "date_prec": 1,
            "date_start": day,
            "date_end": day,
            "deaths_a": number % 5,
            "deaths_b": number % 7,
            "deaths_civilians": number % 3,
            "deaths_unknown": 0,
            "best": number % 5 + number % 7 + number % 3,
            "high": number % 5 + number % 7 + number % 3,
            "low": number % 5,
        }


def _csv(place: Path, events: int) -> Made:
    path = place / "ged.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, next(_rows(1)))
        writer.writeheader()
        writer.writerows(_rows(events))
    return [path], ""


def _json_table(place: Path, events: int) -> Made:
    path = place / "ged.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in _rows(events))
    return [path], ""


def _sqlite(place: Path, events: int) -> Made:
    path = place / "ged.db"
    columns = list(next(_rows(1)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE {_TABLE} ({', '.join(columns)})")
        statement = f"INSERT INTO {_TABLE} VALUES ({', '.join('?' * len(columns))})"
        connection.executemany(statement, (tuple(row.values()) for row in _rows(events)))
    return [path], _TABLE


def _parquet(place: Path, events: int) -> Made:
    import pyarrow
    import pyarrow.parquet

    path = place / "ged.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(_rows(events))), path)
    return [path], ""


_TEXT = "Fighting near Sarhat, report {number}\n\n{text}"
_PAGE = (
    "<!DOCTYPE html><html><head><title>Report {number}</title></head><body><nav><a href='/'>Home</a></nav>"
    "<article><h1>Fighting near Sarhat, report {number}</h1><p>{text}</p></article></body></html>"
)


def _texts(place: Path, events: int) -> Made:
    return _one_each(place, events, ".txt", _TEXT), ""


def _folder_of_texts(place: Path, events: int) -> Made:
    _one_each(place / "texts", events, ".txt", _TEXT)
    return [place / "texts"], ""


def _folder_of_pages(place: Path, events: int) -> Made:
    _one_each(place / "pages", events, ".html", _PAGE)
    return [place / "pages"], ""


def _one_each(place: Path, events: int, suffix: str, form: str) -> list[Path]:
    """A file for each document, as many as the generated events have."""
    sentence = "Two people were killed on the ridge above Sarhat on Thursday, the police in Merevan said. "
    place.mkdir(exist_ok=True)
    paths = []
    for number in range(max(1, events // EVENTS_A_DOCUMENT)):
        path = place / f"{number}{suffix}"
        path.write_text(form.format(number=number, text=sentence * 15), encoding="utf-8")
        paths.append(path)
    return paths


_MAKERS: dict[str, Callable[[Path, int], Made]] = {
    "csv": _csv,
    "html": _folder_of_pages,
    "json-table": _json_table,
    "parquet": _parquet,
    "sqlite": _sqlite,
    "text": _texts,
    "text-folder": _folder_of_texts,
}


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"\n{time.monotonic() - begun:.0f} s in all", file=sys.stderr)
