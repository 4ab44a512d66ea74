"""The records and the diff hold every change that people made, and nothing that is unchanged."""

import copy
import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, event, exported, import_documents

from db.decisions.review import Review
from db.errors import InputError
from db.exporting import export_documents
from db.formats.corrections.format import FORMAT
from db.formats.format import Export
from db.formats.shared.versions import extracted_version, reviewed_version
from db.model import STATES
from db.store.event_types import read_event_types
from db.store.schema import open_in_memory

_AT = "2025-03-08T10:00:00Z"


def records(export: Export) -> list[dict[str, Any]]:
    assert FORMAT.write is not None
    return [json.loads(line) for line in b"".join(FORMAT.write(export)).decode().splitlines()]


def diff(export: Export) -> list[str]:
    ((suffix, write),) = FORMAT.companions
    assert suffix == ".diff"
    return b"".join(write(export)).decode().split("\n")[:-1]


def of_file(connection: sqlite3.Connection, reviewed: bool = False) -> Export:
    return Export(lambda: export_documents(connection, reviewed=reviewed), read_event_types(connection), reviewed)


@pytest.fixture
def review(connection: sqlite3.Connection) -> Review:
    import_documents(connection, ARTICLE, LATER)
    return Review(connection, "ana", lambda: _AT)


def act(review: Review, name: str, do: Callable[..., object], *more: object, **options: Any) -> None:
    now = event(review.connection)
    do(now, next(field for field in now.fields if field.name == name), *more, **options)


def test_confirmed_events_have_no_record(connection: sqlite3.Connection, review: Review) -> None:
    review.accept(event(connection))
    act(review, "count", review.correct, 25, [])
    review.undo()
    review.note(event(connection), "checked twice")
    assert records(of_file(connection)) == []
    assert diff(of_file(connection)) == ["--- machine", "+++ people"]


def test_each_changed_field_has_a_record_with_both_values(connection: sqlite3.Connection, review: Review) -> None:
    act(review, "count", review.correct, 25, [(41, 43)], "about")
    act(review, "recipient", review.move, "giver", group="transfer:2")
    act(review, "date", review.remove)
    act(review, "location", review.correct, "Lesna", [(31, 39)])
    review.add(event(connection), "mediator", None, "Red Cross", [(87, 96)])
    review.accept(event(connection))
    head = {"document": "report-1", "event": "report-1/1", "extractor": "rules", "type": "prisoner_exchange"}
    head |= {"status": "corrected", "reviewer": "ana", "decided_at": _AT}
    text = ARTICLE["text"]
    assert records(of_file(connection)) == [
        head | {
            "action": "removed", "field": "date", "machine": "2025-02-28", "machine_spans": [[3, 9]],
            "machine_quote": "Friday", "confidence": 0.5,
        },
        head | {
            "action": "corrected", "field": "location", "machine": "Lesna", "machine_spans": [[34, 39]],
            "machine_quote": "Lesna", "person": "Lesna", "person_spans": [[31, 39]], "person_quote": text[31:39],
        },
        head | {
            "action": "corrected", "field": "count", "group": "transfer:1", "machine": 40, "machine_spans": [[10, 12]],
            "machine_quote": "40", "person": 25, "person_modifier": "about", "person_spans": [[41, 43]],
            "person_quote": "25", "confidence": 0.6,
        },
        head | {
            "action": "corrected", "field": "giver", "group": "transfer:2", "machine": "the north",
            "machine_field": "recipient", "machine_group": "transfer:1", "machine_spans": [[47, 56]],
            "machine_quote": text[47:56], "person": "the north", "person_spans": [[47, 56]],
            "person_quote": text[47:56],
        },
        head | {
            "action": "added", "field": "mediator", "person": "Red Cross", "person_spans": [[87, 96]],
            "person_quote": text[87:96],
        },
    ]  # fmt: skip
    assert diff(of_file(connection)) == [
        "--- machine",
        "+++ people",
        f"@@ report-1 report-1/1 rules corrected ana {_AT} @@",
        '-date: "2025-02-28"  # Friday',
        '-location: "Lesna"  # Lesna',
        f'+location: "Lesna"  # {text[31:39]}',
        "-transfer:1.count: 40  # 40",
        "+transfer:1.count: 25 (about)  # 25",
        f'-transfer:1.recipient: "the north"  # {text[47:56]}',
        f'+transfer:2.giver: "the north"  # {text[47:56]}',
        f'+mediator: "Red Cross"  # {text[87:96]}',
    ]


