"""Text from outside on its way to the screen: harmless, of equal length, wrapped without losing an offset."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes
from wrapped_slowly import wrapped_slowly

from tui.safe_text import safe
from tui.wrapping import clip, wrap, wrap_in_pieces

ANY_TEXT = st.text(st.characters() | st.sampled_from("\x1b\x9b\u202e\ud83d\u0301 \n\r\t遗体ьم👩‍🚀"))
WORDS = st.sampled_from(
    [
        *"a word обмін 遗体 한국어 हिन्दी قَالَ é e\u0301 ☺\ufe0f 👩\u200d🚀 🇺🇦 می\u200cخواهم ＡＢ".split(" "),
        *("longword" * 5, "тілами" * 4, "交换阵亡士兵" * 6),
        *"\u0301\ufe0f\u200d\x1b\x01\x1f\u2028\u3000\xa0\t\n",
        *(" ", " ", " ", "  "),
    ]
)
ANY_WORDS = st.lists(WORDS, max_size=5).flatmap(
    lambda some: st.lists(st.sampled_from(some) if some else WORDS, max_size=40).map("".join)
)
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
        ("e" + "\U000e0100" * 6, "e" + "\U000e0100" * 4 + "\ufffd" * 2),
        ("flag \U000e0067\U000e007f", "flag \ufffd\ufffd"),
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


@given(ANY_TEXT | ANY_WORDS, st.integers(1, 200) | st.integers(1, 14))
@example("ab 遗体遗体遗体", 4)
@example("\u3000a\u3000遗体遗体遗体遗体", 9)
@example("   longwordlongword б", 12)
@example("     ", 3)
def test_wrapping_gives_what_it_always_gave(text: str, width: int) -> None:
    assert wrap(text, width) == wrapped_slowly(text, width)


@pytest.mark.parametrize("language", ["обмін тілами ", "遗体交换阵亡士兵，", "words and words ", "قَالَ "])
def test_a_long_text_comes_in_pieces_that_are_the_same_lines(language: str) -> None:
    text = (language * 40 + "\n" * 2) * 150
    pieces = list(wrap_in_pieces(text, 33))
    assert len(pieces) > 1
    assert [line for piece in pieces for line in piece] == wrapped_slowly(text, 33)


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
