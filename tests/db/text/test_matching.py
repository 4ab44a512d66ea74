"""Fuzzy matching: which candidates match typed letters, and in which order."""

import pytest

from db.text.matching import best_matches

NAMES = ["date", "place_of_death", "updated", "killed", "location", "Death toll"]


@pytest.mark.parametrize(
    ("typed", "matches"),
    [
        ("da", ["date", "updated", "place_of_death", "Death toll"]),
        ("pod", ["place_of_death"]),
        ("death", ["Death toll", "place_of_death"]),
        ("lcn", ["location"]),
        ("d", ["date", "Death toll", "place_of_death", "updated", "killed"]),
        (" KILLED ", ["killed"]),
        ("x", []),
        ("", NAMES),
    ],
)
def test_better_kinds_of_match_come_first(typed: str, matches: list[str]) -> None:
    assert best_matches(NAMES, typed, 10) == matches


def test_no_more_than_the_limit_are_returned() -> None:
    assert best_matches(NAMES, "", 2) == ["date", "place_of_death"]