def test_rejected_retyped_merged_and_added_events_have_a_record(connection: sqlite3.Connection, review: Review) -> None:
    review.set_type(event(connection), "ceasefire")
    review.reject(event(connection, "report-1/2"), "other", "a film,\nnot news")
    review.add_event(event(connection).document_id, "protest")
    review.merge(event(connection, "report-2/1"), event(connection))
    found = records(of_file(connection))
    retyped, rejected, added, merged = found
    assert (retyped["action"], retyped["machine"], retyped["person"]) == ("retyped", "prisoner_exchange", "ceasefire")
    assert {key: rejected[key] for key in ("action", "machine", "reason", "reason_text", "reviewer", "decided_at")} == {
        "action": "rejected", "machine": "protest", "reason": "other", "reason_text": "a film,\nnot news",
        "reviewer": "ana", "decided_at": _AT,
    }  # fmt: skip
    assert "person" not in rejected
    assert (added["action"], added["person"]) == ("added", "protest")
    assert "machine" not in added
    assert (merged["action"], merged["reason"]) == ("rejected", "duplicate")
    assert merged["same_as"] == {"document": "report-1", "event": "report-1/1", "extractor": "rules"}
    lines = diff(of_file(connection))
    assert "-type: protest  # rejected: other, a film, not news" in lines
    assert '+type: "ceasefire"' in lines


def test_an_export_without_extracted_values_is_rejected(connection: sqlite3.Connection) -> None:
    for write in (FORMAT.write, FORMAT.companions[0].write):
        assert write is not None
        with pytest.raises(InputError, match="remove --reviewed"):
            list(write(of_file(connection, reviewed=True)))


@given(
    st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from([40, 40.0, True, None, "a\nb", [1]]), st.booleans()))
)
@settings(max_examples=60)
def test_applying_the_records_gives_the_reviewed_values(acts: list[tuple[str, Any, bool]]) -> None:
    document = copy.deepcopy(ARTICLE) | {"events": [{"id": "e", "type": "t"}]}
    fields = document["events"][0]["fields"] = [
        {"name": f"n{number}", "value": value, "state": state}
        | ({"extracted": 40} if changed and state in ("corrected", "removed") else {})
        for number, (state, value, changed) in enumerate(acts)
    ]
    extracted = {side.name: side.value for field in fields if (side := extracted_version(field))}
    reviewed = {side.name: side.value for field in fields if (side := reviewed_version(field))}
    for record in records(Export(lambda: iter([document]))):
        assert record["document"] == "report-1"
        if "machine" in record:
            assert _typed(extracted.pop(record["field"])) == _typed(record["machine"])
        if "person" in record:
            assert record["field"] not in extracted
            extracted[record["field"]] = record["person"]
    assert {name: _typed(value) for name, value in extracted.items()} == {n: _typed(v) for n, v in reviewed.items()}
    assert all(line[:1] in "-+@" for line in diff(Export(lambda: iter([document]))))


def _typed(value: Any) -> tuple[type, Any]:
    return type(value), value


def test_a_newer_extraction_makes_no_correction_and_changes_none(
    connection: sqlite3.Connection, review: Review
) -> None:
    act(review, "count", review.correct, 25, [])
    review.accept(event(connection))
    before = records(of_file(connection))
    assert [(row["machine"], row["person"]) for row in before] == [(40, 25)]
    for total, count in ((39, 12), (41, 25), (40, 40)):
        newer = copy.deepcopy(ARTICLE)
        fields = newer["events"][0]["fields"]
        fields[1]["value"], fields[3]["value"] = total, count
        import_documents(connection, newer)
        assert records(of_file(connection)) == before
    other = open_in_memory()
    import_documents(other, *exported(connection))
    assert records(of_file(other)) == before
    other.close()
    review.undo()
    review.undo()
    assert records(of_file(connection)) == []


def test_exporting_corrections_changes_nothing(connection: sqlite3.Connection, review: Review) -> None:
    act(review, "count", review.correct, 25, [])
    before = exported(connection)
    records(of_file(connection))
    assert exported(connection) == before
