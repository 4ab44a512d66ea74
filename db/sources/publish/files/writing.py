"""Publishes to a file: reads it as the import did, and replaces it by one in which the corrected cells are changed."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.files.opening import open_table
from db.formats.tables.mapping.loading import WIDE
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.read.documents import check_columns, choose_mapping
from db.io.atomic import partial_path, remove_partial, sweep, sync, sync_folder
from db.io.file_kinds import unreadable
from db.sources.publish.cells import CellsOfEvents
from db.sources.publish.files.matching import RowChange, RowChanges
from db.sources.publish.report import PublishReport

_ADDED = "SELECT count(*) FROM events WHERE live AND extracted_type IS NULL AND status <> 'rejected'"


def publish_to_file(
    connection: sqlite3.Connection,
    path: Path,
    mapping: Mapping | None = None,
    *,
    rehearsal: bool = False,
    drop_rejected: bool = False,
) -> PublishReport:
    """Write the reviewed values to the file that they were imported from, and change no other cell.

    mapping: that of the import; None chooses it as an import does. The first time, the file is copied to
    ``NAME.original`` beside it. Raises InputError if the file is not a table, or is not the one that was imported.
    """
    report = PublishReport()
    try:
        with path.open("rb") as stream:
            source = Source(str(path), stream, path)
            table = open_table(source, mapping)
            if table.preset == WIDE and mapping is None:
                raise InputError(f"{path}: is a table that eventdesk exported; export it again instead")
            chosen, notes = choose_mapping(table, mapping)
            report.notes += notes
            check_columns(table, chosen)
            cells = CellsOfEvents(table, chosen)
            rows = RowChanges(connection, cells, report, drop_rejected=drop_rejected)
            changes = rows.of_rows()
            if rows.missing and not rows.found:
                raise InputError(
                    f"{path}: none of the {rows.missing:,} events to publish is in this file; name the file that was"
                    " imported, with the --mapping of that import"
                )
            _add_notes(connection, rows, report, drop_rejected)
            if not changes:
                return report
            before = os.fstat(stream.fileno())
            content = _rewritten(source, cells, changes, report)
            if rehearsal:
                for _ in content:
                    pass
            else:
                _replace(path, content, before, report)
    except OSError as error:
        raise InputError(f"{path}: can't be read ({unreadable(error)})") from None
    return report


def _rewritten(
    source: Source, cells: CellsOfEvents, changes: dict[int, RowChange], report: PublishReport
) -> Iterator[bytes]:
    table, mapping = cells.table, cells.mapping
    if not table.typed:
        from db.sources.publish.files.csv_cells import rewritten_csv

        return rewritten_csv(source, table, mapping, changes, report)
    if source.head.startswith(b"PAR1"):
        from db.sources.publish.files.parquet_values import rewritten_parquet

        return rewritten_parquet(source, changes, report)
    from db.sources.publish.files.json_values import rewritten_json

    return rewritten_json(source, table, mapping, changes, report)


def _add_notes(connection: sqlite3.Connection, rows: RowChanges, report: PublishReport, drop_rejected: bool) -> None:
    if rows.rejected and not drop_rejected:
        report.notes.append(f"rows of rejected events, unchanged: {rows.rejected:,}; --drop-rejected removes them")
    if rows.without_column:
        report.notes.append(f"fields that have no column in the file, not written: {rows.without_column:,}")
    if rows.missing:
        report.notes.append(f"events to publish that have no row in this file: {rows.missing:,}")
    if rows.otherwise_changed:
        report.notes.append(
            f"rows with a correction that also changed in the file since the import: {rows.otherwise_changed:,};"
            " their other cells stay"
        )
    (added,) = connection.execute(_ADDED).fetchone()
    if added:
        report.notes.append(f"added events, which have no row in the file: {added:,}; eventdesk export has them")


def _replace(path: Path, content: Iterator[bytes], before: os.stat_result, report: PublishReport) -> None:
    """Replace a file by its new content, whole or not at all, and keep the original beside it."""
    path = path.resolve()
    sweep(path)
    partial = partial_path(path)
    try:
        with partial.open("xb") as stream:
            for piece in content:
                stream.write(piece)
            stream.flush()
            sync(stream.fileno())
        if not report.has_changes:
            return
        shutil.copymode(path, partial)
        now = path.stat()
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
            raise InputError(f"{path}: was changed meanwhile; nothing was written, publish again")
        report.backup = _keep_original(path)
        os.replace(partial, path)
        sync_folder(path.parent)
    except OSError as error:
        raise InputError(f"{path}: can't be written ({error.strerror}); nothing was changed") from None
    finally:
        remove_partial(partial)


def _keep_original(path: Path) -> str:
    """Copy a file to ``NAME.original`` the first time, and return the name of that copy."""
    original = path.with_name(f"{path.name}.original")
    if not original.exists():
        sweep(original)
        partial = partial_path(original)
        try:
            shutil.copy2(path, partial)
            with partial.open("rb") as stream:
                sync(stream.fileno())
            os.replace(partial, original)
        finally:
            remove_partial(partial)
    return str(original)
