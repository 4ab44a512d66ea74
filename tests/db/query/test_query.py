"""The query language: what each kind of term finds, how mistakes are reported, and which indexes are used."""

import sqlite3
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, import_documents

from db.decisions.review import Review
from db.query import QueryError, compile_query, parse, plan, terms
from db.query.running import event_ids
from db.query.values import Sql

from support.builders import event  # isort: skip

DOCUMENTS = [
    ARTICLE,
    {
        "id": "uk-1",
        "title": "Обмін тілами",
        "publisher": "RBC",
        "published": "2024-10-20",
        "language": "uk",
        "text": "Київ отримав 563 тіла загиблих.",
        "events": [
            {"id": "uk-1/1", "type": "repatriation_of_remains", "extractor": "llm", "confidence": 0.4, "fields": [
                {"name": "date", "value": "2024-10"}, {"name": "count", "value": 563},
                {"name": "recipient", "value": "Україна"}, {"name": "share", "value": "100%"}]},
        ],
    },
    {
        "id": "zh-1",
        "title": "交换遗体",
        "published": "2024-11-09",
        "text": "双方交换了阵亡士兵的遗体。",
        "events": [
            {"id": "zh-1/1", "type": "repatriation_of_remains", "confidence": 0.9, "fields": [
                {"name": "date", "value": "2024-11-08"}, {"name": "count", "value": "dozens"},
                {"name": "recipient", "value": "Ukraine"}, {"name": "year", "value": 2024}]},
        ],
    },
]  # fmt: skip


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    import_documents(connection, *DOCUMENTS)
    review = Review(connection, "ana")
    review.flag(event(connection, "zh-1/1"))
    review.note(event(connection, "uk-1/1"), "see the map")
    return connection


def found(connection: sqlite3.Connection, query: str) -> list[str]:
    names = dict(connection.execute("SELECT id, external_id FROM events"))
    return [names[event_id] for event_id in event_ids(connection, compile_query(connection, parse(query)))]


