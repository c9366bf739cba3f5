-- Version 1. Every table STRICT, every column NOT NULL: what is absent has a word of its own
-- ('' for a text, 0 for an instant), so that no query has three truths.

-- Instants are UTC milliseconds. A due time is (set_at, delay), never an instant.

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The service's own id; '' for the guest.
    server_id     TEXT NOT NULL UNIQUE,
    user          TEXT NOT NULL DEFAULT '',
    name          TEXT NOT NULL DEFAULT '',
    role          TEXT NOT NULL DEFAULT '',
    institution   TEXT NOT NULL DEFAULT '',
    access_token  TEXT NOT NULL DEFAULT '',
    refresh_token TEXT NOT NULL DEFAULT '',
    session       TEXT NOT NULL DEFAULT 'ended',
    refreshed     INTEGER NOT NULL DEFAULT 0,
    cursor        TEXT NOT NULL DEFAULT '',
    pull_set_at   INTEGER NOT NULL DEFAULT 0,
    pull_delay    INTEGER NOT NULL DEFAULT 0,
    epoch         TEXT NOT NULL DEFAULT ''
) STRICT;

-- Small columns first: a list reads them without following a long text to its overflow pages.
CREATE TABLE report (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    key                BLOB NOT NULL CHECK (length(key) = 16),
    account            INTEGER NOT NULL REFERENCES account (id),
    phase              TEXT NOT NULL,
    -- Written on this phone; else known from the feed.
    own                INTEGER NOT NULL DEFAULT 1,
    -- Counts changes of words and pictures: what was checked is what is submitted.
    version            INTEGER NOT NULL DEFAULT 0,
    sort_at            INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    edited_at          INTEGER NOT NULL,
    accepted_at        INTEGER NOT NULL DEFAULT 0,
    sent_at            INTEGER NOT NULL DEFAULT 0,
    classification     TEXT NOT NULL DEFAULT '',
    anonymous          INTEGER NOT NULL DEFAULT 0,
    secret             INTEGER NOT NULL DEFAULT 0,
    incident_date      TEXT NOT NULL DEFAULT '',
    area_code          TEXT NOT NULL DEFAULT '',
    institution_id     TEXT NOT NULL DEFAULT '',
    category_id        TEXT NOT NULL DEFAULT '',
    has_place          INTEGER NOT NULL DEFAULT 0,
    latitude           REAL NOT NULL DEFAULT 0,
    longitude          REAL NOT NULL DEFAULT 0,
    -- The key of the report that this one takes the place of; x'' for none.
    supersedes         BLOB NOT NULL DEFAULT x'',
    tracking_id        TEXT NOT NULL DEFAULT '',
    -- JSON array of the tracking ids it had before.
    prior_tracking_ids TEXT NOT NULL DEFAULT '[]',
    revision           INTEGER NOT NULL DEFAULT 0,
    status             TEXT NOT NULL DEFAULT '',
    removed            INTEGER NOT NULL DEFAULT 0,
    -- To be asked for after the service was restored from a backup.
    unverified         INTEGER NOT NULL DEFAULT 0,
    verify_by          TEXT NOT NULL DEFAULT '',
    follow_up_by       TEXT NOT NULL DEFAULT '',
    body_sha256        BLOB NOT NULL DEFAULT x'',
    title              TEXT NOT NULL DEFAULT '',
    location           TEXT NOT NULL DEFAULT '',
    -- JSON array of what the service refused.
    problems           TEXT NOT NULL DEFAULT '[]',
    content            TEXT NOT NULL DEFAULT '',
    server_text        TEXT NOT NULL DEFAULT '',
    UNIQUE (account, key)
) STRICT;

CREATE INDEX report_newest ON report (account, sort_at, id);
CREATE INDEX report_by_phase ON report (account, phase, sort_at, id);
CREATE INDEX report_by_key ON report (key);
CREATE INDEX report_by_tracking_id ON report (account, tracking_id) WHERE tracking_id <> '';
CREATE INDEX report_unverified ON report (account, sent_at) WHERE unverified = 1;

-- The exact bytes that every attempt sends, from the moment the report is accepted.
CREATE TABLE body (
    report  INTEGER PRIMARY KEY REFERENCES report (id),
    content BLOB NOT NULL
) STRICT;

