-- For adding, copying, splitting and merging events, changing their types, and modifiers of numbers.

ALTER TABLE events ADD COLUMN extracted_type TEXT;              -- the machine's; NULL: a person made this event
ALTER TABLE events ADD COLUMN live INTEGER NOT NULL DEFAULT 1;  -- 0: a person made it, and that was undone
ALTER TABLE events ADD COLUMN merged_into INTEGER REFERENCES events (id);   -- the event of which this is a duplicate

UPDATE events SET extracted_type = type;

CREATE INDEX events_by_merged_into ON events (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE fields ADD COLUMN modifier TEXT;                    -- of a number: about, at least, at most, to 600
ALTER TABLE fields ADD COLUMN extracted_modifier TEXT;

-- The other events that a decision changed, besides the one that it is about.
CREATE TABLE decision_events (
    decision_id INTEGER NOT NULL REFERENCES decisions (id),
    event_id    INTEGER NOT NULL REFERENCES events (id),
    PRIMARY KEY (decision_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX decision_events_by_event ON decision_events (event_id);
