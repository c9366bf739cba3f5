//! From what a person types to the report that is meant.

use lapor_engine::report::ReportKey;
use rusqlite::{Connection, params};

use super::{Store, StoreError, rows};

#[cfg(test)]
mod tests;

impl Store {
    /// Reports meant by what a person typed: the beginning of a key, `#tracking`, or `@last`.
    pub fn find(&self, text: &str) -> Result<Vec<ReportKey>, StoreError> {
        self.read(|db| {
            let account = rows::current_account(db)?;
            if text == "@last" {
                return keys(
                    db,
                    "SELECT key FROM report WHERE account = ?1 AND own = 1 ORDER BY id DESC LIMIT 1",
                    params![account.0],
                );
            }
            if let Some(tracking_id) = text.strip_prefix('#') {
                if tracking_id.is_empty() {
                    return Ok(Vec::new());
                }
                return keys(
                    db,
                    "SELECT key FROM report WHERE account = ?1 AND (tracking_id = ?2
                         OR EXISTS (SELECT 1 FROM json_each(prior_tracking_ids) WHERE value = ?2)) ORDER BY id",
                    params![account.0, tracking_id],
                );
            }
            let Some((low, high)) = prefix(text) else { return Ok(Vec::new()) };
            keys(
                db,
                "SELECT key FROM report WHERE account = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key LIMIT 20",
                params![account.0, low, high],
            )
        })
    }

    /// Every report of the current account, oldest first, discarded ones too: for an export.
    pub fn export_keys(&self) -> Result<Vec<ReportKey>, StoreError> {
        self.read(|db| {
            let account = rows::current_account(db)?;
            keys(
                db,
                "SELECT key FROM report WHERE account = ?1 ORDER BY sort_at, id",
                params![account.0],
            )
        })
    }
}

fn keys(
    db: &Connection,
    sql: &str,
    given: &[&dyn rusqlite::ToSql],
) -> Result<Vec<ReportKey>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query(given)?;
    let mut keys = Vec::new();
    while let Some(row) = found.next()? {
        keys.push(rows::report_key(&row.get::<_, Vec<u8>>(0)?)?);
    }
    Ok(keys)
}

/// The keys that begin like this, as a range: hexadecimal digits, hyphens where people type them.
fn prefix(text: &str) -> Option<([u8; 16], [u8; 16])> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|sign| *sign != '-')
        .map(|sign| sign.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    if digits.is_empty() || digits.len() > 32 {
        return None;
    }
    let (mut low, mut high) = ([0; 16], [0xff; 16]);
    for (at, digit) in digits.iter().enumerate() {
        let (first, second) = (low.get_mut(at / 2)?, high.get_mut(at / 2)?);
        if at % 2 == 0 {
            *first = digit << 4;
            *second = (digit << 4) | 0x0f;
        } else {
            *first |= digit;
            *second = (*second & 0xf0) | digit;
        }
    }
    Some((low, high))
}
