"""Spans of other programs are converted to code points, or found again in a text that has changed."""

import html
import random
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.formats.format import OffsetUnit
from db.formats.shared.spans.offsets import OffsetMap, spans_in_unit
from db.formats.shared.spans.placing import RawSpan, place_spans

POOL = [
    *"aB 7,\n\t",
    *"Україна їй",
    *"سورية",
    *"日本",
    *"😀🇺🇦👩🏽\u200d🚀",
    "e\u0301",
    "é",
    "ﬁ",
    "\r\n",
    "\u0301",
    "\ufeff",
]
texts = st.lists(st.sampled_from(POOL), max_size=40).map("".join)
units = st.sampled_from(["code_points", "utf16", "bytes"])
words = st.lists(
    st.text(st.sampled_from([*"aBcéїЯ日😀"]), min_size=1, max_size=8), min_size=1, max_size=12, unique=True
)


def counted(text: str, at: int, unit: OffsetUnit) -> int:
    """Count the units before a code point by encoding them."""
    before = text[:at]
    if unit == "utf16":
        return len(before.encode("utf-16-le")) // 2
    return len(before.encode()) if unit == "bytes" else at


@given(texts, units, st.data())
def test_spans_in_any_unit_convert_back_to_code_points(text, unit, data):
    ends = st.integers(0, len(text))
    start, end = sorted((data.draw(ends), data.draw(ends)))
    (raw,) = spans_in_unit(text, [(start, end)], unit)
    assert raw == (counted(text, start, unit), counted(text, end, unit))
    (back,) = place_spans(text, [RawSpan(*raw)], unit).spans
    assert back == ((start, end) if start < end else None)


@given(texts, units)
def test_an_offset_inside_a_character_is_invalid_and_every_other_is_valid(text, unit):
    offsets = OffsetMap(text, unit)
    boundaries = {counted(text, at, unit): at for at in range(len(text) + 1)}
    for start in range(counted(text, len(text), unit)):
        span = offsets.span(start, counted(text, len(text), unit))
        assert span == ((boundaries[start], len(text)) if start in boundaries else None)


@given(texts, units, st.data())
def test_quotes_reveal_the_unit(text, unit, data):
    text = f"😀й{text} end"
    ends = st.integers(0, len(text))
    pairs = [tuple(sorted((data.draw(ends), data.draw(ends)))) for _ in range(3)]
    spans = [pair for pair in pairs if pair[0] < pair[1]] + [(len(text) - 3, len(text))]
    raw_spans = [
        RawSpan(*there, text[start:end])
        for there, (start, end) in zip(spans_in_unit(text, spans, unit), spans, strict=True)
    ]
    placed = place_spans(text, raw_spans)
    assert placed.unit == unit
    assert list(placed.spans) == spans
    assert [note for note in placed.notes if "moved" in note or "dropped" in note] == []


