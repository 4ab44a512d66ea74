"""Finds the rows of a file that the decided events came from, and what to change in them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.decisions.native_form import document_json
from db.errors import InputError
from db.formats.tables.cells import shown
from db.formats.tables.nested_cells import may_be_from
from db.formats.tables.table import Row
from db.io.documents import parse_document
from db.model import Event, Json
from db.native import is_derived_id, unnumbered
from db.sources.publish.cells import Cells, CellsOfEvents
from db.sources.publish.report import PublishReport
from db.sources.publish.versions import earlier_events, extracted_event, reviewed_event
from db.store.reading import read_document, read_event

_DECIDED = "SELECT id FROM events WHERE revision > 0 AND live AND extracted_type IS NOT NULL ORDER BY id"


@dataclass(slots=True)
class RowChange:
    """What changes in a row: cells by column, or the whole row is dropped. ``where`` names the row."""

    where: str
    cells: Cells = field(default_factory=dict)
    old: Cells = field(default_factory=dict)
    drop: bool = False

    def report(self, report: PublishReport, file: str, columns: Iterable[str]) -> None:
        """Count the row, in which these columns were written."""
        if self.drop:
            report.removed[file] += 1
            return
        for number, column in enumerate(columns):
            report.rows[file] += not number
            report.add_change(file, self.where, column, _shown(self.old[column]), _shown(self.cells[column]))


@dataclass(slots=True)
class _Decided:
    """A decided event: its imported cells, what differs now, and what differed after each decision, newest first."""

    event: Event
    document: str
    base: Cells
    changed: Cells
    earlier: list[Cells]
    without_column: int

    def states(self) -> Iterator[Cells]:
        for changed in (self.changed, *self.earlier):
            yield self.base | changed


class RowChanges:
    """The changes of the rows of a file, by the number of the row from 0."""

    def __init__(
        self, connection: sqlite3.Connection, cells: CellsOfEvents, report: PublishReport, *, drop_rejected: bool
    ) -> None:
        self._connection = connection
        self._cells = cells
        self._report = report
        self._drop_rejected = drop_rejected
        self._by_id: dict[str, list[_Decided]] = defaultdict(list)
        self._by_content: list[_Decided] = []
        self.rejected = 0
        self.found = 0
        self.otherwise_changed = self.without_column = 0
        self.missing = 0
        for (event_id,) in connection.execute(_DECIDED).fetchall():
            self._add(read_event(connection, event_id))

    def of_rows(self) -> dict[int, RowChange]:
        """Return what to change. Reports what can't be changed, and counts the changes."""
        rows: dict[str, list[int]] = defaultdict(list)
        wanted = {self._key(state) for each in self._by_content for state in (each.base, *each.states())}
        matched: list[tuple[_Decided, int]] = []
        for number, row in enumerate(self._cells.table.rows()):
            if isinstance(row.cells, InputError):
                continue
            if self._by_id and (decided := self._with_id(row)) is not None:
                matched.append((decided, number))
            elif self._by_content and (key := self._key(self._of(row))) in wanted:
                rows[key].append(number)
        matched += self._match_contents(rows)
        by_number = {number: decided for decided, number in matched}
        found = {decided.event.id for decided, _ in matched}
        self.found = len(found)
        self.without_column = sum(
            decided.without_column for decided, _ in matched if decided.event.status != "rejected"
        )
        every = (each for some in (self._by_content, *self._by_id.values()) for each in some)
        self.missing = sum(bool(each.changed) and each.event.id not in found for each in every)
        changes: dict[int, RowChange] = {}
        for number, row in enumerate(self._cells.table.rows()):
            if (decided := by_number.get(number)) is not None:
                change = self._change(decided, row)
                if change.cells or change.drop:
                    changes[number] = change
        return changes

    def _add(self, event: Event) -> None:
        document = document_json(read_document(self._connection, event.document_id))
        extracted = extracted_event(event)
        base = self._cells.extracted(document, extracted)

        def changed(version: Json) -> Cells:
            return self._cells.changed(document, version, extracted, base)

        reviewed = reviewed_event(self._connection, event)
        now = changed(reviewed)
        earlier = [changed(version) for version in earlier_events(self._connection, event)]
        if event.status == "rejected":
            now = {column: cell for column, cell in now.items() if column in self._cells.review_columns}
        decided = _Decided(event, str(document["id"]), base, now, earlier, self._without_column(reviewed))
        if is_derived_id(event.external_id, decided.document) or not self._cells.mapping.event.id:
            self._by_content.append(decided)
        else:
            self._by_id[event.external_id].append(decided)

    def _without_column(self, event: Json) -> int:
        """Return how many fields of an event no column can hold."""
        fields: Any = event["fields"]
        items = self._cells.mapping.fields
        return sum(
            field.get("state") != "removed" and not any(may_be_from(item.name, item.group, field) for item in items)
            for field in fields
        )

    def _of(self, row: Row) -> Cells:
        assert not isinstance(row.cells, InputError)
        columns = row.columns or self._cells.table.columns
        return {column: self._cells.plain(cell) for column, cell in zip(columns, row.cells, strict=True)}

    def _key(self, cells: Cells) -> str:
        filled = {column: cell for column, cell in cells.items() if cell is not None}
        return json.dumps(filled, sort_keys=True, ensure_ascii=False)

    def _with_id(self, row: Row) -> _Decided | None:
        """Return the decided event with the id that a row has."""
        try:
            content = self._cells.read(row)
        except InputError:
            return None
        candidates = self._by_id.get(str(content.event.get("id")), [])
        if not candidates:
            return None
        if "id" in content.document or len(candidates) > 1:
            document_id = content.document.get("id") or parse_document({**content.document, "events": []}).external_id
            candidates = [each for each in candidates if each.document == document_id]
        if len(candidates) > 1 and (extractor := content.event.get("extractor")) is not None:
            candidates = [each for each in candidates if each.event.extractor == extractor]
        return candidates[0] if candidates else None

    def _match_contents(self, rows: dict[str, list[int]]) -> Iterator[tuple[_Decided, int]]:
        """Yield the rows of events without an id in the file: those with what was imported, or published earlier."""
        families: dict[str, list[_Decided]] = defaultdict(list)
        for each in self._by_content:
            families[self._key(each.base)].append(each)
        waiting: list[_Decided] = []
        for key, members in families.items():
            equal = self._equal_events(members[0].event)
            here = rows.get(key, [])
            published = max(0, equal - len(here))  # rows that are not as they were imported
            is_complete = not published
            for each in members:
                if published and any(self._key(state) != key for state in each.states()):
                    waiting.append(each)
                    published -= 1
                elif is_complete and _number(each.event) <= len(here):
                    yield each, here[_number(each.event) - 1]
                elif here:
                    yield each, here.pop(0)
        for each in waiting:
            base = self._key(each.base)
            for key in map(self._key, each.states()):
                if key != base and rows.get(key):
                    yield each, rows[key].pop(0)
                    break

    def _equal_events(self, event: Event) -> int:
        """Return how many events were imported from rows that are equal to that of an event."""
        base = _unnumbered(event)
        (number,) = self._connection.execute(
            "SELECT count(*) FROM events WHERE document_id = ? AND extractor = ? AND extracted_type IS NOT NULL"
            " AND (external_id = ? OR substr(external_id, 1, ?) = ?)",
            (event.document_id, event.extractor, base, len(base) + 1, f"{base}."),
        ).fetchone()
        return int(number)

    def _change(self, decided: _Decided, row: Row) -> RowChange:
        event = decided.event
        here = self._of(row)
        where = f"{'row' if self._cells.table.stream is None else 'line'} {row.position}, event {event.external_id}"
        change = RowChange(where)
        if event.status == "rejected":
            self.rejected += 1
            if self._drop_rejected:
                change.drop = True
                return change
        touched = dict.fromkeys(column for cells in (decided.changed, *decided.earlier) for column in cells)
        for column in touched:
            now, imported = here.get(column), decided.base.get(column)
            new = decided.changed.get(column, imported)
            if self._cells.same(now, new):
                continue
            known = (imported, *(cells.get(column, imported) for cells in decided.earlier))
            if not any(self._cells.same(now, each) for each in known):
                self._report.add_problem(
                    f"{where}: {column} is {shown(now)} in the file, was {shown(imported)} when it was imported, and"
                    f" {shown(new)} was decided; not written"
                )
                continue
            change.cells[column], change.old[column] = new, now
        others = [
            name for name in here if name not in touched and not self._cells.same(here[name], decided.base.get(name))
        ]
        if change.cells and others:
            self.otherwise_changed += 1
        return change


def _unnumbered(event: Event) -> str:
    return unnumbered(event.external_id) if "/" in event.external_id else event.external_id


def _number(event: Event) -> int:
    """Return the number of an event among those of equal rows."""
    number = event.external_id.removeprefix(f"{_unnumbered(event)}.")
    return int(number) if number.isdecimal() else 1


def _shown(cell: Any) -> str:
    return "empty" if cell in (None, "") else shown(cell)
