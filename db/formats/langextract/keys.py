"""The keys of LangExtract, and those that eventdesk adds."""

KEYS = (
    "extraction_class", "extraction_text", "char_interval", "alignment_status", "extraction_index", "group_index",
    "description", "attributes", "token_interval",
)  # fmt: skip
GROUNDING = {"match_exact": "exact", "match_greater": "greater", "match_lesser": "lesser", "match_fuzzy": "fuzzy"}
MODELS = ("model_id", "model", "model_name")  # keys of a document that name what extracted from it
MARK = "langextract"  # the key of documents, events and fields for what the native form has no place for

# Attributes of an extraction that stands for a field of an exported event; and a key of exported documents.
EVENT_ID, EVENT_TYPE, EVENT_EXTRACTOR = "eventdesk_id", "eventdesk_type", "eventdesk_extractor"
EVENT_EXTRA, DOCUMENT_EXTRA = "eventdesk_event", "eventdesk"
PARTIAL = "left_out"  # in the key of exported documents: what people decided
# Keys of native documents, events and fields that have a place of their own or aren't written.
DOCUMENT_KEYS = frozenset((MARK, "id", "title", "publisher", "url", "published", "language", "text", "events"))
EVENT_KEYS = frozenset(
    (MARK, "id", "type", "extractor", "fields", "status", "reviewer", "decided_at", "reason", "reason_text", "note",
     "added", "extracted_type")
)  # fmt: skip
FIELD_KEYS = frozenset(
    (MARK, "name", "state", "note", "extracted", "extracted_name", "extracted_group", "extracted_modifier",
     "extracted_spans", EVENT_ID, EVENT_TYPE, EVENT_EXTRACTOR, EVENT_EXTRA)
)  # fmt: skip
