"""Reads the day of publication and the confidences of documents as other programs write them.

What one document leaves open (03/04/2025, a confidence of 1 among percentages) all documents of the file decide.
"""

from collections.abc import Callable, Iterator
from typing import Any

from db.errors import ConfidenceError, InputError
from db.formats.format import Data, Format, ReadOptions, Record, Source
from db.io.documents import parse_document
from db.io.json_lines import shorten
from db.kinds import is_date
from db.native import NewDocument
from db.notation.any_date import read_date
from db.notation.evidence import DateEvidence, ShareEvidence
from db.notation.missing import is_missing_answer
from db.notation.numbers import read_number

GIVEN = "_given"
"""The end of the key under which a document or event keeps what was converted, as in ``published_given``."""

_ORDER = "write it as 2025-02-14"


class Readings:
    """Converts the documents of one file. Notes are the same for all documents, so that the report counts them."""

    def __init__(self, source: Source, format: Format, options: ReadOptions) -> None:
        self._source = source
        self._format = format
        self._options = options
        self._is_strict = format.name == "native"
        self._is_scale_known = False
        self._dates, self._shares = DateEvidence(), ShareEvidence()
        self._is_read = False
        self._notes: dict[str, str] = {}

    def parse(self, record: Record) -> tuple[Record, NewDocument]:
        """Return a record and its checked document. Raises InputError."""
        if isinstance(record.document, InputError):
            raise record.document
        if not record.of_table and not record.rows:  # tables read them column by column
            record = self._with_published(record, record.document)
        assert not isinstance(record.document, InputError)
        try:
            document = parse_document(record.document)
            if self._is_scale_known or record.of_table or not self._may_be_percent(document):
                return record, document
        except ConfidenceError:
            if record.of_table:
                raise
        record = self._with_confidences(record, record.document)
        assert not isinstance(record.document, InputError)
        return record, parse_document(record.document)

    def _with_published(self, record: Record, document: Data) -> Record:
        given = document.get("published")
        if given is None or isinstance(given, bool | list | dict):
            return record
        text = given if isinstance(given, str) else repr(given)
        if not text.strip() or (is_date(text) and isinstance(given, str)):
            return record
        kept = {"published" + GIVEN: given}
        if is_missing_answer(given):
            note = self._note("none", lambda: f'published: "{shorten(text)}" is read as no value')
            return record._replace(document=document | {"published": None} | kept, notes=(*record.notes, note))
        language = document.get("language")
        language = language if isinstance(language, str) else None
        read = read_date(text, None, 1900, language)
        if read.ambiguous:
            read = read_date(text, self._evidence()[0].order, 1900, language)
        if read.value is None:
            why = f"{read.problem}, and the file doesn't show which; {_ORDER}" if read.ambiguous else read.problem
            note = f'published: "{shorten(text)}" {why}; kept as text'
            return record._replace(document=document | {"published": text}, notes=(*record.notes, note))
        note = self._note("day", lambda: f'published: "{shorten(text)}" is read as {read.value}')
        return record._replace(document=document | {"published": read.value} | kept, notes=(*record.notes, note))

    def _may_be_percent(self, document: NewDocument) -> bool:
        """Return True for a confidence of exactly 1, which is 1 % if the file has percentages."""
        is_one = False
        for event in document.events:
            if event.review is not None:  # an export, which has shares
                self._is_scale_known = True
                return False
            for number in (event.confidence, *(item.confidence for item in event.fields)):
                if number:
                    is_one |= number == 1
                    self._is_scale_known |= number != 1
        return is_one and not self._is_scale_known

    def _with_confidences(self, record: Record, document: Data) -> Record:
        is_percent = self._evidence()[1].is_percent
        self._is_scale_known = not is_percent
        notes = list(record.notes)

        def converted(item: Any) -> Any:
            if not isinstance(item, dict) or item.get("confidence") is None:
                return item
            given = item["confidence"]
            share = self._share(given, is_percent)
            if share is None and self._is_strict:
                return item
            if share is None:
                shown = shorten(str(given))
                notes.append(f"confidence: {shown} is not between 0 and 1; kept, but not used as a confidence")
                return {key: value for key, value in item.items() if key != "confidence"} | {
                    f"confidence{GIVEN}": given
                }
            if share == given and not isinstance(given, str):
                return item
            notes.append(self._note("confidence", lambda: f"confidence: {shorten(str(given))} is read as {share:g}"))
            return item | {"confidence": share, f"confidence{GIVEN}": given}

        events = document.get("events")
        if isinstance(events, list):
            document = document | {
                "events": [
                    event | {"fields": [converted(field) for field in event["fields"]]}
                    if isinstance(event, dict) and isinstance(event.get("fields"), list)
                    else event
                    for event in map(converted, events)
                ]
            }
        return record._replace(document=document, notes=tuple(notes))

    def _share(self, given: Any, is_percent: bool) -> float | None:
        number = given
        if isinstance(given, str):
            number = read_number(given, self._evidence()[1].numbers.sign or ".", "%").value
            is_percent |= "%" in given
        if isinstance(number, bool) or not isinstance(number, int | float):
            return None
        highest = 100 if is_percent else 1
        return number / highest if 0 <= number <= highest else None

    def _note(self, about: str, make: Callable[[], str]) -> str:
        if about not in self._notes:
            self._notes[about] = make()
        return self._notes[about]

    def _evidence(self) -> tuple[DateEvidence, ShareEvidence]:
        """Return what all documents of the file show. The first call reads it once."""
        if not self._is_read:
            self._is_read = True
            stream = self._source.stream
            position = stream.tell() if stream else 0
            if stream:
                stream.seek(0)
            assert self._format.read is not None
            for record in self._format.read(self._source, self._options):
                if isinstance(record.document, dict):
                    self._observe(record.document)
            if stream:
                stream.seek(position)  # the import is reading the same stream
        return self._dates, self._shares

    def _observe(self, document: Data) -> None:
        published = document.get("published")
        if isinstance(published, str):
            self._dates.add(published)
        for item in _items(document):
            if (confidence := item.get("confidence")) is not None:
                self._shares.add(confidence)


def _items(document: Data) -> Iterator[Data]:
    """Yield the events of a document and their fields."""
    events = document.get("events")
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict):
            yield event
            fields = event.get("fields")
            yield from (field for field in (fields if isinstance(fields, list) else ()) if isinstance(field, dict))
