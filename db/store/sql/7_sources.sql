-- The databases of other programs that events come from, and what a sync needs to find what changed in them.

CREATE TABLE sources (
    id            INTEGER PRIMARY KEY,
    path          TEXT NOT NULL,          -- from the folder of this file, so that both can be moved together
    absolute_path TEXT NOT NULL,
    plan          TEXT NOT NULL,          -- TOML: what its tables and columns mean
    schema_digest TEXT NOT NULL,          -- of the tables that the plan reads
    state         TEXT NOT NULL DEFAULT '{}',   -- JSON object: the database file when it was last read
    added_at      TEXT NOT NULL,          -- UTC, ISO 8601
    synced_at     TEXT,
    published_at  TEXT
) STRICT;

-- Which row an event was read from. Several events can come from one row; an event that a person added has none.
CREATE TABLE source_events (
    event_id   INTEGER PRIMARY KEY REFERENCES events (id),
    source_id  INTEGER NOT NULL REFERENCES sources (id),
    table_name TEXT NOT NULL,
    row_key    TEXT NOT NULL,             -- JSON array: the values of the key's columns
    gone_at    TEXT                       -- UTC, ISO 8601; when a sync no longer found the row
) STRICT;

CREATE INDEX source_events_by_row ON source_events (source_id, table_name, row_key);
CREATE INDEX source_events_gone ON source_events (gone_at) WHERE gone_at IS NOT NULL;

-- Rows of a table that were read, in blocks, with a hash of each. Without them, a sync reads every row.
CREATE TABLE source_blocks (
    id         INTEGER PRIMARY KEY,
    source_id  INTEGER NOT NULL REFERENCES sources (id),
    table_name TEXT NOT NULL,             -- also names the columns that are read
    position   INTEGER NOT NULL,          -- of the first row: its rowid, or its number in a view
    row_count  INTEGER NOT NULL,
    hash       INTEGER NOT NULL,          -- of the rows, or of the pages of the database file that hold them
    pages      BLOB,                      -- the numbers of these pages
    row_hashes TEXT NOT NULL              -- JSON array: the key and the hash of each row
) STRICT;

CREATE INDEX source_blocks_by_table ON source_blocks (source_id, table_name, position);

-- If an event moves to another document, the texts of its former one are kept for its decisions.
ALTER TABLE earlier_texts ADD COLUMN only_event INTEGER REFERENCES events (id);   -- NULL: all events of the document

CREATE INDEX earlier_texts_by_event ON earlier_texts (only_event) WHERE only_event IS NOT NULL;
