//! One disk: its tree, its counters, and the faults that are armed.

use std::{collections::BTreeMap, io};

use crate::{
    content::PAGE,
    hash,
    image::Image,
    locks::{DatabaseLock, LockFile, REGION, Shared},
    tree::{Number, Tree},
};

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A file is made.
    Create,
    /// A folder is made.
    Folder,
    Write,
    /// A file gets another length.
    Cut,
    Sync,
    SyncFolder,
    Rename,
    Remove,
    /// Shared memory grows; on a phone that is a file too.
    Grow,
}

impl Kind {
    /// Can it end with a full disk?
    pub fn takes_room(self) -> bool {
        matches!(self, Self::Create | Self::Folder | Self::Write | Self::Grow)
    }
}

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// I/O error.
    Error,
    /// The disk is full. Once: the change that is named, where it takes room. For ever: nothing
    /// that takes more pages than there are at that moment; what is removed makes room.
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    Once,
    ForEver,
}

/// What goes wrong, and when. Numbers are those of [`crate::Disk::changes`] and
/// [`crate::Disk::looks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The power goes in the middle of this change.
    Freeze { at: u64, seed: u64 },
    /// This change fails, or every one from it.
    Fail { at: u64, how: Failure, lasts: Lasts },
    /// This look fails, or every one from it, with an I/O error.
    FailLook { at: u64, lasts: Lasts },
}

/// Why the disk does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Frozen, or opened before the last power cut.
    Dead,
    Error,
    Full,
    /// The OS keeps the files closed.
    Locked,
    Other(io::ErrorKind),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Other(error.kind())
    }
}

impl From<io::ErrorKind> for Refusal {
    fn from(kind: io::ErrorKind) -> Self {
        Self::Other(kind)
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => io::ErrorKind::StorageFull.into(),
            Refusal::Locked => io::ErrorKind::PermissionDenied.into(),
            Refusal::Other(kind) => kind.into(),
            // What the operating system calls EIO has no name among the kinds.
            Refusal::Dead | Refusal::Error => Self::from_raw_os_error(EIO),
        }
    }
}

const EIO: i32 = 5;

/// How a change is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Whole,
    /// The power goes while it is done.
    Cut,
    /// It fails; how much of it was done follows from the number.
    Fails(u64),
}

pub(crate) struct State {
    pub(crate) tree: Tree,
    pub(crate) changes: u64,
    pub(crate) looks: u64,
    /// Kinds of the changes, while they are recorded.
    pub(crate) recorded: Option<Vec<Kind>>,
    pub(crate) faults: Vec<Fault>,
    /// Faults that have struck.
    pub(crate) struck: u64,
    /// Operations that a frozen disk has refused, of which the core hears.
    pub(crate) refused: u64,
    /// SQLite moves pages from the log to the database, after a commit that it has already called
    /// done: what fails there it keeps to itself.
    pub(crate) in_checkpoint: bool,
    /// Pages that may be in use at most.
    pub(crate) room: Option<usize>,
    pub(crate) is_locked: bool,
    /// Set while frozen: what the phone starts from.
    pub(crate) frozen: Option<Image>,
    /// Only the app was killed: what it had not synced is seen, and a power cut may still take it.
    pub(crate) lives_on: bool,
    pub(crate) next_holder: u64,
    /// By whom what is open: holder to node.
    pub(crate) open: BTreeMap<u64, Number>,
    pub(crate) database_locks: BTreeMap<Number, DatabaseLock>,
    pub(crate) shared: BTreeMap<Number, Shared>,
    pub(crate) lock_files: BTreeMap<Number, LockFile>,
}

impl State {
    pub(crate) fn new(tree: Tree) -> Self {
        Self {
            tree,
            changes: 0,
            looks: 0,
            recorded: None,
            faults: Vec::new(),
            struck: 0,
            refused: 0,
            in_checkpoint: false,
            room: None,
            is_locked: false,
            frozen: None,
            lives_on: false,
            next_holder: 1,
            open: BTreeMap::new(),
            database_locks: BTreeMap::new(),
            shared: BTreeMap::new(),
            lock_files: BTreeMap::new(),
        }
    }

