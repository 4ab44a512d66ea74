"""Offsets of other programs: told apart by their quotes, converted, and found again in a text that was changed."""

import html
import random
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.formats.format import OffsetUnit
from db.formats.shared.offsets import OffsetMap, spans_in_unit
from db.formats.shared.spans import RawSpan, place_spans

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
    """Counted the slow way."""
    before = text[:at]
    if unit == "utf16":
        return len(before.encode("utf-16-le")) // 2
    return len(before.encode()) if unit == "bytes" else at


@given(texts, units, st.data())
def test_offsets_counted_in_any_unit_come_back_to_the_characters_they_were_made_of(text, unit, data):
    ends = st.integers(0, len(text))
    start, end = sorted((data.draw(ends), data.draw(ends)))
    (there,) = spans_in_unit(text, [(start, end)], unit)
    assert there == (counted(text, start, unit), counted(text, end, unit))
    (back,) = place_spans(text, [RawSpan(*there)], unit).spans
    assert back == ((start, end) if start < end else None)


@given(texts, units)
def test_an_offset_within_a_character_is_none_and_every_other_one_is(text, unit):
    measure = OffsetMap(text, unit)
    boundaries = {counted(text, at, unit): at for at in range(len(text) + 1)}
    for start in range(counted(text, len(text), unit)):
        span = measure.span(start, counted(text, len(text), unit))
        assert span == ((boundaries[start], len(text)) if start in boundaries else None)


@given(texts, units, st.data())
def test_the_unit_is_told_by_the_quotes_where_they_tell(text, unit, data):
    text = f"😀й{text} end"
    ends = st.integers(0, len(text))
    pairs = [tuple(sorted((data.draw(ends), data.draw(ends)))) for _ in range(3)]
    spans = [pair for pair in pairs if pair[0] < pair[1]] + [(len(text) - 3, len(text))]
    marks = [
        RawSpan(*there, text[start:end])
        for there, (start, end) in zip(spans_in_unit(text, spans, unit), spans, strict=True)
    ]
    placed = place_spans(text, marks)
    assert placed.unit == unit
    assert list(placed.spans) == spans
    assert [note for note in placed.notes if "moved" in note or "not" in note] == []


