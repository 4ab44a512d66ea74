"""Texts made to crash or hang a search: for values, candidates, wildcards, lines on a screen."""

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import import_documents

from db.errors import KindError
from db.kinds import KINDS, is_date, is_modifier, parse_typed
from db.query import compile_query, parse
from db.query.completing import complete
from db.query.grammar import QueryError
from db.query.running import event_ids
from db.query.values import matches_wildcards
from db.suggest.candidates import Candidate, candidates
from db.suggest.candidates.dates import find_dates
from db.suggest.candidates.names import find_names
from db.suggest.candidates.numbers import find_numbers
from db.text.evidence import find_value
from tui.output.pages import _fitting
from tui.text.safe import safe
from tui.text.wrapping import clip, wrap

LONG = 10_000  # characters
_FLOOR = 0.25  # seconds of the processor, which none of these takes on any machine that is not very slow
_MOST_GROWTH = 8  # of the time, for four times the text: 4 is linear, 16 a square

# What patterns are made of: digits, separators, words that join, quotation, marks, in runs without an end.
REPEATED = (
    "1", "1 ", "1,", "1,111", "1 111 ", "1.", "1-", "1/", "1年", "2020-", "12:30", "to ", "1 to ", "+", "a", "a-", "a’",
    "A ", "A of ", "“", '"', "“a ", "one ", "one-", "dozen ", "first ", "May 1 ", "last ", "3 days ago ", "七", "一万",
    " ", "\n", "_", "\u0301", "中", "\u200d",
)  # fmt: skip


def _typed(text: str) -> None:
    for kind in KINDS:
        for typed in (text, f"1{text}"):
            with suppress(KindError):
                parse_typed(kind, typed, ("a",))


def _looked_for(text: str) -> None:
    find_value("1 1 a a “b” 1", text)
    find_value(f"{text[:500]}b", text)
    find_value(1_111_111, text)


READERS: dict[str, Callable[[str], object]] = {
    "typed": _typed,
    "date or modifier": lambda text: (is_date(text), is_modifier(f"to {text}")),
    "numbers": lambda text: find_numbers(text, "en"),
    "numbers in Ukrainian": lambda text: find_numbers(text, "uk"),
    "dates": lambda text: find_dates(text, "2025-02-14", "en"),
    "dates in Ukrainian": lambda text: find_dates(text, "2025-02-14", "uk"),
    "names": lambda text: find_names(text, ["1 1", "A of A", "aaaa"]),
    "values": _looked_for,
    "lines": lambda text: (wrap(text, 40), wrap(text, 3), clip(text, 40)),
    "safe": safe,
}


def _seconds(read: Callable[[str], object], text: str, times: int = 1) -> float:
    """Return the least processor time of several readings: a busy machine only ever adds to it."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        read(text)
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize("reader", READERS)
def test_the_time_grows_linearly_with_the_length_of_the_text(reader: str) -> None:
    read = READERS[reader]
    for repeated in REPEATED:
        for end in ("", "x!"):
            long = (repeated * LONG)[:LONG] + end
            if _seconds(read, long) > _FLOOR:
                short = (repeated * LONG)[: LONG // 4] + end
                growth = _seconds(read, long, times=3) / _seconds(read, short, times=3)
                assert growth < _MOST_GROWTH, f"{reader}: {repeated!r} and {end!r}"


def test_many_wildcards_on_long_values_that_almost_match_are_fast(
    connection: sqlite3.Connection,
) -> None:
    long = "a" * 50_000
    field = {"name": "place", "value": long}
    import_documents(connection, {"id": "d", "text": "x", "publisher": long, "events": [
        {"id": "e", "type": long, "extractor": long, "fields": [field]}]})  # fmt: skip
    begun = time.process_time()
    for name in ("type", "extractor", "publisher", "place", "url", "note"):
        assert list(event_ids(connection, compile_query(connection, parse(f"{name}:{'a*' * 40}b")))) == []
    assert time.process_time() - begun < 5
    assert list(event_ids(connection, compile_query(connection, parse(f"type:{'a*' * 40}a")))) == [1]


@given(st.text("ab*", max_size=8), st.text("ab\n", max_size=10))
def test_wildcards_match_what_a_regular_expression_matches(pattern: str, text: str) -> None:
    pieces = pattern.split("*")
    expected = re.fullmatch(".*".join(map(re.escape, pieces)), text, re.DOTALL) is not None
    assert matches_wildcards(pieces, text) == expected


@pytest.mark.parametrize(
    "repeated", [*'()"-@:*\\', "a:", 'a:"', "a(", " a", "-a ", "not ", "a or ", ">=", "a.", 'a\\"', " @a"]
)
def test_a_long_query_is_parsed_quickly(connection: sqlite3.Connection, repeated: str) -> None:
    begun = time.process_time()
    for text in (repeated * 5_000, (repeated * 5_000)[:5_000], (repeated * 5_000)[:4_990] + ' "'):
        complete(connection, text, len(text), 5)
        with suppress(QueryError):
            parse(text)
    assert time.process_time() - begun < 2


def found(kind: str, text: str, language: str | None = None) -> list[Candidate]:
    return candidates(kind, text, "2025-02-14", language)  # type: ignore[arg-type]


def test_endless_numerals_and_number_words_are_not_numbers() -> None:
    assert found("integer", "〇" * 5_000) == []
    assert found("integer", "一" + "万" * 5_000) == []
    assert [item.value for item in found("integer", "七百五十七")] == [757]
    assert all(isinstance(item.value, int) for item in found("integer", "one " * 300))


def test_a_range_with_too_long_an_end_is_not_a_range() -> None:
    assert all(item.modifier is None for item in found("number", "2-199999999999999999.5"))
    with pytest.raises(KindError, match="too many digits"):
        parse_typed("number", f"2-{'4' * 60}")
    assert parse_typed("number", "2-4.5").modifier == "to 4.5"


@pytest.mark.parametrize("apostrophe", "'’ʼ")
def test_any_kind_of_apostrophe_is_accepted_in_a_date(apostrophe: str) -> None:
    assert [item.value for item in found("date", f"п{apostrophe}ять днів тому", "uk")] == ["2025-02-09"]


def test_a_language_with_unknown_date_order_is_accepted() -> None:
    assert [item.value for item in found("date", "3/4/2024", "tl")] == ["2024-04-03", "2024-03-04"]


def test_quoted_white_space_is_not_a_name() -> None:
    assert found("actor", "he said “\x1d ” and «. .»") == []


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(0, 120))
def test_columns_give_way_as_if_narrowed_one_cell_at_a_time(widths: list[int], available: int) -> None:
    expected = list(widths)
    room = available - 2 * (len(widths) - 1)
    while sum(expected) > room and len(widths) > 1:
        widest = max(range(1, len(widths)), key=expected.__getitem__)
        if expected[widest] <= 5:
            break
        expected[widest] -= 1
    assert _fitting(widths, available) == expected
    assert _fitting([10, 10**9, 10**9], 80) == [10, 33, 33]
