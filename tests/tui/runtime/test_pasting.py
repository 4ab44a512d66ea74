"""Pasted text is text: no escape in it makes keys of what follows."""

from hypothesis import given
from hypothesis import strategies as st

from tui.runtime.pasting import Pasting

BEGIN, END = "\x1b[200~", "\x1b[201~"
PIECES = st.lists(st.sampled_from(["\x1b", "[", "2", "00~", "01~", "\x1b[A", "a", "遗", BEGIN, END]), max_size=12).map(
    "".join
)


def passed(text: str, cuts: list[int]) -> str:
    pasting = Pasting()
    ends = sorted(cut for cut in cuts if cut < len(text))
    return "".join(pasting.feed(text[start:end]) for start, end in zip([0, *ends], [*ends, len(text)], strict=True))


@given(PIECES.filter(lambda text: END not in text), st.text("\x1bab[", max_size=5), st.lists(st.integers(0, 60)))
def test_an_escape_in_pasted_text_is_shown_and_keys_around_it_are_passed_on(
    pasted: str, key: str, cuts: list[int]
) -> None:
    text = f"{key}{BEGIN}{pasted}{END}{key}"
    assert passed(text, cuts) == f"{key}{BEGIN}{pasted.replace(chr(27), '␛')}{END}{key}"


@given(PIECES.filter(lambda text: BEGIN not in text), st.lists(st.integers(0, 60)))
def test_nothing_is_changed_or_held_back_outside_of_pasted_text(text: str, cuts: list[int]) -> None:
    assert passed(text, cuts) == text
