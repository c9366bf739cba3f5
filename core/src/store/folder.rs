//! The folder that a store is: names, and the moves on it that survive a power cut.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::files::{self, Written};
pub(super) use super::files::{exists, sync_folder as sync};

pub(super) const DATABASE: &str = "lapor.db";
pub(super) const WAL: &str = "lapor.db-wal";
pub(super) const KEY_CHECK: &str = "key-check";
pub(super) const RESERVE: &str = "reserve";
/// For opening on a full disk: reading needs a little of it too (the index of the WAL).
pub(super) const RESERVE_TO_OPEN: &str = "reserve-to-open";
/// A call met a damaged page: the next open looks closely and sets the store aside.
pub(super) const DAMAGED: &str = "damaged";

/// Bytes of disk kept free for outcomes: about a hundred of them while nothing else fits.
pub(super) const RESERVE_BYTES: usize = 512 * 1024;
/// Both reserves and their bytes.
pub(super) const RESERVES: [(&str, u64); 2] = [
    (RESERVE_TO_OPEN, 64 * 1024),
    (RESERVE, RESERVE_BYTES as u64),
];
const SET_ASIDE: &str = "set-aside-";
const SET_ASIDE_MAX: u32 = 999;

/// The folders and files of one home.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) root: PathBuf,
}

impl Home {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(super) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// Where a new store is filled from a damaged one. Takes the place of `store` by a rename
    /// when it is complete.
    pub(super) fn salvage(&self) -> PathBuf {
        self.root.join("salvage")
    }

    /// Bodies that the OS sends.
    pub(super) fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    pub(super) fn open_lock(&self) -> PathBuf {
        self.root.join("open.lock")
    }

    pub(super) fn engine_lock(&self) -> PathBuf {
        self.root.join("engine.lock")
    }

    pub(super) fn in_store(&self, name: &str) -> PathBuf {
        self.store().join(name)
    }

    /// Damaged stores that were set aside.
    pub(super) fn set_aside(&self) -> io::Result<Vec<PathBuf>> {
        let names = files::names(&self.root)?;
        Ok(names
            .into_iter()
            .filter(|name| name.to_string_lossy().starts_with(SET_ASIDE))
            .map(|name| self.root.join(name))
            .collect())
    }

    /// The next free name for a damaged store.
    pub(super) fn next_set_aside(&self) -> io::Result<Option<(String, PathBuf)>> {
        for number in 1..=SET_ASIDE_MAX {
            let name = format!("{SET_ASIDE}{number}");
            let path = self.root.join(&name);
            if !exists(&path)? {
                return Ok(Some((name, path)));
            }
        }
        Ok(None)
    }
}

/// A folder that only this user may enter.
pub(super) fn make(path: &Path) -> io::Result<()> {
    if files::is_folder(path)? {
        return Ok(());
    }
    // Of those above it the ones that are not there yet, and the one that gets the first of them.
    let mut above: Vec<&Path> = Vec::new();
    for folder in path.ancestors().skip(1) {
        let here = folder.as_os_str().is_empty();
        above.push(if here { Path::new(".") } else { folder });
        if here || files::is_folder(folder)? {
            break;
        }
    }
    match files::make_folder(path) {
        // A file or a dead link in the way.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        made => made?,
    }
    // Or a power cut takes the folder, and with it all that was made durable in it.
    for folder in above {
        match sync(folder) {
            // Not this app's own: the system's, which has long been there.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// Old content or new content, never a part of it.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(format!("{name}.new"));
    let mut file = Written::create(&fresh)?;
    file.append(bytes)?;
    file.sync()?;
    files::rename(&fresh, &folder.join(name))?;
    sync(folder)
}

/// Really allocates `bytes` of disk; leaves nothing behind when there is not enough.
pub(super) fn allocate(path: &Path, bytes: u64) -> io::Result<()> {
    const STEP: usize = 64 * 1024;
    let fill = || -> io::Result<()> {
        let mut file = Written::create(path)?;
        let block = vec![0xA5_u8; STEP];
        let mut left = bytes;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(STEP).min(STEP);
            file.append(block.get(..now).unwrap_or(&block))?;
            left = left.saturating_sub(now as u64);
        }
        file.sync()
    };
    fill().inspect_err(|_| {
        // Nothing more can be done about a file that cannot be removed.
        let _ = files::remove(path);
    })
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match files::remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
