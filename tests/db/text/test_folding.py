"""Texts that differ in their writing alone are equal once folded, and offsets stay those of the original text."""

import sqlite3
import unicodedata
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import import_documents

from db.model import Span
from db.query.completing import complete
from db.query.queue import Queue
from db.store.schema import apply_steps, open_in_memory
from db.text.evidence import find_value
from db.text.folded_text import FoldedText, fold, fold_with_offsets
from db.text.folding import folded, spaced
from db.text.matching import best_matches

SAME = [
    ("Zürich", "Zu\u0308rich"),
    ("감사", unicodedata.normalize("NFD", "감사")),
    ("Attack", "Ａｔｔａｃｋ"),
    ("office", "oﬃce"),
    ("محمد", "مُحَمَّد"),
    ("محمد", "ﻣﺤﻤﺪ"),
    ("محمد", "محـــمد"),
    ("الله", "ﷲ"),
    ("שלום", "שָׁלוֹם"),
    ("Strasse", "Straße"),
    ("Diyarbakir", "Diyarbakır"),
    ("istanbul", "İstanbul"),
    ("Zusammenarbeit", "Zusammen\u00adarbeit"),
    ("Waffenruhe", "Waffen\u200druhe"),
    ("می‌خواهم", "میخواهم"),
    ("New York", "New\u00a0York"),
    ("don't", "don’t"),
    ("so-called", "so–called"),
    ('"Wagner"', "“Wagner”"),
    ("Lodz", "Łódź"),
    ("7500", "٧٥٠٠"),
    ("ガザ", "ｶﾞｻﾞ"),
    ("क़लम", unicodedata.normalize("NFC", "क़लम")),
    ("\u202bحلب\u202c", "حلب"),
]  # fmt: skip
texts = st.text(
    st.sampled_from(" aAbéßﬁıİ감ᄀ\u1161\u0308\u00ad\u200d\n\u00a0’—٧अ\u093fが\u3099ｶﾞﷺ中ก\u0e33"), max_size=12
) | st.text(max_size=12)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_writings_of_a_word_meet(one: str, other: str) -> None:
    assert (fold(one), folded(one)) == (fold(other), folded(other))
    for value, word in ((one, other), (other, one)):
        source = f"– So it was in {word}, they said."
        assert [source[start:end] for start, end in find_value(value, source)] == [word.strip("\u202b\u202c")]
        assert best_matches([word], value, 1) == [word]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_search_values_and_completion_find_both_writings(connection: sqlite3.Connection, one: str, other: str) -> None:
    fields = [{"name": "what", "value": one}]
    import_documents(
        connection, {"id": "d", "text": f"It was {one}.", "events": [{"id": "e", "type": "t", "fields": fields}]}
    )
    for typed in (one, other):
        quoted = typed.replace('"', "")
        for query in (
            f'"{quoted}"',
            f'what:"{quoted}"' if '"' not in one else f"what:*{quoted}*",
            f'in:text "{quoted}"',
        ):
            assert len(Queue(connection, query)) == 1, query
        if typed != one and not {" ", '"'} & set(one):
            assert complete(connection, f"what:{typed}", 5 + len(typed), 3).options == (one,)


@given(texts)
def test_offsets_map_each_folded_character_to_one_that_folds_to_it(text: str) -> None:
    plain, begins = fold_with_offsets(text)
    assert len(begins) == len(plain)
    assert list(begins) == sorted(begins)
    assert plain.split() == fold(text).split()
    for character, begin in zip(plain, begins, strict=True):
        assert character in fold_with_offsets(text[begin])[0]


@given(texts, texts, texts)
def test_what_is_found_folds_to_what_was_searched(before: str, words: str, after: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        written = unicodedata.normalize(form, words)  # type: ignore[arg-type]
        text = f"{before} {written} {after}"
        for start, end in FoldedText(text).find_folded(words):
            assert fold(text[start:end]) == fold(words)
        if fold(words) and fold(words) == fold(written):
            assert any(fold(text[span.start : span.end]) == fold(words) for span in find_value(words, text))


@given(texts)
def test_folding_is_stable_and_blind_to_the_normal_form(text: str) -> None:
    for fold_text in (folded, fold):
        assert fold_text(fold_text(text)) == fold_text(text)
    assert folded(unicodedata.normalize("NFD", text)) == folded(text) == folded(unicodedata.normalize("NFC", text))
    assert spaced(unicodedata.normalize("NFD", text)).split() == spaced(unicodedata.normalize("NFC", text)).split()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("가", "감사"), ("가", unicodedata.normalize("NFD", "감사")), ("हिन्द", "हिन्दी"), ("か", "か\u3099"),
        ("Zu", "Zürich"), ("s", "Straße"), ("กา", "กำ"),
    ],
)  # fmt: skip
def test_no_word_ends_inside_a_syllable(value: str, text: str) -> None:
    assert find_value(value, text) == []


def test_a_vowel_sign_is_part_of_a_word_in_the_index(connection: sqlite3.Connection) -> None:
    import_documents(connection, {"id": "d", "text": "यह हिन्दी है", "events": [{"id": "e", "type": "t"}]})
    assert [len(Queue(connection, query)) for query in ("हिन्दी", "हिन*", "हिन", "न")] == [1, 1, 0, 0]


def test_the_span_has_the_accents_of_the_last_letter() -> None:
    assert find_value("Café", "Cafe\u0301 Noir") == [Span(0, 5)]
    assert find_value("Cafe", "Cafe\u0301 Noir") == [Span(0, 5)]


def test_an_older_file_is_indexed_anew_when_it_is_opened() -> None:
    with closing(open_in_memory(5)) as connection:
        connection.execute("INSERT INTO documents (external_id, text) VALUES ('d', 'Zusammen\u00adarbeit')")
        connection.execute(
            "INSERT INTO events (document_id, external_id, type, extracted_type) VALUES (1, 'e', 't', 't')"
        )
        connection.execute("INSERT INTO fields (event_id, position, name, value) VALUES (1, 0, 'what', 'oﬃce')")
        connection.execute("INSERT INTO field_values (name, value, folded, uses) VALUES ('what', 'oﬃce', 'oﬃce', 1)")
        connection.execute("INSERT INTO documents_fts (rowid, text) VALUES (1, 'Zusammen\u00adarbeit')")
        apply_steps(connection)
        assert [len(Queue(connection, query)) for query in ("Zusammenarbeit", "what:office")] == [1, 1]
