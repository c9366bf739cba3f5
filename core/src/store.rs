//! What is on the phone: the only SQL.
//!
//! Owns a folder (`HOME/store`) with one encrypted SQLite database: drafts, frozen reports,
//! pictures in pieces, the outbox, accounts, the feed. One call is one transaction, but where it frees
//! or erases pictures step by step; no statement, BLOB handle or read transaction outlives a call, so that several processes may
//! share a store. A kill between any two calls leaves rows from which the same code goes on.
//!
//! A store is made, migrated or set aside only under an exclusive lock that every open store
//! shares; it is called damaged only when the key is proven right, and then what can be read is
//! saved into a new one before that takes its place.
//!
//! Never decides what follows from an outcome (the engine does), never opens a socket, never
//! puts what a person wrote, a key or a token into an error.

mod accounts;
mod apply;
mod background;
mod confirm;
mod copy;
mod drafts;
mod erase;
mod errors;
mod events;
mod feed;
pub(crate) mod files;
mod find;
mod folder;
mod graft;
mod key;
mod leaves;
mod lists;
mod lock;
mod loss;
mod migrations;
mod open;
mod outbox;
mod pictures;
mod quarantine;
mod readable;
mod rebuild;
mod repair;
mod reserve;
mod restored;
mod rows;
mod salvage;
mod settings;
mod sound;
mod spool;
mod submit;
mod supersede;
mod thumbnails;
mod transaction;
mod withdraw;

use std::cell::Cell;

use rusqlite::{Connection, ffi};
use transaction::Transaction;

pub use accounts::{AccountRow, Tokens, Viewpoint};
pub use background::{BackgroundJob, JobUpload};
pub use copy::CopyRow;
pub use drafts::DraftRow;
pub use erase::{Erased, ErasedDraft, Erasing};
pub use errors::{Notice, OpenError, StoreError};
pub use events::EventRow;
#[cfg(feature = "qa")]
pub use files::{Elsewhere, keep_elsewhere};
pub use key::StoreKey;
pub use lists::{Cursor, Filter, ReportDetail, ReportRow, Standing, Tally};
pub use lock::{EngineLock, InUse};
pub use loss::{Loss, LossKind, Verdict};
pub use open::OpenOptions;
pub use outbox::{Begun, is_of_the_os};
pub use pictures::{ATTACHMENT_MAX, AttachmentRow, NewAttachment};
pub use spool::Spooled;
pub use submit::OperationIds;
pub use thumbnails::{ListThumbnail, THUMBNAIL_MAX};
pub use withdraw::WithdrawStart;

#[cfg(test)]
mod tests;

/// How long a call waits for another process before it says [`StoreError::Busy`], milliseconds.
pub const BUSY_MS: u64 = 5_000;

/// The write-ahead log never grows beyond this, bytes.
pub const WAL_MAX: u64 = 8 << 20;

/// Above this the WAL is folded and cut by hand: a large attachment came on top of it, or another
/// process's reads kept SQLite's own checkpoint (at 4 MiB) from finishing. Leaves room for one
/// attachment below [`WAL_MAX`]. Must stay well above 4 MiB: a file that is never cut and longer
/// than this would be folded at every write.
const WAL_CROWDED: u64 = WAL_MAX - ATTACHMENT_MAX - (256 << 10);

/// An open store. `Send`, not `Sync`.
pub struct Store {
    // Dropped in this order: the last connection folds the WAL while the lock is still held.
    db: Connection,
    _open: lock::OpenLock,
    home: folder::Home,
    /// Random per opening; names the runs of the engine.
    opening: [u8; 8],
    runs: Cell<u32>,
    reserve_is_missing: bool,
    met_damage: Cell<bool>,
    /// It was opened as it is, with damage that is known.
    stays_damaged: bool,
    /// What was told as failed lies in the log, and nothing lies over it yet: see [`Store::attempt`].
    failed_lies_bare: bool,
    /// The gateway that this app was told of: [`Store::talks_to`].
    gateway: Option<String>,
}

/// The transaction was written, and is not durable.
fn is_unsynced(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Database {
            code: ffi::SQLITE_IOERR_FSYNC
        }
    )
}

