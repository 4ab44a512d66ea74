"""spaCy's DocBin in and out: labels, ids, tokens and decisions; and what is said where spaCy is not installed."""

import io
import sqlite3
import sys
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, documents, exported

from db.errors import InputError
from db.event_types import EventType
from db.formats.format import Export, ReadOptions, Record, Source, Sure
from db.formats.spacy import FORMAT
from db.importing.importing import ImportReport, import_source


def source(data: bytes) -> Source:
    return Source("train.spacy", io.BytesIO(data))


def read(data: bytes) -> list[Record]:
    assert FORMAT.read
    return list(FORMAT.read(source(data), ReadOptions()))


def read_documents(data: bytes) -> list[dict[str, Any]]:
    made = [record.document for record in read(data)]
    assert all(isinstance(item, dict) for item in made), made
    return [item for item in made if isinstance(item, dict)]


def write(*documents_: dict[str, Any], types: dict[str, EventType] | None = None) -> bytes:
    assert FORMAT.write
    return b"".join(FORMAT.write(Export(lambda: iter(documents_), types or {})))


class TestWithoutSpacy:
    def test_it_is_said_how_to_install_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "spacy", None)
        said = r"needs spaCy; install it with: pip install 'eventdesk\[spacy\]'"
        with pytest.raises(InputError, match=said):
            read(zlib.compress(b"x"))
        with pytest.raises(InputError, match=said):
            write(ARTICLE)

    def test_a_file_is_recognised_by_what_is_packed_in_it(self) -> None:
        assert FORMAT.recognise(source(zlib.compress(b"\x8a\xa7version\xa30.1\xa5attrs"))) is Sure.CERTAIN
        assert FORMAT.recognise(source(zlib.compress(b"something else"))) is Sure.NO
        assert FORMAT.recognise(source(b'{"text": "a"}')) is Sure.NO

    @given(st.binary(max_size=60))
    def test_whatever_the_bytes_recognising_raises_nothing(self, data: bytes) -> None:
        FORMAT.recognise(source(data))
        FORMAT.recognise(source(b"\x78\x9c" + data))

    def test_what_is_no_docbin_or_was_cut_short_is_refused_in_a_line(self) -> None:
        with pytest.raises(InputError, match="it is not packed as one"):
            read(b"plain text")
        with pytest.raises(InputError, match="cut short"):
            read(zlib.compress(bytes(range(256)) * 99)[:-40])

    def test_what_unpacks_to_more_than_memory_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("db.formats.spacy.LARGEST", 1000)
        with pytest.raises(InputError, match="more than 1,000 bytes once unpacked"):
            read(zlib.compress(bytes(5000)))


def a_doc(vocab: Any) -> Any:
    from spacy.tokens import Doc, Span

    doc = Doc(vocab, words=["Ana", "met", " ", "Bo", "!"], spaces=[True, True, False, False, False])
    doc.ents = [Span(doc, 0, 1, label="PERSON", kb_id="Q1", span_id="s1"), Span(doc, 3, 4, label="PERSON")]
    doc.spans["sc"] = [Span(doc, 0, 2, label="CLAUSE", kb_id="Q2", span_id="s2"), Span(doc, 0, 4, label="ALL")]
    doc.cats = {"meeting": 0.75, "war": 0.0}
    doc[0].tag_, doc[0].lemma_ = "NNP", "ana"
    doc[3].is_sent_start = True
    doc.user_data["row"] = 5
    doc.user_data["._.", "x", None, None] = "a"
    return doc


def packed(*docs: Any) -> bytes:
    from spacy.tokens import DocBin

    return bytes(DocBin(store_user_data=True, docs=docs).to_bytes())


def unpacked(data: bytes) -> list[Any]:
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    return list(DocBin().from_bytes(data).get_docs(Vocab()))


def what_it_says(doc: Any) -> Any:
    def labels(spans: Any) -> list[Any]:
        return [(span.start, span.end, span.label_, span.kb_id_, span.id_) for span in spans]

    whole = doc.to_json()
    groups = {key: labels(group) for key, group in doc.spans.items()}
    return (doc.text, whole["tokens"], whole.get("sents"), labels(doc.ents), groups, doc.cats, doc.user_data)


