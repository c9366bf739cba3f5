//! Who holds what: SQLite's locks on a database file, its shared memory, and the core's lock files.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicU64},
};

/// Bytes of a piece of shared memory, as SQLite's WAL asks for it.
pub(crate) const REGION: usize = 32 * 1024;
/// SQLite's number of locks on shared memory.
pub(crate) const SLOTS: usize = 8;

/// A piece of shared memory; lives as long as a connection has it mapped.
pub(crate) type Region = Arc<[AtomicU64; REGION / 8]>;

pub(crate) fn region() -> Region {
    Arc::new(std::array::from_fn(|_| AtomicU64::new(0)))
}

/// The lock levels of SQLite, by their numbers.
pub(crate) const NONE: i32 = 0;
pub(crate) const SHARED: i32 = 1;
pub(crate) const RESERVED: i32 = 2;
pub(crate) const EXCLUSIVE: i32 = 4;

/// The lock of a database file.
#[derive(Default)]
pub(crate) struct DatabaseLock {
    readers: BTreeSet<u64>,
    reserved: Option<u64>,
    pending: Option<u64>,
    exclusive: Option<u64>,
}

impl DatabaseLock {
    /// False when somebody else is in the way.
    pub(crate) fn take(&mut self, who: u64, level: i32) -> bool {
        let other = |holder: Option<u64>| holder.is_some_and(|holder| holder != who);
        if other(self.exclusive) {
            return false;
        }
        if level >= SHARED && !self.readers.contains(&who) {
            if other(self.pending) {
                return false;
            }
            self.readers.insert(who);
        }
        if level >= RESERVED {
            if other(self.reserved) {
                return false;
            }
            if level == RESERVED {
                self.reserved = Some(who);
            }
        }
        if level >= EXCLUSIVE {
            if other(self.pending) {
                return false;
            }
            // No new readers; those that are there end by themselves.
            self.pending = Some(who);
            if self.readers.iter().any(|reader| *reader != who) {
                return false;
            }
            self.exclusive = Some(who);
        }
        true
    }

    pub(crate) fn let_go(&mut self, who: u64, level: i32) {
        for holder in [&mut self.reserved, &mut self.pending, &mut self.exclusive] {
            holder.take_if(|holder| *holder == who);
        }
        if level < SHARED {
            self.readers.remove(&who);
        }
    }

    pub(crate) fn is_reserved(&self) -> bool {
        self.reserved.is_some() || self.pending.is_some() || self.exclusive.is_some()
    }
}

/// The shared memory of a database.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) regions: Vec<Region>,
    slots: [Slot; SLOTS],
    pub(crate) users: BTreeSet<u64>,
}

#[derive(Default)]
struct Slot {
    readers: BTreeSet<u64>,
    alone: Option<u64>,
}

impl Shared {
    fn range(&mut self, offset: usize, count: usize) -> &mut [Slot] {
        self.slots
            .get_mut(offset..offset.saturating_add(count))
            .unwrap_or_default()
    }

    pub(crate) fn take(&mut self, who: u64, offset: usize, count: usize, alone: bool) -> bool {
        let slots = self.range(offset, count);
        let free = slots.iter().all(|slot| {
            slot.alone.is_none_or(|holder| holder == who)
                && (!alone || slot.readers.iter().all(|reader| *reader == who))
        });
        if free {
            for slot in slots {
                if alone {
                    slot.alone = Some(who);
                } else {
                    slot.readers.insert(who);
                }
            }
        }
        free
    }

    pub(crate) fn let_go(&mut self, who: u64, offset: usize, count: usize, alone: bool) {
        for slot in self.range(offset, count) {
            if alone {
                slot.alone.take_if(|holder| *holder == who);
            } else {
                slot.readers.remove(&who);
            }
        }
    }

    /// True when it was the last.
    pub(crate) fn leave(&mut self, who: u64) -> bool {
        self.let_go(who, 0, SLOTS, true);
        self.let_go(who, 0, SLOTS, false);
        self.users.remove(&who);
        self.users.is_empty()
    }
}

/// A lock file of the core.
#[derive(Default)]
pub(crate) struct LockFile {
    readers: BTreeSet<u64>,
    alone: Option<u64>,
}

impl LockFile {
    pub(crate) fn take(&mut self, who: u64, alone: bool) -> bool {
        let free = self.alone.is_none() && (!alone || self.readers.is_empty());
        if free && alone {
            self.alone = Some(who);
        } else if free {
            self.readers.insert(who);
        }
        free
    }

    pub(crate) fn holds(&self, who: u64) -> bool {
        self.alone == Some(who) || self.readers.contains(&who)
    }

    pub(crate) fn let_go(&mut self, who: u64) {
        self.alone.take_if(|holder| *holder == who);
        self.readers.remove(&who);
    }
}
