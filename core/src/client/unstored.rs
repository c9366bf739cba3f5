//! Outcomes that the full disk would not take: kept in memory, in the order of the answers, until it
//! does. Nothing more is sent before that.

use std::sync::{MutexGuard, PoisonError};

use lapor_engine::sync::{Change, RunId};

use super::{Client, ClientError};
use crate::store::StoreError;

#[cfg(test)]
mod tests;

/// What waits for room.
#[derive(Debug)]
pub(super) struct Unstored {
    changes: Vec<Change>,
    /// What other connections had written by then.
    version: i64,
}

/// A run that is none: whatever was under way is nobody's any more.
const NOBODY: &str = "";

impl Client {
    /// Stores what an answer came to. Behind one that could not be stored, none is stored before it.
    pub(super) fn keep(&self, changes: Vec<Change>) -> Result<(), ClientError> {
        let mut unstored = self.unstored();
        if let Some(before) = unstored.as_mut() {
            before.changes.extend(changes);
            return Ok(());
        }
        let now = self.now();
        let mut store = self.store();
        match store.apply(&changes, now) {
            Ok(()) => Ok(()),
            Err(StoreError::DiskFull) => {
                // Where that cannot be told either, it is asked again.
                let version = store.data_version().unwrap_or(i64::MIN);
                *unstored = Some(Unstored { changes, version });
                Ok(())
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Comes before anything else is sent: while an outcome is only in memory, sending more could make
    /// what it says untrue. False where there is still no room.
    pub(super) fn store_unstored(&self, run: &RunId) -> Result<bool, ClientError> {
        let mut unstored = self.unstored();
        let Some(kept) = unstored.as_ref() else {
            return Ok(true);
        };
        let now = self.now();
        let mut store = self.store();
        // Another process has written since, and may have asked again: what was answered before that
        // could undo what came of it. The same bytes go again, and are known.
        let is_stale = store.data_version() != Ok(kept.version);
        let stored = match is_stale {
            true => Ok(()),
            false => store.apply(&kept.changes, now),
        };
        match stored {
            Ok(()) => {
                *unstored = None;
                let nobody = RunId(NOBODY.to_owned());
                // It may be an hour old: a token that it brought is not fresh any more, and a 401
                // to it does not end the session.
                store.recover(if is_stale { &nobody } else { run }, now)?;
                Ok(true)
            }
            Err(StoreError::DiskFull) => Ok(false),
            // It will never be taken, and must not keep back all else for as long as this app lives.
            Err(StoreError::Corrupt) if store.stays_damaged() => {
                *unstored = None;
                Err(ClientError::Corrupt)
            }
            Err(other) => Err(other.into()),
        }
    }

    pub(super) fn has_unstored(&self) -> bool {
        self.unstored().is_some()
    }

    /// Before the store, wherever both are held.
    fn unstored(&self) -> MutexGuard<'_, Option<Unstored>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
