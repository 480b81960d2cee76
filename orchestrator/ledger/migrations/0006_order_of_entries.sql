-- What a run knew of others when it was planned is told by the order of entries, not by clocks: whatever another
-- run has booked since was not seen.
ALTER TABLE runs ADD COLUMN known_until INTEGER NOT NULL DEFAULT 0; -- the last entry then
CREATE INDEX entries_by_task ON entries (run, task);
