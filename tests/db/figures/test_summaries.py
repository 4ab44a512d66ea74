"""Counts, groups and sums: the rules of counting, and equal results when counting by hand."""

import json
import sqlite3
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import create, documents, import_documents

from db.errors import InputError
from db.figures.columns import columns_of
from db.figures.summaries import Summary, count_events, keys_of, summarise
from db.figures.tally import date_in
from db.kinds import is_date
from db.model import Event, Field, Value
from db.query import compile_query, parse
from db.query.running import event_ids
from db.store.reading import read_event


def field(name: str, value: object, group: str | None = None) -> dict[str, Any]:
    return {"name": name, "value": value} | ({"group": group} if group else {})


def document(*events: dict[str, Any], id_: str = "d", published: str | None = None) -> dict[str, Any]:
    items = [{"id": f"{id_}/{number}", "type": "exchange"} | item for number, item in enumerate(events)]
    return {"id": id_, "text": "text", "events": items} | ({"published": published} if published else {})


EXCHANGE = document(
    {"fields": [
        field("date", "2024-10-12"), field("location", "Lesna"),
        field("giver", "A", "transfer:1"), field("recipient", "B", "transfer:1"), field("count", 300, "transfer:1"),
        field("giver", "B", "transfer:2"), field("recipient", "A", "transfer:2"), field("count", 20, "transfer:2"),
    ]},
    {"type": "protest", "fields": [field("date", "2024"), field("size", "dozens"), field("size", 40)]},
    {"fields": [
        field("date", "2024-10-30/2024-11-02"), field("recipient", "B", "transfer:1"), field("count", 5, "transfer:1"),
        field("count", 7, "transfer:2"),
    ]},
    {"type": "protest", "fields": [field("date", "one spring"), field("count", 1)]},
)  # fmt: skip


def summary(connection: sqlite3.Connection, keys: str = "", summed: str = "", query: str = "") -> Summary:
    search = compile_query(connection, parse(query))
    column = columns_of(connection, [summed])[0] if summed else None
    return summarise(connection, search, keys_of(connection, keys.split(",")) if keys else (), column)


def rows(found: Summary) -> list[tuple[Any, ...]]:
    return [(*group.values, group.events, *([] if group.sum is None else [group.sum])) for group in found.groups]


@pytest.mark.parametrize(
    ("keys", "summed", "expected"),
    [
        ("type", "", [("exchange", 2), ("protest", 2)]),
        ("date:month", "", [("2024", 1), ("2024-10", 2), (None, 1)]),
        ("date:year", "", [("2024", 3), (None, 1)]),
        ("date:day", "", [("2024", 1), ("2024-10-12", 1), ("2024-10-30", 1), (None, 1)]),
        ("recipient", "", [("B", 2), (None, 2), ("A", 1)]),
        ("recipient", "count", [(None, 3, 8), ("B", 2, 305), ("A", 1, 20)]),  # 7 of transfer:2 has no recipient
        ("giver,recipient", "", [(None, None, 2), ("A", "B", 1), ("B", "A", 1), (None, "B", 1)]),
        ("location", "count", [(None, 3, 13), ("Lesna", 1, 320)]),
        ("type", "count", [("exchange", 2, 332), ("protest", 2, 1)]),
        ("type,date:year", "", [("exchange", "2024", 2), ("protest", "2024", 1), ("protest", None, 1)]),
        ("date:year,date:month", "",
         [("2024", "2024", 1), ("2024", "2024-10", 2), (None, None, 1)]),
        ("count", "count", [(1, 1, 1), (5, 1, 5), (7, 1, 7), (20, 1, 20), (300, 1, 300), (None, 1, 0)]),
        ("published:month", "", [(None, 4)]),
        ("", "count", [(4, 333)]),
    ],
)  # fmt: skip
def test_an_event_counts_under_each_value_and_numbers_are_added_to_their_own_group(
    connection: sqlite3.Connection, keys: str, summed: str, expected: list[tuple[Any, ...]]
) -> None:
    import_documents(connection, EXCHANGE)
    found = summary(connection, keys, summed)
    assert rows(found) == expected
    assert found.events == 4
    assert found.sum == (333 if summed else None)


