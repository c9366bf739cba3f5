//! Files that a person names: a picture to look at, a bundle for support, an export.
//!
//! Owns how they come to be: whole or not at all, never in the place of what was there unless that
//! was asked for, and never where the store or its key lies, not even then. Shells that write such a
//! file themselves do it through here. Never touches a file of the store's own.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

#[cfg(test)]
mod tests;

/// What becomes of a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// It stays, and nothing is written.
    #[default]
    Keep,
    /// The whole new file takes its place.
    Replace,
}

/// Why a file was not written. What was there is there as it was, and no part of a new one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    #[error("something of that name is there already")]
    Exists,
    /// An export goes into a folder of its own.
    #[error("the folder is not empty")]
    NotEmpty,
    /// A pipe would keep the writer waiting for a reader, perhaps for ever; a device has its own ideas.
    #[error("what has that name is no file")]
    NotAFile,
    #[error("the place belongs to the store or to its key")]
    Guarded,
    #[error("the disk is full")]
    DiskFull,
    #[error("{kind}")]
    Io { kind: io::ErrorKind },
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::AlreadyExists => Self::Exists,
            kind => Self::Io { kind },
        }
    }
}

/// Places that nothing is written to: a store's folder with all that is in it, its key.
#[derive(Debug, Clone, Default)]
pub struct Guarded(Vec<PathBuf>);

impl Guarded {
    pub fn new(places: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(places.into_iter().collect())
    }

    /// May this be written to at all? By the real places: neither a link nor `..` leads in.
    pub fn allows(&self, path: &Path) -> Result<(), OutputError> {
        let entry = match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => real(folder).join(name),
            _ => real(path),
        };
        let leads_to = real(path);
        let is_in = |place: &PathBuf| {
            let place = real(place);
            entry.starts_with(&place) || leads_to.starts_with(&place)
        };
        if self.0.iter().any(is_in) {
            return Err(OutputError::Guarded);
        }
        Ok(())
    }

    /// What [`Guarded::write`] would refuse, for whoever has work to do before it.
    pub fn check(&self, path: &Path, existing: Existing) -> Result<(), OutputError> {
        self.allows(path)?;
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(OutputError::NotAFile);
        }
        if existing == Existing::Keep && fs::symlink_metadata(path).is_ok() {
            return Err(OutputError::Exists);
        }
        Ok(())
    }

    /// Writes a file: the whole of it under its name, or nothing. What has the name and is no file (a
    /// folder, a pipe, a device) is never replaced and never written into.
    pub fn write(&self, path: &Path, bytes: &[u8], existing: Existing) -> Result<(), OutputError> {
        self.check(path, existing)?;
        let (fresh, mut file) = fresh_beside(path)?;
        let written = file
            .write_all(bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| match existing {
                Existing::Keep => name_anew(&fresh, path),
                Existing::Replace => fs::rename(&fresh, path),
            });
        // Renamed it is gone, linked it is spare, and after a failure it is half a file.
        let _ = fs::remove_file(&fresh);
        Ok(written?)
    }
}

/// Gives the file its name where that is free: a rename would replace what has it.
fn name_anew(fresh: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(fresh, path) {
        // A card of the FAT family knows no links: an empty file keeps the name for ours.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            create_private(path)?;
            fs::rename(fresh, path).inspect_err(|_| {
                // The first error is the one to tell.
                let _ = fs::remove_file(path);
            })
        }
        linked => linked,
    }
}

/// For this user alone, whatever the umask says: what somebody has written is in it.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder that is not there, for this user alone, and those above it as they come.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// More than a person's own killed writes leave behind.
const NAMES: u32 = 100;

/// A new file in the folder of `path`, under a name that nobody has.
fn fresh_beside(path: &Path) -> Result<(PathBuf, File), OutputError> {
    if path.file_name().is_none() {
        return Err(OutputError::Exists);
    }
    for number in 0..NAMES {
        let name = format!(".lapor-{}-{number}.part", std::process::id());
        let fresh = path.with_file_name(name);
        match create_private(&fresh) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return Ok((fresh, made?)),
        }
    }
    Err(OutputError::Exists)
}

/// Where a path leads, links followed as far as it is there; the rest as it is written.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let parts: Vec<Component<'_>> = absolute.components().collect();
    for known in (0..=parts.len()).rev() {
        let Some((there, rest)) = parts.split_at_checked(known) else {
            continue;
        };
        let Ok(mut place) = fs::canonicalize(there.iter().collect::<PathBuf>()) else {
            continue;
        };
        for part in rest {
            match part {
                Component::ParentDir => {
                    place.pop();
                }
                Component::CurDir => {}
                part => place.push(part),
            }
        }
        return place;
    }
    absolute
}
