//! The plain files of the store: the only calls of the file system in this room. SQLite's own
//! files go through its VFS.
//!
//! One function for each kind of move, so that the simulator can count, fail and cut every one of
//! them: with the feature `qa`, homes on a disk of its own are answered there.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File},
    io::{self, Read, Seek, Write},
    path::Path,
};

#[cfg(feature = "qa")]
mod elsewhere;
#[cfg(feature = "qa")]
pub use elsewhere::{Elsewhere, keep_elsewhere};

#[cfg(test)]
mod tests;

/// Answers from the simulator's disk where the path lies on it.
macro_rules! elsewhere {
    ($path:expr, $name:ident $(, $more:expr)*) => {
        #[cfg(feature = "qa")]
        if let Some(disk) = elsewhere::of($path) {
            return (disk.$name)($path $(, $more)*);
        }
    };
}

pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    elsewhere!(path, read);
    fs::read(path)
}

/// At most `length` bytes from `offset` on.
pub(super) fn read_part(path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    #[cfg(feature = "qa")]
    if let Some(disk) = elsewhere::of(path) {
        let bytes = (disk.read)(path)?;
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let take = usize::try_from(length).unwrap_or(usize::MAX);
        return Ok(bytes.into_iter().skip(skip).take(take).collect());
    }
    let mut file = File::open(path)?;
    file.seek(io::SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Bytes.
pub(crate) fn length(path: &Path) -> io::Result<u64> {
    elsewhere!(path, length);
    fs::metadata(path).map(|file| file.len())
}

/// Bytes that may still be written beside what lies there.
pub(super) fn room(path: &Path) -> io::Result<u64> {
    elsewhere!(path, room);
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(path)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
    #[cfg(not(unix))]
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn exists(path: &Path) -> io::Result<bool> {
    elsewhere!(path, exists);
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// False where there is nothing or something else.
pub(super) fn is_folder(path: &Path) -> io::Result<bool> {
    let found = || {
        #[cfg(feature = "qa")]
        if let Some(disk) = elsewhere::of(path) {
            return (disk.names)(path).map(|_| true);
        }
        fs::metadata(path).map(|found| found.is_dir())
    };
    match found() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(false)
        }
        found => found,
    }
}

/// What lies in a folder.
pub(crate) fn names(path: &Path) -> io::Result<Vec<OsString>> {
    elsewhere!(path, names);
    fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect()
}

/// Can the file be opened for reading and writing?
pub(super) fn try_open(path: &Path) -> io::Result<()> {
    elsewhere!(path, try_open);
    File::options()
        .read(true)
        .write(true)
        .open(path)
        .map(|_| ())
}

/// Makes a folder that only this user may enter, and those above it.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    elsewhere!(path, make_folder);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes renames and new files in a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    elsewhere!(path, sync_folder);
    File::open(path)?.sync_all()
}

/// Makes durable what somebody else has written.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    elsewhere!(path, sync);
    File::open(path)?.sync_all()
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    elsewhere!(from, rename, to);
    fs::rename(from, to)
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    elsewhere!(path, remove);
    fs::remove_file(path)
}

/// With all that is in it.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    elsewhere!(path, remove_folder);
    fs::remove_dir_all(path)
}

/// A file that is being written.
pub(super) enum Written {
    File(File),
    #[cfg(feature = "qa")]
    Elsewhere(&'static Elsewhere, std::path::PathBuf),
}

impl Written {
    /// Empties what is there.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        #[cfg(feature = "qa")]
        if let Some(disk) = elsewhere::of(path) {
            (disk.create)(path, false)?;
            return Ok(Self::Elsewhere(disk, path.to_owned()));
        }
        Ok(Self::File(File::create(path)?))
    }

    /// For this user only; refuses where something is there.
    pub(super) fn create_new(path: &Path) -> io::Result<Self> {
        #[cfg(feature = "qa")]
        if let Some(disk) = elsewhere::of(path) {
            (disk.create)(path, true)?;
            return Ok(Self::Elsewhere(disk, path.to_owned()));
        }
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self::File(options.open(path)?))
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.write_all(bytes),
            #[cfg(feature = "qa")]
            Self::Elsewhere(disk, path) => (disk.append)(path, bytes),
        }
    }

    /// Durable when this returns; the folder's entry is another matter ([`sync_folder`]).
    pub(super) fn sync(self) -> io::Result<()> {
        match self {
            Self::File(file) => file.sync_all(),
            #[cfg(feature = "qa")]
            Self::Elsewhere(disk, path) => (disk.sync)(&path),
        }
    }
}

/// A file that is held for the others to see; let go when dropped, and when the process dies.
#[derive(Debug)]
pub(super) enum Held {
    File(File),
    #[cfg(feature = "qa")]
    Elsewhere(elsewhere::Ticket),
}

impl Held {
    /// Nothing while somebody holds it exclusively.
    pub(super) fn shared(path: &Path) -> io::Result<Option<Self>> {
        Self::take(path, false)
    }

    /// Nothing while anybody holds it.
    pub(super) fn exclusive(path: &Path) -> io::Result<Option<Self>> {
        Self::take(path, true)
    }

    fn take(path: &Path, alone: bool) -> io::Result<Option<Self>> {
        #[cfg(feature = "qa")]
        if let Some(disk) = elsewhere::of(path) {
            let ticket = elsewhere::Ticket::take(disk, path, alone)?;
            return Ok(ticket.map(Self::Elsewhere));
        }
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        Ok(lock(&file, alone)?.then_some(Self::File(file)))
    }

    /// What the one who held it before has left there.
    pub(super) fn text(&mut self) -> io::Result<String> {
        match self {
            Self::File(file) => {
                file.rewind()?;
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                Ok(text)
            }
            #[cfg(feature = "qa")]
            Self::Elsewhere(ticket) => ticket.text(),
        }
    }

    /// Leaves something there; not made durable.
    pub(super) fn put(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::File(file) => {
                file.set_len(0)?;
                file.rewind()?;
                file.write_all(text.as_bytes())
            }
            #[cfg(feature = "qa")]
            Self::Elsewhere(ticket) => ticket.put(text),
        }
    }
}

/// False while somebody else holds it. Not by `File::try_lock`: up to Rust 1.97 the standard library calls that
/// unsupported on Android (rust-lang/rust#148325), and no store would open there.
#[cfg(unix)]
fn lock(file: &File, alone: bool) -> io::Result<bool> {
    use rustix::{
        fs::{FlockOperation, flock},
        io::Errno,
    };
    let how = match alone {
        true => FlockOperation::NonBlockingLockExclusive,
        false => FlockOperation::NonBlockingLockShared,
    };
    match flock(file, how) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "there it is supported")]
fn lock(file: &File, alone: bool) -> io::Result<bool> {
    let locked = match alone {
        true => file.try_lock(),
        false => file.try_lock_shared(),
    };
    match locked {
        Ok(()) => Ok(true),
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Must a lock be waited for? On the simulator's disk nobody runs meanwhile who could let it go.
pub(super) fn may_be_let_go(path: &Path) -> bool {
    #[cfg(feature = "qa")]
    if elsewhere::of(path).is_some() {
        return false;
    }
    let _ = path;
    true
}
