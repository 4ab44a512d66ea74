"""Columns as those of CoNLL-2003: a token and its tag a line, an empty line after each sentence."""

from collections.abc import Iterator

from db.formats.format import Companion, Export, Format
from db.formats.shared.tagging import tagged_documents

# To the letter: spaCy splits documents at this line, and takes more on it for a token.
_BEGINS = "-DOCSTART- -X- O O"


def _write(export: Export) -> Iterator[bytes]:
    for document in tagged_documents(export):
        lines = [_BEGINS, ""]
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
    about="columns as of CoNLL-2003, for training: a token and its BIO tag a line",
    writes=(
        "accepted values that have spans, in documents in which something was decided; -DOCSTART- before each, its id"
        " as the same line of the companion .ids.txt"
    ),
    loses="of spans that overlap the shorter; values without spans, groups, events that are not decided",
    write=_write,
    companions=(Companion(".ids.txt", _write_ids),),
)
