"""Reads and lays out, while no key waits, the documents that the next keys will ask for."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

from db.model import Document
from db.store.reading import read_document, read_document_id

_AT_ONCE = 0.003  # seconds that a key may have to wait


class Prefetch:
    """Keeps the documents of some events at hand.

    On the main thread, in small steps: a thread would fight the screen for the interpreter, and the connection is the
    main thread's.
    """

    def __init__(self, connection: sqlite3.Connection, prepare: Callable[[Document], Iterator[None]]) -> None:
        self._connection = connection
        self._prepare = prepare
        self._documents: dict[int, Document] = {}
        self._steps: Iterator[None] = iter(())

    def document(self, document_id: int) -> Document:
        """A document, at hand or read now. Raises KeyError."""
        if document_id not in self._documents:
            self._documents[document_id] = read_document(self._connection, document_id)
        return self._documents[document_id]

    def forget(self) -> None:
        """Read everything anew: somebody else wrote the file."""
        self._documents.clear()
        self._steps = iter(())

    def begin(self, shown: Document | None, event_ids: Sequence[int]) -> None:
        """Have these events in view, the likeliest first, instead of those before; nothing is done yet."""
        self._steps = self._work(shown, event_ids)

    def work(self) -> bool:
        """Do as much as no key would notice; whether there is more to do."""
        end = perf_counter() + _AT_ONCE
        return any(perf_counter() > end for _ in self._steps)

    def _work(self, shown: Document | None, event_ids: Sequence[int]) -> Iterator[None]:
        wanted = set() if shown is None else {shown.id}
        for event_id in event_ids:
            document_id = read_document_id(self._connection, event_id)
            if document_id is not None and document_id not in wanted:
                wanted.add(document_id)
                document = self.document(document_id)
                yield
                yield from self._prepare(document)
        self._documents = {id_: document for id_, document in self._documents.items() if id_ in wanted}
