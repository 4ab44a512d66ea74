-- Which file this is, and since which restore: row numbers and paths can belong to another file.

CREATE TABLE identity (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    file     TEXT NOT NULL,   -- random; copies, backups and salvaged files keep it
    restored TEXT NOT NULL    -- random; a new one at each restore, repair and salvage
) STRICT;
