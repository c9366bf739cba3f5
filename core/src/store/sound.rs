use rusqlite::Connection;

use super::{Store, StoreError};

impl Store {
    /// Reads the whole database and says whether it is sound. Takes as long as reading takes. Where
    /// it is not, the next open sets the store aside and saves what can be read.
    pub fn is_sound(&self) -> Result<bool, StoreError> {
        match self.read(|db| Ok(is_whole(db, "quick_check")?)) {
            // SQLite tells of a page that it cannot read in words here, and not by an error.
            Ok(false) => self.noted(Err(StoreError::Corrupt)).or(Ok(false)),
            Err(StoreError::Corrupt) => Ok(false),
            other => other,
        }
    }
}

/// Reads every page, and says whether `check` (one of SQLite's two) finds them in order.
pub(super) fn is_whole(db: &Connection, check: &str) -> rusqlite::Result<bool> {
    let word: String = db.query_row(&format!("PRAGMA {check}(1)"), [], |row| row.get(0))?;
    // That leaves out the pages in which nothing lies, and they are read when something is erased.
    db.query_row(
        "SELECT max(length(data)) FROM sqlite_dbpage",
        [],
        |_| Ok(()),
    )?;
    Ok(word == "ok")
}
