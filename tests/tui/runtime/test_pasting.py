"""Pasted text is text: an escape in it never turns the rest into keys."""

import time

from hypothesis import given
from hypothesis import strategies as st
from textual import events

from tui.runtime.pasting import PasteFilter, PasteParser

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


def parsed(*pieces: str) -> list[str]:
    """The keys and pastes that the parser makes of text that it is fed in pieces."""
    parser, pastes, found = PasteParser(), PasteFilter(), []
    for piece in pieces:
        for message in parser.feed(pastes.feed(piece)):
            assert isinstance(message, events.Key | events.Paste)
            found.append(message.text if isinstance(message, events.Paste) else message.key)
    return found


def test_pasted_text_is_one_event_between_keys_wherever_it_is_cut() -> None:
    text = f"a{BEGIN}two words{END}b{BEGIN}{END}c"
    for cut in range(1, len(text)):
        assert parsed(text[:cut], text[cut:]) == ["a", "two words", "b", "", "c"]


def test_five_million_pasted_characters_are_parsed_at_once() -> None:
    begin = time.process_time()
    assert len(parsed(f"{BEGIN}{'pasted ' * 720_000}{END}")[0]) == 5_040_000
    assert time.process_time() - begin < 1
