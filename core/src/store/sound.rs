use super::{Store, StoreError};

impl Store {
    /// Reads the whole database and says whether it is sound. Takes as long as reading takes.
    pub fn is_sound(&self) -> Result<bool, StoreError> {
        let found = self.read(|db| {
            let first: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            Ok(first == "ok")
        });
        match found {
            Err(StoreError::Corrupt) => Ok(false),
            other => other,
        }
    }
}
