"""What one text of a file proves about the unit of offsets holds for the file."""

from typing import Any

import pytest
from support.formats import json_lines, read_records

from db.formats.annotations.format import FORMAT as ANNOTATIONS
from db.formats.doccano.format import FORMAT as DOCCANO
from db.formats.format import Format
from db.formats.prodigy.format import FORMAT as PRODIGY
from db.formats.shared.spans.file_units import FileUnits

FIRST, SECOND = "😀😀 Kyiv fell", "😀😀 to Kyiv"


def _doccano(text: str, start: int, end: int) -> dict[str, Any]:
    return {"text": text, "entities": [{"id": 1, "label": "p", "start_offset": start, "end_offset": end}]}


def _flat(text: str, start: int, end: int) -> dict[str, Any]:
    return {"text": text, "ner": [[start, end, "p"]]}


def _prodigy(text: str, start: int, end: int) -> dict[str, Any]:
    return {"text": text, "_input_hash": 1, "spans": [{"start": start, "end": end, "label": "p"}]}


def _values(format: Format, *items: dict[str, Any], **options: Any) -> tuple[list[str], list[str]]:
    records = read_records(format, json_lines(*items), **options)
    values = [
        field["value"]
        for record in records
        if isinstance(record.document, dict)
        for event in record.document["events"]
        for field in event["fields"]
    ]
    return values, [note for record in records for note in record.notes]


@pytest.mark.parametrize(
    ("format", "item"), [(DOCCANO, _doccano), (ANNOTATIONS, _flat), (PRODIGY, _prodigy)], ids=lambda item: str(item)[:9]
)
def test_a_later_text_proves_the_unit_of_an_earlier_one(format: Format, item: Any) -> None:
    values, notes = _values(format, item(FIRST, 5, 9), item(SECOND, 8, 12))
    assert values == ["Kyiv", "Kyiv"]
    assert "all offsets are read as UTF-16 units, which item 2 proves" in notes[0]


def test_bytes_are_proved_in_the_same_way() -> None:
    values, notes = _values(DOCCANO, _doccano("Žižkov fell", 3, 6), _doccano("čččč Kyiv", 9, 13))
    assert values == ["žk", "Kyiv"]
    assert "all offsets are read as bytes" in notes[0]


def test_texts_that_contradict_each_other_are_noted() -> None:
    values, notes = _values(DOCCANO, _doccano(FIRST + " 😀", 12, 13), _doccano(SECOND, 8, 12), _doccano("😀 ab", 1, 3))
    assert values[1] == "Kyiv"
    assert "item 2 does not count its offsets in characters, but other items do" in notes[0]


def test_one_span_with_a_wrong_end_shifts_no_other() -> None:
    texts = [_doccano(f"č{'x' * n} Kyiv", n + 2, n + 6) for n in range(3)]
    values, _ = _values(DOCCANO, *texts, _doccano("č Kyiv", 2, 7))
    assert values[:3] == ["Kyiv"] * 3


def test_the_edges_of_many_words_are_a_proof() -> None:
    items = [_doccano(f"😀 {'x' * n} Kyiv fell and fell", n + 4, n + 8) for n in range(12)]
    values, notes = _values(DOCCANO, *items)
    assert values == ["Kyiv"] * 12
    assert "12 of 12 spans are whole words then" in notes[0]


def test_what_the_user_says_holds() -> None:
    values, notes = _values(DOCCANO, _doccano(FIRST, 3, 7), _doccano(SECOND, 8, 12), offsets="code_points")
    assert values[0] == "Kyiv"
    assert not any("all offsets" in note for note in notes)


def test_characters_need_no_proof() -> None:
    units = FileUnits()
    units.observe(FIRST, [(3, 7, "Kyiv")])
    units.observe("plain", [(0, 2, None)])
    assert units.decision() == (None, "")
