//! The folder that a store is: names, and the moves on it that survive a power cut.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

pub(super) const DATABASE: &str = "lapor.db";
pub(super) const WAL: &str = "lapor.db-wal";
pub(super) const KEY_CHECK: &str = "key-check";
pub(super) const RESERVE: &str = "reserve";
/// A call met a damaged page: the next open looks closely and sets the store aside.
pub(super) const DAMAGED: &str = "damaged";

/// Bytes of disk kept free for outcomes: about a hundred of them while nothing else fits.
pub(super) const RESERVE_BYTES: usize = 512 * 1024;
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
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(SET_ASIDE) {
                found.push(entry.path());
            }
        }
        Ok(found)
    }

    /// The next free name for a damaged store.
    pub(super) fn next_set_aside(&self) -> Option<(String, PathBuf)> {
        (1..=SET_ASIDE_MAX)
            .map(|number| format!("{SET_ASIDE}{number}"))
            .map(|name| (name.clone(), self.root.join(name)))
            .find(|(_, path)| fs::symlink_metadata(path).is_err())
    }
}

/// A folder that only this user may enter.
pub(super) fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // A file or a dead link in the way.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(io::ErrorKind::NotADirectory.into())
        }
        made => made,
    }
}

/// Makes renames and new files in a folder durable.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Old content or new content, never a part of it.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(format!("{name}.new"));
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&fresh, folder.join(name))?;
    sync(folder)
}

/// Really allocates `bytes` of disk; leaves nothing behind when there is not enough.
pub(super) fn allocate(path: &Path, bytes: u64) -> io::Result<()> {
    const STEP: usize = 64 * 1024;
    let fill = || -> io::Result<()> {
        let mut file = File::create(path)?;
        let block = vec![0xA5_u8; STEP];
        let mut left = bytes;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(STEP).min(STEP);
            file.write_all(block.get(..now).unwrap_or(&block))?;
            left = left.saturating_sub(now as u64);
        }
        file.sync_all()
    };
    fill().inspect_err(|_| {
        // Nothing more can be done about a file that cannot be removed.
        let _ = fs::remove_file(path);
    })
}

pub(super) fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
