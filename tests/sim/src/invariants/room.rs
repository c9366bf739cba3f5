//! How much of a phone it takes.

use super::broken;
use crate::story::Run;
use crate::world::World;

/// `lapor_core::store::WAL_MAX`, and what a page and its frame header add.
const WAL_MAX: u64 = (8 << 20) + 8_192;

impl World {
    /// The write-ahead log stays within its bound.
    pub(crate) fn room_is_kept(&mut self, number: usize) -> Run<()> {
        let Some(phone) = self.phones.get(number) else {
            return Ok(());
        };
        let store = phone.disk().home().join("store");
        let Ok(length) = phone.disk().length(&store.join("lapor.db-wal")) else {
            return Ok(());
        };
        if length > WAL_MAX {
            return broken(format!("the write-ahead log has {length} bytes"));
        }
        Ok(())
    }
}