def test_groups_of_two_kinds_combine(connection: sqlite3.Connection) -> None:
    item = {"fields": [
        field("place", "P", "site:1"), field("place", "Q", "site:2"),
        field("giver", "A", "transfer:1"), field("recipient", "B", "transfer:1"),
        field("giver", "B", "transfer:2"), field("recipient", "A", "transfer:2"), field("count", 3, "transfer:2"),
    ]}  # fmt: skip
    import_documents(connection, document(item))
    found = rows(summary(connection, "giver,recipient,place", "count"))
    assert found == [("A", "B", "P", 1, 0), ("A", "B", "Q", 1, 0), ("B", "A", "P", 1, 3), ("B", "A", "Q", 1, 3)]


def test_values_that_are_not_numbers_or_dates_are_counted_apart(connection: sqlite3.Connection) -> None:
    import_documents(connection, EXCHANGE)
    found = summary(connection, "date:month", "size")
    assert (found.sum, found.no_numbers, found.no_dates) == (40, 1, {"date:month": 1})
    assert summary(connection, "", "size", "type:exchange").sum == 0


def test_sums_are_exact(connection: sqlite3.Connection) -> None:
    numbers = [2**62, 2**62, 2**62, 2**70, True, None, [4]]
    import_documents(connection, document({"fields": [field("a", n) for n in numbers] + [field("b", 0.1)] * 3}))
    assert summary(connection, "", "a").sum == 3 * 2**62 + 2**70
    assert summary(connection, "", "a").no_numbers == 3
    assert summary(connection, "", "b").sum == 0.3


def test_counts_agree_with_the_events_that_a_query_lists(connection: sqlite3.Connection) -> None:
    import_documents(connection, EXCHANGE, document({}, {}, id_="e", published="2024-10-20T08:00:00Z"))
    for query in ("", "type:exchange", "count>=5", "-count>=5", "recipient:B or has:size", "published:2024", "lesna"):
        search = compile_query(connection, parse(query))
        listed = len(list(event_ids(connection, search)))
        assert count_events(connection, search) == listed == summary(connection, "type", "", query).events
        assert sum(group.events for group in summary(connection, "published:day", "", query).groups) == listed


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("typ", "no field typ; did you mean type?"),
        ("dat:month", "no field dat; did you mean date?"),
        ("date:week", "unknown period week; use date:year, date:month or date:day"),
        ("type:month", "type has no dates"),
        ("type,TYPE", "type is there twice"),
        ("type,,date", "a name is missing"),
        ("type,date,status,reviewer", "at most 3"),
    ],
)
def test_a_mistake_in_a_key_is_reported_with_a_suggestion(connection: sqlite3.Connection, keys: str, says: str) -> None:
    import_documents(connection, EXCHANGE)
    with pytest.raises(InputError, match=says.replace("?", r"\?")):
        keys_of(connection, keys.split(","))


def test_an_event_with_too_many_combinations_is_refused_at_once(connection: sqlite3.Connection) -> None:
    many = [field(name, number) for name in "abc" for number in range(100)]
    import_documents(connection, document({"fields": many}))
    with pytest.raises(InputError, match="more than 100,000 combinations"):
        summary(connection, "a,b,c")
    assert len(summary(connection, "a,b").groups) == 10_000


@pytest.mark.parametrize(
    ("value", "month"),
    [
        ("2024", "2024"), ("2024-02", "2024-02"), ("2024-02-29", "2024-02"), ("2023-02-29", None), ("2024-13", None),
        ("2024/2025", "2024"), ("2024-10-30/2024-11-02", "2024-10"), ("2024-10-30T10:00:00Z", "2024-10"),
        (2024, "2024"), (20241, None), ("2024-1", None), ("٢٠٢٤", None), ("soon", None), (b"true", None),
    ],
)  # fmt: skip
def test_the_month_of_a_date(value: Any, month: str | None) -> None:
    assert date_in(value, "month") == month