R1, R2, UK, ZH = "report-1/1", "report-1/2", "uk-1/1", "zh-1/1"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [R1, R2, UK, ZH]),
        ("type:protest", [R2]),
        ("TYPE:Protest", [R2]),
        ("status:unsure", [ZH]),
        ("is:unsure", [ZH]),
        ("is:reviewed", [ZH]),
        ("count>=500", [UK]),
        ("count<500", [R1]),
        ("count:40", [R1]),
        ("count:500..600", [UK]),
        ("count:dozens", [ZH]),
        ("date>=2024-11", [R1, ZH]),
        ("date>2024-10", [R1, ZH]),
        ("date>=2024-10", [R1, UK, ZH]),
        ("date<=2024-10", [UK]),
        ("date<2024-11-08", [UK]),
        ("date:2024-11", [ZH]),
        ("date:2024", [UK, ZH]),
        ("year:2024", [ZH]),
        ("year>=2024", [ZH]),
        ("published>2024-10", [R1, R2, ZH]),
        ("confidence<0.6", [UK]),
        ("-confidence<0.6", [R1, R2, ZH]),
        ("recipient:ukraine", [ZH]),
        ("recipient:україна", [UK]),
        ('recipient:"the north"', [R1]),
        ("recipient:*north", [R1]),
        ("share:100%", [UK]),
        ("share:1_0%", []),
        ("-publisher:RBC", [R1, R2, ZH]),
        ("not publisher:RBC type:repatriation_of_remains", [ZH]),
        ("(recipient:Ukraine or recipient:Україна) count>=500", [UK]),
        ("type:protest or is:unsure", [R2, ZH]),
        ("type:protest and is:unsure", []),
        ("prisoners", [R1, R2]),
        ('"crossed at Lesna"', [R1, R2]),
        ('"Lesna crossed"', []),
        ("prison*", [R1, R2]),
        ("обмін", [UK]),
        ("遗体", [ZH]),
        ("map", [UK]),
        ("dozens", [R2, ZH]),
        ("uk-1/1", [UK]),
        ("has:note", [UK]),
        ("has:share", [UK]),
        ("has:evidence", [R1, UK]),
        ("sort:-count type:repatriation_of_remains", [ZH, UK]),
        ("sort:-confidence", [ZH, R1, UK, R2]),
        ("sort:published", [UK, ZH, R1, R2]),
        ("sort:-date", [R1, ZH, UK, R2]),
        ("type:protest or is:unsure sort:confidence", [ZH, R2]),
        ("count>=2000", []),  # may be a year, but "dozens" is not a date
        ("date>=2024-10-01", [R1, UK, ZH]),  # 2024-10 counts as its first day
        ("date<2024-10-01", []),
        ("date>2024-10-31", [R1, ZH]),
        ("date:2024-10..2024-11", [UK, ZH]),
        ("date:..2024", [UK, ZH]),
        ("count:500..", [UK]),
        ("count>=1,000", []),
        ("size:DOZ*", [R2]),
        ("recipient:*країна", [UK]),
        ("recipient:УКР*", [UK]),
        ("київ", [UK]),
        ("країна", []),  # words, not parts of words
        ("украї*", [UK]),
        ("体", [ZH]),
        ("士兵的遗体", [ZH]),
        ("兵士", []),
        ("has:published", [R1, R2, UK, ZH]),
        ("has:reviewer", [ZH]),
        ("not not type:protest", [R2]),
        ("COUNT:563", [UK]),
        ("recipient:україна or recipient:UKRAINE", [UK, ZH]),
        ("count:5*", [UK]),
        ("share=100%", [UK]),
        ("recipient=ukraine", []),
        ("recipient=Ukraine", [ZH]),
        ("in:title exchange", [R1, R2]),
        ("exchange in:text", []),
        ("in:value lesna", [R1]),
        ("in:text,note map", [UK]),
        ("in:note lesna", []),
        ("title:обмін", [UK]),
        ('title:"at the border"', [R1, R2]),
        ("title:bord*", [R1, R2]),
        ("title=交换遗体", [ZH]),
        ('near:"prisoners lesna"', [R1, R2]),
        ('near:"lesna prisoners"', [R1, R2]),
        ('near:"prisoners south said"', []),  # more than ten words apart
        ('near:"prisoners absent"', []),
        ("is:merged", []),
        ("is:changed", []),
        ("is:added", []),
        ("40", [R1, R2]),
        ("563", [UK]),
        ("sort:count", [R1, UK, ZH, R2]),
        ("sort:-count", [ZH, UK, R1, R2]),
        ("sort:publisher sort:-count", [UK, R1, R2, ZH]),
        ("sort:type sort:-date", [R1, R2, ZH, UK]),
    ],
)
def test_a_query_finds(file: sqlite3.Connection, query: str, ids: list[str]) -> None:
    assert found(file, query) == ids


@pytest.mark.parametrize(
    ("query", "column", "says"),
    [
        ("type:attack count>=", 20, "count>= needs a value"),
        ("(type:attack", 1, "not closed"),
        ("type:attack)", 12, "never opened"),
        ("a or", 5, "the query is incomplete"),
        ("or a", 1, "or needs a word or name:value before it"),
        ("()", 2, "before this \\)"),
        ('"open', 1, "quote is not closed"),
        ("status:done", 1, "one of pending"),
        ("a confidence<high", 3, "confidence must be a number"),
        ("is:odd", 1, "unknown is:odd"),
        ("(" * 60 + "a" + ")" * 60, 31, "deep"),
        ("a " * 500, 401, "more than 200 terms"),
        ("a" * 6000, 5001, "at most 5,000 characters"),
        ("a \udcff", 3, "not valid text"),
        ("count!=5", 6, "put - before"),
        (">=5", 1, "needs a name before it"),
        ("date>=2024-13", 1, "2024-13 is not a date"),
        ("date:2024-10..someday", 1, "the ends of a range"),
        ("confidence>0.1..0.3", 1, "confidence must be a number"),
        ("(a sort:date)", 4, "outside brackets"),
        ("a or sort:date", 6, "outside brackets"),
        ("(a in:title)", 4, "outside brackets"),
        ("a in:titel", 3, "unknown in:titel; use one or more of in:title,text,value,note"),
        ("cuont>=5", 1, r"no field cuont; did you mean count\?"),
        ("a sort:dtae", 3, r"no field dtae; did you mean date\?"),
        ("has:locaton", 1, r"no field locaton; did you mean location\?"),
        ("is:corected", 1, r"unknown is:corected; did you mean corrected\?"),
        ("zzz:1", 1, "no field zzz; use one of count, date"),
        ("a @nothing", 3, "no saved query @nothing"),
        ("a ...", 3, "no letter or digit"),
        ("near:one", 1, "several words"),
    ],
)
def test_a_mistake_is_reported_with_its_column(file: sqlite3.Connection, query: str, column: int, says: str) -> None:
    with pytest.raises(QueryError, match=says) as caught:
        compile_query(file, parse(query))
    assert caught.value.column == column


