"""Text from outside on its way to the screen: harmless, of equal length, wrapped without losing an offset."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size, split_graphemes
from support.attacks import ATTACKS, CLASSES
from support.harmless import is_dangerous
from support.wrapping_rules import assert_wrapped
from wcwidth import wcwidth

from tui.text.safe import measured, safe
from tui.text.wrapping import clip, wrap, wrap_in_pieces

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
ANY_HOSTILE_TEXT = st.lists(st.sampled_from(sorted(ATTACKS.values())) | ANY_TEXT, max_size=3).map("".join) | st.text(
    st.sampled_from("a1 क\u0e01葛❤👍👩🚀🏽🇺🇦\u200c\u200d\ufe0e\ufe0f\U000e0100\u0301\u0e47\u094d\x1b\u202e\n")
)


def assert_harmless(text: str, keep: bool) -> None:
    shown = safe(text, keep_newlines=keep)
    assert len(shown) == len(text)
    assert safe(shown, keep_newlines=keep) == shown
    left = {character for character in shown if is_dangerous(character)}
    assert left <= ({"\n"} if keep else set())
    assert not re.search("[\u200c\u200d]{2}|[\u0300-\u036f]{5}|(^|[\\s\\w])\ufe0f", shown, re.ASCII)
    shown.encode()
    # As many cells as a terminal gives it that looks at one character at a time, and one that joins what can be.
    assert cell_len(measured(shown)) == sum(wcwidth(character) for character in shown if character != "\n")


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("kind", CLASSES)
def test_no_attack_is_left_in_safe_text(kind: str, keep: bool) -> None:
    for text in CLASSES[kind].values():
        assert_harmless(text, keep)
        assert_harmless(f"before {text} after {text}", keep)


@given(ANY_HOSTILE_TEXT, st.booleans())
@example("क" + "\u0301" * 9 + "\u200d\ufe0f", False)
def test_safe_text_has_equal_length_and_nothing_a_terminal_acts_on(text: str, keep: bool) -> None:
    assert_harmless(text, keep)


def test_every_character_has_the_cells_that_a_terminal_gives_it() -> None:
    # The planes of letters, signs and emoji; Chinese; tags.
    for code in (*range(0x32400), *range(0xE0000, 0xE1000)):
        shown = safe(chr(code))
        assert get_character_cell_size(shown) == wcwidth(shown), f"U+{code:04X}"


@pytest.mark.parametrize("name", list(CLASSES["script"]))
def test_joiners_and_marks_that_are_spelling_stay(name: str) -> None:
    assert safe(CLASSES["script"][name]) == CLASSES["script"][name]


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
        ("می\u200cخواهم 👩\u200d🚀 Київ", "می\u200cخواهم 👩+🚀 Київ"),
        ("P\u200cWNED\u200d", "P\ufffdWNED\ufffd"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\ufffd" * 2),
        ("ก" + "\u0e47" * 10, "ก" + "\u0e47" * 8 + "\ufffd" * 2),
        ("葛\U000e0100城 e\U000e0100", "葛\U000e0100城 e\ufffd"),
        ("flag \U000e0067\U000e007f", "flag \ufffd\ufffd"),
        ("🇺🇦 and 🇺", "UA and U"),
        ("👍🏽 👩🏽\u200d🚒", "👍▒ 👩▒+🚒"),
        ("❤\ufe0f 1\ufe0f\u20e3 😀\ufe0e", "❤\ufe0e 1\ufe0e\u20e3 😀\ufe0f"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0e+🌈"),
        ("😀" + "\ufe00\ufe01\U000e0110", "😀\ufe00\ufffd\ufffd"),
        ("\uffff\ufdd0\U0001ffff", "\ufffd\ufffd\ufffd"),
    ],
)
def test_safe_text_shows(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(ANY_TEXT | ANY_WORDS, st.integers(1, 200) | st.integers(1, 14))
@example("a" * 30, 7)
@example("遗体" * 9 + " word", 5)
@example("0 \u030000", 1)
def test_wrapping_fits_any_text_and_drops_nothing_but_white_space(text: str, width: int) -> None:
    before = 0
    for start, end in wrap(text, width):
        assert before <= start <= end
        assert not text[before:start].strip()
        line = measured(text[start:end])
        assert "\n" not in line
        assert cell_len(line) <= width or len(split_graphemes(line)[0]) <= 2
        before = end
    assert not text[before:].strip()


@given(ANY_TEXT | ANY_WORDS | ANY_HOSTILE_TEXT, st.integers(1, 200) | st.integers(1, 14))
@example("ab 遗体遗体遗体", 4)
@example("\u3000a\u3000遗体遗体遗体遗体", 9)
@example("   longwordlongword б", 12)
@example("     ", 3)
@example("00 000␟", 3)
@example("00 遗遗", 3)
@example("a 遗遗", 3)
@example("\u094d0", 1)
@example("00000000 \u03000000000000", 9)
def test_each_line_of_safe_text_is_as_long_as_it_can_be(text: str, width: int) -> None:
    shown = safe(text, keep_newlines=True)
    assert_wrapped(shown, width, wrap(shown, width))


@pytest.mark.parametrize("language", ["обмін тілами ", "遗体交换阵亡士兵，", "words and words ", "قَالَ "])
def test_a_long_text_comes_in_pieces_that_are_the_same_lines(language: str) -> None:
    text = (language * 40 + "\n" * 2) * 150
    pieces = list(wrap_in_pieces(text, 33))
    assert len(pieces) > 1
    assert_wrapped(text, 33, [line for piece in pieces for line in piece])


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


@given(st.text(st.sampled_from("ab\u0301\u0940\u200d\ufe0f中❤👩"), max_size=60), st.integers(1, 6))
def test_clipped_text_is_as_long_as_fits(text: str, width: int) -> None:
    shown = measured(safe(text))
    clipped = clip(safe(text), width)
    if clipped == safe(text):
        assert cell_len(shown) <= width
    else:
        first_cut = next(end for start, end, _ in split_graphemes(shown)[0] if start == len(clipped) - 1)
        assert cell_len(shown[:first_cut]) > width - 1
