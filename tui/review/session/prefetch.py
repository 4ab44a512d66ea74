"""Reads and prepares, while no key waits, the documents that the next keys will need."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

from db.model import Document
from db.store.reading import read_document, read_document_id
from db.store.texts.earlier import TextChange, last_text_change

_STEP = 0.003  # seconds that a key may have to wait for

Prepare = Callable[[Document], Iterator[None]]


class Prefetch:
    """Keeps the documents of some events in memory.

    It works on the main thread in small steps: a thread would compete with the screen for the interpreter, and the
    connection belongs to the main thread.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._documents: dict[int, Document] = {}
        self._steps: Iterator[None] = iter(())
        self._is_certain = True
        self.text_change: TextChange | None = None
        """When the document that was opened last got another text."""

    def open(self, document_id: int, shown: Document | None) -> Document:
        """Return a document to show: ``shown`` itself if that is still what the file has. Raises DamagedRowError."""
        if shown is not None and shown.id == document_id and self._is_certain:
            return shown
        document = self.document(document_id)
        self.text_change = last_text_change(self._connection, document_id)
        self._is_certain = True
        return shown if shown == document else document

    def document(self, document_id: int) -> Document:
        """Return a document, from memory or read now. Raises DamagedRowError."""
        if document_id not in self._documents:
            self._documents[document_id] = read_document(self._connection, document_id)
        return self._documents[document_id]

    def forget(self) -> None:
        """Drop all documents, since someone else wrote to the file; the one that is shown is read again, too."""
        self._documents.clear()
        self._is_certain = False
        self._steps = iter(())

    def begin(self, shown: Document | None, event_ids: Sequence[int], prepare: Prepare) -> None:
        """Plan to read the documents of these events, the likeliest first, and to ``prepare`` each in steps."""
        self._steps = self._work(shown, event_ids, prepare)

    def work(self) -> bool:
        """Work for a few milliseconds, and return True if there is more to do."""
        end = perf_counter() + _STEP
        return any(perf_counter() > end for _ in self._steps)

    def _work(self, shown: Document | None, event_ids: Sequence[int], prepare: Prepare) -> Iterator[None]:
        needed = set() if shown is None else {shown.id}
        for event_id in event_ids:
            document_id = read_document_id(self._connection, event_id)
            if document_id is not None and document_id not in needed:
                needed.add(document_id)
                document = self.document(document_id)
                yield
                yield from prepare(document)
        self._documents = {id_: document for id_, document in self._documents.items() if id_ in needed}
