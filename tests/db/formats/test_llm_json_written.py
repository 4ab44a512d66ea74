"""Answers of models as they are written again: reviewed values in place, everything else as it came."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import in_memory
from support.formats import source_of

from db.decisions.review import Review
from db.exporting import export_documents
from db.formats.format import Export, Format
from db.formats.llm_json.format import FORMAT
from db.formats.llm_json.write.chat import FORMAT as CHAT
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.model import Event
from db.store.reading import read_event

TEXT = 'MOSCOW - Russia handed over 757 bodies, "Shamsail Saraliyev" told RBC. Ukraine gave forty-five, café.'
LINE = (
    '{"id": "a1",  "text": %s, "model":"m","events": [{"type": "exchange", "count": 757, "share": 1.50, "note": null,'
    ' "transfers": [{"giver": "Russia", "n": "757"}, {"giver": "Ukraine", "n": "45"}], "tags": ["x", "y"]},'
    ' {"type": "talks", "place": "Moscow"}], "summary": "\\u00e9"}'
)


def loaded(*lines: str) -> sqlite3.Connection:
    connection = in_memory()
    report = ImportReport()
    import_source(connection, source_of("".join(f"{line}\n" for line in lines), "answers.jsonl"), report, FORMAT)
    assert not report.refused, report
    return connection


def review(connection: sqlite3.Connection) -> Review:
    return Review(connection, "ana")


def at(connection: sqlite3.Connection, number: int = 1) -> Event:
    return read_event(connection, number)


def correct(connection: sqlite3.Connection, value: Any, *names: Any, event: int = 1) -> None:
    """Correct the field with a name, or with a name and a group."""
    name, group = (*names, None)[:2]
    read = at(connection, event)
    field = next(item for item in read.fields if (item.name, item.group) == (name, group))
    review(connection).correct(read, field, value, ())


def lines(connection: sqlite3.Connection, format: Format = FORMAT, *, reviewed: bool = False) -> list[str]:
    assert format.write
    reviewed |= format.reviewed_alone
    content = Export(lambda: export_documents(connection, reviewed=reviewed), reviewed=reviewed)
    return b"".join(format.write(content)).decode().splitlines()


def accept_all(connection: sqlite3.Connection) -> None:
    for (number,) in connection.execute("SELECT id FROM events WHERE status = 'pending' AND live").fetchall():
        review(connection).accept(at(connection, number))


@pytest.mark.parametrize("text", [json.dumps(TEXT), json.dumps(TEXT, ensure_ascii=False)])
def test_untouched_answers_come_back_byte_for_byte(text: str) -> None:
    line = LINE % text
    connection = loaded(line)
    assert lines(connection) == [line]
    accept_all(connection)
    assert lines(connection, reviewed=True) == [line]
    (kept,) = connection.execute("SELECT extra FROM documents").fetchone()
    assert "Saraliyev" not in kept  # the text is stored once


def test_only_the_corrected_bytes_change() -> None:
    line = LINE % json.dumps(TEXT, ensure_ascii=False)
    connection = loaded(line)
    correct(connection, 758, "count")
    correct(connection, "Rossiya", "giver", "transfers:1")
    correct(connection, 46, "n", "transfers:2")
    accept_all(connection)
    expected = line.replace('"count": 757', '"count": 758').replace('"Russia"', '"Rossiya"').replace('"45"', '"46"')
    assert lines(connection) == lines(connection, reviewed=True) == [expected]


def test_added_values_have_the_shape_of_the_others_and_removed_ones_are_gone() -> None:
    connection = loaded(LINE % json.dumps(TEXT))
    desk = review(connection)
    desk.add(at(connection), "tags", None, "z", ())
    desk.add(at(connection), "n", "transfers:3", 5, ())
    desk.add(at(connection), "giver", "transfers:3", "Belarus", ())
    desk.add(at(connection, 2), "place", None, "Minsk", ())
    desk.add(at(connection, 2), "tags", None, "one", ())
    event = at(connection)
    desk.remove(event, next(field for field in event.fields if field.value == "x"))
    event = at(connection)
    desk.remove(event, *(field for field in event.fields if field.group == "transfers:1"))
    accept_all(connection)
    for reviewed in (False, True):
        first, second = json.loads(lines(connection, reviewed=reviewed)[0])["events"]
        assert first["tags"] == ["y", "z"]
        assert first["transfers"] == [{"giver": "Ukraine", "n": "45"}, {"n": "5", "giver": "Belarus"}]
        assert second == {"type": "talks", "place": ["Moscow", "Minsk"], "tags": ["one"]}


def test_added_and_rejected_and_retyped_events() -> None:
    connection = loaded(LINE % json.dumps(TEXT))
    desk = review(connection)
    desk.reject(at(connection, 2), "generic")
    new = desk.add_event(1, "exchange").event
    desk.add(new, "count", None, 45, ())
    desk.set_type(at(connection), "repatriation")
    accept_all(connection)
    every = json.loads(lines(connection)[0])["events"]
    assert [event["type"] for event in every] == ["repatriation", "talks", "exchange"]
    final = json.loads(lines(connection, reviewed=True)[0])["events"]
    assert [event["type"] for event in final] == ["repatriation", "exchange"]
    assert final[1] == {"type": "exchange", "count": 45}


ANSWER = '{"events": [{"type": "exchange", "count": 757}, {"type": "talks", "place": "Moscow"}]}'
PROMPT = f"Extract the events.\n\nArticle:\n{TEXT}"


def chat(user: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "system", "content": "You extract."}, {"role": "user", "content": user},
                         {"role": "assistant", "content": content, **more}]}  # fmt: skip


WRAPPINGS: list[dict[str, Any]] = [
    chat(PROMPT, ANSWER),
    chat(PROMPT, f"Sure!\n```json\n{ANSWER}\n```\nDone."),
    chat(PROMPT, [{"type": "text", "text": ANSWER[:20]}, {"type": "text", "text": ANSWER[20:]}]),
    chat(PROMPT, None, tool_calls=[{"id": "1", "type": "function",
                                    "function": {"name": "save_events", "arguments": ANSWER}}]),
    chat(PROMPT, None, function_call={"name": "Extraction", "arguments": ANSWER}),
    {"prompt": PROMPT, "completion": ANSWER},
    {"instruction": "Extract.", "input": TEXT, "output": ANSWER},
    {"question": PROMPT, "answer": json.loads(ANSWER)},
    {"input": {"messages": [{"role": "user", "content": PROMPT}]},
     "output": {"choices": [{"message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}]}},
    {"text": TEXT, "response": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
                                "content": [{"type": "thinking", "thinking": "Hm [{"},
                                            {"type": "tool_use", "name": "save", "input": json.loads(ANSWER)}]}},
    {"request": {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}],
                 "systemInstruction": {"parts": [{"text": "You extract."}]}},
     "response": {"candidates": [{"content": {"role": "model", "parts": [{"text": ANSWER}]}}], "modelVersion": "g"}},
    {"input": [{"role": "user", "content": PROMPT}],
     "response": {"object": "response", "model": "gpt-5",
                  "output": [{"type": "reasoning", "summary": []},
                             {"type": "message", "role": "assistant",
                              "content": [{"type": "output_text", "text": ANSWER}]}]}},
    {"inputs": {"messages": [[{"lc": 1, "type": "constructor", "id": ["langchain", "schema", "HumanMessage"],
                               "kwargs": {"content": PROMPT}}]]},
     "outputs": {"generations": [[{"text": ANSWER, "message": {"lc": 1, "id": ["langchain", "AIMessage"],
                                                               "kwargs": {"content": ANSWER}}}]]}},
    {"messages": [{"type": "human", "data": {"content": PROMPT}}, {"type": "ai", "data": {"content": ANSWER}}]},
    {"modelInput": {"messages": [{"role": "user", "content": [{"text": PROMPT}]}]},
     "modelOutput": {"output": {"message": {"role": "assistant", "content": [{"text": ANSWER}]}}}},
    {"model": "llama3", "prompt": PROMPT, "response": "<think>[{}]</think>" + ANSWER, "done": True},
    {"conversations": [{"from": "human", "value": PROMPT}, {"from": "gpt", "value": ANSWER}]},
    {"text": TEXT, "raw": {"kwargs": {"content": ANSWER}, "id": ["AIMessage"]}, "parsed": json.loads(ANSWER)},
    {"text": TEXT, "output": '{"type": "exchange", "count": 757}\n{"type": "talks", "place": "Moscow"}'},
    {"text": TEXT, "output": "{'events': [{'type': 'exchange', 'count': 757}, {'type': 'talks', 'place': 'Moscow'},]}"},
    {"text": TEXT, "output": json.dumps(ANSWER)},
    {"vars": {"article": TEXT}, "prompt": {"raw": PROMPT}, "response": {"output": ANSWER}},
    {"inputs": {"article": TEXT}, "outputs": json.loads(ANSWER)},
    {"prompt": PROMPT, "outputs": [{"text": ANSWER}]},
    {"text": TEXT, "exchanges_and_talks": 1, "events": json.loads(ANSWER)["events"]},
]  # fmt: skip


@pytest.mark.parametrize("record", WRAPPINGS, ids=lambda record: ",".join(record))
def test_answers_in_any_wrapping_are_read_corrected_in_place_and_read_again(record: dict[str, Any]) -> None:
    line = json.dumps(record)
    connection = loaded(line)
    assert connection.execute("SELECT text FROM documents").fetchall() == [(TEXT,)]
    assert lines(connection) == [line]
    correct(connection, 758, "count")
    review(connection).reject(at(connection, 2), "generic")
    accept_all(connection)
    (changed,) = lines(connection)
    again = loaded(changed)
    values = "SELECT type, name, value FROM events JOIN fields ON event_id = events.id ORDER BY events.id"
    assert again.execute(values).fetchall() == [("exchange", "count", 758), ("talks", "place", "Moscow")]
    (final,) = lines(connection, reviewed=True)
    assert loaded(final).execute(values).fetchall() == [("exchange", "count", 758)]
    for reviewed in (False, True):
        (message,) = lines(connection, CHAT, reviewed=reviewed)
        *system, user, assistant = json.loads(message)["messages"]
        assert (user, assistant["role"]) == ({"role": "user", "content": TEXT}, "assistant")
        assert '"count": 758' in assistant["content"]
        assert "talks" not in assistant["content"]
        json.loads(assistant["content"])
        if "xtract" in line.partition("Moscow")[0].replace("save_events", "") and "messages" in record:
            assert "xtract" in system[0]["content"]


def test_chat_has_a_line_for_each_reviewed_text_alone() -> None:
    other = TEXT.replace("757", "12")
    connection = loaded(LINE % json.dumps(TEXT), json.dumps({"text": other, "events": [{"type": "talks", "n": 12}]}))
    assert lines(connection, CHAT) == []
    review(connection).reject(at(connection, 3), "generic")
    (line,) = lines(connection, CHAT)
    assert json.loads(line) == {
        "messages": [{"role": "user", "content": other}, {"role": "assistant", "content": '{"events": []}'}]
    }


def test_of_two_models_each_answer_is_written_and_an_added_event_once() -> None:
    rows = [{"text": TEXT, "model": model, "events": [{"type": "talks", "n": 757}]} for model in ("a", "b")]
    connection = loaded(*map(json.dumps, rows))
    new = review(connection).add_event(1, "talks").event
    review(connection).add(new, "n", None, 5, ())
    written = [json.loads(line) for line in lines(connection)]
    assert [row["model"] for row in written] == ["a", "b"]
    assert [len(row["events"]) for row in written] == [2, 1]
    review(connection).accept(at(connection, 2))
    (final,) = lines(connection, reviewed=True)
    assert json.loads(final)["model"] == "b"


def test_events_of_other_formats_are_written_as_objects() -> None:
    connection = in_memory()
    document = {"id": "d", "text": TEXT, "events": [{"type": "exchange", "fields": [
        {"name": "count", "value": 757}, {"name": "giver", "value": "Russia", "group": "transfer:1"},
        {"name": "giver", "value": "Ukraine", "group": "transfer:2"}, {"name": "tag", "value": "x"},
        {"name": "tag", "value": "y"}]}]}  # fmt: skip
    import_source(connection, source_of(json.dumps(document), "native.jsonl"), ImportReport())
    (line,) = lines(connection)
    assert json.loads(line) == {"id": "d", "text": TEXT, "events": [{
        "type": "exchange", "count": 757, "transfer": [{"giver": "Russia"}, {"giver": "Ukraine"}], "tag": ["x", "y"]}]
    }  # fmt: skip


Act = Callable[[sqlite3.Connection, Event], None]
names = st.sampled_from(["count", "giver", "tags", "ä b", "date"])
scalars = st.integers(-99, 9999) | st.floats(0.25, 99, width=16) | st.sampled_from(["Kyiv", "5", "é", 'a"b', "x\\y"])
objects = st.dictionaries(
    names,
    scalars
    | st.none()
    | st.lists(scalars, min_size=1, max_size=3)
    | st.dictionaries(names, scalars, min_size=1, max_size=2)
    | st.lists(st.dictionaries(names, scalars, min_size=1, max_size=2), min_size=1, max_size=2),
    max_size=4,
)


@settings(max_examples=15)
@given(
    st.lists(objects, min_size=1, max_size=3),
    st.sampled_from([None, 2, "\t"]),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_what_is_written_has_the_values_that_were_decided_and_the_rest_unchanged(
    items: list[dict[str, Any]], indent: int | str | None, ascii_: bool, in_words: bool, data: st.DataObject
) -> None:
    answer: Any = json.dumps(items, indent=indent, ensure_ascii=ascii_) if in_words else items
    record = {"text": TEXT, "output": answer, "n": 1.10}
    connection = loaded(json.dumps(record, ensure_ascii=ascii_))
    assert lines(connection) == [json.dumps(record, ensure_ascii=ascii_)]
    ids = [row[0] for row in connection.execute("SELECT id FROM fields ORDER BY id")]
    for number in data.draw(st.lists(st.sampled_from(ids), max_size=3, unique=True)) if ids else ():
        (event_id,) = connection.execute("SELECT event_id FROM fields WHERE id = ?", (number,)).fetchone()
        event = at(connection, event_id)
        field = next(item for item in event.fields if item.id == number)
        if data.draw(st.booleans()):
            review(connection).correct(event, field, data.draw(scalars), ())
        else:
            review(connection).remove(event, field)
    accept_all(connection)
    values = (
        "SELECT event_id, name, field_group IS NULL, CAST(value AS TEXT) FROM fields WHERE state <> 'removed'"
        " ORDER BY 1, 2, 3, 4"
    )
    for reviewed in (False, True):
        again = loaded(*lines(connection, reviewed=reviewed))
        assert again.execute(values).fetchall() == connection.execute(values).fetchall()


@pytest.mark.parametrize("reviewed", [False, True])
def test_an_own_export_that_comes_back_is_no_extraction(reviewed: bool) -> None:
    line = LINE % json.dumps(TEXT)
    connection = loaded(line)
    correct(connection, 758, "count")
    accept_all(connection)
    report = ImportReport()
    import_source(connection, source_of(f"{lines(connection, reviewed=reviewed)[0]}\n"), report, FORMAT)
    assert (report.events, report.updated, report.unchanged) == (0, 0, 2)
    assert next(field for field in at(connection).fields if field.name == "count").extracted.value == 757  # type: ignore[union-attr]
    assert lines(connection) == [line.replace('"count": 757', '"count": 758')]
