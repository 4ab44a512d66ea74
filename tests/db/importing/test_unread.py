"""What a file holds and eventdesk doesn't read is counted by its name."""

from io import BytesIO

from support.builders import ARTICLE

from db.formats.format import Format, Record, Source
from db.importing import report as reports
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.schema import open_in_memory


def _report(*unread: tuple[str, ...]) -> ImportReport:
    records = [Record(number, {**ARTICLE, "id": str(number)}, unread=names) for number, names in enumerate(unread)]
    format = Format("some", "", reads="", read=lambda source, options: iter(records))
    report = ImportReport()
    import_source(open_in_memory(), Source("some.file", BytesIO()), report, format)
    return report


def test_equal_names_are_counted() -> None:
    report = _report(("key cats", "key meta"), ("key cats",), ())
    assert report.unread == {"key cats": 2, "key meta": 1}
    assert report.documents == 3


def test_endless_names_are_bounded() -> None:
    names = tuple(f"key {number}" for number in range(reports.SHOWN + 5))
    report = _report(names, names[:1])
    assert len(report.unread) == reports.SHOWN
    assert report.unread_more == 5
    assert report.unread["key 0"] == 2
