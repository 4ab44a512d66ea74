"""Values that come without evidence are searched in the text, and the report tells apart why one is not found."""

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import exported, import_documents, problems
from support.table_files import imported, source_of

from db.grounding.expected import what_it_is
from db.grounding.grounder import Grounder
from db.grounding.missing import MissingValues, Searched, searched_fields
from db.grounding.places import Grounded, ValueRequest
from db.model import Span, Value
from db.query.queue import Queue

TEXT = (
    "On 5 March 2024 Russian troops and two Syrian soldiers' families left Baidoa. Moscow denied it; 17 people died,"
    " 8 of them in hospital and 9 at home. Somali military forces and the Rapid Support Forces (RSF) met in Goma. In"
    " Goma, protesters burned tyres."
)


def found(name: str, value: Value, text: str = TEXT) -> tuple[str, list[str], int]:
    result = Grounder(text, "en").ground(value, name=name)
    return result.method, [text[start:end] for start, end in result.spans], result.places


@pytest.mark.parametrize(
    ("name", "value", "method", "quotes"),
    [
        ("actor", "Russia", "normalised", ["Russian"]),
        ("country", "Syria", "normalised", ["Syrian"]),
        ("actor", "Syrian soldier", "normalised", ["Syrian soldiers"]),
        ("actor", "Military Forces of Somalia (2022-)", "normalised", ["Somali military forces"]),
        ("actor1", "RUS", "normalised", ["Russian"]),
        ("iso", 706, "normalised", ["Somali"]),
        ("gwno", 365, "normalised", ["Russian"]),
        ("code", "RUSMIL", "normalised", ["Russian"]),
        ("actor", "Protester", "normalised", ["protesters"]),
        ("actor", "RSF", "exact", ["RSF"]),
        ("killed", 17, "exact", ["17"]),
        ("injured", 2, "number_words", ["two"]),
        ("date", "2024-03-05", "date", ["5 March 2024"]),
        ("place", "Goma", "several", []),
        ("place", "Bukavu", "none", []),
        ("actor", "Wagner Group", "none", []),
        ("killed", 18, "none", []),
        ("date", "2024-04-06", "none", []),
        ("role", "perpetrator", "unexpected", []),
        ("sub_event_type", "Armed clash", "unexpected", []),
        ("weapon_category", "small arms", "unexpected", []),
        ("confirmed", True, "unexpected", []),
        ("latitude", 3.1134, "unexpected", []),
        ("geo_precision", 1, "unexpected", []),
        ("fatalities", 0, "unexpected", []),
        ("link", "https://example.org/a", "unexpected", []),
        ("event", "armed_clash", "unexpected", []),
        ("event_id", "SOM12345", "unexpected", []),
        ("AvgTone", -3.52, "unexpected", []),
        ("place", "5.1234, 45.1", "unexpected", []),
    ],
)
def test_nowhere_is_told_from_other_forms_and_from_what_no_text_has(
    name: str, value: Value, method: str, quotes: list[str]
) -> None:
    assert found(name, value)[:2] == (method, quotes)


@pytest.mark.parametrize(
    ("value", "text", "quote"),
    [
        ("Москва", "Взрыв произошёл в Москве вчера.", "Москве"),
        ("Киев", "Мэр Киева сообщил об этом.", "Киева"),
        ("Soldat", "Zwei Soldaten starben.", "Soldaten"),
        ("Hamburg", "Hamburgs Hafen ist zu.", "Hamburgs"),
        ("بغداد", "وقع انفجار في بغداد ووصل وببغداد", "بغداد"),
        ("Kyiv", "Kyiv's mayor said so.", "Kyiv"),
        ("Türkiye", "Turkish jets flew.", "Turkish"),
        ("Niger", "Nigerians voted.", None),
        ("Austria", "Australia won.", None),
        ("Mali", "The malign influence grew.", None),
    ],
)
def test_inflected_words_are_found_and_other_words_are_not(value: str, text: str, quote: str | None) -> None:
    places = Grounder(text).find_all(value)
    assert [text[start:end] for start, end in places][:1] == ([] if quote is None else [quote])


def test_of_several_places_none_is_chosen_unless_the_event_decides() -> None:
    assert found("place", "Goma") == ("several", [], 2)
    near = Grounder(TEXT).ground_together([ValueRequest("Goma"), ValueRequest("tyres")])[0]
    assert near.spans == (Span(TEXT.rindex("Goma"), TEXT.rindex("Goma") + 4),)
    middle = "Kyiv x Kyiv"
    assert Grounder(middle).ground("Kyiv", near=[Span(5, 6)]) == Grounded((), "several", 2)


