-- The tables of an eventdesk file: what was extracted, and what people decided about it.
-- Columns named extracted_* (and evidence.extracted) hold the extraction; only an import changes them.
-- SQLite stores the comments inside statements with the schema: changing one needs a migration.

CREATE TABLE documents (
    id          INTEGER PRIMARY KEY,
    external_id TEXT NOT NULL UNIQUE,   -- the id it has in its source, or one made from its content
    title       TEXT,
    publisher   TEXT,
    url         TEXT,
    published   TEXT,
    language    TEXT,
    extra       TEXT,                   -- JSON object: keys of the source that eventdesk does not know
    text        TEXT                    -- last, so that reading a title never reads the text's pages
) STRICT;

CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents (id),
    external_id TEXT NOT NULL,
    extractor   TEXT NOT NULL DEFAULT '',
    type        TEXT NOT NULL,
    confidence  REAL,
    extra       TEXT,
    status      TEXT NOT NULL DEFAULT 'pending'
                CHECK (status IN ('pending', 'confirmed', 'corrected', 'rejected', 'unsure')),
    reason      TEXT
                CHECK (reason IN ('not_an_event', 'historical_mention', 'duplicate', 'boilerplate', 'generic', 'other')),
    reason_text TEXT,
    note        TEXT,
    reviewer    TEXT,                   -- who set the status
    decided_at  TEXT,                   -- when, UTC
    revision    INTEGER NOT NULL DEFAULT 0   -- one more with each decision: a stale view is known by it
) STRICT;

CREATE UNIQUE INDEX events_by_external_id ON events (external_id, extractor, document_id);
CREATE INDEX events_by_document ON events (document_id);
CREATE INDEX events_by_status ON events (status);
CREATE INDEX events_by_type ON events (type, status);
CREATE INDEX events_by_confidence ON events (confidence);

CREATE TABLE fields (
    id              INTEGER PRIMARY KEY,
    event_id        INTEGER NOT NULL REFERENCES events (id),
    position        INTEGER NOT NULL,   -- order within the event
    name            TEXT NOT NULL,
    field_group     TEXT,               -- fields that belong together share it: transfer:1
    value           ANY,                -- as reviewed; typed. A BLOB is JSON of what SQLite has no type for
    state           TEXT NOT NULL DEFAULT 'extracted'
                    CHECK (state IN ('extracted', 'confirmed', 'corrected', 'added', 'removed')),
    note            TEXT,
    in_extraction   INTEGER NOT NULL DEFAULT 1,   -- 0: added by a person, or gone from the newest extraction
    extracted_name  TEXT,
    extracted_group TEXT,
    extracted_value ANY,
    confidence      REAL,
    extra           TEXT
) STRICT;

CREATE INDEX fields_by_event ON fields (event_id);
CREATE INDEX fields_by_value ON fields (name, value, event_id) WHERE state <> 'removed';

CREATE TABLE evidence (
    field_id     INTEGER NOT NULL REFERENCES fields (id),
    position     INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,      -- code points into documents.text, [start, end)
    end_offset   INTEGER NOT NULL,
    extracted    INTEGER NOT NULL DEFAULT 1,   -- 1: the machine's
    current      INTEGER NOT NULL DEFAULT 1,   -- 1: what the reviewed value rests on
    PRIMARY KEY (field_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id   INTEGER NOT NULL REFERENCES events (id),
    field_id   INTEGER REFERENCES fields (id),
    action     TEXT NOT NULL
               CHECK (action IN ('confirm', 'correct', 'reject', 'flag', 'note', 'add', 'remove', 'merge', 'split', 'undo', 'redo')),
    reviewer   TEXT NOT NULL,
    decided_at TEXT NOT NULL,           -- UTC, ISO 8601
    target_id  INTEGER REFERENCES decisions (id),   -- what an undo or redo takes back or does again
    before     TEXT NOT NULL,           -- JSON: {"events": {id: {column: value}}, "fields": {id: {...}}}
    after      TEXT NOT NULL
) STRICT;

CREATE INDEX decisions_by_event ON decisions (event_id);
CREATE INDEX decisions_by_reviewer ON decisions (reviewer);

CREATE TABLE event_types (
    name     TEXT PRIMARY KEY,
    help     TEXT NOT NULL DEFAULT '',
    headline TEXT NOT NULL DEFAULT '[]',   -- JSON array of field names: what a list shows of an event
    source   TEXT NOT NULL DEFAULT 'learnt' CHECK (source IN ('declared', 'learnt'))
) STRICT, WITHOUT ROWID;

CREATE TABLE event_type_fields (
    event_type  TEXT NOT NULL REFERENCES event_types (name),
    name        TEXT NOT NULL,
    position    INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('text', 'integer', 'number', 'date', 'choice', 'place', 'actor')),
    required    INTEGER NOT NULL DEFAULT 0,
    repeated    INTEGER NOT NULL DEFAULT 0,
    field_group TEXT,
    choices     TEXT NOT NULL DEFAULT '[]',
    unit        TEXT,
    help        TEXT NOT NULL DEFAULT '',
    source      TEXT NOT NULL DEFAULT 'learnt' CHECK (source IN ('declared', 'learnt')),
    PRIMARY KEY (event_type, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE imports (
    id          INTEGER PRIMARY KEY,
    file        TEXT NOT NULL,
    format      TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,                   -- NULL: it was cut short; importing the file again completes it
    documents   INTEGER NOT NULL DEFAULT 0,
    events      INTEGER NOT NULL DEFAULT 0,
    refused     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Updated by the importer, not by a trigger: eventdesk trusts no file's schema, and SQLite then refuses triggers that
-- write to a virtual table.
CREATE VIRTUAL TABLE documents_fts USING fts5 (
    title, text, content='documents', content_rowid='id', tokenize="unicode61 remove_diacritics 2"
);