CHANGES = {
    "to LF line ends": lambda text: text.replace("\r\n", "\n"),
    "to CRLF line ends": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    "byte order mark added": lambda text: "\ufeff" + text,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "entities resolved": html.unescape,
    "escaped": html.escape,
    "white space collapsed": lambda text: " ".join(text.split()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@given(words, units, st.lists(st.sampled_from([" ", "\r\n", "\n", "  ", " & ", " &amp; ", " < "]), min_size=12))
def test_a_unique_quote_is_found_after_the_text_changed(change, parts, unit, between):
    names = [f"{word}{n:02}" for n, word in enumerate(parts)]
    text = "".join(name + blank for name, blank in zip(names, between, strict=False))
    spans = [(text.index(name), text.index(name) + len(name)) for name in names]
    raw_spans = [RawSpan(*raw, name) for raw, name in zip(spans_in_unit(text, spans, unit), names, strict=True)]
    changed = change(text)
    for declared in (None, unit):
        placed = place_spans(changed, raw_spans, declared)
        assert [changed[start:end] for start, end in placed.spans] == [change(name).lstrip("\ufeff") for name in names]


@pytest.mark.parametrize(
    ("change", "before", "was"),
    [
        ("to LF line ends", "he said\r\nso, said\r\n", "with CRLF line ends"),
        ("to CRLF line ends", "he said\nso, said\n", "with LF line ends"),
        ("byte order mark added", "he said so, said ", "without its byte order mark"),
        ("decomposed", "Café said, café said ", "in NFC"),
        ("composed", "Яe\u0301 said, cafe\u0301 said ", "in NFD"),
        ("entities resolved", "A &amp; B said, &lt; said ", "with HTML entities"),
        ("escaped", "A & B said, < said ", "without HTML entities"),
    ],
)
def test_a_common_change_is_detected_and_locates_repeated_quotes_too(change, before, was):
    before = "\r\n" * ("CRLF" in was) + before * 30 + "end"
    after = CHANGES[change](before)
    starts = [at for at in range(len(before)) if before.startswith("said", at)]
    raw_spans = [RawSpan(at, at + 4, "said") for at in starts] + [RawSpan(len(before) - 3, len(before), "end")]
    placed = place_spans(after, raw_spans)
    found = [at for at in range(len(after)) if after.startswith("said", at)]
    assert [start for start, _ in placed.spans[:-1]] == found
    assert was in placed.notes[0]


def test_of_several_places_the_one_that_moved_like_its_neighbours_is_chosen():
    text = "the dead, the wounded, the missing and the others, the end"
    raw_spans = [RawSpan(14, 17, "the"), RawSpan(18, 25, "wounded"), RawSpan(27, 30, "the"), RawSpan(31, 38, "missing")]
    placed = place_spans(text, raw_spans)
    assert [text[start:] for start, _ in placed.spans if start] == [
        "the wounded, the missing and the others, the end",
        "wounded, the missing and the others, the end",
        "the missing and the others, the end",
        "missing and the others, the end",
    ]
    assert placed.notes == ("moved 4 spans: the offsets do not match this text",)


def test_an_ambiguous_quote_is_dropped_with_a_note():
    placed = place_spans("a dead man and a dead dog", [RawSpan(100, 104, "dead")])
    assert placed.spans == (None,)
    assert placed.notes == ("dropped 1 span whose text occurs several times: ‘dead’",)


def test_a_missing_quote_is_dropped_with_a_note():
    placed = place_spans("Kyiv said so", [RawSpan(0, 4, "Kyiv"), RawSpan(5, 9, "sang"), RawSpan(5, 9, "x" * 99)])
    assert placed.spans == ((0, 4), None, None)
    assert placed.notes == (f"dropped 2 spans whose text was not found: ‘sang’, ‘{'x' * 40}…’",)


def test_quotes_are_found_in_a_text_that_was_converted_to_ascii():
    text = "“Zelenskyy” — president — met Erdogan in Istanbul... cafe"
    placed = place_spans(text, [RawSpan(90, 97, "Erdoğan"), RawSpan(0, 9, '"Zelenskyy"'), RawSpan(60, 69, "İstanbul…")])
    assert [text[start:end] for start, end in placed.spans] == ["Erdogan", "“Zelenskyy”", "Istanbul..."]


def test_different_white_space_does_not_move_a_span():
    assert place_spans("New\n York", [RawSpan(0, 9, "New York")]).notes == ()


def test_without_quotes_offsets_count_characters_if_possible():
    assert place_spans("😀 ab", [RawSpan(2, 4)]) == place_spans("😀 ab", [RawSpan(2, 4)], "code_points")


def test_without_quotes_the_unit_is_one_in_which_all_spans_fit():
    placed = place_spans("😀 ab", [RawSpan(3, 5)])
    assert (placed.spans, placed.unit) == (((2, 4),), "utf16")
    assert placed.notes == (
        "converted 1 span from UTF-16 units, because counted in characters some lie outside the text",
    )


def test_a_span_that_cuts_a_character_is_dropped():
    assert place_spans("😀 ab", [RawSpan(1, 3)], "utf16").notes == ("dropped 1 span: inside a character",)
    assert place_spans("й ab", [RawSpan(1, 3)], "bytes").spans == (None,)


def test_invalid_spans_are_dropped_with_a_note():
    placed = place_spans("abc", [RawSpan(2, 2), RawSpan(3, 1), RawSpan(-1, 2), RawSpan(1, 9), RawSpan(0, 3)])
    assert placed.spans == (None, None, None, None, (0, 3))
    assert placed.notes == (
        "dropped 2 spans: empty or reversed",
        "dropped 2 spans: outside the text",
    )


def test_a_declared_unit_is_used_and_a_better_one_is_noted():
    placed = place_spans("😀 abab", [RawSpan(5, 7, "ab")], "code_points")
    assert placed.unit == "code_points"
    assert "0 spans match their text when counted in characters, 1 when counted in UTF-16 units" in placed.notes


@given(
    st.text(max_size=30),
    st.lists(
        st.builds(
            RawSpan,
            st.integers(-(10**20), 10**20) | st.integers(-3, 40),
            st.integers(-3, 40) | st.integers(),
            st.none() | st.text(max_size=5),
        )
    ),
    st.none() | units,
)
@example("\ud83d\ude00", [RawSpan(0, 1, "\ud83d")], None)
def test_placed_spans_always_lie_in_the_text(text, raw_spans, unit):
    placed = place_spans(text, raw_spans, unit)
    assert len(placed.spans) == len(raw_spans)
    assert all(span is None or 0 <= span[0] < span[1] <= len(text) for span in placed.spans)


def test_twice_the_spans_in_twice_the_text_take_about_twice_as_long():
    assert _cpu_seconds(2) < 3 * _cpu_seconds(1)  # four times, if each span searched the text


def _cpu_seconds(size: int) -> float:
    rng = random.Random(7)
    parts = ["Україна", "😀", "757 тіл", "загиблих", "café", "the Red\r\nCross", "&", "“so”"]
    text = " ".join(f"{rng.choice(parts)}{rng.randrange(10**5)}" for _ in range(7_500 * size))
    starts = [rng.randrange(len(text) - 40) for _ in range(1_000 * size)]
    raw_spans = [RawSpan(start + rng.randrange(99), start + 140, text[start : start + 30]) for start in starts]
    start_time = time.process_time()
    placed = place_spans(text, raw_spans)
    spent = time.process_time() - start_time
    assert sum(span is not None for span in placed.spans) > 950 * size
    return spent
