"""Text from outside on its way to the screen: harmless, of equal length, wrapped without losing an offset."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes

from tui.safe_text import safe
from tui.wrapping import clip, wrap

ANY_TEXT = st.text(st.characters() | st.sampled_from("\x1b\x9b\u202e\ud83d\u0301 \n\r\t遗体ьم👩‍🚀"))
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(ANY_TEXT, st.booleans())
def test_safe_text_has_equal_length_and_nothing_a_terminal_acts_on(text: str, keep: bool) -> None:
    shown = safe(text, keep_newlines=keep)
    assert len(shown) == len(text)
    left = {character for character in shown if unicodedata.category(character) in ("Cc", "Cs")}
    assert left <= ({"\n"} if keep else set())
    assert not BIDI & set(shown)
    assert safe(shown, keep_newlines=keep) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\x1b[31mb", "a␛[31mb"),
        ("c1\x9b31m\x85", "c1\ufffd31m\ufffd"),
        ("left\u202eright", "left\ufffdright"),
        ("z\u200bero\ufeff", "z\ufffdero\ufffd"),
        ("half \ud83d", "half \ufffd"),
        ("tab\tline\nend\r", "tab line end␍"),
        ("[bold]markup[/] [@click=quit]", "[bold]markup[/] [@click=quit]"),
        ("می‌خواهم 👩‍🚀 Київ", "می‌خواهم 👩‍🚀 Київ"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\ufffd" * 2),
    ],
)
def test_safe_text_shows(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(ANY_TEXT, st.integers(1, 14))
@example("a" * 30, 7)
@example("遗体" * 9 + " word", 5)
def test_wrapped_lines_fit_and_leave_out_white_space_alone(text: str, width: int) -> None:
    text = safe(text, keep_newlines=True)
    before = 0
    for start, end in wrap(text, width):
        assert before <= start <= end
        assert not text[before:start].strip()
        line = text[start:end]
        assert "\n" not in line
        assert cell_len(line) <= width or len(split_graphemes(line)[0]) <= 2
        before = end
    assert not text[before:].strip()


def lines(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


@pytest.mark.parametrize(
    ("text", "width", "wrapped"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("abcdefgh ij", 3, ["abc", "def", "gh", "ij"]),
        ("交换阵亡士兵", 4, ["交换", "阵亡", "士兵"]),
        ("обмін тілами", 8, ["обмін", "тілами"]),
        ("", 5, [""]),
    ],
)
def test_text_is_wrapped_at_spaces_and_between_wide_characters(text: str, width: int, wrapped: list[str]) -> None:
    assert lines(text, width) == wrapped


@given(ANY_TEXT, st.integers(1, 14))
def test_clipped_text_fits(text: str, width: int) -> None:
    assert cell_len(clip(safe(text), width)) <= width
