//! A piece of the disk kept for outcomes: when nothing fits any more, what the service said
//! must still be written down, or the same report would be asked about again and again.

use super::{Store, files, folder};

#[cfg(test)]
mod tests;

impl Store {
    /// Frees the reserve; false when there was none.
    pub(super) fn give_up_reserve(&mut self) -> bool {
        self.reserve_is_missing = true;
        files::remove(&self.home.in_store(folder::RESERVE)).is_ok()
    }

    pub(super) fn make_reserve(&mut self) {
        let path = self.home.in_store(folder::RESERVE);
        let there = files::length(&path).is_ok_and(|bytes| bytes == folder::RESERVE_BYTES as u64);
        self.reserve_is_missing =
            !there && folder::allocate(&path, folder::RESERVE_BYTES as u64).is_err();
    }

    /// Can anything be written? Asked before sending goes on after an outcome found no room.
    pub fn probe_write(&mut self) -> Result<(), super::StoreError> {
        self.write_outcome(|db| {
            db.prepare_cached(
                "INSERT INTO setting (name, value) VALUES ('probe', '1')
                 ON CONFLICT (name) DO UPDATE SET value = CASE value WHEN '1' THEN '2' ELSE '1' END",
            )?
            .execute([])?;
            Ok(())
        })
    }
}
