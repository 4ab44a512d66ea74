"""spaCy reads the training data that is written, and what is written for Prodigy and doccano fits its documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, documents

from db.formats.conll import format as conll
from db.formats.doccano import format as doccano
from db.formats.format import Export, Format
from db.formats.hf_bio import format as hf_bio
from db.formats.prodigy import format as prodigy
from db.formats.shared.tagging import TaggedDocument, tagged_documents
from db.formats.shared.tokens import without_overlaps
from db.formats.spacy import format as spacy_docbin

spacy = pytest.importorskip("spacy", reason="needs spaCy")


def confirmed(*documents_: dict[str, Any]) -> Export:
    made = [
        document | {"events": [event | {"status": "confirmed"} for event in document["events"]]}
        for document in documents_
    ]
    return Export(lambda: iter(made))


def written(format: Format, export: Export) -> bytes:
    assert format.write
    return b"".join(format.write(export))


def lines(format: Format, export: Export) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written(format, export).split(b"\n") if line]


def tagged(export: Export) -> Iterator[tuple[TaggedDocument, list[tuple[str, str]]]]:
    """Each document with the words and labels that its tags hold."""
    for document in tagged_documents(export):
        mentions = [
            (" ".join(document.text[t.start : t.end] for t in sentence.tokens if m.start <= t.start < m.end), m.label)
            for sentence in document.sentences
            for m in without_overlaps(sentence.mentions)
        ]
        yield document, [mention for mention in mentions if mention[0]]


def check_conll(content: str, export: Export) -> None:
    from spacy.training.converters import conll_ner_to_docs

    docs = list(conll_ner_to_docs(content, no_print=True)) if content else []
    wanted = list(tagged(export))
    assert len(docs) == len(wanted)
    for doc, (document, mentions) in zip(docs, wanted, strict=True):
        assert [(" ".join(token.text for token in ent), ent.label_) for ent in doc.ents] == mentions
        assert len(list(doc.sents)) == len(document.sentences)


def test_columns_are_converted_into_documents_with_their_sentences_and_labels() -> None:
    export = confirmed(ARTICLE, LATER)
    check_conll(written(conll.FORMAT, export).decode(), export)


@given(st.lists(documents(), max_size=3))
@settings(max_examples=50)
def test_columns_of_any_texts_are_converted(made: list[dict[str, Any]]) -> None:
    export = confirmed(*made)
    check_conll(written(conll.FORMAT, export).decode(), export)


def test_the_command_that_converts_takes_a_file_of_columns(tmp_path: Path) -> None:
    from spacy.cli.convert import convert
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    (tmp_path / "gold.conll").write_bytes(written(conll.FORMAT, confirmed(ARTICLE, LATER)))
    convert(str(tmp_path / "gold.conll"), str(tmp_path), file_type="spacy", converter="conll")
    docs = list(DocBin().from_disk(tmp_path / "gold.spacy").get_docs(Vocab()))
    assert [len(doc.ents) for doc in docs] == [4, 2]


def test_tags_of_sentences_are_entities() -> None:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    for line in lines(hf_bio.FORMAT, confirmed(ARTICLE, LATER)):
        doc = Doc(Vocab(), words=line["tokens"], ents=line["ner_tags"])
        for ent in doc.ents:
            start, end = line["offsets"][ent.start][0], line["offsets"][ent.end - 1][1]
            assert {"start": start, "end": end, "label": ent.label_} in line["spans"]


def test_a_recogniser_is_trained_on_the_binary_file(tmp_path: Path) -> None:
    from spacy.training import Corpus

    path = tmp_path / "train.spacy"
    path.write_bytes(written(spacy_docbin.FORMAT, confirmed(ARTICLE, LATER)))
    nlp = spacy.blank("xx")
    nlp.add_pipe("ner")
    examples = list(Corpus(path)(nlp))
    nlp.initialize(lambda: examples)
    losses = nlp.update(examples)
    assert losses["ner"] > 0
    assert set(nlp.get_pipe("ner").labels) == {"count", "date", "location", "recipient", "total"}


def test_tasks_for_prodigy_have_the_tokens_of_their_spans() -> None:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    for task in lines(prodigy.FORMAT, confirmed(ARTICLE, LATER)):
        words = [token["text"] for token in task["tokens"]]
        doc = Doc(Vocab(), words=words, spaces=[token["ws"] for token in task["tokens"]])
        assert doc.text == task["text"]
        for span in task["spans"]:
            found = doc.char_span(span["start"], span["end"], label=span["label"])
            assert (found.start, found.end - 1) == (span["token_start"], span["token_end"])


def test_spans_for_doccano_are_stretches_of_their_texts() -> None:
    nlp = spacy.blank("en")
    for example in lines(doccano.FORMAT, confirmed(ARTICLE, LATER)):
        doc = nlp.make_doc(example["text"])
        for start, end, label in example["label"]:
            assert doc.char_span(start, end, label=label) is not None