def test_a_sum_and_a_year_are_computed() -> None:
    requests = [ValueRequest(value, name=name) for name, value in (("a", 8), ("b", 9), ("total", 17))]
    text = "They lost 8 in May and 9 in June, on 5 March 2023 too."
    assert Grounder(text, "en").ground_together(requests)[2].method == "computed"
    requests = [ValueRequest("2024-03-05", name="date"), ValueRequest(2024, name="when")]
    assert Grounder("On 5 March it rained.", "en", "2024-03-06").ground_together(requests)[1].method == "computed"


@given(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30))
def test_every_value_is_searched_or_named(name: str, value: Value) -> None:
    result = Grounder("A text of 12 words, 5 March 2024.").ground(value, name=name)
    assert (what_it_is(name, value) is None) or result.method != "none"


def event(id_: str, *fields: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": "t", "fields": [{"name": name, "value": value} for name, value in fields]} | more


def test_native_events_without_spans_are_searched_and_given_spans_stay(connection: sqlite3.Connection) -> None:
    given = event("b", ("place", "Goma"), ("actor", "Baidoa"))
    given["fields"][0]["spans"] = [[0, 2]]
    document = {"id": "d", "text": TEXT, "events": [event("a", ("place", "Baidoa"), ("yes", True)), given]}
    import_documents(connection, document)
    first, second = exported(connection)[0]["events"]
    assert first["fields"][0] | {"state": ""} == {
        "name": "place", "value": "Baidoa", "spans": [[70, 76]], "grounding": "exact", "state": "",
    }  # fmt: skip
    assert "grounding" not in first["fields"][1]
    assert [(item.get("spans"), item.get("grounding")) for item in second["fields"]] == [([[0, 2]], None), (None, None)]
    again = import_documents(connection, document)
    assert (again.updated, again.unchanged, again.new_evidence) == (0, 2, 0)
    assert problems(connection) == []


def test_what_an_older_version_imported_gets_evidence_without_a_change(connection: sqlite3.Connection) -> None:
    document = {"id": "d", "text": TEXT, "events": [event("a", ("place", "Baidoa"), ("actor", "Nobody"))]}
    import_documents(connection, document)
    connection.execute("DELETE FROM evidence")
    connection.execute("UPDATE fields SET extra = NULL")
    again = import_documents(connection, document)
    assert (again.updated, again.new_evidence, again.changed) == (0, 1, 0)
    assert import_documents(connection, document).unchanged == 1


def test_a_mapping_switches_the_search_off_for_a_column(connection: sqlite3.Connection, tmp_path: Any) -> None:
    table = b"id,place,actor,text\n1,Goma,Army,The Army came to Goma.\n2,Beni,Army,Nobody came.\n"
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'fields = [{ column = "place" }, { column = "actor", ground = false }]\n[document]\ntext = "text"\n'
        '[event]\nid = "id"\nconstant_type = "t"\n'
    )
    imported(connection, source_of(table), str(mapping))
    places = [
        {item["name"]: item.get("grounding") for item in event["fields"]}
        for document in exported(connection)
        for event in document["events"]
    ]
    assert places == [{"place": "exact", "actor": None}, {"place": "none", "actor": None}]


def test_a_field_whose_values_are_usually_absent_marks_no_event(connection: sqlite3.Connection) -> None:
    places = ["Goma", "Beni", "Bunia", "Uvira", "Butembo", "Kinshasa"]
    documents = [
        {"id": place, "text": f"Fighting near {place} on Monday.", "events": [
            event(place, ("place", place if number else "Lagos"), ("attacker", ["Rebels", "Army"][number % 2]))
        ]}
        for number, place in enumerate(places)
    ]  # fmt: skip
    report = import_documents(connection, *documents)
    assert [name for name, counts in report.searched.items() if counts.usually_absent] == ["attacker"]
    assert {key: (counts.found, counts.values) for key, counts in searched_fields(connection).items()} == {
        ("", "place"): (5, 6), ("", "attacker"): (0, 6),
    }  # fmt: skip
    weak = Queue(connection, "is:weak")
    assert [row.external_id for row in weak.rows(0, 9)] == ["Goma"]
    assert [row.weak for row in Queue(connection, "").rows(0, 9)] == [True] + [False] * 5
    assert MissingValues(connection).usual == {("", "attacker")}


@pytest.mark.parametrize(
    ("values", "absent", "usual"),
    [(4, 4, False), (5, 2, False), (5, 3, True), (20, 7, False), (20, 8, True), (1000, 260, False), (1000, 270, True)],
)
def test_how_many_absent_values_say_nothing(values: int, absent: int, usual: bool) -> None:
    assert Searched(values, absent).usually_absent is usual
