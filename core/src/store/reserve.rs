//! A piece of the disk kept for when nothing fits any more: what the service said must still be
//! written down, or the same report would be asked about again and again; what was accepted must still
//! go; and a person must still be able to take back and throw away. What they add finds out before.

use super::{Store, StoreError, files, folder, rows};

#[cfg(test)]
mod tests;

/// Left beside a new attachment, so that its report can be submitted and sent: bytes.
const SPARE: u64 = 256 * 1024;
/// More than the largest attachment and the largest log ever need, bytes: nothing is reckoned.
const AMPLE: u64 = 32 << 20;
/// Of the database, bytes.
const PAGE: u64 = 4096;

/// Of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    None,
    /// What is written now is folded at once, while there is room for that.
    Scarce,
    Ample,
}

impl Store {
    /// Is there room for so many bytes more? They are written twice, to the log and to the database: a
    /// log that cannot be folded grows with every word that follows, until the reserve is gone too.
    pub(super) fn make_room(&mut self, bytes: u64) -> Result<Room, StoreError> {
        let room = self.room_for(bytes)?;
        if room != Room::None {
            return Ok(room);
        }
        // The log keeps its size between writes, and what was detached lies free in the database.
        self.fold("TRUNCATE");
        let given = self.give_space_back();
        self.noted(given)?;
        match self.room_for(bytes)? {
            Room::None => Err(StoreError::DiskFull),
            room => Ok(room),
        }
    }

    fn room_for(&self, bytes: u64) -> Result<Room, StoreError> {
        // Where it cannot be told, the write itself finds out.
        let Ok(room) = files::room(&self.home.store()) else {
            return Ok(Room::Ample);
        };
        if room >= AMPLE {
            return Ok(Room::Ample);
        }
        let free = self.free_pages();
        let within = rows::natural(self.noted(free)?).saturating_mul(PAGE);
        let log = files::length(&self.home.in_store(folder::WAL)).unwrap_or(0);
        let grows = log.saturating_add(bytes).saturating_sub(within);
        let needed = grows.saturating_add(bytes).saturating_add(SPARE);
        Ok(if room >= needed {
            Room::Scarce
        } else {
            Room::None
        })
    }

    /// Frees the reserve; false when there was none.
    pub(super) fn give_up_reserve(&mut self) -> bool {
        self.reserve_is_missing = true;
        files::remove(&self.home.in_store(folder::RESERVE)).is_ok()
    }

    pub(super) fn make_reserve(&mut self) {
        self.reserve_is_missing = !folder::RESERVES.iter().all(|(name, bytes)| {
            let path = self.home.in_store(name);
            let is_there = files::length(&path).is_ok_and(|there| there == *bytes);
            // Not tried where it cannot be: for a moment nobody else would find room either.
            let is_full = || files::room(&self.home.store()).is_ok_and(|room| room < *bytes);
            is_there || !is_full() && folder::allocate(&path, *bytes).is_ok()
        });
    }
}
