-- Decisions are only appended. INSERT OR REPLACE deletes a row without firing a delete trigger, hence the third one.
CREATE TRIGGER decisions_are_not_updated BEFORE UPDATE ON decisions
BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_are_not_deleted BEFORE DELETE ON decisions
BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_are_not_replaced BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions WHERE id = new.id)
BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decision_events_are_not_updated BEFORE UPDATE ON decision_events
BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decision_events_are_not_deleted BEFORE DELETE ON decision_events
BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;

-- Spans of decisions refer to earlier texts, so these stay too.
CREATE TRIGGER earlier_texts_are_not_updated BEFORE UPDATE OF id, document_id, last_decision, text, only_event ON earlier_texts
BEGIN SELECT raise(ABORT, 'earlier texts are append-only'); END;

CREATE TRIGGER earlier_texts_are_not_deleted BEFORE DELETE ON earlier_texts
BEGIN SELECT raise(ABORT, 'earlier texts are append-only'); END;

CREATE TRIGGER earlier_texts_are_not_replaced BEFORE INSERT ON earlier_texts
WHEN EXISTS (SELECT 1 FROM earlier_texts WHERE id = new.id)
BEGIN SELECT raise(ABORT, 'earlier texts are append-only'); END;
