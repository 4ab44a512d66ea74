"""Writes columns like those of CoNLL-2003: a token and its tag per line, and an empty line after each sentence."""

from collections.abc import Iterator

from db.formats.format import Companion, Export, Format
from db.formats.shared.tagging import tagged_documents

# Exactly this line: spaCy splits documents at it and reads anything else on it as a token.
_DOCUMENT_START = "-DOCSTART- -X- O O"


def _write(export: Export) -> Iterator[bytes]:
    for document in tagged_documents(export):
        lines = [_DOCUMENT_START, ""]
        for sentence in document.sentences:
            for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
                lines.append(f"{document.text[token.start : token.end]} {tag}")
            lines.append("")
        yield "\n".join([*lines, ""]).encode()


def _write_ids(export: Export) -> Iterator[bytes]:
    for document in tagged_documents(export):
        yield " ".join(document.id.split()).encode() + b"\n"


FORMAT = Format(
    name="conll",
    about="training data in the columns of CoNLL-2003: a token and its BIO tag per line",
    writes=(
        "accepted values with spans, of documents with decisions; -DOCSTART- before each document, and its id on the"
        " same line of .ids.txt"
    ),
    loses="the shorter of overlapping spans; values without spans; groups; events without a decision",
    write=_write,
    companions=(Companion(".ids.txt", _write_ids),),
)
