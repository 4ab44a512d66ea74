"""The usual keys of a text, of its id and of its description, in JSON that no eventdesk wrote."""

from collections.abc import Iterable

from db.formats.format import Data

TEXT_KEYS = (
    "text", "content", "body", "article", "document", "doctext", "doc_text", "full_text", "fulltext", "raw_text",
    "source_text", "article_text", "plain_text", "context", "passage", "paragraph", "sentence", "sent", "sentText",
    "abstract", "tweet", "message", "snippet", "input", "raw", "Text", "Content", "Sentence", "Body", "TEXT",
)  # fmt: skip
"""Keys of a text, the likelier ones first."""

ID_KEYS = ("id", "doc_id", "document_id", "doc_key", "docid", "docId", "_id", "uuid", "guid", "article_id")
SENTENCE_ID_KEYS = ("sent_id", "sentence_id", "sent_idx", "sentence_idx", "paragraph_id", "chunk_id")
"""Keys of the number of a part of a document, which has a text of its own."""

DESCRIBED_KEYS = {
    "title": ("title", "headline"),
    "publisher": ("publisher",),
    "url": ("url", "link", "source_url"),
    "published": ("published", "published_at", "date"),
    "language": ("language", "lang"),
}
"""The keys that describe a document, each by the key of the native form."""


def text_key(data: Data) -> str | None:
    """Return the likeliest key of the text of an object; None if no usual key holds text."""
    return next((key for key in TEXT_KEYS if isinstance(value := data.get(key), str) and value.strip()), None)


def describe_a_text(keys: Iterable[str]) -> bool:
    """Return True if keys are those of a text and its description, and of nothing else."""
    there = set(keys)
    described = {alias for aliases in DESCRIBED_KEYS.values() for alias in aliases}
    return bool(there & set(TEXT_KEYS)) and there <= described.union(TEXT_KEYS, ID_KEYS, SENTENCE_ID_KEYS)


def listed_keys(data: Data, most: int = 12) -> str:
    """Return the keys of an object as an error message lists them."""
    keys = [key if len(key) <= 30 else f"{key[:30]}…" for key in list(data)[:most]]
    return ", ".join(keys) + ("" if len(data) <= most else f" and {len(data) - most} more")
