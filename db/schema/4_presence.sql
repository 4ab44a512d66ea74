-- Who has which event open, so that two do not review the same one. No part of anybody's judgement: it expires.

CREATE TABLE presence (
    process  TEXT PRIMARY KEY,          -- one running reviewer, by a random name
    reviewer TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    seen_at  TEXT NOT NULL              -- UTC, ISO 8601; what is older than half a minute counts no more
) STRICT, WITHOUT ROWID;
