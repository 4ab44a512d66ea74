"""Random histories of two copies: whatever people decide, no decision disappears in an import without being named."""

import contextlib
import copy
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from support.builders import ARTICLE, LATER, create, exported, problems

from db.decisions.review import Review
from db.errors import ConflictError
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.merging.differences import keep, newest
from db.importing.report import ImportReport
from db.model import Event, Span
from db.store.connection import open_file
from db.store.reading import read_decisions, read_event

_WHO = ("ana", "ben")
_copies = st.sampled_from(_WHO)


class TwoCopies(RuleBasedStateMachine):
    """Ana and ben review copies of one file, and import each other's exports, older or newer ones, either way."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()

    @initialize()
    def begin(self) -> None:
        self.paths = {who: Path(self.folder.name) / f"{who}.db" for who in _WHO}
        create(self.paths["ana"]).close()
        self.connections = {}
        self._open("ana")
        self._import("ana", [ARTICLE, LATER])
        self._backup("ana")
        shutil.copy(self.paths["ana"], self.paths["ben"])
        self._open("ben")
        self._backup("ben")
        self.exports: list[list[dict[str, Any]]] = []
        self.clock = 0

    def _open(self, who: str) -> None:
        self.connections[who] = open_file(self.paths[who])

    def _backup(self, who: str) -> None:
        self.connections[who].execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.paths[who], self.paths[who].with_suffix(".backup"))

    def _review(self, who: str) -> Review:
        self.clock += 1
        time = f"2026-01-01T{self.clock // 60:02}:{self.clock % 60:02}:00.000Z"
        return Review(self.connections[who], who, lambda: time)

    def _event(self, data: st.DataObject, who: str) -> Event:
        live = self.connections[who].execute("SELECT id FROM events WHERE live ORDER BY id").fetchall()
        return read_event(self.connections[who], data.draw(st.sampled_from([row[0] for row in live])))

    @rule(data=st.data(), who=_copies)
    def judge(self, data: st.DataObject, who: str) -> None:
        review, item = self._review(who), self._event(data, who)
        match data.draw(st.sampled_from(["accept", "generic", "other", "unsure"])):
            case "accept":
                review.accept(item)
            case "unsure":
                review.flag(item)
            case reason:
                review.reject(item, reason, "why")  # type: ignore[arg-type]

    @rule(
        data=st.data(),
        who=_copies,
        value=st.sampled_from([40, 25, "dozens"]),
        spans=st.sampled_from([(), (Span(3, 9),)]),
    )
    def correct(self, data: st.DataObject, who: str, value: int | str, spans: tuple[Span, ...]) -> None:
        item = self._event(data, who)
        if item.live_fields:
            self._review(who).correct(item, data.draw(st.sampled_from(item.live_fields)), value, spans)

    @rule(data=st.data(), who=_copies, act=st.sampled_from(["add", "remove", "note", "type", "new", "split", "merge"]))
    def shape(self, data: st.DataObject, who: str, act: str) -> None:
        review, item = self._review(who), self._event(data, who)
        live = item.live_fields
        match act:
            case "add":
                review.add(item, data.draw(st.sampled_from(["count", "mediator"])), None, self.clock % 3, [])
            case "remove" if live:
                review.remove(item, data.draw(st.sampled_from(live)))
            case "note":
                on = data.draw(st.sampled_from([None, *live]))
                review.note(item, f"{who} {self.clock % 3}", on)
            case "type":
                review.set_type(item, data.draw(st.sampled_from(["protest", "attack"])))
            case "new":
                review.add_event(item.document_id, "attack")
            case "split":
                review.split(item, {field.group for field in live if field.group})
            case "merge":
                other = self._event(data, who)
                if other.id != item.id and other.merged_into is None:
                    review.merge(item, other)

    @rule(who=_copies)
    def undo(self, who: str) -> None:
        with contextlib.suppress(ConflictError):
            self._review(who).undo()

    @rule(who=_copies)
    def export(self, who: str) -> None:
        self.exports.append(exported(self.connections[who]))

    @rule(who=_copies, from_=_copies, how=st.sampled_from([keep, newest]))
    def import_the_other(self, who: str, from_: str, how: Any) -> None:
        self._import(who, exported(self.connections[from_]), how)

    @rule(data=st.data(), who=_copies, how=st.sampled_from([keep, newest]))
    def import_an_older_export(self, data: st.DataObject, who: str, how: Any) -> None:
        if self.exports:
            self._import(who, data.draw(st.sampled_from(self.exports)), how)

    @rule(who=_copies)
    def restore(self, who: str) -> None:
        self.connections[who].close()
        shutil.copy(self.paths[who].with_suffix(".backup"), self.paths[who])
        self._open(who)

    def _import(self, who: str, lines: list[dict[str, Any]], how: Any = keep) -> None:
        connection = self.connections[who]
        before = _journal(connection)
        report = self._read(who, lines, how)
        journal = _journal(connection)
        assert journal[: len(before)] == before, "the file's own decisions stay"
        assert problems(connection) == []
        now = {(document["id"], item["id"]): item for document in exported(connection) for item in document["events"]}
        named = {(item.document, item.event) for item in report.differences}
        lost = [
            (_lost(line, now.get((document["id"], line["id"]))), line, now.get((document["id"], line["id"])))
            for document in lines
            for line in document["events"]
            if (document["id"], line["id"]) not in named
        ]
        unnamed = [item for item in lost if item[0]]
        assert len(unnamed) <= report.superseded, unnamed
        again = self._read(who, lines, how)
        assert again.decisions == again.events == 0, "the same export twice adds nothing"
        assert _journal(connection) == journal

    def _read(self, who: str, lines: list[dict[str, Any]], how: Any) -> ImportReport:
        report = ImportReport()
        data = "".join(json.dumps(line) + "\n" for line in copy.deepcopy(lines)).encode()
        import_source(self.connections[who], Source("test.jsonl", io.BytesIO(data)), report, choose=how)
        assert report.refusals == []
        return report

    def teardown(self) -> None:
        for connection in getattr(self, "connections", {}).values():
            connection.close()
        self.folder.cleanup()


def _journal(connection: Any) -> list[Any]:
    return [(item.reviewer, item.decided_at, item.action, item.after) for item in read_decisions(connection)]


def _decided(item: dict[str, Any]) -> dict[str, Any]:
    """Return what an exported event says that people decided, by what it is about."""
    said: dict[str, Any] = {}
    status = item.get("status", "pending")
    if status != "pending":
        said["status"] = "accepted" if status in ("confirmed", "corrected") else (status, item.get("reason"))
    if item.get("note"):
        said["note"] = item["note"]
    if item.get("same_as"):
        said["same_as"] = True
    if item.get("extracted_type") or item.get("added"):
        said["type"] = item["type"]
    for field in item.get("fields", ()):
        state = field.get("state", "extracted")
        if state == "removed":
            said[f"no {field['name']} {field.get('group')} {field['value']!r}"] = True
        elif state != "extracted":
            said[f"{field['name']} {field.get('group')} {field['value']!r} {field.get('spans')}"] = True
        if field.get("note"):
            said[f"note on {field['name']} {field['note']}"] = True
    return said


def _lost(line: dict[str, Any], now: dict[str, Any] | None) -> list[str]:
    """Return what a line says that people decided, and the file doesn't hold."""
    ours = _decided(now or {})
    return [f"{about}: {value}" for about, value in _decided(line).items() if ours.get(about) != value]


TestTwoCopies = TwoCopies.TestCase
TestTwoCopies.settings = settings(max_examples=30, stateful_step_count=14)
