"""What people can type for each kind of field, and which stored values fit it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import KindError
from db.kinds import KINDS, Kind, fits, is_date, parse


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("integer", "757", 757),
        ("integer", " 15,000 ", 15000),
        ("integer", "15 000", 15000),
        ("integer", "-3", -3),
        ("integer", "٧٥٧", 757),
        ("number", "12.5", 12.5),
        ("number", "12", 12),
        ("date", "2025", "2025"),
        ("date", "2025-02", "2025-02"),
        ("date", "2025-02-14", "2025-02-14"),
        ("date", "2025-02-14/2025-02-16", "2025-02-14/2025-02-16"),
        ("choice", "BODIES", "bodies"),
        ("choice", "u", "urns"),
        ("actor", " Shamsail Saraliyev ", "Shamsail Saraliyev"),
    ],
)
def test_typed_text_becomes_a_typed_value(kind: Kind, typed: str, value: object) -> None:
    parsed = parse(kind, typed, ["bodies", "urns"])
    assert (parsed, type(parsed)) == (value, type(value))
    assert fits(kind, parsed, ["bodies", "urns"])


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        ("integer", "dozens", "not a whole number"),
        ("integer", "1,5", "not a whole number"),
        ("integer", "7_5", "not a whole number"),
        ("integer", "9" * 50, "not a whole number"),
        ("number", "nan", "not a number"),
        ("number", "1e999", "not a number"),
        ("date", "14.2.2025", "type 2025, 2025-02"),
        ("date", "2025-02-30", "not a date"),
        ("date", "2025-03/2025-02", "not a date"),
        ("choice", "boxes", "one of bodies, urns"),
        ("text", "  ", "no value"),
    ],
)
def test_an_invalid_value_is_refused_with_an_example_of_a_valid_one(kind: Kind, typed: str, says: str) -> None:
    with pytest.raises(KindError, match=says):
        parse(kind, typed, ["bodies", "urns"])


@given(st.sampled_from(KINDS), st.text())
def test_any_text_becomes_a_fitting_value_or_is_refused(kind: Kind, typed: str) -> None:
    try:
        value = parse(kind, typed, ["a"])
    except KindError:
        return
    assert fits(kind, value, ["a"])


@given(st.dates())
def test_every_day_is_a_date_at_each_precision(day: object) -> None:
    text = str(day)
    assert is_date(text)
    assert is_date(text[:7])
    assert is_date(text[:4])


@pytest.mark.parametrize("value", ["~1", True, 1.5, None, "5"])
def test_only_an_integer_fits_an_integer_field(value: object) -> None:
    assert not fits("integer", value)  # type: ignore[arg-type]
