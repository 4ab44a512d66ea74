"""Imports and exports real files of other tools: ``genuine.py FOLDER``; prints Markdown.

Each file, and each folder that a format reads as a whole, is imported into a new file, exported in its own format, and
read again, which must give the same documents.
"""

import contextlib
import io
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Export, Format, ReadOptions, Source
from db.formats.registry import detect_format
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.connection import open_file

_NO_DATA = (".md", ".conf", ".pdf", "")


def main() -> None:
    """Import everything under the folder."""
    print("| file | format | documents | events | fields | spans | equal to their value | refused | out and in again |")
    print("|---|---|---|---|---|---|---|---|---|")
    root = Path(sys.argv[1])
    for path in sorted(root.rglob("*")):
        if path.is_dir():
            if any(path.glob("*.ann")):
                _told(path, root)
        elif path.suffix not in _NO_DATA and not any(path.parent.glob("*.ann")):
            _told(path, root)


def _told(path: Path, root: Path) -> None:
    report = ImportReport()
    with contextlib.ExitStack() as stack:
        stream = None if path.is_dir() else stack.enter_context(path.open("rb"))
        source = Source(str(path), stream, path)
        name = path.relative_to(root)
        try:
            format = detect_format(source)
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            connection = stack.enter_context(contextlib.closing(open_file(Path(folder) / "x.db", create=True)))
            import_source(connection, source, report, format)
        except InputError as error:
            print(f"| {name} | – | – | – | – | – | – | {str(error).removeprefix(str(path))} | |")
            return
        fields, spans, equal = _counted(connection)
        why = f"{report.refused}: {report.refusals[0].reason}" if report.refused else "0"
        print(
            f"| {name} | {format.name} | {report.documents} | {report.events} | {fields} | {spans} | {equal} | {why} |"
            f" {_again(format, list(export_documents(connection)), Path(folder))} |"
        )


def _counted(connection: sqlite3.Connection) -> tuple[int, int, int]:
    fields = spans = equal = 0
    for document in export_documents(connection):
        source = document.get("text") or document.get("title") or ""
        for event in document["events"]:  # type: ignore[union-attr]
            for field in event["fields"]:  # type: ignore[index, call-overload]
                fields += 1
                for start, end in field.get("spans") or ():  # type: ignore[union-attr, arg-type]
                    spans += 1
                    equal += str(source)[start:end] == str(field["value"])  # type: ignore[call-overload, index, misc]
    return fields, spans, equal


def _again(format: Format, documents: list[dict[str, Any]], folder: Path) -> str:
    """Return True if the export reads back as the same documents."""
    mapping = {"csv": "ucdp_ged", "json-table": "plover_gsr"}.get(format.name)
    export = Export(lambda: iter(documents), mapping=mapping)
    if format.write_folder:
        target = folder / "out"
        for name, content in format.write_folder(export):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(content)
        source = Source("out", None, target)
    elif format.write:
        source = Source("out", io.BytesIO(b"".join(format.write(export))))
    else:
        return "not written"
    assert format.read
    with contextlib.closing(open_file(folder / "y.db", create=True)) as connection:
        import_source(connection, source, ImportReport(), format, ReadOptions(mapping=mapping))
        again = list(export_documents(connection))
    if again == documents:
        return "the same"
    return "the same but for the order" if sorted(map(repr, again)) == sorted(map(repr, documents)) else "another"


if __name__ == "__main__":
    main()
