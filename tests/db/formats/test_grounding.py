"""Values without spans are found in the text."""

import subprocess
import sys
from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.grounding.grounder import Grounder
from db.grounding.places import Grounded, ValueRequest
from db.kinds import Kind
from db.model import Span, Value
from db.suggest.candidates.dates import find_dates
from db.suggest.candidates.numbers import find_numbers
from db.text.evidence import find_value
from db.text.folded_text import FoldedText, fold

NEWS = (
    "On 14 February 2025 Russia handed over the bodies of seven hundred and fifty-seven soldiers; Ukraine gave 15 000"
    " euros to 1,200 men. The Café «Élan» said\non Friday: ٧٥ buses, 1.5 million, dozens hurt, 7 years."
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(date.isoformat),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def ground(
    text: str,
    value: Value,
    kind: Kind | None = None,
    language: str | None = None,
    published: str | None = None,
    near: Iterable[Span] = (),
) -> Grounded:
    return Grounder(text, language, published).ground(value, kind, near)


@pytest.mark.parametrize(
    ("value", "method", "quotes"),
    [
        ("Russia", "exact", ["Russia"]),
        ("russia", "folded", ["Russia"]),
        ("Rus", "none", []),
        ('cafe "elan"', "folded", ["Café «Élan»"]),
        ("said on Friday", "folded", ["said\non Friday"]),
        ("handed_over", "folded", ["handed over"]),
        (757, "number_words", ["seven hundred and fifty-seven"]),
        ("757", "number_words", ["seven hundred and fifty-seven"]),
        (757.0, "number_words", ["seven hundred and fifty-seven"]),
        (15000, "folded", ["15 000"]),
        ("15,000", "folded", ["15 000"]),
        (75, "folded", ["٧٥"]),
        (1_500_000, "number_words", ["1.5 million"]),
        (7, "exact", ["7"]),
        (24, "none", []),  # dozens
        ("2025-02-14", "date", ["14 February 2025"]),
        ("2025-02-14T10:00:00Z", "date", ["14 February 2025"]),
        ("2025-02", "date", ["14 February 2025"]),
        ("2025-02-15", "none", []),
        (2025, "exact", ["2025"]),
        (True, "unexpected", []),
        (None, "unexpected", []),
        (["Russia"], "unexpected", []),
        ({"name": "Russia"}, "unexpected", []),
        ("", "unexpected", []),
        (float("nan"), "none", []),
        (10**400, "none", []),
    ],
)  # fmt: skip
def test_a_value_is_found_with_the_method(value: Value, method: str, quotes: list[str]) -> None:
    found = ground(NEWS, value, language="en")
    assert (found.method, [NEWS[start:end] for start, end in found.spans]) == (method, quotes)


def test_a_huge_number_is_not_found() -> None:
    assert ground(NEWS, 10**5000).method == "none"


@pytest.mark.parametrize(
    ("text", "value", "published", "quotes"),
    [
        ("They met last Friday.", "2025-02-07", "2025-02-14", ["last Friday"]),
        ("They met last Friday.", "2025-02-07", None, []),
        ("They met on February 7 and today.", "2025-02-07", None, ["February 7"]),
        ("They met today, last month.", "2025-12-31", None, []),
        ("From 3 to 5 March they met.", "2025-03-03/2025-03-05", None, ["3 to 5 March"]),
        ("From 3 May 2024 until 7 June 2024.", "2024-05-03/2024-06-07", None, ["3 May 2024 until 7 June 2024"]),
        ("From 3 May 2024.", "2024-05-03/2024-06-07", None, []),
    ],
)
def test_a_date_is_found_in_any_notation(text: str, value: str, published: str | None, quotes: list[str]) -> None:
    found = ground(text, value, language="en", published=published)
    assert [text[start:end] for start, end in found.spans] == quotes


def test_a_date_in_words_is_read_if_the_field_is_a_date() -> None:
    text = "It was on 14 February 2025."
    assert ground(text, "Feb 14, 2025", "date", "en").spans == (Span(10, 26),)
    assert ground(text, "Feb 14, 2025", None, "en").spans == ()


def test_of_several_places_the_nearest_to_the_other_fields_is_chosen() -> None:
    text = "Kyiv said so. " + "x " * 100 + "Donetsk, not Kyiv, was hit; 5 died in Donetsk." + " x" * 100 + " Kyiv"
    grounder = Grounder(text)
    assert grounder.ground("Kyiv") == Grounded((), "several", 3)
    near = text.index("Donetsk")
    kyiv, died = grounder.ground_together([ValueRequest("Kyiv"), ValueRequest("5 died")])
    assert kyiv.spans[0].start == text.index("Kyiv, was")
    assert grounder.ground("Kyiv", near=[Span(near, near + 7)]).spans == kyiv.spans
    assert died.method == "exact"


def test_fields_of_a_group_are_searched_near_each_other() -> None:
    text = "Russia gave Ukraine 757. Later that day Ukraine gave 45 to Russia."
    requests = [ValueRequest(757, "t:1"), ValueRequest("Ukraine", "t:1"), ValueRequest(45, "t:2"),
              ValueRequest("Ukraine", "t:2")]  # fmt: skip
    starts = [found.spans[0].start for found in Grounder(text).ground_together(requests)]
    assert starts == [20, 12, 53, 40]


def test_a_short_value_far_from_the_others_is_not_found() -> None:
    text = "Donetsk was hit. " + "So it is said. " * 200 + "Page 2"
    assert Grounder(text).ground_together([ValueRequest("Donetsk"), ValueRequest(2)])[1] == Grounded((), "several", 1)
    assert Grounder(text).ground(2).method == "exact"


@given(st.text(), st.text(), st.text())
def test_found_text_equals_the_words_once_both_are_folded(before: str, words: str, after: str) -> None:
    for written in (words, words.upper(), words.replace("-", "–")):
        text = f"{before} {written} {after}"
        for start, end in FoldedText(text).find_folded(words):
            assert fold(text[start:end]) == fold(words)
        for start, end in FoldedText(text).find_exact(words):
            assert text[start:end] == words


@given(st.text(), st.text(), st.text())
def test_words_between_white_space_are_always_found(before: str, words: str, after: str) -> None:
    if words.strip() and fold(words):
        text = f"{before}\n{words.strip()}\n{after}"
        found = ground(text, words, "text")
        assert found.method != "none" or len(text) > 1000


@given(st.integers(0, 10**9), st.sampled_from(["{}", "{:,}", "there were {} of them", "٠ {}", "{} and {}"]))
def test_the_text_of_a_found_number_is_that_number(value: int, written: str) -> None:
    text = written.replace("{}", str(value)).replace("{:,}", f"{value:,}")
    found = Grounder(text).find_all(value)
    assert found
    for start, end in found:
        part = text[start:end]
        assert find_value(value, part) or [item.value for item in find_numbers(part)] == [value]


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%d.%m.%Y"]))
def test_the_text_of_a_found_date_is_that_date(day: date, style: str) -> None:
    text = f"They met on {day.strftime(style)} again."
    found = ground(text, day.isoformat(), language="de" if "." in style else "en")
    assert found.method in ("date", "exact")
    for start, end in found.spans:
        read = find_dates(text[start:end], language="de" if "." in style else "en")
        assert [item.value for item in read] == [day.isoformat()]


@given(st.text(), st.lists(values, max_size=4), st.none() | st.text(), st.none() | st.text())
def test_grounding_never_raises_and_spans_lie_in_the_text(
    text: str, some_values: list[Value], language: str | None, published: str | None
) -> None:
    grounder = Grounder(text, language, published)
    for found in grounder.ground_together([ValueRequest(value, "date") for value in some_values]):
        assert (found.method in ("none", "several", "unexpected", "computed")) is not bool(found.spans)
        assert all(0 <= start < end <= len(text) for start, end in found.spans)


def test_a_long_repetitive_text_is_searched_quickly() -> None:
    text = "a " * 200_000
    grounder = Grounder(text)
    found = grounder.ground_together([ValueRequest("a", None, str(number)) for number in range(500)])
    assert {(item.method, item.places) for item in found} == {("several", 10_000)}


def test_date_and_unicode_rbnfs_are_loaded_only_when_needed() -> None:
    code = (
        "import sys; from db.grounding.grounder import Grounder;"
        "grounder = Grounder('Kyiv 5'); grounder.ground('Kyiv'); grounder.ground(5);"
        "print([name for name in ('dateparser', 'unicode_rbnf') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
