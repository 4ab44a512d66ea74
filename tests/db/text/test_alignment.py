"""Spans of one version of a text, found in the next."""

import unicodedata
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.model import Span
from db.text.alignment import Alignment

_WORDS = st.sampled_from(["two", "died", "12", "12,000", "at", "Lesna,", "Łódź", "(a)", "名前", "\r\n", "«so»", "2"])
_texts = st.lists(_WORDS, max_size=25).map(" ".join)
_sentences = st.lists(st.integers(0, 99), min_size=1, max_size=12, unique=True).map(
    lambda numbers: [
        f"Report {number} says {number + 100} died near Hill{number}, {number} hurt." for number in numbers
    ]
)


def _spans(text: str) -> st.SearchStrategy[Span]:
    return st.tuples(st.integers(0, len(text) - 1), st.integers(1, 12)).map(
        lambda pair: Span(pair[0], min(len(text), pair[0] + pair[1]))
    )


def _bare(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=60)
@given(st.data())
def test_a_moved_span_has_the_same_text_and_order_is_kept(data: st.DataObject) -> None:
    old, new = data.draw(_texts.filter(bool)), data.draw(_texts)
    alignment = Alignment(old, new)
    spans = sorted(data.draw(st.lists(_spans(old), max_size=6)))
    moved = [(span, found) for span in spans if (found := alignment.move(span)) is not None]
    for span, found in moved:
        assert _bare(new[found.start : found.end]) == _bare(old[span.start : span.end])
    for (one, one_moved), (two, two_moved) in pairwise(moved):
        assert one_moved.start <= two_moved.start or not old[one.start : two.start].strip()
        assert one.end > two.end or one_moved.end <= two_moved.end or not old[one.end : two.end].strip()
    assert Alignment(old, old).move(spans[0] if spans else Span(0, 1)) == (spans[0] if spans else Span(0, 1))


@settings(max_examples=60)
@given(st.data())
def test_evidence_in_an_untouched_sentence_is_found_whatever_happens_around_it(data: st.DataObject) -> None:
    sentences = data.draw(_sentences)
    kept = data.draw(st.integers(0, len(sentences) - 1))
    edited = [
        sentence if number == kept else data.draw(st.sampled_from([sentence, "", "Nothing new.", sentence * 2]))
        for number, sentence in enumerate(sentences)
    ]
    for add in data.draw(st.lists(st.integers(0, len(edited)), max_size=3)):
        edited.insert(add, "A medic confirmed it.")
    old, new = " ".join(sentences), "\n\n".join(edited)
    span = data.draw(_spans(sentences[kept]))
    start = old.index(sentences[kept])
    found = Alignment(old, new).move(Span(start + span.start, start + span.end))
    if sentences[kept][span.start : span.end].strip():
        new_start = new.index(sentences[kept])
        assert found is not None
        assert _bare(new[found.start : found.end]) == _bare(sentences[kept][span.start : span.end])
        assert abs(found.start - new_start - span.start) <= 1  # a space at its edge became a blank line


@pytest.mark.parametrize(
    ("old", "new", "evidence", "found"),
    [
        ("A clash killed two.", "Wire: a clash killed two, a medic said.", "two", "two"),
        ("A clash killed two.", "A clash killed three.", "two", None),
        ("A clash killed two.", "A clash killed three.", "clash", "clash"),
        ("killed 2", "killed three on 2 March", "2", None),  # the number is there, but it is another
        ("killed 1 man", "killed 1,200 men", "1", None),
        ("killed 12 men", "killed 12 000 men", "12", None),
        ("killed 12 000 men", "up to 12 000 men killed", "12 000", "12 000"),
        ("Deaths: 12\nWounded: 12", "Deaths: 11\nWounded: 12", "12", None),
        ("Attack in Kyiv", "Kyiv. An attack in Kyiv on Monday", "in Kyiv", "in Kyiv"),
        ("5 died in Kyiv.", "5 died in  Kyiv.", "in Kyiv", "in  Kyiv"),
        ("Zürich", unicodedata.normalize("NFD", "In Zürich"), "Zürich", unicodedata.normalize("NFD", "Zürich")),
        (
            "서울에서 3명",
            unicodedata.normalize("NFD", "오늘 서울에서 3명"),
            "서울",
            unicodedata.normalize("NFD", "서울"),
        ),
        ("he said “no” to it", 'he said "no" to it all', "“no”", '"no"'),
        ("the bridge", "the\u00ad\u200b bri\u00addge", "bridge", "bri\u00addge"),
        ("在基辅三人死亡", "警方说,在基辅三人死亡。", "三人", "三人"),
        ("हिन्दी में दस मरे", "आज हिन्दी में दस मरे", "दस", "दस"),
        ("An Attack in Kyiv", "TODAY: AN ATTACK IN KYIV", "Attack in Kyiv", "ATTACK IN KYIV"),
        ("Plsident Obama came", "Plesident Obama came", "Obama", "Obama"),
        ("one", "", "one", None),
        ("two died", "died two", "two died", None),
        ("He said yes. He said no.", "He said yes. He said maybe. He said no.", "He said no", "He said no"),
        ("He said yes. He said no.", "He said no.", "He said no", "He said no"),
    ],
)
def test_examples(old: str, new: str, evidence: str, found: str | None) -> None:
    start = old.index(evidence)
    moved = Alignment(old, new).move(Span(start, start + len(evidence)))
    assert (None if moved is None else new[moved.start : moved.end]) == found


@pytest.mark.parametrize("change", ["NFD", "NFC", "crlf", "quotes", "no invisible characters"])
def test_a_normalised_text_keeps_every_span_exactly(change: str) -> None:
    text = "Zu\u0308rich – « 12\u202f000 » sa\u00adid:\n\u200bTe\u0301l\ufeff 3,5 % in 서울.\n" * 3
    if change == "NFD":
        text = unicodedata.normalize("NFC", text)
    new = {
        "NFD": unicodedata.normalize("NFD", text),
        "NFC": unicodedata.normalize("NFC", text),
        "crlf": text.replace("\n", "\r\n"),
        "quotes": text.replace("«", '"').replace("–", "-").replace("»", '"'),
        "no invisible characters": text.translate(dict.fromkeys(map(ord, "\u00ad\u200b\ufeff"))),
    }[change]
    alignment = Alignment(text, new)
    at = 0
    for word in text.replace("\u00ad", "").split():
        bare = word.strip("\u200b\ufeff")
        start = text.index(bare, at) if bare != "said:" else text.index("sa\u00adid:", at)
        at = start + len(bare) + (bare == "said:")
        moved = alignment.move(Span(start, at))
        assert moved is not None
        assert _folded(new[moved.start : moved.end]) == _folded(text[start:at])


def _folded(text: str) -> str:
    plain = text.translate(str.maketrans("«»–", '""-', "\u00ad\u200b\ufeff"))
    return unicodedata.normalize("NFC", _bare(plain))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\n" * 25_000, "x" + "b\na\n" * 25_000),
        (" ".join(map(str, range(20_000))), " ".join(map(str, range(20_000, 0, -1)))),
        (" ".join(f"t{n} t{n}" for n in range(9000)), " ".join(f"t{n} t{n}" for n in range(9000, 0, -1))),
    ],
)
def test_hostile_texts_take_no_longer(old: str, new: str) -> None:
    start = perf_counter()
    Alignment(old, new).move(Span(0, 1))
    assert perf_counter() - start < 10  # a tenth of it on an idle machine; difflib takes minutes
