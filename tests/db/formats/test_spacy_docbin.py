"""spaCy's DocBin: reading and writing labels, ids, tokens and decisions; the errors without spaCy."""

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
from db.formats.format import Confidence, Export, ReadOptions, Record, Source
from db.formats.spacy.format import FORMAT
from db.importing.importing import import_source
from db.importing.report import ImportReport


def source(data: bytes) -> Source:
    return Source("train.spacy", io.BytesIO(data))


def read(data: bytes) -> list[Record]:
    assert FORMAT.read
    return list(FORMAT.read(source(data), ReadOptions()))


def read_documents(data: bytes) -> list[dict[str, Any]]:
    results = [record.document for record in read(data)]
    assert all(isinstance(item, dict) for item in results), results
    return [item for item in results if isinstance(item, dict)]


def write(*documents_: dict[str, Any], types: dict[str, EventType] | None = None) -> bytes:
    assert FORMAT.write
    return b"".join(FORMAT.write(Export(lambda: iter(documents_), types or {})))


class TestWithoutSpacy:
    def test_the_error_says_how_to_install_spacy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "spacy", None)
        message = r"needs spaCy; install it with: pip install 'eventdesk\[spacy\]'"
        with pytest.raises(InputError, match=message):
            read(zlib.compress(b"x"))
        with pytest.raises(InputError, match=message):
            write(ARTICLE)

    def test_a_file_is_recognised_by_its_decompressed_head(self) -> None:
        assert FORMAT.recognise(source(zlib.compress(b"\x8a\xa7version\xa30.1\xa5attrs"))) is Confidence.CERTAIN
        assert FORMAT.recognise(source(zlib.compress(b"something else"))) is Confidence.NO
        assert FORMAT.recognise(source(b'{"text": "a"}')) is Confidence.NO

    @given(st.binary(max_size=60))
    def test_recognising_arbitrary_bytes_raises_nothing(self, data: bytes) -> None:
        FORMAT.recognise(source(data))
        FORMAT.recognise(source(b"\x78\x9c" + data))

    def test_other_and_truncated_files_are_errors_of_one_line(self) -> None:
        with pytest.raises(InputError, match="not compressed as one"):
            read(b"plain text")
        with pytest.raises(InputError, match="the file is truncated"):
            read(zlib.compress(bytes(range(256)) * 99)[:-40])

    def test_a_file_that_decompresses_to_too_much_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("db.formats.spacy.format.LARGEST", 1000)
        with pytest.raises(InputError, match="more than 1,000 bytes when decompressed"):
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


def content_of(doc: Any) -> Any:
    def labels(spans: Any) -> list[Any]:
        return [(span.start, span.end, span.label_, span.kb_id_, span.id_) for span in spans]

    whole = doc.to_json()
    groups = {key: labels(group) for key, group in doc.spans.items()}
    return (doc.text, whole["tokens"], whole.get("sents"), labels(doc.ents), groups, doc.cats, doc.user_data)


class TestWithSpacy:
    @pytest.fixture(autouse=True)
    def _spacy(self) -> None:
        pytest.importorskip("spacy", reason="needs the extra spacy")

    def test_entities_spans_and_categories_become_fields(self) -> None:
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

    def test_unchanged_documents_are_written_as_they_were_read(self, connection: sqlite3.Connection) -> None:
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
        assert content_of(first) == content_of(docs[0])
        assert content_of(second) == content_of(docs[1])

    @given(st.lists(documents(), min_size=1, max_size=2))
    @settings(max_examples=60)
    def test_any_document_survives_the_round_trip(self, originals: list[dict[str, Any]]) -> None:
        assert read_documents(write(*originals)) == originals

    def test_written_labels_suit_spacy_training(self) -> None:
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

    def test_an_id_hash_without_a_string_is_kept_as_a_number(self) -> None:
        from spacy.tokens import Span
        from spacy.vocab import Vocab

        doc = a_doc(Vocab())
        doc.spans["sc"] = [Span(doc, 0, 2, label="CLAUSE", span_id=123_456_789)]
        (document,) = read_documents(packed(doc))
        assert document["events"][0]["fields"][2]["spacy"]["id"] == 123_456_789
        (written,) = unpacked(write(document))
        assert [span.id for span in written.spans["sc"]] == [123_456_789]

    def test_a_decision_survives_the_round_trip(self) -> None:
        from spacy.vocab import Vocab

        (document,) = read_documents(packed(a_doc(Vocab())))
        document["events"][0] |= {"status": "confirmed", "reviewer": "ana", "decided_at": "2025-01-01T00:00:00.000Z"}
        assert read_documents(write(document)) == [document]

    def test_labels_changed_in_spacy_become_a_second_event(self) -> None:
        from spacy.tokens import Span

        (doc,) = unpacked(write(ARTICLE))
        doc.ents = [Span(doc, 1, 2, label="DATE")]
        (record,) = read(packed(doc))
        assert isinstance(record.document, dict)
        assert record.document["events"][:2] == ARTICLE["events"]
        assert record.document["events"][2]["extractor"] == "spacy"
        assert "changed since the export" in record.notes[0]

    def test_a_span_that_splits_a_token_makes_new_tokens(self) -> None:
        from spacy.vocab import Vocab

        (document,) = read_documents(packed(a_doc(Vocab())))
        document["events"][0]["fields"][0] |= {"value": "na", "spans": [[1, 3]]}
        (doc,) = unpacked(write(document))
        assert doc.text == "Ana met  Bo!"
        assert [ent.text for ent in doc.ents] == ["na", "Bo"]

    def test_skipped_user_data_and_empty_spans_are_noted(self) -> None:
        from spacy.tokens import Span
        from spacy.vocab import Vocab

        doc = a_doc(Vocab())
        doc.user_data["raw"] = b"\0"
        doc.spans["sc"] = [Span(doc, 1, 1, label="E")]
        (record,) = read(packed(doc))
        assert record.notes == (
            "skipped empty spans: 1",
            "skipped values of its user data that JSON can't hold: 1",
        )

    def test_a_compressed_file_of_another_kind_is_an_error(self) -> None:
        with pytest.raises(InputError, match="spaCy can't read this DocBin"):
            read(zlib.compress(b"\x81\xa7version\xa30.1"))
