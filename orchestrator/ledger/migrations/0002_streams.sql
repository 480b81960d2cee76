-- Runs of any size: what is written once (tasks, routes) apart from what changes (outcomes), attempts and entries in the
-- order they happen. And what the money-safe engine needs: caps of groups, evidence, reasons.

ALTER TABLE runs ADD COLUMN nonce TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN per_task INTEGER;
UPDATE runs SET per_task = json_extract(settings, '$.budget.per_task');

CREATE TABLE routes (
  run INTEGER NOT NULL REFERENCES runs,
  route INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (run, route)
) WITHOUT ROWID;

CREATE TABLE group_caps (
  run INTEGER NOT NULL REFERENCES runs,
  number INTEGER NOT NULL,
  axis TEXT NOT NULL,
  value TEXT NOT NULL,
  cap INTEGER NOT NULL,
  committed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, number)
) WITHOUT ROWID;

CREATE TABLE new_tasks (
  run INTEGER NOT NULL REFERENCES runs,
  task INTEGER NOT NULL,
  identity TEXT NOT NULL,
  name TEXT NOT NULL,
  take INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  route INTEGER NOT NULL,
  spec TEXT NOT NULL,
  PRIMARY KEY (run, task)
) WITHOUT ROWID;

-- How tasks stand that have ended, or were left outstanding with a reason. No row: nothing to tell yet.
CREATE TABLE outcomes (
  run INTEGER NOT NULL REFERENCES runs,
  task INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  why TEXT NOT NULL DEFAULT '',
  ended INTEGER,
  made_by TEXT NOT NULL DEFAULT '', -- reused: the run that bought it, and the model and quality it bought
  made_by_model TEXT NOT NULL DEFAULT '',
  made_at_quality TEXT NOT NULL DEFAULT '',
  path TEXT, -- of the clip, known before the file is there
  size_bytes INTEGER,
  width INTEGER,
  height INTEGER,
  length_ms INTEGER,
  has_sound INTEGER,
  PRIMARY KEY (run, task)
) WITHOUT ROWID;

-- Every task of the first schema has a route of its own in its spec: it moves beside it, under the task's number.
INSERT INTO routes SELECT run, task, json_extract(spec, '$.route') FROM tasks;
INSERT INTO new_tasks
  SELECT run, task, identity, name, take, coalesce(json_extract(spec, '$.priority'), 0), task, json_remove(spec, '$.route')
  FROM tasks;
INSERT INTO outcomes
  SELECT t.run, t.task, t.outcome, t.why, t.ended, t.made_by, t.made_by_model, t.made_at_quality, c.path, c.size_bytes,
    c.width, c.height, c.length_ms, c.has_sound
  FROM tasks t LEFT JOIN clips c ON c.run = t.run AND c.task = t.task
  WHERE t.outcome <> 'outstanding' OR t.why <> '' OR c.path IS NOT NULL;

CREATE TABLE new_attempts (
  run INTEGER NOT NULL REFERENCES runs,
  task INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  model TEXT NOT NULL,
  quality TEXT NOT NULL,
  state TEXT NOT NULL,
  gateway_task_id TEXT NOT NULL DEFAULT '',
  idempotency_key TEXT NOT NULL,
  callback_token TEXT NOT NULL DEFAULT '',
  request_body TEXT NOT NULL,
  most INTEGER NOT NULL,
  held INTEGER NOT NULL CHECK (held >= 0),
  billed INTEGER NOT NULL DEFAULT 0,
  refund_expected INTEGER NOT NULL DEFAULT 0,
  billed_by TEXT,
  groups TEXT NOT NULL DEFAULT '', -- numbers of group_caps it counts against, "0,3"
  why TEXT NOT NULL DEFAULT '',    -- why this candidate, where it is not the first by price
  waited TEXT NOT NULL DEFAULT '', -- what it waited for
  submitted INTEGER NOT NULL,
  gateway_ahead INTEGER,           -- how far the gateway's clock was ahead of ours then
  day INTEGER NOT NULL,            -- of the hold, since 1970: the day's cap it counts against
  accepted INTEGER,                -- when its task id came
  ended INTEGER,
  failure_kind TEXT,
  failure_code TEXT,
  failure_message TEXT,
  failure_request_id TEXT,
  after TEXT NOT NULL DEFAULT '',  -- what was done about the failure
  PRIMARY KEY (run, task, ordinal)
) WITHOUT ROWID;
INSERT INTO new_attempts
  SELECT run, task, ordinal, model, quality, state, gateway_task_id, idempotency_key, '', request_body,
    held + billed + refund_expected, held, billed, refund_expected, CASE WHEN billed > 0 THEN 'request' END, '', '', '',
    submitted, NULL, day, CASE WHEN gateway_task_id <> '' THEN submitted END, ended, failure_kind, failure_code,
    failure_message, failure_request_id, ''
  FROM attempts;
UPDATE new_attempts SET most = (
  SELECT sum(e.amount) FROM entries e JOIN attempts a ON a.attempt = e.attempt
  WHERE a.run = new_attempts.run AND a.task = new_attempts.task AND a.ordinal = new_attempts.ordinal
    AND e.to_account = 'held');

CREATE TABLE new_entries (
  entry INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  run INTEGER NOT NULL,
  task INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  from_account TEXT NOT NULL,
  to_account TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  reason TEXT NOT NULL
);
INSERT INTO new_entries
  SELECT e.entry, e.at, e.run, a.task, a.ordinal, e.from_account, e.to_account, e.amount, e.reason
  FROM entries e JOIN attempts a ON a.attempt = e.attempt;

DROP TABLE clips;
DROP TABLE entries; -- with its triggers
DROP TABLE attempts;
DROP TABLE tasks;
ALTER TABLE new_tasks RENAME TO tasks;
ALTER TABLE new_attempts RENAME TO attempts;
ALTER TABLE new_entries RENAME TO entries;

CREATE INDEX tasks_by_identity ON tasks (identity);
CREATE INDEX tasks_by_priority ON tasks (run, priority DESC, task) WHERE priority <> 0;
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

CREATE TABLE notes (
  note INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX notes_by_run ON notes (run);

-- What the gateway said its account holds.
CREATE TABLE balances (
  seen INTEGER PRIMARY KEY,
  gateway TEXT NOT NULL,
  at INTEGER NOT NULL,
  account INTEGER NOT NULL,
  key_left INTEGER
);

-- How long tasks of one kind took.
CREATE TABLE durations (
  gateway TEXT NOT NULL,
  model TEXT NOT NULL,
  quality TEXT NOT NULL,
  seconds INTEGER NOT NULL,
  sound TEXT NOT NULL,
  steps TEXT NOT NULL,
  PRIMARY KEY (gateway, model, quality, seconds, sound)
) WITHOUT ROWID;