CHANGES = {
    "its line ends were made LF": lambda text: text.replace("\r\n", "\n"),
    "its line ends were made CRLF": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    "a byte order mark was added": lambda text: "\ufeff" + text,
    "it was decomposed": lambda text: unicodedata.normalize("NFD", text),
    "it was composed": lambda text: unicodedata.normalize("NFC", text),
    "its entities were resolved": html.unescape,
    "it was escaped": html.escape,
    "its white space was collapsed": lambda text: " ".join(text.split()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@given(words, units, st.lists(st.sampled_from([" ", "\r\n", "\n", "  ", " & ", " &amp; ", " < "]), min_size=12))
def test_a_quote_that_stands_once_is_found_again_after_the_text_was_changed(change, parts, unit, between):
    names = [f"{word}{n:02}" for n, word in enumerate(parts)]
    text = "".join(name + blank for name, blank in zip(names, between, strict=False))
    spans = [(text.index(name), text.index(name) + len(name)) for name in names]
    marks = [RawSpan(*there, name) for there, name in zip(spans_in_unit(text, spans, unit), names, strict=True)]
    changed = change(text)
    for declared in (None, unit):
        placed = place_spans(changed, marks, declared)
        assert [changed[start:end] for start, end in placed.spans] == [change(name).lstrip("\ufeff") for name in names]


@pytest.mark.parametrize(
    ("change", "before", "told"),
    [
        ("its line ends were made LF", "he said\r\nso, said\r\n", "with CRLF line ends"),
        ("its line ends were made CRLF", "he said\nso, said\n", "with LF line ends"),
        ("a byte order mark was added", "he said so, said ", "without its byte order mark"),
        ("it was decomposed", "Café said, café said ", "in NFC"),
        ("it was composed", "Яe\u0301 said, cafe\u0301 said ", "in NFD"),
        ("its entities were resolved", "A &amp; B said, &lt; said ", "with HTML entities"),
        ("it was escaped", "A & B said, < said ", "without HTML entities"),
    ],
)
def test_a_usual_change_is_named_and_places_what_stands_many_times_too(change, before, told):
    before = "\r\n" * ("CRLF" in told) + before * 30 + "end"
    after = CHANGES[change](before)
    starts = [at for at in range(len(before)) if before.startswith("said", at)]
    marks = [RawSpan(at, at + 4, "said") for at in starts] + [RawSpan(len(before) - 3, len(before), "end")]
    placed = place_spans(after, marks)
    found = [at for at in range(len(after)) if after.startswith("said", at)]
    assert [start for start, _ in placed.spans[:-1]] == found
    assert told in placed.notes[0]


def test_what_was_moved_by_as_much_as_its_neighbours_is_found_among_several():
    text = "the dead, the wounded, the missing and the others, the end"
    marks = [RawSpan(14, 17, "the"), RawSpan(18, 25, "wounded"), RawSpan(27, 30, "the"), RawSpan(31, 38, "missing")]
    placed = place_spans(text, marks)
    assert [text[start:] for start, _ in placed.spans if start] == [
        "the wounded, the missing and the others, the end",
        "wounded, the missing and the others, the end",
        "the missing and the others, the end",
        "missing and the others, the end",
    ]
    assert placed.notes == ("moved 4 spans: the offsets do not match this text",)


def test_what_could_be_any_of_several_is_not_placed_and_said():
    placed = place_spans("a dead man and a dead dog", [RawSpan(100, 104, "dead")])
    assert placed.spans == (None,)
    assert placed.notes == ("dropped 1 span whose text occurs several times: ‘dead’",)


def test_a_quote_that_is_not_there_is_said_and_keeps_no_offsets():
    placed = place_spans("Kyiv said so", [RawSpan(0, 4, "Kyiv"), RawSpan(5, 9, "sang"), RawSpan(5, 9, "x" * 99)])
    assert placed.spans == ((0, 4), None, None)
    assert placed.notes == (f"dropped 2 spans whose text was not found: ‘sang’, ‘{'x' * 40}…’",)


def test_quotes_of_a_text_that_was_made_ascii_are_found_by_what_is_left_of_them():
    text = "“Zelenskyy” — president — met Erdogan in Istanbul... cafe"
    placed = place_spans(text, [RawSpan(90, 97, "Erdoğan"), RawSpan(0, 9, '"Zelenskyy"'), RawSpan(60, 69, "İstanbul…")])
    assert [text[start:end] for start, end in placed.spans] == ["Erdogan", "“Zelenskyy”", "Istanbul..."]


def test_white_space_that_differs_from_the_quote_moves_nothing():
    assert place_spans("New\n York", [RawSpan(0, 9, "New York")]).notes == ()


def test_without_quotes_offsets_count_characters_where_they_can():
    assert place_spans("😀 ab", [RawSpan(2, 4)]) == place_spans("😀 ab", [RawSpan(2, 4)], "code_points")


def test_without_quotes_a_unit_is_taken_in_which_all_lie_in_the_text():
    placed = place_spans("😀 ab", [RawSpan(3, 5)])
    assert (placed.spans, placed.unit) == (((2, 4),), "utf16")
    assert placed.notes == (
        "converted 1 span from UTF-16 units, because counted in characters some lie outside the text",
    )


def test_half_a_character_is_no_evidence():
    assert place_spans("😀 ab", [RawSpan(1, 3)], "utf16").notes == ("dropped 1 span: inside a character",)
    assert place_spans("й ab", [RawSpan(1, 3)], "bytes").spans == (None,)


def test_spans_that_are_none_are_said():
    placed = place_spans("abc", [RawSpan(2, 2), RawSpan(3, 1), RawSpan(-1, 2), RawSpan(1, 9), RawSpan(0, 3)])
    assert placed.spans == (None, None, None, None, (0, 3))
    assert placed.notes == (
        "dropped 2 spans: empty or reversed",
        "dropped 2 spans: outside the text",
    )


def test_a_declared_unit_is_heeded_and_doubted_aloud():
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
def test_whatever_the_text_and_the_marks_a_span_lies_in_the_text(text, marks, unit):
    placed = place_spans(text, marks, unit)
    assert len(placed.spans) == len(marks)
    assert all(span is None or 0 <= span[0] < span[1] <= len(text) for span in placed.spans)


def test_thousands_of_spans_of_a_long_text_take_no_time_of_their_square():
    chance = random.Random(7)
    parts = ["Україна", "😀", "757 тіл", "загиблих", "café", "the Red\r\nCross", "&", "“so”"]
    text = " ".join(f"{chance.choice(parts)}{chance.randrange(10**5)}" for _ in range(15_000))
    starts = [chance.randrange(len(text) - 40) for _ in range(2_000)]
    marks = [RawSpan(start + chance.randrange(99), start + 140, text[start : start + 30]) for start in starts]
    began = time.perf_counter()
    placed = place_spans(text, marks)
    assert time.perf_counter() - began < 2.5
    assert sum(span is not None for span in placed.spans) > 1_900
