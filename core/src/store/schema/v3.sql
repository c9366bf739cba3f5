-- Version 3: the small picture for a list, beside the picture and by the same hash. No picture that
-- is there is touched; those of before have none.

CREATE TABLE thumbnail (
    id      INTEGER PRIMARY KEY,
    -- Of the picture, not of this.
    sha256  BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    content BLOB NOT NULL CHECK (length(content) <= 65536)
) STRICT;

CREATE INDEX attachment_by_sha256 ON attachment (sha256);

-- Whoever takes the last row of a picture away takes this with it.
CREATE TRIGGER thumbnail_goes AFTER DELETE ON attachment
WHEN NOT EXISTS (SELECT 1 FROM attachment WHERE sha256 = old.sha256)
BEGIN
    DELETE FROM thumbnail WHERE sha256 = old.sha256;
END;
