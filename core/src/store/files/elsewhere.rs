//! The simulator's disk in place of the operating system's.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// What a disk of QA's own answers for the paths that lie on it.
#[derive(Debug, Clone, Copy)]
pub struct Elsewhere {
    pub owns: fn(&Path) -> bool,
    pub read: fn(&Path) -> io::Result<Vec<u8>>,
    /// Bytes of a file.
    pub length: fn(&Path) -> io::Result<u64>,
    /// Bytes that may still be written.
    pub room: fn(&Path) -> io::Result<u64>,
    pub exists: fn(&Path) -> io::Result<bool>,
    /// What lies in a folder.
    pub names: fn(&Path) -> io::Result<Vec<OsString>>,
    pub try_open: fn(&Path) -> io::Result<()>,
    /// With those above it; nothing to do where it is there.
    pub make_folder: fn(&Path) -> io::Result<()>,
    pub sync_folder: fn(&Path) -> io::Result<()>,
    pub rename: fn(&Path, &Path) -> io::Result<()>,
    pub remove: fn(&Path) -> io::Result<()>,
    pub remove_folder: fn(&Path) -> io::Result<()>,
    /// An empty file; with true only where there is none.
    pub create: fn(&Path, bool) -> io::Result<()>,
    pub append: fn(&Path, &[u8]) -> io::Result<()>,
    pub sync: fn(&Path) -> io::Result<()>,
    /// Takes a lock (with true for one holder alone) on a file that is made when absent.
    pub lock: fn(&Path, bool) -> io::Result<Option<u64>>,
    /// Replaces what is in the locked file. Does nothing for a lock that a power cut has ended.
    pub put: fn(&Path, u64, &[u8]) -> io::Result<()>,
    pub unlock: fn(&Path, u64),
}

static DISK: OnceLock<Elsewhere> = OnceLock::new();

/// From now on, for the whole process; the first one stays.
pub fn keep_elsewhere(disk: Elsewhere) {
    let _ = DISK.set(disk);
}

pub(super) fn of(path: &Path) -> Option<&'static Elsewhere> {
    DISK.get().filter(|disk| (disk.owns)(path))
}

#[derive(Debug)]
pub(in crate::store) struct Ticket {
    disk: &'static Elsewhere,
    path: PathBuf,
    number: u64,
}

impl Ticket {
    pub(super) fn take(
        disk: &'static Elsewhere,
        path: &Path,
        alone: bool,
    ) -> io::Result<Option<Self>> {
        let number = (disk.lock)(path, alone)?;
        Ok(number.map(|number| Self {
            disk,
            path: path.to_owned(),
            number,
        }))
    }

    pub(super) fn text(&self) -> io::Result<String> {
        let bytes = (self.disk.read)(&self.path)?;
        String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    pub(super) fn put(&self, text: &str) -> io::Result<()> {
        (self.disk.put)(&self.path, self.number, text.as_bytes())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        (self.disk.unlock)(&self.path, self.number);
    }
}
