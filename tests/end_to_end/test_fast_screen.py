"""The fast screen of the tests shows what pyte's own does."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fast_screen import FastScreen, FastStream

_PIECES = st.one_of(
    st.sampled_from([
        "\x1b[0m", "\x1b[m", "\x1b[1;38;2;10;20;30;48;5;7m", "\x1b[7;4m", "\x1b[27;24m", "\x1b[39;49m", "\x1b[2;3H",
        "\x1b[H", "\x1b[99;99H", "\x1b[3;0H", "\x1b[2J", "\x1b[K", "\x1b[4h", "\x1b[4l", "\x1b[?7l", "\x1b[?7h",
        "\x1b[2A", "\x1b[", "\x1b", "\r", "\n", "\t", "\x08", "\x1b]0;title\x07", "\x1b(0", "\x0e", "\x0f",
        "\x1b[38;2m", "\x1b[70000;1H",
    ]),
    st.text(st.sampled_from("abc xyz─│éü日本e\u0301\u200b\U0001f600\u00a0"), max_size=9),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(_PIECES, max_size=25))
def test_it_shows_what_pyte_shows(pieces: list[str]) -> None:
    fast, plain = FastScreen(8, 4), pyte.Screen(8, 4)
    fast_stream, plain_stream = FastStream(fast), pyte.Stream(plain)
    for piece in pieces:
        fast_stream.feed(piece)
        plain_stream.feed(piece)
        assert (fast.cursor.x, fast.cursor.y, fast.cursor.attrs) == (plain.cursor.x, plain.cursor.y, plain.cursor.attrs)
    for y in range(4):
        assert [fast.buffer[y][x] for x in range(8)] == [plain.buffer[y][x] for x in range(8)]
