use std::{io, path::Path, thread, time::Duration};

use lapor_engine::sync::RunId;

use super::{
    BUSY_MS, Store,
    errors::OpenError,
    files::{self, Held},
};

const POLL: Duration = Duration::from_millis(5);
/// Whoever looks whether somebody sends ([`Store::is_being_run`]) lets go at once.
const LOOKS: u32 = 10;

/// Shared by every open store, exclusive while a store is made, migrated or set aside: nobody
/// may write into a folder that is being renamed away.
#[derive(Debug)]
pub(super) struct OpenLock {
    _held: Held,
}

impl OpenLock {
    pub(super) fn shared(path: &Path) -> Result<Self, OpenError> {
        Self::take(path, Held::shared)
    }

    pub(super) fn exclusive(path: &Path) -> Result<Self, OpenError> {
        Self::take(path, Held::exclusive)
    }

    fn take(path: &Path, lock: fn(&Path) -> io::Result<Option<Held>>) -> Result<Self, OpenError> {
        for _ in 0..=BUSY_MS / 5 {
            match lock(path)? {
                Some(held) => return Ok(Self { _held: held }),
                None if files::may_be_let_go(path) => thread::sleep(POLL),
                None => break,
            }
        }
        Err(OpenError::Busy)
    }
}

/// This process runs the engine over this store; nobody else does until it is dropped.
#[derive(Debug)]
pub struct EngineLock {
    held: Held,
    pub run: RunId,
    /// The run before this one did not end by itself.
    pub after_a_death: bool,
}

impl Drop for EngineLock {
    fn drop(&mut self) {
        // An empty file says that this run ended well.
        let _ = self.held.put("");
    }
}

/// Another process runs the engine over this store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another process sends from this store")]
pub struct InUse {
    /// Its process id, where it could be read.
    pub pid: Option<u32>,
}

impl Store {
    /// Takes the engine for this process. A lock that the file system does not grant for other
    /// reasons counts as in use: two engines over one store would send twice as much.
    pub fn try_engine_lock(&self) -> Result<EngineLock, InUse> {
        let path = self.home.engine_lock();
        let Some(mut held) = take(&path) else {
            let text = files::read(&path).unwrap_or_default();
            return Err(InUse {
                pid: String::from_utf8_lossy(&text).trim().parse().ok(),
            });
        };
        let after_a_death = held.text().is_ok_and(|left| !left.is_empty());
        // For the message that another process shows, and for the next run.
        let _ = held.put(&format!("{}\n", std::process::id()));
        let number = self.runs.get().saturating_add(1);
        self.runs.set(number);
        let opening: String = self
            .opening
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(EngineLock {
            held,
            run: RunId(format!("{opening}-{number}")),
            after_a_death,
        })
    }

    /// Does a process, this one too, run the engine over this store now? Where the file system does not
    /// say, one may. Writes nothing.
    pub fn is_being_run(&self) -> bool {
        !matches!(Held::shared(&self.home.engine_lock()), Ok(Some(_)))
    }
}

fn take(path: &Path) -> Option<Held> {
    for _ in 1..LOOKS {
        match Held::exclusive(path) {
            Ok(None) if files::may_be_let_go(path) => thread::sleep(POLL),
            taken => return taken.ok().flatten(),
        }
    }
    Held::exclusive(path).ok().flatten()
}
