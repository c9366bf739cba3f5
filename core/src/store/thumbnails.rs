//! Small pictures for lists. They stay when a picture's own bytes are given back, and go with its
//! last row.

use lapor_engine::report::{ReportKey, Sha256Hash};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, rows};

#[cfg(test)]
mod tests;

/// The largest that is kept, bytes. Nothing the size of a picture lies in these rows.
pub const THUMBNAIL_MAX: usize = 64 * 1024;

/// What stands beside a report in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListThumbnail {
    pub key: ReportKey,
    /// Of its first picture that has one: JPEG, upright.
    pub jpeg: Vec<u8>,
}

/// The same picture beside two reports has one.
pub(super) fn put(db: &Connection, sha256: Sha256Hash, jpeg: &[u8]) -> Result<(), StoreError> {
    if jpeg.is_empty() {
        return Ok(());
    }
    if jpeg.len() > THUMBNAIL_MAX {
        return Err(StoreError::TooLarge {
            limit: THUMBNAIL_MAX as u64,
        });
    }
    db.prepare_cached(
        "INSERT INTO thumbnail (sha256, content) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?
    .execute(params![sha256.0, jpeg])?;
    Ok(())
}

/// Out of a damaged store, as far as it can be read; one of before version 3 has none.
pub(super) fn bring_over(
    old: &Connection,
    new: &Connection,
    sha256: &[u8],
) -> Result<(), StoreError> {
    let found = old
        .prepare_cached("SELECT content FROM thumbnail WHERE sha256 = ?1")
        .and_then(|mut statement| statement.query_row([sha256], |row| row.get::<_, Vec<u8>>(0)));
    match found {
        Ok(jpeg) if jpeg.len() <= THUMBNAIL_MAX => put(new, rows::hash(sha256)?, &jpeg),
        _ => Ok(()),
    }
}

impl Store {
    /// Of a picture that the current account has; `None` for one from before there were any, and for
    /// a document.
    pub fn thumbnail(&self, sha256: Sha256Hash) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            let account = rows::current_account(db)?;
            let found = db
                .prepare_cached(
                    "SELECT t.content FROM thumbnail t WHERE t.sha256 = ?1 AND EXISTS
                         (SELECT 1 FROM attachment a JOIN report r ON r.id = a.report
                          WHERE a.sha256 = t.sha256 AND r.account = ?2)",
                )?
                .query_row(params![sha256.0, account.0], |row| row.get(0))
                .optional()?;
            Ok(found)
        })
    }

    /// One call for a whole list: in the order of `keys`, only those that have one.
    pub fn thumbnails(&self, keys: &[ReportKey]) -> Result<Vec<ListThumbnail>, StoreError> {
        self.read(|db| {
            let account = rows::current_account(db)?;
            let mut statement = db.prepare_cached(
                "SELECT t.content FROM report r JOIN attachment a ON a.report = r.id
                     JOIN thumbnail t ON t.sha256 = a.sha256
                 WHERE r.account = ?1 AND r.key = ?2 ORDER BY a.position, a.id LIMIT 1",
            )?;
            let mut found = Vec::new();
            for key in keys {
                let jpeg = statement
                    .query_row(params![account.0, key.0], |row| row.get(0))
                    .optional()?;
                found.extend(jpeg.map(|jpeg| ListThumbnail { key: *key, jpeg }));
            }
            Ok(found)
        })
    }
}
