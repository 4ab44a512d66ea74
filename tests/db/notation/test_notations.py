import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.kinds import is_date
from db.notation.any_date import read_date
from db.notation.evidence import DateEvidence, NumberEvidence, ShareEvidence
from db.notation.missing import WordEvidence, is_missing_answer, may_be_missing
from db.notation.numbers import read_number, split_unit

_DAY = """14-Feb-25|14/02/25|20250214|2025-W07-5|2025-045|2025-02-14T10:00Z|Fri, 14 Feb 2025 10:00:00 GMT
Fri Feb 14 10:00:00 2025|Fri Feb 14 2025 10:00:00 GMT+0000 (Coordinated Universal Time)|Feb 14, 2025 10:00 AM EST
Friday, February 14, 2025|14 de febrero de 2025|Freitag, 14. Februar 2025, 10:00 Uhr|14 février 2025|2025年2月14日
2025년 2월 14일|14 فبراير 2025|14 февраля 2025 г.|14 лютого 2025 року|2025. február 14.|14 lutego 2025
ngày 14 tháng 2 năm 2025|14 กุมภาพันธ์ 2568|١٤/٠٢/٢٠٢٥|14/Feb/2025:10:00:00 +0000|20250214T101500Z|2025-02-14Z
45702|45702.5|1739527200|1739527200000|1739527200000000|14FEB2025|2025-2-14|14th of February, 2025""".replace("\n", "|")


@pytest.mark.parametrize("cell", _DAY.split("|"))
def test_a_day_is_read_in_any_notation_and_noted(cell: str) -> None:
    read = read_date(cell, None, 1900)
    assert (read.value, read.note) == ("2025-02-14", True)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2025-W07", "2025-02-10/2025-02-16"), ("12-14 February 2025", "2025-02-12/2025-02-14"),
        ("2025-02-12 - 2025-02-14", "2025-02-12/2025-02-14"), ("28 Feb - 2 Mar 2025", "2025-02-28/2025-03-02"),
        ("Q1 2025", "2025-01/2025-03"), ("02/2025", "2025-02"), ("Feb-25", "2025-02"), ("14-Feb-99", "1999-02-14"),
    ],
)  # fmt: skip
def test_intervals_and_months_are_read(cell: str, value: str) -> None:
    assert read_date(cell, None, 1900).value == value


@pytest.mark.parametrize(
    "cell", ["mid-2024", "about 14 February 2025", "14 listopada 2024", "14 Feb", "12 Main Street 1999", "2 km", "W07"]
)
def test_what_is_no_certain_day_stays(cell: str) -> None:
    assert read_date(cell, "dmy", 1900).value is None


def test_a_language_decides_on_names_of_two_months() -> None:
    assert read_date("14 listopada 2024", None, 1900, "hr").value == "2024-10-14"
    assert read_date("14 listopada 2024", None, 1900, "pl").value == "2024-11-14"


@settings(max_examples=60)
@given(st.text(alphabet="0123456789/.-–年月 :TWQ,FebruaryGMT+'()", max_size=30) | st.text(max_size=20))
def test_whatever_is_read_is_a_date(cell: str) -> None:
    read = read_date(cell, "mdy", 1904)
    assert read.value is None or is_date(read.value)


def test_day_numbers_count_from_1904_if_only_that_fits_the_other_dates() -> None:
    evidence = DateEvidence()
    for cell in ("44240", "2025-02-15"):
        evidence.add(cell)
    assert (evidence.base, read_date("44240", None, evidence.base).value) == (1904, "2025-02-14")
    evidence.add("2021-02-13")
    assert evidence.base == 1900


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0,125", 0.125), ("49,98", 49.98), ("1.234.567", 1234567), ("1,234,567", 1234567), ("1.234,5", 1234.5),
        ("1,234.5", 1234.5), ("1,00,000", 100000), ("1 234", 1234), ("1\u2009234,5", 1234.5), ("1'234.5", 1234.5),
        ("1_000", 1000), ("١٬٢٣٤٫٥", 1234.5), ("−3", -3), ("1.234,56-", -1234.56), ("1,5E3", 1500.0),
    ],
)  # fmt: skip
def test_a_number_that_can_only_be_one_is_read(cell: str, value: float) -> None:
    assert read_number(cell).value == value


@pytest.mark.parametrize("cell", ["1,234", "1.234"])
def test_one_group_of_three_digits_needs_its_column(cell: str) -> None:
    assert read_number(cell).ambiguous
    assert {read_number(cell, ".").value, read_number(cell, ",").value} == {1234, 1.234}


@pytest.mark.parametrize("cell", ["(5)", "12-", "1,2,3", "5 km", "abc", "1.2.3", "0,123,456"])
def test_uncertain_numbers_stay(cell: str) -> None:
    assert read_number(cell, ".").value is None


def test_units_and_currencies_are_split_off() -> None:
    assert split_unit("5 km") == ("5", "km")
    assert split_unit("($1,200)") == ("-1,200", "$")
    assert split_unit("USD 5") == ("5", "USD")
    assert split_unit("Town 1") is split_unit("$5 m") is None


@pytest.mark.parametrize(
    ("column", "cells", "sign"),
    [
        ("lat", "50,450|49,98", ","), ("sum", "1.234|12|105", ","), ("sum", "1,234|12|105", "."),
        ("sum", "1.234|12|2.500", ","), ("sum", "1.234|1500|12", None), ("sum", "1.234|2.5", "."),
        ("sum", "1.234", None),
        ("killed", "1.234", ","), ("latitude", "35.763|36.558", "."), ("sum", "1.5|2,5", None),
        ("sum", "1.234|1,234", None),
    ],
)  # fmt: skip
def test_all_cells_of_a_column_decide_on_its_sign(column: str, cells: str, sign: str | None) -> None:
    evidence = NumberEvidence(column)
    for cell in cells.split("|"):
        evidence.add(cell)
    assert evidence.sign == sign


@pytest.mark.parametrize(
    ("values", "is_percent"),
    [
        ([81, 1, 100], True),
        ([81, 0.5], False),
        ([81, -3], False),
        ([812, 5], False),
        ([0.5, 1], False),
        ([0, 1], False),
    ],
)
def test_percentages_are_known_by_all_confidences(values: list[float], is_percent: bool) -> None:
    evidence = ShareEvidence()
    for value in values:
        evidence.add(value)
    assert evidence.is_percent == is_percent


def test_words_for_no_value_are_values_where_their_column_says_so() -> None:
    for column, others, word, missing in (
        ("iso", ["NG", "ZA", "KE"], "NA", False), ("country", ["Namibia", "Kenya"], "NA", True),
        ("surname", ["Smith", "Jones"], "None", False), ("actor", ["Army", "Police"], "None", True),
        ("damage", ["minor", "severe"], "none", False), ("surname", ["Smith", "n/a"], "None", True),
    ):  # fmt: skip
        evidence = WordEvidence(column)
        for cell in (*others, word):
            evidence.add(cell)
        assert evidence.is_missing(word) == missing, column
    assert not any(map(may_be_missing, ("Null", "Nan", "unknown", "Army", "")))
    assert all(map(may_be_missing, ("NaN", "null", "NULL", "#REF!", "<NA>", "-", "N/A", "#DIV/0!", "\\N")))
    assert all(map(is_missing_answer, ("N/A", "unknown", "none", "Not mentioned.", "not specified")))
    assert not is_missing_answer("none of them")
