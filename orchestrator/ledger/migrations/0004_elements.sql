-- Tasks that make an element instead of a clip, and the id the gateway gave it; empty while it is not made.
CREATE TABLE elements (
  run INTEGER NOT NULL REFERENCES runs,
  task INTEGER NOT NULL,
  id TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run, task)
) WITHOUT ROWID;