    pub(crate) fn holder(&mut self) -> u64 {
        self.next_holder += 1;
        self.next_holder
    }

    /// Somebody was refused because the phone is dead.
    pub(crate) fn refuses(&mut self) {
        if !self.in_checkpoint {
            self.refused += 1;
        }
    }

    /// Counts a look and says whether it succeeds.
    pub(crate) fn look(&mut self) -> Result<(), Refusal> {
        if self.frozen.is_some() {
            self.refuses();
            return Err(Refusal::Dead);
        }
        self.looks += 1;
        let number = self.looks;
        let fails = self.faults.iter().any(|fault| match *fault {
            Fault::FailLook { at, lasts } => at == number || lasts == Lasts::ForEver && at < number,
            _ => false,
        });
        if fails {
            self.struck += 1;
            return Err(Refusal::Error);
        }
        Ok(())
    }

    /// The same for what needs the file's bytes, which the OS may keep closed.
    pub(crate) fn look_inside(&mut self) -> Result<(), Refusal> {
        if self.is_locked && self.frozen.is_none() {
            return Err(Refusal::Locked);
        }
        self.look()
    }

    /// Counts a change and does it, whole, or in part where it fails or is the last. `grows` is
    /// the number of pages that it takes.
    pub(crate) fn change<T>(
        &mut self,
        life: &dyn Fn(),
        kind: Kind,
        grows: usize,
        deed: impl FnOnce(&mut Tree, How) -> io::Result<T>,
    ) -> Result<T, Refusal> {
        if self.frozen.is_some() {
            self.refuses();
            return Err(Refusal::Dead);
        }
        self.changes += 1;
        let number = self.changes;
        if let Some(recorded) = &mut self.recorded {
            recorded.push(kind);
        }
        let mut how = How::Whole;
        let mut refusal = None;
        let mut seed = 0;
        for fault in &self.faults {
            match *fault {
                Fault::Freeze { at, seed: dice } if at == number => {
                    (how, refusal, seed) = (How::Cut, Some(Refusal::Dead), dice);
                    break;
                }
                Fault::Fail {
                    at,
                    how: Failure::Error,
                    lasts,
                } if at == number || lasts == Lasts::ForEver && at < number => {
                    (how, refusal) = (How::Fails(hash(at, number, 7)), Some(Refusal::Error));
                }
                Fault::Fail {
                    at,
                    how: Failure::Full,
                    lasts: Lasts::Once,
                } if at == number && kind.takes_room() => {
                    (how, refusal) = (How::Fails(hash(at, number, 8)), Some(Refusal::Full));
                }
                Fault::Fail {
                    at,
                    how: Failure::Full,
                    lasts: Lasts::ForEver,
                } if at <= number && self.room.is_none() => {
                    self.room = Some(self.used());
                }
                _ => {}
            }
        }
        if how == How::Whole
            && grows > 0
            && let Some(room) = self.room
            && self.used() + grows > room
        {
            (how, refusal) = (How::Fails(0), Some(Refusal::Full));
        }
        if refusal.is_some() {
            self.struck += 1;
        }
        let done = deed(&mut self.tree, how);
        if how == How::Cut {
            self.frozen = Some(self.tree.image(Some(seed)));
            self.refuses();
            life();
        }
        match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(done?),
        }
    }

    /// Pages that may still be written; none where nothing says how many.
    pub(crate) fn free(&self) -> Option<usize> {
        self.room.map(|room| room.saturating_sub(self.used()))
    }

    /// Pages in use, shared memory's too: on a phone that is a file.
    pub(crate) fn used(&self) -> usize {
        let regions: usize = self
            .shared
            .values()
            .map(|shared| shared.regions.len())
            .sum();
        self.tree.pages(self.open.values().copied()) + regions * (REGION / PAGE)
    }
}
