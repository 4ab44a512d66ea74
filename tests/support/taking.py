"""Imports of files that tests write themselves."""

import json
import sqlite3
from io import BytesIO
from pathlib import Path
from typing import Any

from db.formats.format import ReadOptions, Source
from db.importing.importing import import_source
from db.importing.report import ImportReport


def take(
    connection: sqlite3.Connection, name: str, content: Any, several: bool = False, **options: Any
) -> ImportReport:
    """Import a file of that name, given as bytes, as a text, or as objects for JSON Lines."""
    if isinstance(content, list):
        content = "".join(json.dumps(item) + "\n" for item in content)
    data = content.encode() if isinstance(content, str) else content
    report = ImportReport()
    source = Source(name, BytesIO(data), Path(name))
    import_source(connection, source, report, options=ReadOptions(**options), several=several)
    assert report.refusals == []
    return report
