-- Who has which event open, so that two people don't review the same one. Rows expire.

CREATE TABLE presence (
    process  TEXT PRIMARY KEY,          -- one running reviewer, by a random name
    reviewer TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    seen_at  TEXT NOT NULL              -- UTC, ISO 8601; what is older than half a minute counts no more
) STRICT, WITHOUT ROWID;

-- Set when a later import changes what was decided about; the id of a decision instead of a time, because clocks differ.
ALTER TABLE events ADD COLUMN extracted_again INTEGER;   -- the newest decision when the machine last said otherwise

CREATE INDEX events_by_extracted_again ON events (extracted_again) WHERE extracted_again IS NOT NULL;

ALTER TABLE imports ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;   -- events whose machine's side it changed
