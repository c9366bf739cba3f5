use std::{io, path::Path};

use lapor_engine::report::{Phase, ReportKey};
use rusqlite::ffi;

use super::{Loss, files};

/// Why a store cannot be opened. Nothing was changed, and nothing was made in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// `store_exists`: there are reports here that only the lost key opens.
    #[error("no key was given (a store exists: {store_exists})")]
    KeyMissing { store_exists: bool },
    #[error("this key does not open this store")]
    WrongKey,
    /// The store does not open and the file that would prove the key is damaged or missing:
    /// wrong key and damaged store look alike.
    #[error("the store does not open and its key check is damaged")]
    KeyCheckDamaged,
    /// The OS keeps the files closed, for now: a phone that was not unlocked since it started.
    #[error("storage is locked by the system")]
    StorageLocked,
    #[error("the store is of version {found}, this app knows {known}")]
    NewerStore { found: u32, known: u32 },
    /// A migration needs this much free space; the old store is intact.
    #[error("{bytes} bytes of free space are needed to bring the store up to date")]
    NeedsSpace { bytes: u64 },
    /// The store is damaged and does not open as it is. What can be read is saved into a new store, for
    /// which this much free space is needed; nothing was deleted.
    #[error(
        "the store is damaged; to save what can be read {bytes} bytes of free space are needed"
    )]
    SalvageNeedsSpace { bytes: u64 },
    #[error("the disk is full")]
    DiskFull,
    /// The linked SQLite is not the one that encrypts; it would write plain text.
    #[error("the database library does not encrypt ({version})")]
    NotEncrypted { version: String },
    #[error("the home of the store is not a folder")]
    NotAFolder,
    #[error("too many damaged stores were set aside here")]
    TooManySetAside,
    /// Another process holds the store open while it has to be made, migrated or set aside.
    #[error("another process uses the store")]
    Busy,
    #[error("reading or writing the store failed: {kind}")]
    Io { kind: io::ErrorKind },
    /// An error of the database that has no name here, by its extended code.
    #[error("the database failed with code {code}")]
    Database { code: i32 },
}

/// What the person should be told once a store is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A damaged store was set aside, what could be read was brought over.
    SetAside {
        folder: String,
        reports_saved: u32,
        losses: Vec<Loss>,
    },
    /// The store was copied from another phone: what was unsent here may have been sent there.
    CopiedPhone {
        unsent: u32,
    },
    Migrated {
        from: u32,
        to: u32,
    },
    /// A page is damaged, and the disk has no room for a new store. This one was opened as it is: what is
    /// on other pages goes on. It is saved by an opening that finds this much free space.
    SalvageWaits {
        bytes: u64,
    },
    /// The disk is so full that the room kept for outcomes could not be made.
    ReserveMissing,
}

/// Why a call on an open store failed. It changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Unknown here, or of another account.
    #[error("no such report, attachment or operation")]
    NotFound,
    #[error("the report is {} and cannot be edited", phase.as_str())]
    NotEditable { phase: Phase },
    /// A draft: discard it instead.
    #[error("the report was not submitted")]
    NotSubmitted { phase: Phase },
    /// It is past what was asked for.
    #[error("not possible while the report is {}", phase.as_str())]
    NotPossible { phase: Phase },
    /// The event waits no more, or it may have arrived.
    #[error("there is nothing to give up")]
    NothingToGiveUp,
    /// Something of it is still to be sent or asked for: it is erased after that.
    #[error("something of the report is still to be sent")]
    StillToSend,
    /// Another report, `by`, goes on in its place already, or has arrived with the same words.
    #[error("another report goes on in its place already")]
    Superseded { by: ReportKey },
    /// Edited since it was checked: check again.
    #[error("the report changed in the meantime")]
    Changed,
    /// The very same bytes are attached already.
    #[error("this attachment is there already")]
    Duplicate { attachment: i64 },
    /// The key is used already.
    #[error("the key is taken")]
    KeyUsed,
    /// An attachment larger than a store keeps at all, bytes.
    #[error("larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// The bytes are not those that their hash names.
    #[error("bytes and hash do not agree")]
    HashMismatch,
    /// The service has the picture, and the phone has given its space back.
    #[error("the attachment is no longer on this phone, only at the service")]
    PictureGone { attachment: i64 },
    /// Damage took it before the service had it, or the service lost it later.
    #[error("the attachment is lost: neither on this phone nor at the service")]
    PictureLost { attachment: i64 },
    /// A frozen body no longer has the hash it was frozen with. It must not be sent.
    #[error("what was frozen is damaged")]
    Damaged,
    #[error("the disk is full")]
    DiskFull,
    /// Another process kept the store busy for longer than [`super::BUSY_MS`].
    #[error("another process keeps the store busy")]
    Busy,
    /// A page is damaged. The next open sets the store aside and saves what can be read.
    #[error("the store is damaged")]
    Corrupt,
    #[error("storage is locked by the system")]
    StorageLocked,
    /// A row holds a word that this version does not know.
    #[error("a row cannot be understood ({what})")]
    Row { what: &'static str },
    #[error("reading or writing the store failed: {kind}")]
    Io { kind: io::ErrorKind },
    #[error("the database failed with code {code}")]
    Database { code: i32 },
}

