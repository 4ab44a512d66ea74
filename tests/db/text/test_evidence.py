"""Finding a corrected value in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.model import Span, Value
from db.text.evidence import find_value, nearest


@pytest.mark.parametrize(
    ("value", "source", "quotes"),
    [
        (757, "757 of 1757, 7571, 757.5, 1,757 and 757. Or 757, $757, 757-strong", ["757", "757", "757", "757", "757"]),
        (15000, "15,000 15.000 15'000 15000 115,000 15,000,000", ["15,000", "15.000", "15'000", "15000"]),
        (15000, "15\u00a0000 and 15\u202f000", ["15\u00a0000", "15\u202f000"]),
        (757, "استلمت ٧٥٧ جثة", ["٧٥٧"]),
        (1.5, "1.5 and 1,5 not 11.5 or 1.55", ["1.5", "1,5"]),
        (True, "True 1", []),
        (None, "None null", []),
        (["a"], "a", []),
        ("2025-02-14", " date 2025-02-14 Russia", ["2025-02-14"]),
        ("Red Cross", "the red  cross and RED\nCROSS, not Red Crossing", ["red  cross", "RED\nCROSS"]),
        ("Red Cross", "Red Cross and red cross", ["Red Cross"]),
        ("Ukraine's", "Ukraine’s", ["Ukraine’s"]),
        ("Iran", "Iranian Iran", ["Iran"]),
        ("遗体", "双方交换了遗体。", ["遗体"]),
        ("обмін", "Обмін тілами", ["Обмін"]),
        ("(a+b)*", "f((a+b)*)", ["(a+b)*"]),
        ("", "text", []),
    ],
)  # fmt: skip
def test_a_value_is_found(value: Value, source: str, quotes: list[str]) -> None:
    assert [source[start:end] for start, end in find_value(value, source)] == quotes


@given(st.text(), st.text(), st.text())
def test_a_text_between_white_space_is_always_found(before: str, value: str, after: str) -> None:
    if value.strip():
        source = f"{before}\n{value.strip()}\n{after}"
        assert value.strip() in [source[start:end] for start, end in find_value(value, source)]


@given(st.integers(-(10**30), 10**30), st.text())
def test_an_integer_is_found_with_any_thousands_separator(value: int, around: str) -> None:
    for written in (str(abs(value)), f"{abs(value):,}", f"{abs(value):,}".replace(",", " ")):
        assert written in [quote for a, b in find_value(value, f"x {written} y") for quote in [f"x {written} y"[a:b]]]


def test_spans_nearest_to_the_old_evidence_come_first() -> None:
    places = [Span(0, 3), Span(50, 53), Span(90, 93)]
    assert nearest(places, (Span(60, 70),)) == [Span(50, 53), Span(90, 93), Span(0, 3)]
    assert nearest(places, ()) == places