_PIECES = st.sampled_from(
    ["type:", "count>=", "(", ")", "or ", "not ", "-", '"', "\\", "*", "%", "is:", "sort:-", "..", "\0"]
)


@given(st.lists(_PIECES | st.text(max_size=6), max_size=12).map("".join))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_query_that_runs_or_raises_query_error(connection: sqlite3.Connection, text: str) -> None:
    try:
        search = compile_query(connection, parse(text))
    except QueryError:
        return
    list(event_ids(connection, search))


@pytest.mark.parametrize("opening", ["a or (b and (", "a not (b or -(", "-(a "])
def test_the_deepest_nesting_that_parses_runs_on_sqlite(connection: sqlite3.Connection, opening: str) -> None:
    deep = opening * (28 // (opening.count("(") + opening.count("-(") + opening.count("not")))
    assert list(event_ids(connection, compile_query(connection, parse(deep + "x" + ")" * deep.count("("))))) == []


@pytest.mark.parametrize("name", ["event-date", "स्थान", "human_target.type"])
def test_a_field_name_may_be_in_any_script(connection: sqlite3.Connection, name: str) -> None:
    fields = [{"name": name, "value": "Here"}]
    import_documents(connection, {"text": "x", "events": [{"id": "e", "type": "t", "fields": fields}]})
    assert found(connection, f"{name}:here") == ["e"]


QUERIES = [
    "", "status:pending", "is:reviewed", "type:repatriation_of_remains count>=500 date>=2024-10", "recipient:ukr*",
    "recipient:*a", "lesna", "prison*", "40", "-publisher:RBC", "publisher:rbc or has:note", "title:обмін",
    "has:evidence confidence>0.5", "count:40..600 sort:-count", "sort:count", "sort:-date", "sort:publisher",
    "sort:-confidence type:*remains", "sort:type sort:-count", "near:\"prisoners lesna\"", "in:note map",
    "-(lesna or 563)",
    "share:100% or size:dozens", "has:count sort:-published", "reviewer:ana", "decided>2020", "count>5 -count>100",
]  # fmt: skip


def _ids(connection: sqlite3.Connection, statements: Iterable[Sql]) -> list[int]:
    return list(dict.fromkeys(row[0] for sql, parameters in statements for row in connection.execute(sql, parameters)))


@pytest.mark.parametrize("query", QUERIES)
def test_every_plan_of_a_query_finds_the_same_events_in_the_same_order(
    file: sqlite3.Connection, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_documents(file, *({**document, "id": f"{document['id']}-again"} for document in DOCUMENTS))
    found = set()
    for few, as_set in ((0, 0), (0, 1_000_000), (1_000_000, 0)):
        monkeypatch.setattr(plan, "_FEW", few)
        monkeypatch.setattr(terms, "_SET", as_set)
        compiled = compile_query(file, parse(query))
        where, parameters = compiled.where
        counted = file.execute(f"SELECT count(*) FROM events WHERE live AND {where}", parameters).fetchone()[0]
        found.add((tuple(_ids(file, compiled.first)), tuple(_ids(file, compiled.rest)), counted))
    first, rest, counted = found.pop()
    assert not found
    assert first == rest
    assert counted == len(first)


@pytest.mark.parametrize("query", [query for query in QUERIES if "sort" not in query])
def test_a_query_can_start_at_any_event(file: sqlite3.Connection, query: str) -> None:
    compiled = compile_query(file, parse(query))
    ids = _ids(file, compiled.first)
    for place, event_id in enumerate(ids):
        assert _ids(file, [compiled.after(event_id)]) == ids[place:]
        assert _ids(file, [compiled.before(event_id)]) == ids[:place][::-1]
    pending = {row[0] for row in file.execute("SELECT id FROM events WHERE status = 'pending'")}
    assert _ids(file, [compiled.pending]) == [event_id for event_id in ids if event_id in pending]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "events_by_document"),
        ("status:pending", "events_by_status"),
        ("is:confirmed", "events_by_status"),
        ("type:protest", "events_by_type"),
        ("confidence<0.6", "events_by_confidence"),
        ("extractor:rules", "events_by_extractor"),
        ("reviewer:ana", "events_by_reviewer"),
        ("has:reason", "events_by_reason"),
        ("decided>2024", "events_by_decided"),
        ("has:note", "events_by_note"),
        ("in:note map", "fields_by_note"),
        ("id:uk-1/1", "events_by_external_id"),
        ("document:uk-1", "sqlite_autoindex_documents_1"),
        ("publisher:RBC", "documents_by_publisher"),
        ("published>2024-10", "documents_by_published"),
        ("url:http*", "documents_by_url"),
        ("language:uk", "documents_by_language"),
        ("title=x", "documents_by_title"),
        ("title:border", "documents_fts VIRTUAL TABLE INDEX"),
        ("lesna", "field_values_fts VIRTUAL TABLE INDEX"),
        ("lesna", "fields_by_value (name=? AND value=?)"),
        ("count>=500", "fields_by_value (name=? AND value>? AND value<?)"),
        ("date:2024-10", "fields_by_value (name=? AND value>? AND value<?)"),
        ('recipient:"the north"', "fields_by_value (name=? AND value=?)"),
        ("has:count", "fields_by_value (name=?)"),
    ],
)
def test_every_kind_of_term_uses_an_index(file: sqlite3.Connection, query: str, index: str) -> None:
    steps = _steps(file, compile_query(file, parse(query)).first)
    assert index in steps
    assert "SCAN fields\n" not in steps
    assert "SCAN documents\n" not in steps


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("type:protest status:pending", "SCAN events USING INDEX events_by_document"),
        ("count>=500", "SEARCH fields USING INDEX fields_by_event (event_id=?)"),
        ('recipient:"the north"', "fields_by_value (name=? AND value=? AND event_id=?)"),
        ("sort:-count", "SEARCH sorting USING INDEX fields_by_value (name=?)"),
        ("sort:confidence", "events_by_confidence"),
        ("sort:-published", "documents_by_published"),
    ],
)
def test_events_with_a_frequent_term_are_walked_in_order_without_sorting(
    file: sqlite3.Connection, query: str, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "_FEW", 0)
    first = compile_query(file, parse(query)).first
    steps = _steps(file, first[:1])
    assert index in steps
    assert "TEMP B-TREE" not in steps


def _steps(connection: sqlite3.Connection, statements: Iterable[Sql]) -> str:
    rows = [row for sql, values in statements for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    return "".join(f"{row[3]}\n" for row in rows)


def test_a_saved_query_finds_the_same_by_name(file: sqlite3.Connection) -> None:
    for name, text in (
        ("large", "count>=500 or lesna"),
        ("newest", "@large sort:-date"),
        ("round", "@and"),
        ("and", "@round"),
    ):
        file.execute("INSERT INTO saved_queries (name, query) VALUES (?, ?)", (name, text))
    assert found(file, "@large") == [R1, R2, UK]
    assert found(file, "-@large") == [ZH]
    assert found(file, "@NEWEST type:repatriation_of_remains or type:prisoner_exchange") == [R1, UK]
    assert found(file, "@newest sort:date") == [UK, R1, R2]
    with pytest.raises(QueryError, match="column 3: in @round: in @and: @round refers to itself"):
        compile_query(file, parse("a @round"))
    with pytest.raises(QueryError, match="did you mean large"):
        compile_query(file, parse("@larg"))
