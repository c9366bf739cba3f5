-- The gateway's store. Times are UTC milliseconds, flags 0 or 1, hashes 32 raw bytes unless text.
CREATE TABLE state (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  institution TEXT,
  salt BLOB NOT NULL,
  password BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A session is a family of token pairs; a later generation retires the earlier once it is used.
CREATE TABLE token (
  hash BLOB PRIMARY KEY,
  account TEXT NOT NULL,
  session TEXT NOT NULL,
  generation INTEGER NOT NULL,
  kind TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_session ON token (session, generation);

CREATE TABLE report (
  key TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  tracking INTEGER NOT NULL UNIQUE,
  -- The exact bytes as received and their SHA-256: replays are compared with these, never with
  -- the published text, which the desk may edit.
  body BLOB NOT NULL,
  body_sha BLOB NOT NULL,
  prior_tracking_id TEXT,
  supersedes TEXT,
  revision INTEGER NOT NULL DEFAULT 1,
  status TEXT NOT NULL,
  institution TEXT,
  classification TEXT NOT NULL,
  title TEXT NOT NULL,
  content TEXT NOT NULL,
  incident_date TEXT NOT NULL,
  location TEXT NOT NULL,
  anonymous INTEGER NOT NULL,
  secret INTEGER NOT NULL,
  published INTEGER NOT NULL DEFAULT 0,
  verify_by TEXT,
  follow_up_by TEXT,
  -- When the last follow-up was given, while nobody replied to it.
  quiet_since INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX report_account ON report (account, created_at);
CREATE INDEX report_quiet ON report (quiet_since) WHERE quiet_since IS NOT NULL;

-- Tombstones, for ever, also of keys that were never seen.
CREATE TABLE withdrawn (
  key TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (
  key TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  name TEXT NOT NULL,
  stored INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (key, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (
  capability TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  offset INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL,
  UNIQUE (key, sha256)
) STRICT, WITHOUT ROWID;

-- Bytes as they came; every row was committed before more were asked for.
CREATE TABLE piece (
  capability TEXT NOT NULL,
  start INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (capability, start)
) STRICT;

CREATE TABLE event (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL,
  -- The author's key; what the desk and the system do has none.
  event_key TEXT UNIQUE,
  account TEXT,
  body BLOB,
  body_sha BLOB,
  seen_revision INTEGER,
  type TEXT NOT NULL,
  by_role TEXT NOT NULL,
  text TEXT,
  rating INTEGER,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX event_report ON event (key, position);

-- One row for a report and an audience, moved to the end at every change. Positions are given
-- inside the one write transaction, so they become visible in their order.
CREATE TABLE feed (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  audience TEXT NOT NULL,
  key TEXT NOT NULL,
  removed INTEGER NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (audience, key)
) STRICT;
CREATE INDEX feed_audience ON feed (audience, position);

-- How often something was really created, for tests that look for duplicates.
CREATE TABLE tally (
  subject TEXT PRIMARY KEY,
  times INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
