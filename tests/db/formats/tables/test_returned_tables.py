"""The wide table when it comes back: any row is recognised, and its columns name the fields that they hold."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import documents

from db.errors import InputError
from db.formats.format import Export
from db.formats.tables.returned.edits import edits_of
from db.formats.tables.returned.reading import field_columns, name_and_group
from db.formats.tables.write.marks import MARK, has_its_ids, mark_of, plain_cell
from db.formats.tables.write.wide import row_now, rows
from db.model import STATES

_NAMES = st.sampled_from(["count", "status", "a.machine", "a", "rest", "eventdesk", "x.2", "x", "t:1.x"])


@st.composite
def reviewed(draw: st.DrawFn, id_: str) -> dict[str, Any]:
    """Draw an exported document with decisions, whose fields may have the names of columns."""
    document = draw(documents(id_))
    for event in document["events"]:
        event["status"] = draw(st.sampled_from(["pending", "confirmed", "corrected", "rejected"]))
        for field in event["fields"]:
            if draw(st.booleans()):
                field["name"] = draw(_NAMES)
            field["state"] = draw(st.sampled_from(STATES))
            if field["state"] == "corrected":
                field["extracted"] = draw(st.sampled_from(["before", 7, None]))
                if draw(st.booleans()):
                    field["extracted_name"] = "count"
    return document


@given(reviewed("d"), reviewed("e"))
@settings(max_examples=60)
def test_the_row_that_would_be_written_now_is_the_row_that_was_written(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    names, *found = rows(Export(lambda: iter([first, second])))
    events = [(document, event) for document in (first, second) for event in document["events"]]
    for row, (document, event) in zip(found, events, strict=True):
        cells = dict(zip(names, row, strict=True))
        assert has_its_ids(cells)
        assert cells[MARK] == mark_of(cells)
        bases = {base for base, _ in field_columns(names).values()}
        now = row_now(document, event, bases, extracted=True)  # type: ignore[arg-type]
        assert now.cells == {name: cell for name, cell in cells.items() if cell and name != MARK}
        edited = cells | {"note": "changed by a person"}
        edits = edits_of(edited, document, event, "bo")  # type: ignore[arg-type]
        assert (edits.event, edits.fields) == ({"note": "changed by a person"}, ())


@pytest.mark.parametrize(
    ("one", "other"),
    [("40", "40.0"), ("0.8", "0.80"), ("2025-03-07", "7 March 2025"), ("2025-03-07", "2025-03-07 00:00:00"),
     ("true", "TRUE"), ("a\nb", "a\r\nb"), ("'=x", "=x"), ("1000000", "1E+06"), ("x", " x ")],
)  # fmt: skip
def test_cells_in_other_notations_are_equal(one: str, other: str) -> None:
    assert plain_cell(one) == plain_cell(other)


@pytest.mark.parametrize(
    ("one", "other"), [("40", "41"), ("1", "-1"), ("", "'"), ("2025-03-07", "2025-07-03"), ("a", "A"), ("1-2", "12")]
)
def test_other_cells_are_edits(one: str, other: str) -> None:
    assert plain_cell(one) != plain_cell(other)


def test_columns_name_fields_and_groups() -> None:
    columns = [
        "killed",
        "killed.machine",
        "killed.modifier",
        "t:2.count",
        "mediator",
        "mediator.2",
        "field.status",
        "v.2",
    ]
    bases = dict.fromkeys(base for base, _ in field_columns([*columns, "status", MARK, "rest"]).values())
    assert [name_and_group(base, bases) for base in bases] == [
        ("killed", None), ("count", "t:2"), ("mediator", None), ("mediator", None), ("status", None), ("v.2", None)
    ]  # fmt: skip


def test_an_edited_row_of_an_event_that_changed_since_is_refused() -> None:
    document: dict[str, Any] = {"id": "d", "title": "t", "events": []}
    event = {"id": "e", "type": "a", "status": "pending", "fields": [{"name": "n", "value": 1, "state": "extracted"}]}
    names, row = rows(Export(lambda: iter([document | {"events": [event]}])))
    cells = dict(zip(names, row, strict=True)) | {"n": "2"}
    (edit,) = edits_of(cells, document, event, "bo").fields  # type: ignore[arg-type]
    assert (edit.place, edit.name, edit.value) == (0, "n", 2)
    with pytest.raises(InputError, match="was changed in this file after the table was exported"):
        edits_of(cells, document, event | {"note": "x"}, "bo")  # type: ignore[arg-type]