/// What an error of SQLite means, before it is known whether a store is being opened or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Full,
    Busy,
    /// Not a database, or a page that is none: wrong key or damage.
    Unreadable,
    Locked,
    Row,
    Other(i32),
}

pub(super) fn trouble(error: &rusqlite::Error) -> Trouble {
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        return Trouble::Row;
    };
    let extended = failure.extended_code;
    match extended {
        // The index of the WAL could not grow: the disk is full, whatever SQLite calls it.
        ffi::SQLITE_IOERR_SHMSIZE => return Trouble::Full,
        ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA => return Trouble::Unreadable,
        ffi::SQLITE_IOERR_AUTH | ffi::SQLITE_IOERR_ACCESS => return Trouble::Locked,
        _ => {}
    }
    match extended & 0xff {
        ffi::SQLITE_FULL => Trouble::Full,
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL => Trouble::Busy,
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => Trouble::Unreadable,
        ffi::SQLITE_PERM | ffi::SQLITE_AUTH | ffi::SQLITE_READONLY => Trouble::Locked,
        _ => Trouble::Other(extended),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match trouble(&error) {
            Trouble::Full => Self::DiskFull,
            Trouble::Busy => Self::Busy,
            Trouble::Unreadable => Self::Corrupt,
            Trouble::Locked => Self::StorageLocked,
            Trouble::Row => Self::Row { what: "column" },
            Trouble::Other(code) => Self::Database { code },
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied => Self::StorageLocked,
            kind => Self::Io { kind },
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied => Self::StorageLocked,
            io::ErrorKind::NotADirectory => Self::NotAFolder,
            kind => Self::Io { kind },
        }
    }
}

impl From<StoreError> for OpenError {
    /// Of calls made while opening, after the key was proven.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::DiskFull,
            StoreError::Busy => Self::Busy,
            StoreError::StorageLocked => Self::StorageLocked,
            StoreError::Io { kind } => Self::Io { kind },
            StoreError::Database { code } => Self::Database { code },
            StoreError::Corrupt => Self::Database {
                code: ffi::SQLITE_CORRUPT,
            },
            _ => Self::Database {
                code: ffi::SQLITE_MISMATCH,
            },
        }
    }
}

/// For the WAL, its index and what a migration begins with, bytes; with less SQLite says "cannot open".
const NEEDED_TO_OPEN: u64 = 256 * 1024;

/// The OS's own word on files that SQLite could not open: SQLite says "cannot open" for a locked
/// phone, for a missing folder, and where there is no room for the WAL that even a reader makes.
pub(super) fn why_closed(database: &Path, code: i32) -> OpenError {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        match files::try_open(Path::new(&name)) {
            Err(error) if !suffix.is_empty() && error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return error.into(),
            Ok(()) => {}
        }
    }
    let store = database.parent().unwrap_or(database);
    let is_full = files::room(store).is_ok_and(|room| room < NEEDED_TO_OPEN);
    if is_full && code & 0xff == ffi::SQLITE_CANTOPEN {
        OpenError::DiskFull
    } else {
        OpenError::Database { code }
    }
}
