"""A key that the keyboard repeats is recognised, and no key that a person presses."""

import pytest

from tui.runtime.held_key import HeldKey


def passed(*pauses: float) -> int:
    """Press one key, and again after each pause in seconds; return how many of the later presses are no repeats."""
    key, at = HeldKey(), 5.0
    assert not key.repeats("a", at)
    count = 0
    for pause in pauses:
        at += pause
        count += not key.repeats("a", at)
    return count


@pytest.mark.parametrize(
    ("delay", "every", "passes"),
    [(0.5, 0.033, 1), (0.66, 0.04, 1), (0.225, 0.015, 1), (0.25, 0.092, 2), (1.0, 0.09, 2)],
    ids=["Windows", "X11", "fastest of macOS", "Linux console", "macOS"],
)
def test_the_repeats_of_a_held_key_are_recognised_after_the_delay(delay: float, every: float, passes: int) -> None:
    assert passed(delay, *[every] * 60) == passes


def test_repeats_that_arrive_unevenly_or_all_at_once_are_recognised() -> None:
    assert passed(0.5, 0.03, *[0.0, 0.15, 0.002, 0.12, 0.19] * 20) == 1
    assert passed(*[0.0] * 60) == 1


@pytest.mark.parametrize("pause", [0.125, 0.2, 0.25, 0.3, 1.0])
def test_no_press_of_a_person_is_a_repeat(pause: float) -> None:
    assert passed(*[pause] * 60) == 60


def test_two_presses_in_quick_succession_are_both_meant() -> None:
    assert passed(0.06, 0.25, 0.06, 0.25) == 4
    assert passed(0.3, 0.0, 0.3, 0.001, 0.3) == 5  # from a busy line


def test_a_key_counts_again_after_it_was_released() -> None:
    assert passed(0.5, 0.03, 0.03, 0.25, 0.25) == 3


def test_keys_typed_ahead_in_turn_are_no_repeats() -> None:
    held = HeldKey()
    assert [held.repeats(key, 5.0) for key in "ajajaxhaj"] == [False] * 9
