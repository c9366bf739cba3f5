-- Version 2: uploads that the OS carries while no engine runs; accounts known in two places.

CREATE TABLE background_job (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Random; the name of its file in the spool, and 'os:' before it the owner of its operation.
    job           TEXT NOT NULL UNIQUE,
    account       INTEGER NOT NULL REFERENCES account (id),
    operation     INTEGER NOT NULL,
    -- What a genuine answer echoes; '' for a picture.
    nonce         TEXT NOT NULL,
    -- Of a picture; '' for the words of a report.
    upload_url    TEXT NOT NULL DEFAULT '',
    upload_offset INTEGER NOT NULL DEFAULT 0,
    length        INTEGER NOT NULL DEFAULT 0,
    prepared_at   INTEGER NOT NULL,
    -- 0 while its end is not known. Kept for a while after that: a result may be told twice.
    settled_at    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX background_job_open ON background_job (operation) WHERE settled_at = 0;

-- The server id of every account a second time, outside its table.
INSERT INTO setting (name, value)
SELECT 'account/' || id, server_id FROM account WHERE server_id <> '' AND server_id NOT LIKE 'unreadable-%';
