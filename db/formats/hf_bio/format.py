"""Writes JSON Lines for token classification with Hugging Face's ``datasets``: a sentence with BIO tags per line."""

import json
from collections.abc import Iterator

from db.formats.format import Export, Format
from db.formats.shared.tagging import tagged_documents


def _write(export: Export) -> Iterator[bytes]:
    for document in tagged_documents(export):
        for number, sentence in enumerate(document.sentences, 1):
            start, end = sentence.tokens[0].start, sentence.tokens[-1].end
            start = min([start, *(mention.start for mention in sentence.mentions)])  # a span may begin with white space
            end = max([end, *(mention.end for mention in sentence.mentions)])
            line = {
                "id": f"{document.id}/{number}",
                "document_id": document.id,
                "start": start,
                "text": document.text[start:end],
                "tokens": [document.text[token.start : token.end] for token in sentence.tokens],
                "ner_tags": list(sentence.tags),
                "offsets": [[token.start - start, token.end - start] for token in sentence.tokens],
                "spans": [
                    {"start": mention.start - start, "end": mention.end - start, "label": mention.label}
                    for mention in sentence.mentions
                ],
            }
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


FORMAT = Format(
    name="hf-bio",
    about="training data for Hugging Face libraries: JSON Lines with the tokens and BIO tags of a sentence",
    writes=(
        "accepted values with spans, of documents with decisions; offsets and spans count in the sentence, which begins"
        " at start in the document"
    ),
    loses="in ner_tags, but not in spans, the shorter of overlapping spans; values without spans; groups",
    write=_write,
)
