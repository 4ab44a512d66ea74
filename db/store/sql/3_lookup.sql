-- For fast queries over a million events: an index for each kind of condition, a table of the values that fields have,
-- full text in any script; and saved queries.

DROP INDEX events_by_document;
DROP INDEX events_by_status;
DROP INDEX events_by_type;
DROP INDEX events_by_confidence;
CREATE INDEX events_by_document ON events (document_id) WHERE live;           -- the order of a queue
CREATE INDEX events_by_status ON events (status, document_id) WHERE live;     -- the next pending one in that order
CREATE INDEX events_by_type ON events (type, status) WHERE live;
CREATE INDEX events_by_confidence ON events (confidence) WHERE live;
CREATE INDEX events_by_extractor ON events (extractor) WHERE live;
CREATE INDEX events_by_reviewer ON events (reviewer) WHERE reviewer IS NOT NULL;
CREATE INDEX events_by_decided ON events (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX events_by_reason ON events (reason) WHERE reason IS NOT NULL;
CREATE INDEX events_by_note ON events (note) WHERE note IS NOT NULL;
CREATE INDEX fields_by_note ON fields (event_id, note) WHERE note IS NOT NULL;
CREATE INDEX documents_by_title ON documents (title);
CREATE INDEX documents_by_publisher ON documents (publisher);
CREATE INDEX documents_by_published ON documents (published);
CREATE INDEX documents_by_url ON documents (url);
CREATE INDEX documents_by_language ON documents (language);

-- Each text value that fields of a name have or had, and how many have it now; unused values stay with 0 uses.
CREATE TABLE field_values (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    value  ANY NOT NULL,                -- as in fields: TEXT, or a BLOB of JSON
    folded TEXT NOT NULL,               -- without case and accents, in single spaces
    uses   INTEGER NOT NULL DEFAULT 0,  -- fields that have it and are not removed
    UNIQUE (name, value)
) STRICT;

CREATE INDEX field_values_by_folded ON field_values (name, folded);
CREATE INDEX field_values_by_uses ON field_values (name, uses);

-- Contentless, because the indexed text differs from the stored one: scripts without spaces between words are indexed
-- character by character, which no tokenizer of SQLite does.
DROP TABLE documents_fts;
CREATE VIRTUAL TABLE documents_fts USING fts5 (
    title, text, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE field_values_fts USING fts5 (
    value, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2"
);

CREATE TABLE saved_queries (
    name  TEXT PRIMARY KEY,             -- @name in a query stands for it
    query TEXT NOT NULL,
    help  TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
