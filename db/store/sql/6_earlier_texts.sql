-- A later import can bring another text of a document. Spans refer to the text of their time, so the earlier ones stay.

CREATE TABLE earlier_texts (
    id            INTEGER PRIMARY KEY,  -- in the order in which the texts were replaced
    document_id   INTEGER NOT NULL REFERENCES documents (id),
    last_decision INTEGER NOT NULL,     -- the newest decision in the file then: its spans and those before refer to this text
    replaced_at   TEXT NOT NULL,        -- UTC, ISO 8601; the last time, if this text came back and was replaced again
    moved         INTEGER NOT NULL,     -- spans that were found in the next text
    lost          INTEGER NOT NULL,     -- spans that have no place in it
    text          TEXT NOT NULL         -- what spans refer to: the text, or the title of a document without one
) STRICT;

CREATE INDEX earlier_texts_by_document ON earlier_texts (document_id, last_decision);
CREATE INDEX events_not_live ON events (document_id) WHERE NOT live;

ALTER TABLE events ADD COLUMN run TEXT;   -- which run or version of the extractor made the machine's side
