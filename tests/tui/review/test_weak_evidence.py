"""A value that was found only loosely in its text is marked until someone confirms it."""

import sqlite3

import pytest
from support.builders import import_documents
from support.driving import desk_of
from support.looks import screen_as_text

TEXT = "At Lesna some forty men crossed."


def document(grounding: object) -> dict[str, object]:
    field = {"name": "place", "value": "Lesnaya", "spans": [[3, 8]], "grounding": grounding}
    return {"id": "d", "text": TEXT, "events": [{"id": "e", "type": "crossing", "fields": [field]}]}


@pytest.mark.parametrize(
    ("grounding", "said"),
    [
        ("fuzzy", "~ similar text found"),
        ("lesser", "~ found in part"),
        ("greater", "~ found inside a longer text"),
        ("none", "~ not found in the text"),
        ("exact", None),
        (["odd"], None),
    ],
)
async def test_weak_evidence_is_shown_until_the_field_is_confirmed(
    connection: sqlite3.Connection, grounding: object, said: str | None
) -> None:
    import_documents(connection, document(grounding))
    async with desk_of(connection) as desk:
        assert ("~ " in screen_as_text(desk.app)) == (said is not None)
        assert said is None or said in screen_as_text(desk.app)
        await desk.press("l", ".")
        assert "~ " not in screen_as_text(desk.app)
