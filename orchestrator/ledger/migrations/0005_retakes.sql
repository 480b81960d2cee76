-- Clips made in the place of others: what stood there is named by its identity. A retake from another prompt has
-- an identity of its own, and is found by both.
CREATE TABLE retakes (
  run INTEGER NOT NULL REFERENCES runs,
  task INTEGER NOT NULL,
  stands_for TEXT NOT NULL,
  PRIMARY KEY (run, task)
) WITHOUT ROWID;
CREATE INDEX retakes_by_take ON retakes (stands_for);
