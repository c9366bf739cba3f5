use super::{Store, StoreError};

impl Store {
    /// Reads the whole database and says whether it is sound. Takes as long as reading takes. Where
    /// it is not, the next open sets the store aside and saves what can be read.
    pub fn is_sound(&self) -> Result<bool, StoreError> {
        let found = self.read(|db| {
            let first: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            Ok(first == "ok")
        });
        match found {
            // SQLite tells of a page that it cannot read in words here, and not by an error.
            Ok(false) => self.noted(Err(StoreError::Corrupt)).or(Ok(false)),
            Err(StoreError::Corrupt) => Ok(false),
            other => other,
        }
    }
}