impl Store {
    /// One transaction, durable when it returns, of what a person adds. Refused while the reserve is not
    /// whole: the room that is left is for what was accepted before.
    fn write<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.reserve_is_missing {
            self.make_reserve();
        }
        if self.reserve_is_missing {
            return Err(StoreError::DiskFull);
        }
        self.put(work)
    }

    /// Tried once more after a checkpoint when the disk is full: the room inside the WAL can then be used
    /// again.
    fn put<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut result = self.attempt(&work);
        if matches!(result, Err(StoreError::DiskFull)) && self.checkpoint() {
            result = self.attempt(&work);
        }
        self.after_write();
        self.noted(result)
    }

    /// The same for what must find room when nothing else does (outcomes, what goes, what gives room):
    /// gives up the reserve.
    fn write_at_need<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut result = self.put(&work);
        if matches!(result, Err(StoreError::DiskFull)) && self.give_up_reserve() {
            // First what the log holds: were the log to grow into the reserve, it could never be folded.
            self.checkpoint();
            result = self.put(&work);
        } else if result.is_ok() && self.reserve_is_missing {
            self.make_reserve();
        }
        result
    }

    /// A transaction that any process sees at once, also after a kill, and that the next durable one
    /// makes durable: a power cut before that may lose it, and nothing else.
    fn write_unsynced<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Not a cached statement: SQLite obeys this one while it parses it.
        self.db.execute_batch("PRAGMA synchronous = NORMAL")?;
        let result = self.attempt(&work);
        let durable = self.db.execute_batch("PRAGMA synchronous = FULL");
        self.after_write();
        let result = self.noted(result);
        durable?;
        result
    }

    fn attempt<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let changes = self.db.total_changes();
        let done = self.attempt_once(work);
        // Its frames are in the log all the same, with their commit mark, and whoever reads that anew after
        // a kill would bring back what was told as failed. The next transaction lies over them.
        match done {
            // What wrote nothing lies over nothing.
            Ok(_) => self.failed_lies_bare &= self.db.total_changes() == changes,
            Err(ref error) if is_unsynced(error) => {
                self.failed_lies_bare = true;
                let _ = self.cover_what_failed();
            }
            Err(_) => {}
        }
        done
    }

    /// Before anything is sent: what comes back after a kill would be what nobody asked for.
    fn cover_what_failed(&mut self) -> Result<(), StoreError> {
        if !self.failed_lies_bare {
            return Ok(());
        }
        match self.attempt_once(|db| settings::lie_over(db)) {
            // Not synced either, but written: a kill finds this in its place.
            Err(error) if !is_unsynced(&error) => Err(error),
            _ => {
                self.failed_lies_bare = false;
                Ok(())
            }
        }
    }

    fn attempt_once<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = Transaction::to_write(&self.db)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Everything that `work` reads belongs to one moment; inside of [`Store::at_one_moment`], to
    /// that one.
    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.db.is_autocommit() {
            return work(&self.db);
        }
        let snapshot = || {
            let transaction = Transaction::to_read(&self.db)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        self.noted(snapshot())
    }

    /// What a single statement reads belongs to one moment by itself. BEGIN and COMMIT around it
    /// take as long as two more statements.
    fn glance<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let found = look(&self.db);
        if self.db.is_autocommit() {
            self.noted(found)
        } else {
            found
        }
    }

    /// Everything that these calls read belongs to one moment: what another process writes in
    /// between cannot tear one answer apart.
    pub(crate) fn at_one_moment<T>(
        &self,
        calls: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read(|_| calls(self))
    }

    /// Since it was opened: the next opening saves what can be read. Another process may have met it,
    /// and then waits for this one to close.
    pub(crate) fn has_met_damage(&self) -> bool {
        let is_there = || folder::exists(&self.home.in_store(folder::DAMAGED)).unwrap_or(false);
        !self.stays_damaged && (self.met_damage.get() || is_there())
    }

    /// There was no room to save what can be read: opening again mends nothing for now.
    pub(crate) fn stays_damaged(&self) -> bool {
        self.stays_damaged
    }

    /// What was to be sent is not what was accepted, or on a page that is damaged and stays so for now.
    /// (Gone where its writer has erased it meanwhile: that changes nothing.) It holds back no other.
    pub(crate) fn cannot_give(&self, error: &StoreError) -> bool {
        match error {
            StoreError::Damaged | StoreError::NotFound => true,
            StoreError::Corrupt => self.stays_damaged,
            _ => false,
        }
    }

    /// A damaged page is written down for the next open, which proves it and saves what it can.
    fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(result, Err(StoreError::Corrupt)) {
            self.met_damage.set(true);
            // Where even this cannot be written, the damage will be met again.
            let _ = folder::replace(&self.home.store(), folder::DAMAGED, b"");
        }
        result
    }

    fn after_write(&self) {
        let wal = files::length(&self.home.in_store(folder::WAL)).unwrap_or(0);
        if wal > WAL_CROWDED {
            self.fold("TRUNCATE");
        }
    }

    /// Moves the WAL into the database so that the next write begins it anew. The file keeps
    /// its size: on a full disk that room is all there is.
    fn checkpoint(&self) -> bool {
        self.fold("RESTART")
    }

    fn fold(&self, how: &str) -> bool {
        let sql = format!("PRAGMA wal_checkpoint({how})");
        let busy = self.db.query_row(&sql, [], |row| row.get::<_, i64>(0));
        matches!(busy, Ok(0))
    }

    /// Changes when another connection has written; compare with an earlier reading.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.noted(
            self.db
                .query_row("PRAGMA data_version", [], |row| row.get(0))
                .map_err(StoreError::from),
        )
    }

    /// Gives free pages back to the file system. In small steps, so that the WAL stays bounded: each
    /// moves as many pages, and on a full disk only a few fit.
    fn give_space_back(&self) -> Result<(), StoreError> {
        let mut step = 256;
        loop {
            let free = self.free_pages()?;
            if free == 0 {
                break;
            }
            match self.give_back(step) {
                Err(StoreError::DiskFull) if step > 16 && self.checkpoint() => {
                    step = 16;
                    continue;
                }
                given => given?,
            }
            let left = self.free_pages()?;
            self.after_write();
            if left >= free {
                break;
            }
        }
        self.checkpoint();
        Ok(())
    }

    /// Pages of the database in which nothing lies.
    fn free_pages(&self) -> Result<i64, StoreError> {
        Ok(self
            .db
            .prepare_cached("PRAGMA freelist_count")?
            .query_row([], |row| row.get(0))?)
    }

    fn give_back(&self, pages: u32) -> Result<(), StoreError> {
        // Stepped to its end: one step frees one page.
        let mut statement = self
            .db
            .prepare_cached(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }
}

#[cfg(any(test, feature = "qa"))]
impl Store {
    /// A full disk for QA: the database may not grow beyond `pages`; none lifts the limit.
    pub fn limit_pages(&self, pages: Option<u32>) -> Result<(), StoreError> {
        let pages = pages.unwrap_or(0xffff_fffe);
        self.db
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }

    /// Pages of the database now.
    pub fn page_count(&self) -> Result<u32, StoreError> {
        Ok(self
            .db
            .query_row("PRAGMA page_count", [], |row| row.get(0))?)
    }
}
