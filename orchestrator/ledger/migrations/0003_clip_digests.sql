-- What a clip is to the byte, so that a later edit shows.

ALTER TABLE outcomes ADD COLUMN sha256 TEXT NOT NULL DEFAULT ''; -- of the clip; empty: kept by an older version
