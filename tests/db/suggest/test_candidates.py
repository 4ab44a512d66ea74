"""Candidates for values of a field, found in a text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.kinds import KINDS, Kind, fits
from db.suggest.candidates import candidates


def numbers(text: str, language: str | None = None) -> list[tuple[str, object, str | None]]:
    return [
        (text[item.span.start : item.span.end], item.value, item.modifier)
        for item in candidates("integer", text, language=language)
    ]


def dates(text: str, published: str | None = "2025-02-14", language: str | None = None) -> dict[str, object]:
    found = candidates("date", text, published, language)
    return {text[item.span.start : item.span.end]: item.value for item in found}


def names(text: str, *known: str) -> list[object]:
    return [item.value for item in candidates("actor", text, known=known)]


@pytest.mark.parametrize(
    ("text", "value", "modifier"),
    [
        ("757 men", 757, None),
        ("some 15,000 people", 15_000, "about"),
        ("1 500 человек", 1500, None),
        ("more than 2.5 million", 2_500_000, "at least"),
        ("500 or more", 500, "at least"),
        ("up to 30", 30, "at most"),
        ("forty-five bodies", 45, None),
        ("one hundred and two", 102, None),
        ("dozens of men", 24, "at least"),
        ("two dozen", 24, None),
        ("the sixth since", 6, None),
        ("the twenty-first", 21, None),
        ("около семисот пятидесяти семи тел", 757, "about"),
        ("более 15 тыс. человек", 15_000, "at least"),
        ("понад п’ятсот полонених", 500, "at least"),
        ("حوالي ٧٥٧ جثة", 757, "about"),
        ("收到757具", 757, None),
        ("约七百五十七具", 757, "about"),
        ("两百三十人", 230, None),
        ("至少2万人", 20_000, "at least"),
    ],
)
def test_numbers_in_digits_and_words_are_found_with_their_modifiers(
    text: str, value: int, modifier: str | None
) -> None:
    assert [(found, qualified) for _, found, qualified in numbers(text)] == [(value, modifier)]


def test_a_range_is_one_candidate_and_its_upper_end_another() -> None:
    assert numbers("between 500 and 600 people") == [("500 and 600", 500, "to 600"), ("600", 600, None)]


@pytest.mark.parametrize("text", ["2025-02-14", "at 12:30", "5G and H1N1", "14.02.2025", "2月14日", "周五"])
def test_parts_of_dates_times_and_names_are_not_numbers(text: str) -> None:
    assert numbers(text) == []


@given(st.integers(0, 10**12), st.sampled_from(["0", "٠", "०", "０"]), st.booleans())
def test_a_number_in_digits_of_any_script_is_found_with_and_without_separators(
    number: int, zero: str, grouped: bool
) -> None:
    digits = f"{number:,}" if grouped else str(number)
    written = "".join(chr(ord(zero) + int(c)) if c.isdecimal() else c for c in digits)
    assert [item.value for item in candidates("integer", f"said {written} were")] == [number]


@pytest.mark.parametrize(
    ("phrase", "value"),
    [
        ("Friday", "2025-02-14"),
        ("last Friday", "2025-02-07"),
        ("Monday", "2025-02-10"),
        ("next Monday", "2025-02-17"),
        ("yesterday", "2025-02-13"),
        ("two days ago", "2025-02-12"),
        ("last week", "2025-02-03/2025-02-09"),
        ("last month", "2025-01"),
        ("last year", "2024"),
        ("October", "2024-10"),
        ("14 February", "2025-02-14"),
        ("December 3", "2024-12-03"),
        ("Feb. 3, 2025", "2025-02-03"),
        ("March 2022", "2022-03"),
        ("3-5 January", "2025-01-03/2025-01-05"),
        ("2022", "2022"),
        ("2025-02-14", "2025-02-14"),
        ("14.02.2025", "2025-02-14"),
        ("минулого місяця", "2025-01"),
        ("14 лютого 2025", "2025-02-14"),
        ("п’ятницю", "2025-02-14"),
        ("в прошлом месяце", "2025-01"),
        ("две недели назад", "2025-01-31"),
        ("14 فبراير", "2025-02-14"),
        ("الشهر الماضي", "2025-01"),
        ("2025年2月14日", "2025-02-14"),
        ("上个月", "2025-01"),
        ("周五", "2025-02-14"),
    ],
)
def test_a_date_is_as_precise_as_its_phrase(phrase: str, value: str) -> None:
    language = "uk" if "лютого" in phrase else None  # the other Ukrainian phrases have letters that Russian has not
    assert dates(f"({phrase})", language=language) == {phrase: value}


def test_without_a_day_of_publication_only_full_dates_are_found() -> None:
    assert dates("on Friday, last month, in March 2022", None) == {"March 2022": "2022-03"}


def test_words_that_can_be_months_are_not_dates() -> None:
    assert dates("they may march on") == {}


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y"]))
def test_a_full_date_is_found(day: date, form: str) -> None:
    assert list(dates(f"It was on {day.strftime(form)}.").values()) == [day.isoformat()]


def test_names_are_capitalised_runs_quoted_strings_and_known_values() -> None:
    text = "Kyiv’s Coordination Headquarters for the Treatment of Prisoners of War called it “a swap”, said pod crew."
    assert names(text, "pod crew") == [
        "Kyiv",
        "Coordination Headquarters for the Treatment of Prisoners of War",
        "a swap",
        "pod crew",
    ]


def test_a_known_value_is_found_in_any_script() -> None:
    text = "红十字会称，Україна отримала الصليب الأحمر"
    assert names(text, "红十字会", "الصليب الأحمر", "Україна") == ["红十字会", "Україна", "الصليب الأحمر"]


def test_of_a_very_long_text_only_the_neighbourhood_is_searched() -> None:
    text = "1 soldier. " + "word " * 20_000 + "Moscow received 45 bodies. " + "word " * 20_000 + "9 more."
    place = text.index("45")
    assert [(item.value, item.span) for item in candidates("integer", text, near=place - 500)] == [
        (45, (place, place + 2))
    ]
    assert [item.value for item in candidates("integer", text)] == [1]
    assert [item.value for item in candidates("integer", text, near=len(text))] == [9]


def test_a_choice_is_found_in_the_text() -> None:
    text = "Armed attack, then an armed_attack"
    assert [item.span for item in candidates("choice", text, choices=("armed_attack",))] == [(22, 34)]
    assert [item.span for item in candidates("choice", text[:12], choices=("armed_attack",))] == [(0, 12)]


@given(
    st.sampled_from(KINDS),
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(
                "12 1,5 2-3 forty five dozen тысяч п'ять 七百 ٧٥ ½ ² Ⅷ Friday 31 February 99 May 年月日 İ “ « "
                "last to in days ago минулого місяця".split()
            ),
        ),
        max_size=12,
    ).map(" ".join),
    st.sampled_from([None, "2025-02-14", "2025-02", "0001-01-01", "9999-12-31", "soon"]),
    st.sampled_from([None, "en", "ru", "uk", "zh-Hant", "xx", "", "../en"]),
)
def test_candidates_are_spans_of_the_text_and_fit_the_kind(
    kind: Kind, text: str, published: str | None, language: str | None
) -> None:
    found = candidates(kind, text, published, language, ("May", "年"), ("last", "to"))
    starts = [item.span.start for item in found]
    assert starts == sorted(starts)
    readings = [(item.span.start, repr(item.value)) for item in found]
    assert len(set(readings)) == len(readings)
    assert len({item.span for item in found}) == len(set(starts))  # one span at a start; it may have two readings
    for item in found:
        assert 0 <= item.span.start < item.span.end <= len(text)
        assert fits(kind, item.value, ("last", "to"))
