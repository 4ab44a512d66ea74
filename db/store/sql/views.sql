-- Views for people who use Datasette or the sqlite3 shell.

CREATE VIEW current_fields AS
SELECT fields.id AS field_id,
       events.external_id AS event,
       events.extractor,
       events.type,
       events.status,
       fields.name,
       fields.field_group,
       CASE typeof(fields.value) WHEN 'blob' THEN CAST(fields.value AS TEXT) ELSE fields.value END AS value,
       fields.modifier,
       fields.state,
       fields.confidence,
       fields.note
FROM fields JOIN events ON events.id = fields.event_id
WHERE events.live AND fields.state <> 'removed';

CREATE VIEW current_events AS
SELECT events.id AS event_id,
       events.external_id AS event,
       events.type,
       events.status,
       events.reason,
       events.confidence,
       events.extractor,
       documents.external_id AS document,
       documents.publisher,
       documents.published,
       documents.title,
       (SELECT group_concat(coalesce(field_group || ' ', '') || name || ': '
                            || CASE WHEN modifier LIKE 'to %' THEN CAST(value AS TEXT) || ' ' || modifier
                                    ELSE coalesce(modifier || ' ', '') || CAST(value AS TEXT) END, '; ')
        FROM (SELECT name, field_group, value, modifier FROM fields
              WHERE event_id = events.id AND state <> 'removed' ORDER BY position)) AS fields,
       events.note,
       events.reviewer,
       events.decided_at,
       events.extracted_type,
       events.merged_into
FROM events JOIN documents ON documents.id = events.document_id
WHERE events.live;

CREATE VIEW reviewed_events AS
SELECT * FROM current_events WHERE status IN ('confirmed', 'corrected');

-- The sources of an event: its own document, and those of the duplicates merged into it.
CREATE VIEW event_sources AS
SELECT events.id AS event_id,
       events.external_id AS event,
       source.external_id AS source_event,
       documents.external_id AS document,
       documents.publisher,
       documents.published,
       documents.title
FROM events
JOIN events AS source ON source.id = events.id OR source.merged_into = events.id
JOIN documents ON documents.id = source.document_id
WHERE events.live AND events.merged_into IS NULL AND source.live;

CREATE VIEW corrections AS
SELECT events.external_id AS event,
       events.extractor,
       events.type,
       fields.state,
       fields.extracted_name,
       CASE typeof(fields.extracted_value) WHEN 'blob' THEN CAST(fields.extracted_value AS TEXT)
            ELSE fields.extracted_value END AS extracted_value,
       fields.name AS reviewed_name,
       CASE WHEN fields.state = 'removed' THEN NULL
            WHEN typeof(fields.value) = 'blob' THEN CAST(fields.value AS TEXT) ELSE fields.value END AS reviewed_value,
       fields.field_group,
       fields.confidence,
       fields.extracted_modifier,
       CASE WHEN fields.state = 'removed' THEN NULL ELSE fields.modifier END AS reviewed_modifier
FROM fields JOIN events ON events.id = fields.event_id
WHERE events.live
  AND (fields.state IN ('corrected', 'added') OR (fields.state = 'removed' AND fields.in_extraction = 1));

CREATE VIEW progress AS
SELECT type,
       extractor,
       count(*) AS events,
       sum(status = 'pending') AS pending,
       sum(status = 'confirmed') AS confirmed,
       sum(status = 'corrected') AS corrected,
       sum(status = 'rejected') AS rejected,
       sum(status = 'unsure') AS unsure,
       round(100.0 * sum(status <> 'pending') / count(*), 1) AS percent_decided
FROM events WHERE live GROUP BY type, extractor;

CREATE VIEW decision_log AS
SELECT decisions.id,
       decisions.decided_at,
       decisions.reviewer,
       decisions.action,
       events.external_id AS event,
       fields.name AS field,
       decisions.target_id,
       decisions.before,
       decisions.after
FROM decisions
JOIN events ON events.id = decisions.event_id
LEFT JOIN fields ON fields.id = decisions.field_id;