CREATE TABLE attachment (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    report         INTEGER NOT NULL REFERENCES report (id),
    position       INTEGER NOT NULL,
    sha256         BLOB NOT NULL CHECK (length(sha256) = 32),
    media_type     TEXT NOT NULL,
    name           TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    width          INTEGER NOT NULL DEFAULT 0,
    height         INTEGER NOT NULL DEFAULT 0,
    original_bytes INTEGER NOT NULL DEFAULT 0,
    quality        INTEGER NOT NULL DEFAULT 0,
    -- The attachment under whose number the bytes lie: 0 its own, another's where a report
    -- takes the place of an earlier one.
    pieces         INTEGER NOT NULL DEFAULT 0,
    -- Its bytes are on this phone.
    present        INTEGER NOT NULL DEFAULT 1,
    -- The service lists it.
    stored         INTEGER NOT NULL DEFAULT 0,
    stored_at      INTEGER NOT NULL DEFAULT 0,
    upload_url     TEXT NOT NULL DEFAULT '',
    upload_offset  INTEGER NOT NULL DEFAULT 0,
    offset_is_sure INTEGER NOT NULL DEFAULT 0,
    restarts       INTEGER NOT NULL DEFAULT 0,
    chunk          INTEGER NOT NULL DEFAULT 0,
    cuts           INTEGER NOT NULL DEFAULT 0,
    UNIQUE (report, sha256)
) STRICT;

CREATE INDEX attachment_sharing ON attachment (pieces) WHERE pieces <> 0;
CREATE INDEX attachment_to_free ON attachment (stored_at) WHERE stored = 1 AND present = 1;

-- Pieces of at most 512 KiB; id = 64 * attachment.pieces + number, so that a range of a picture is
-- found without a second index. No migration ever rewrites this table.
CREATE TABLE attachment_piece (
    id      INTEGER PRIMARY KEY,
    content BLOB NOT NULL CHECK (length(content) <= 524288)
) STRICT;

CREATE TABLE event (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         BLOB NOT NULL UNIQUE CHECK (length(key) = 16),
    report      INTEGER NOT NULL REFERENCES report (id),
    kind        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32),
    body        BLOB NOT NULL
) STRICT;

CREATE INDEX event_of_report ON event (report, id);

-- The outbox. Its order is the INTEGER sequence. AUTOINCREMENT: a number is never used twice.
CREATE TABLE operation (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES account (id),
    report     INTEGER NOT NULL REFERENCES report (id),
    kind       TEXT NOT NULL,
    attachment INTEGER NOT NULL DEFAULT 0,
    event      BLOB NOT NULL DEFAULT x'',
    follows    INTEGER NOT NULL DEFAULT 0,
    state      TEXT NOT NULL DEFAULT 'waiting',
    attempts   INTEGER NOT NULL DEFAULT 0,
    streak     INTEGER NOT NULL DEFAULT 0,
    due_set_at INTEGER NOT NULL,
    due_delay  INTEGER NOT NULL DEFAULT 0,
    maybe_sent INTEGER NOT NULL DEFAULT 0,
    owner      TEXT NOT NULL DEFAULT '',
    -- JSON; nothing waits without a reason that can be put into words.
    reason     TEXT NOT NULL DEFAULT '',
    tried_at   INTEGER NOT NULL DEFAULT 0,
    CHECK (state IN ('done', 'ended') OR reason <> '')
) STRICT;

CREATE INDEX operation_unfinished ON operation (account, id) WHERE state IN ('waiting', 'in_flight', 'paused');
CREATE INDEX operation_of_report ON operation (report, id);

-- What could not be read when a damaged store was set aside.
CREATE TABLE loss (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL DEFAULT 0,
    set_aside  TEXT NOT NULL,
    at         INTEGER NOT NULL,
    what       TEXT NOT NULL,
    -- x'' where not even the key could be read.
    report_key BLOB NOT NULL DEFAULT x'',
    -- The number of the row in the damaged store.
    row        INTEGER NOT NULL DEFAULT 0,
    shown      INTEGER NOT NULL DEFAULT 0
) STRICT;
