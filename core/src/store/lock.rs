use std::{
    fs::{File, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
    thread,
    time::Duration,
};

use lapor_engine::sync::RunId;

use super::{BUSY_MS, Store, errors::OpenError};

const POLL: Duration = Duration::from_millis(5);

/// Shared by every open store, exclusive while a store is made, migrated or set aside: nobody
/// may write into a folder that is being renamed away.
#[derive(Debug)]
pub(super) struct OpenLock {
    _file: File,
}

impl OpenLock {
    pub(super) fn shared(path: &Path) -> Result<Self, OpenError> {
        Self::take(path, File::try_lock_shared)
    }

    pub(super) fn exclusive(path: &Path) -> Result<Self, OpenError> {
        Self::take(path, File::try_lock)
    }

    fn take(path: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Self, OpenError> {
        let file = open_lock_file(path)?;
        for _ in 0..=BUSY_MS / 5 {
            match lock(&file) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => thread::sleep(POLL),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Err(OpenError::Busy)
    }
}

fn open_lock_file(path: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// This process runs the engine over this store; nobody else does until it is dropped.
#[derive(Debug)]
pub struct EngineLock {
    file: File,
    pub run: RunId,
    /// The run before this one did not end by itself.
    pub after_a_death: bool,
}

impl Drop for EngineLock {
    fn drop(&mut self) {
        // An empty file says that this run ended well.
        let _ = self.file.set_len(0);
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
        let mut file = open_lock_file(&self.home.engine_lock()).map_err(|_| InUse { pid: None })?;
        if file.try_lock().is_err() {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            return Err(InUse {
                pid: text.trim().parse().ok(),
            });
        }
        let after_a_death = file.metadata().is_ok_and(|left| left.len() > 0);
        // For the message that another process shows, and for the next run.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        let number = self.runs.get().saturating_add(1);
        self.runs.set(number);
        let opening: String = self
            .opening
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(EngineLock {
            file,
            run: RunId(format!("{opening}-{number}")),
            after_a_death,
        })
    }
}