class TestWithSpacy:
    @pytest.fixture(autouse=True)
    def _spacy(self) -> None:
        pytest.importorskip("spacy", reason="needs the extra spacy")

    def test_entities_spans_and_categories_are_fields(self) -> None:
        from spacy.vocab import Vocab

        (document,) = read_documents(packed(a_doc(Vocab())))
        (event,) = document["events"]
        assert document["text"] == "Ana met  Bo!"
        assert [(field["name"], field["value"], field.get("spans")) for field in event["fields"]] == [
            ("PERSON", "Ana", [[0, 3]]),
            ("PERSON", "Bo", [[9, 11]]),
            ("CLAUSE", "Ana met", [[0, 7]]),
            ("ALL", "Ana met  Bo", [[0, 11]]),
            ("meeting", 0.75, None),
            ("war", 0.0, None),
        ]
        assert event["fields"][0]["spacy"] == {"in": "ents", "label": "PERSON", "id": "s1", "kb_id": "Q1"}

    def test_what_is_read_is_written_as_it_was_through_a_file_of_ours_too(self, connection: sqlite3.Connection) -> None:
        from spacy.tokens import Doc
        from spacy.vocab import Vocab

        vocab = Vocab()
        docs = [a_doc(vocab), Doc(vocab, words=["Nothing", "here"]), a_doc(vocab)]
        docs[2].ents = []
        report = ImportReport()
        import_source(connection, source(packed(*docs)), report)
        assert (report.documents, report.events, report.refusals) == (2, 2, [])
        first, second = unpacked(write(*exported(connection, event_ids=[1]))) + unpacked(
            write(read_documents(packed(docs[1]))[0])
        )
        assert what_it_says(first) == what_it_says(docs[0])
        assert what_it_says(second) == what_it_says(docs[1])

    @given(st.lists(documents(), min_size=1, max_size=2))
    @settings(max_examples=60)
    def test_documents_of_any_origin_come_back_whole(self, made: list[dict[str, Any]]) -> None:
        assert read_documents(write(*made)) == made

    def test_what_is_written_can_be_trained_on(self) -> None:
        made = ARTICLE | {"events": [ARTICLE["events"][0], ARTICLE["events"][1] | {"status": "rejected"}]}
        overlapping = {"name": "what", "value": "40 prisoners", "spans": [[10, 22]], "state": "added"}
        made["events"][0] = made["events"][0] | {"fields": [*made["events"][0]["fields"], overlapping]}
        (doc,) = unpacked(write(made))
        assert [(ent.text, ent.label_) for ent in doc.ents] == [
            ("Friday", "date"),
            ("40 prisoners", "what"),
            ("Lesna", "location"),
            ("the north", "recipient"),
        ]
        assert [(span.text, span.label_) for span in doc.spans["sc"]][1:3] == [("40", "total"), ("Lesna", "location")]
        assert doc.cats == {"prisoner_exchange": 1.0}

    def test_a_number_as_id_that_names_nothing_stays_one(self) -> None:
        from spacy.tokens import Span
        from spacy.vocab import Vocab

        doc = a_doc(Vocab())
        doc.spans["sc"] = [Span(doc, 0, 2, label="CLAUSE", span_id=123_456_789)]
        (document,) = read_documents(packed(doc))
        assert document["events"][0]["fields"][2]["spacy"]["id"] == 123_456_789
        (again,) = unpacked(write(document))
        assert [span.id for span in again.spans["sc"]] == [123_456_789]

    def test_a_decision_comes_back(self) -> None:
        from spacy.vocab import Vocab

        (document,) = read_documents(packed(a_doc(Vocab())))
        document["events"][0] |= {"status": "confirmed", "reviewer": "ana", "decided_at": "2025-01-01T00:00:00.000Z"}
        assert read_documents(write(document)) == [document]

    def test_labels_that_spacy_changed_are_an_event_beside_those_that_were_exported(self) -> None:
        from spacy.tokens import Span

        (doc,) = unpacked(write(ARTICLE))
        doc.ents = [Span(doc, 1, 2, label="DATE")]
        (record,) = read(packed(doc))
        assert isinstance(record.document, dict)
        assert record.document["events"][:2] == ARTICLE["events"]
        assert record.document["events"][2]["extractor"] == "spacy"
        assert "were changed since it was exported" in record.notes[0]

    def test_a_corrected_span_within_a_token_gives_new_tokens(self) -> None:
        from spacy.vocab import Vocab

        (document,) = read_documents(packed(a_doc(Vocab())))
        document["events"][0]["fields"][0] |= {"value": "na", "spans": [[1, 3]]}
        (doc,) = unpacked(write(document))
        assert doc.text == "Ana met  Bo!"
        assert [ent.text for ent in doc.ents] == ["na", "Bo"]

    def test_user_data_that_is_no_json_and_empty_spans_are_said_to_be_left_out(self) -> None:
        from spacy.tokens import Span
        from spacy.vocab import Vocab

        doc = a_doc(Vocab())
        doc.user_data["raw"] = b"\0"
        doc.spans["sc"] = [Span(doc, 1, 1, label="E")]
        (record,) = read(packed(doc))
        assert record.notes == (
            "1 empty spans are left out",
            "1 values of its user data are none that JSON can hold: left out",
        )

    def test_something_else_that_is_packed_is_refused(self) -> None:
        with pytest.raises(InputError, match="no DocBin that spaCy can read"):
            read(zlib.compress(b"\x81\xa7version\xa30.1"))
