"""Words of decisions that an import made of an export: one decision holds all that its reviewer did to an event."""

import sqlite3
from pathlib import Path

from support.builders import ARTICLE, create, event, exported, import_documents
from support.reimports import correct_count

from db.decisions.review import Review
from db.describe import describe
from db.store.reading import read_decisions


def logged(connection: sqlite3.Connection, folder: Path) -> list[str]:
    """Return the words of the decisions in a file into which an export was imported."""
    other = create(folder / "other.db")
    lines = exported(connection)
    for item in lines[0]["events"][0]["fields"]:  # as formats that know one decision an event
        item.pop("reviewer", None), item.pop("decided_at", None)
    import_documents(other, *lines)
    words = [describe(decision) for decision in read_decisions(other)]
    other.close()
    return words


def test_one_imported_correction_is_not_a_swap(connection: sqlite3.Connection, tmp_path: Path) -> None:
    correct_count(connection).accept(event(connection))
    assert logged(connection, tmp_path) == ["correct count 40 → 757"]


def test_several_changes_are_named(connection: sqlite3.Connection, tmp_path: Path) -> None:
    review = correct_count(connection)
    review.remove(event(connection), event(connection).fields[1])
    review.add(event(connection), "mediator", None, "the Red Cross", [])
    review.accept(event(connection))
    assert logged(connection, tmp_path) == ["remove total 40; correct count 40 → 757; add mediator the Red Cross"]


def test_a_swap_is_a_swap(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    item = event(connection)
    change = Review(connection, "ana").swap(item, item.fields[1], item.fields[3])
    assert describe(change.decision) == "swap total and count"
