"""Opens a file of any table format."""

from db.formats.format import Source
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import Table


def open_table(source: Source, mapping: Mapping | None = None) -> Table:
    """Return the table of a source, whose format is detected from its content. Raises InputError."""
    from db.formats.tables.files.csv_file import open_csv
    from db.formats.tables.files.encodings import marked_encoding
    from db.formats.tables.files.json_file import open_json
    from db.formats.tables.files.json_layout import may_hold_rows
    from db.formats.tables.files.parquet_file import MAGIC as PARQUET
    from db.formats.tables.files.parquet_file import open_parquet
    from db.formats.tables.files.sqlite_file import MAGIC as SQLITE
    from db.formats.tables.files.sqlite_file import open_sqlite

    if source.stream is None:
        return open_sqlite(source) if source.table is not None else open_csv(source, mapping)
    if source.head.startswith(SQLITE):
        return open_sqlite(source)
    if source.head.startswith(PARQUET):
        return open_parquet(source)
    if source.objects or may_hold_rows(source):
        return open_json(source, mapping)
    from db.formats.shared.file_kinds import refuse_non_text

    if marked_encoding(source.head) is None:
        refuse_non_text(source)
    return open_csv(source, mapping)