NAMES = ["type", "status", "published:month", "count", "date:month", "date:year", "location", "giver", "名前"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.lists(documents(), min_size=1, max_size=3),
    st.lists(st.sampled_from(NAMES), max_size=3, unique=True),
    st.sampled_from([None, "count", "giver"]),
)
def test_groups_equal_those_counted_by_hand(
    tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]], keys: list[str], summed: str | None
) -> None:
    connection = create(Path(tmp_path_factory.mktemp("summaries")) / "a.db")
    # Every name exists, and fields with one name are in groups of one kind or in none.
    known = document(
        {"type": "known", "fields": [field(name, "x") for name in ("count", "date", "location", "giver", "名前")]}
    )
    import_documents(connection, known | {"id": "known"}, *(item | {"id": f"d{n}"} for n, item in enumerate(items)))
    if not keys and summed is None:
        keys = ["type"]
    found = summary(connection, ",".join(keys), summed or "")
    events = [read_event(connection, row[0]) for row in connection.execute("SELECT id FROM events WHERE live")]
    published = dict(connection.execute("SELECT id, published FROM documents"))
    counts, sums = by_hand(events, published, keys, summed)
    got = {tuple(map(named, group.values)): group for group in found.groups}
    assert len(got) == len(found.groups)
    assert {key: group.events for key, group in got.items()} == counts
    if summed:
        assert {key: group.sum for key, group in got.items()} == pytest.approx({key: sums[key] for key in counts})
    assert found.events == len(events)
    connection.close()


def named(value: Value) -> str:
    """Return a value as JSON, with 1 and 1.0 as the same, as they are to SQLite."""
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def by_hand(
    events: list[Event], published: dict[int, str | None], keys: list[str], summed: str | None
) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], float]]:
    """Count by trying every choice of fields and dropping those of different groups."""
    counts: Counter[tuple[str, ...]] = Counter()
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    properties = ("type", "status", "published")
    names = list(
        dict.fromkeys(
            [n for key in keys if (n := key.partition(":")[0]) not in properties] + ([summed] if summed else [])
        )
    )
    for item in events:
        live = [f for f in item.fields if f.state != "removed"]
        groups: list[str | None] = [*{f.group for f in live if f.name in names and f.group}] or [None]
        ways: set[tuple[int | None, ...]] = set()
        for group in groups:
            fitting = [
                [n for n, f in enumerate(live) if f.name == name and f.group in (None, group)] or [None]
                for name in names
            ]
            ways |= set(product(*fitting))
        combinations: set[tuple[str, ...]] = set()
        summands: set[tuple[int, tuple[str, ...]]] = set()
        for way in ways:
            chosen = dict(zip(names, way, strict=True))
            values = []
            for key in keys:
                name, _, period = key.partition(":")
                value: Value
                if name in properties:
                    value = (published[item.document_id] if name == "published" else str(getattr(item, name))) or None
                else:
                    value = live[place].value if (place := chosen[name]) is not None else None
                values.append(named(truncated(value, period) if period else value))
            combinations.add(tuple(values))
            if summed and (place := chosen[summed]) is not None and is_number(live[place]):
                summands.add((place, tuple(values)))
        counts.update(combinations)
        for place, combination in summands:
            sums[combination] += live[place].value  # type: ignore[operator]
    return dict(counts), sums


def truncated(value: Value, period: str) -> Value:
    if isinstance(value, int) and not isinstance(value, bool) and is_date(str(value)):
        return str(value)
    if not isinstance(value, str) or not is_date(value):
        return None
    first = value.partition("/")[0]
    return "-".join(first.split("-")[: {"year": 1, "month": 2}[period]])


def is_number(item: Field) -> bool:
    return isinstance(item.value, int | float) and not isinstance(item.value, bool)
