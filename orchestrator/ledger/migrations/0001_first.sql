-- Times are microseconds since 1970 (UTC); money is 1/10,000 credit.

CREATE TABLE runs (
  run INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  campaign TEXT NOT NULL,
  gateway TEXT NOT NULL,
  status TEXT NOT NULL,
  settings TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER,
  cap INTEGER NOT NULL,
  daily_cap INTEGER,
  -- Balances: sums of entries, kept beside them so that a hold is checked in constant time.
  held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  billed INTEGER NOT NULL DEFAULT 0,
  refund_expected INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE tasks (
  run INTEGER NOT NULL REFERENCES runs,
  task INTEGER NOT NULL,
  identity TEXT NOT NULL,
  name TEXT NOT NULL,
  take INTEGER NOT NULL,
  spec TEXT NOT NULL,
  outcome TEXT NOT NULL,
  why TEXT NOT NULL DEFAULT '',
  ended INTEGER,
  made_by TEXT NOT NULL DEFAULT '', -- reused: the run that bought it, and the model and quality it bought
  made_by_model TEXT NOT NULL DEFAULT '',
  made_at_quality TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run, task)
) WITHOUT ROWID;
CREATE INDEX tasks_by_identity ON tasks (identity);

CREATE TABLE clips (
  run INTEGER NOT NULL,
  task INTEGER NOT NULL,
  path TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  length_ms INTEGER NOT NULL,
  has_sound INTEGER NOT NULL,
  PRIMARY KEY (run, task)
) WITHOUT ROWID;

CREATE TABLE attempts (
  attempt INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  task INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  model TEXT NOT NULL,
  quality TEXT NOT NULL,
  state TEXT NOT NULL,
  gateway_task_id TEXT NOT NULL DEFAULT '',
  idempotency_key TEXT NOT NULL,
  request_body TEXT NOT NULL,
  -- What is still held of this attempt, and what it came to.
  held INTEGER NOT NULL CHECK (held >= 0),
  billed INTEGER NOT NULL DEFAULT 0,
  refund_expected INTEGER NOT NULL DEFAULT 0,
  submitted INTEGER NOT NULL,
  day INTEGER NOT NULL, -- of the hold, since 1970: the day's cap it counts against
  ended INTEGER,
  failure_kind TEXT,
  failure_code TEXT,
  failure_message TEXT,
  failure_request_id TEXT,
  UNIQUE (run, task, ordinal)
);

CREATE TABLE entries (
  entry INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  run INTEGER NOT NULL,
  attempt INTEGER NOT NULL REFERENCES attempts,
  from_account TEXT NOT NULL,
  to_account TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  reason TEXT NOT NULL
);
CREATE INDEX entries_by_run ON entries (run);
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

-- Committed (held + billed + refund expected) per gateway and day of the hold.
CREATE TABLE days (
  gateway TEXT NOT NULL,
  day INTEGER NOT NULL,
  committed INTEGER NOT NULL,
  PRIMARY KEY (gateway, day)
) WITHOUT ROWID;

CREATE TABLE uploads (
  gateway TEXT NOT NULL,
  content TEXT NOT NULL,
  url TEXT NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (gateway, content)
) WITHOUT ROWID;

CREATE TABLE gateways (
  gateway TEXT PRIMARY KEY,
  idempotency_seen INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
