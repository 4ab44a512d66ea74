"""Training data has tokens of any script, tags for accepted values only, and offsets that fit."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, documents

from db.formats.conll import format as conll
from db.formats.format import Export, Format
from db.formats.hf_bio import format as hf_bio
from db.formats.shared.tokens import Mention, sentences, tokenise, without_overlaps


def words(text: str, *cuts: int) -> list[str]:
    return [text[start:end] for start, end in tokenise(text, cuts)]


def split(text: str, *whole: tuple[int, int]) -> list[str]:
    tokens = tokenise(text, (offset for span in whole for offset in span))
    return [text[part[0].start : part[-1].end] for part in sentences(text, tokens, whole)]


def export_text(format: Format, *documents_: dict[str, Any], reviewed: bool = False) -> str:
    assert format.write
    return b"".join(format.write(Export(lambda: iter(documents_), reviewed=reviewed))).decode()


def lines(*documents_: dict[str, Any], reviewed: bool = False) -> list[dict[str, Any]]:
    content = export_text(hf_bio.FORMAT, *documents_, reviewed=reviewed)
    return [json.loads(line) for line in content.split("\n") if line]


def decided(status: str = "confirmed", *fields: dict[str, Any], text: str = "Ana met Bo in Riga.") -> dict[str, Any]:
    event = {"id": "e", "type": "meeting", "status": status, "fields": [{"value": "v", **field} for field in fields]}
    return {"id": "d 1", "text": text, "events": [event]}


WHO = {"name": "who", "spans": [[0, 3], [8, 10]]}
PLACE = {"name": "the place", "spans": [[14, 18]]}


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("15,000.50 paid (about).", ["15,000.50", "paid", "(", "about", ")", "."]),
            ("हिन्दी में", ["हिन्दी", "में"]),
            ("cafe\u0301s", ["cafe\u0301s"]),
            ("می\u200cخواهم کتاب", ["می\u200cخواهم", "کتاب"]),
            ("他在Riga里。", ["他", "在", "Riga", "里", "。"]),
            ("😀 a\u00a0b\u2028c", ["😀", "a", "b", "c"]),
            (" \n ", []),
        ],
    )
    def test_words_of_any_script_are_not_split(self, text: str, tokens: list[str]) -> None:
        assert words(text) == tokens

    def test_tokens_are_cut_where_spans_begin_or_end(self) -> None:
        assert words("Uberland 2025", 4) == ["Uber", "land", "2025"]

    @given(st.text(max_size=30), st.lists(st.integers(-2, 32), max_size=4))
    def test_only_white_space_is_between_tokens(self, text: str, cuts: list[int]) -> None:
        tokens = tokenise(text, cuts)
        kept = "".join(text[start:end] for start, end in tokens)
        assert kept == "".join(text.split())
        assert all(not token.start < cut < token.end for token in tokens for cut in cuts)
        assert [token for part in sentences(text, tokens) for token in part] == tokens

    def test_sentences_end_at_marks_and_empty_lines(self) -> None:
        assert split("Dr. J. Smith of the U.S. troops left! “Why?” He said so\n\nNo reason") == [
            "Dr. J. Smith of the U.S. troops left!",
            "“Why?”",
            "He said so",
            "No reason",
        ]
        assert split("他来了。她走了。") == ["他来了。", "她走了。"]

    def test_no_sentence_ends_inside_a_span(self) -> None:
        assert split("He left. She came. So.", (3, 12)) == ["He left. She came.", "So."]

    def test_of_overlapping_spans_the_longest_is_kept(self) -> None:
        overlapping = [Mention(0, 4, "a"), Mention(2, 9, "b"), Mention(9, 12, "c"), Mention(10, 12, "d")]
        assert without_overlaps(overlapping) == [Mention(2, 9, "b"), Mention(9, 12, "c")]


class TestConll:
    def test_tokens_and_tags_are_columns(self) -> None:
        assert export_text(conll.FORMAT, decided("confirmed", WHO, PLACE)) == (
            "-DOCSTART- -X- O O\n\nAna B-who\nmet O\nBo B-who\nin O\nRiga B-the_place\n. O\n\n"
        )

    def test_a_companion_file_lists_the_document_ids_in_order(self) -> None:
        (companion,) = conll.FORMAT.companions
        export = Export(lambda: iter([decided("confirmed", WHO), decided("rejected")]))
        assert (companion.suffix, b"".join(companion.write(export))) == (".ids.txt", b"d 1\nd 1\n")

    @given(st.lists(documents(), max_size=3))
    @settings(max_examples=40)
    def test_each_line_is_empty_or_has_two_columns(self, made: list[dict[str, Any]]) -> None:
        confirmed = [
            document | {"events": [event | {"status": "confirmed"} for event in document["events"]]}
            for document in made
        ]
        for line in export_text(conll.FORMAT, *confirmed).splitlines():
            assert line == "-DOCSTART- -X- O O" or len(line.split()) in (0, 2)


class TestAcceptedValues:
    def test_values_that_were_not_accepted_have_no_tags(self) -> None:
        (line,) = lines(
            decided("confirmed", WHO | {"state": "removed"}, PLACE | {"state": "extracted"}, WHO | {"state": "added"})
        )
        assert line["ner_tags"] == ["B-who", "O", "B-who", "O", "O", "O"]
        assert lines(decided("pending", WHO), decided("unsure", WHO)) == []

    def test_a_text_with_only_rejected_events_has_no_labels(self) -> None:
        (line,) = lines(decided("rejected", WHO))
        assert set(line["ner_tags"]) == {"O"}
        assert len(lines({"id": "x", "text": "Nothing.", "events": []}, reviewed=True)) == 1

    def test_with_several_event_types_labels_name_the_type(self) -> None:
        other = decided("confirmed", PLACE)
        other["events"][0]["type"] = "visit"
        labels = {tag for line in lines(decided("corrected", WHO), other) for tag in line["ner_tags"]}
        assert labels == {"O", "B-meeting.who", "B-visit.the_place"}
        pending = ARTICLE["events"][0]
        assert {tag for line in lines(decided("confirmed", WHO), ARTICLE | {"events": [pending]})
                for tag in line["ner_tags"]} == {"O", "B-who"}  # fmt: skip

    def test_overlapping_spans_are_listed_besides_the_tags(self) -> None:
        (line,) = lines(decided("confirmed", WHO, {"name": "all", "spans": [[0, 18]]}))
        assert line["ner_tags"] == ["B-all", "I-all", "I-all", "I-all", "I-all", "O"]
        assert [span["label"] for span in line["spans"]] == ["who", "all", "who"]

    def test_each_line_is_a_sentence_with_its_position(self) -> None:
        text = "He came. Bo left."
        first, second = lines(decided("confirmed", {"name": "who", "spans": [[9, 11]]}, text=text))
        assert (first["id"], second["id"], second["document_id"]) == ("d 1/1", "d 1/2", "d 1")
        assert (second["start"], second["text"], second["ner_tags"]) == (9, "Bo left.", ["B-who", "O", "O"])

    @given(documents())
    @settings(max_examples=100)
    def test_offsets_match_the_tokens_and_tags_match_the_spans(self, made: dict[str, Any]) -> None:
        made = made | {"events": [event | {"status": "corrected"} for event in made["events"]]}
        for line in lines(made):
            text = line["text"]
            assert made["text"][line["start"] :].startswith(text)
            assert [text[start:end] for start, end in line["offsets"]] == line["tokens"]
            spans = [Mention(span["start"], span["end"], span["label"]) for span in line["spans"]]
            for mention in without_overlaps(spans):
                inside = [
                    tag
                    for (start, end), tag in zip(line["offsets"], line["ner_tags"], strict=True)
                    if mention.start <= start and end <= mention.end
                ]
                assert inside[:1] in ([f"B-{mention.label}"], [])
                assert set(inside[1:]) <= {f"I-{mention.label}"}
