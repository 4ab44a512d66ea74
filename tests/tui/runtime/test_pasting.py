"""Pasted text is text: an escape in it never turns the rest into keys."""

from hypothesis import given
from hypothesis import strategies as st

from tui.runtime.pasting import PasteFilter

BEGIN, END = "\x1b[200~", "\x1b[201~"
PIECES = st.lists(st.sampled_from(["\x1b", "[", "2", "00~", "01~", "\x1b[A", "a", "遗", BEGIN, END]), max_size=12).map(
    "".join
)


def filtered(text: str, cuts: list[int]) -> str:
    """What the filter passes on of a text that it is fed in pieces."""
    pastes = PasteFilter()
    ends = sorted(cut for cut in cuts if cut < len(text))
    return "".join(pastes.feed(text[start:end]) for start, end in zip([0, *ends], [*ends, len(text)], strict=True))


@given(PIECES.filter(lambda text: END not in text), st.text("\x1bab[", max_size=5), st.lists(st.integers(0, 60)))
def test_an_escape_in_pasted_text_is_made_visible_and_keys_around_it_pass(
    pasted: str, key: str, cuts: list[int]
) -> None:
    text = f"{key}{BEGIN}{pasted}{END}{key}"
    assert filtered(text, cuts) == f"{key}{BEGIN}{pasted.replace(chr(27), '␛')}{END}{key}"


@given(PIECES.filter(lambda text: BEGIN not in text), st.lists(st.integers(0, 60)))
def test_nothing_is_changed_or_held_back_outside_of_pasted_text(text: str, cuts: list[int]) -> None:
    assert filtered(text, cuts) == text
