"""JSON Lines for token classification, as Hugging Face's ``datasets`` reads them: a sentence a line, with BIO tags."""

import json
from collections.abc import Iterator

from db.formats.format import Export, Format
from db.formats.shared.tagging import tagged_documents


def _write(export: Export) -> Iterator[bytes]:
    for document in tagged_documents(export):
        for number, sentence in enumerate(document.sentences, 1):
            start, end = sentence.tokens[0].start, sentence.tokens[-1].end
            start = min([start, *(mention.start for mention in sentence.mentions)])  # a span may begin in white space
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
    about="JSON Lines for token classification by Hugging Face's libraries: a sentence a line, tokens and BIO tags",
    writes=(
        "accepted values that have spans, in documents in which something was decided; offsets and spans count in text,"
        " which begins at start of the document"
    ),
    loses="in ner_tags, not in spans, of spans that overlap the shorter; values without spans, groups",
    write=_write,
)
