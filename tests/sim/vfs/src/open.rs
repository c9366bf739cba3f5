//! A file that SQLite has open, in safe words.

use std::{ffi::c_int, io, path::Path, sync::Arc};

use libsqlite3_sys as ffi;

use crate::{
    content::Content,
    files::File,
    locks::{NONE, REGION, Region},
    plain::{sync_folder_in, sync_in, write_in},
    registry::{self, Shared},
    state::{How, Kind, Refusal, State},
    tree::{Node, Number},
};

pub(crate) struct Open {
    disk: Option<Arc<Shared>>,
    /// The disk's life in which it was opened; in another it is dead.
    life: u64,
    number: Number,
    who: u64,
    /// Where its name is, for the sync that a new journal's folder gets with its first.
    name: Option<(Number, String)>,
    syncs_folder: bool,
    regions: Vec<Region>,
    /// A temporary file, in memory: no disk has it, nothing of it is durable.
    temporary: Content,
}

/// Was it granted? Busy when not.
pub(crate) fn lock_codes(granted: Result<bool, Refusal>, trouble: c_int) -> c_int {
    match granted {
        Ok(true) => ffi::SQLITE_OK,
        Ok(false) => ffi::SQLITE_BUSY,
        Err(_) => trouble,
    }
}

impl Open {
    pub(crate) fn at(path: Option<&Path>, flags: c_int) -> Result<Self, Refusal> {
        let mut open = Self {
            disk: None,
            life: 0,
            number: 0,
            who: 0,
            name: None,
            syncs_folder: false,
            regions: Vec::new(),
            temporary: Content::default(),
        };
        let Some(path) = path else {
            return Ok(open);
        };
        let (disk, below) = registry::find(path).ok_or(io::ErrorKind::NotFound)?;
        let mut state = disk.state();
        state.look_inside()?;
        let place = state
            .tree
            .place(below)?
            .ok_or(io::ErrorKind::IsADirectory)?;
        let create = flags & ffi::SQLITE_OPEN_CREATE != 0;
        let number = match place.number {
            Some(_) if flags & ffi::SQLITE_OPEN_EXCLUSIVE != 0 => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            Some(number) if state.tree.is_folder(number) => {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Some(number) => number,
            None if create => {
                let at = (place.folder, place.name);
                let dies = || disk.end_of_life();
                state.change(&dies, Kind::Create, 1, |tree, how| match how {
                    How::Whole | How::Cut => {
                        tree.make(Node::File(File::of(Content::default())), Some(at))
                    }
                    How::Fails(_) => Ok(0),
                })?
            }
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        let journal =
            ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
        open.who = state.holder();
        open.number = number;
        open.name = Some((place.folder, place.name.to_owned()));
        open.syncs_folder = create && flags & journal != 0;
        open.life = disk.life();
        state.open.insert(open.who, number);
        drop(state);
        open.disk = Some(disk);
        Ok(open)
    }

    /// Runs on the disk, when it still is the one that this was opened on.
    fn on<T>(
        &mut self,
        deed: impl FnOnce(&mut Self, &Shared, &mut State) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let disk = self.disk.clone().ok_or(Refusal::Dead)?;
        let mut state = disk.state();
        if disk.life() != self.life {
            state.refuses();
            return Err(Refusal::Dead);
        }
        deed(self, &disk, &mut state)
    }

    pub(crate) fn close(mut self) {
        self.unmap();
        self.unlock(NONE);
        // In another life it was forgotten by then.
        let _ = self.on(|open, _, state| {
            state.open.remove(&open.who);
            Ok(())
        });
    }

    /// How many bytes there were.
    pub(crate) fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, Refusal> {
        if self.disk.is_none() {
            return Ok(self.temporary.read(offset, into));
        }
        self.on(|open, _, state| {
            state.look()?;
            Ok(state.tree.file(open.number)?.now().read(offset, into))
        })
    }

    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Refusal> {
        if self.disk.is_none() {
            self.temporary.write(offset, bytes);
            return Ok(());
        }
        self.on(|open, disk, state| write_in(disk, state, open.number, offset, bytes))
    }

    pub(crate) fn truncate(&mut self, size: u64) -> Result<(), Refusal> {
        if self.disk.is_none() {
            self.temporary.set_length(size);
            return Ok(());
        }
        self.on(|open, disk, state| {
            let dies = || disk.end_of_life();
            state.change(&dies, Kind::Cut, 0, |tree, how| {
                if matches!(how, How::Whole | How::Cut) {
                    tree.file(open.number)?.set_length(size);
                }
                Ok(())
            })
        })
    }

    pub(crate) fn sync(&mut self) -> Result<(), Refusal> {
        if self.disk.is_none() {
            return Ok(());
        }
        self.on(|open, disk, state| {
            sync_in(disk, state, open.number)?;
            if std::mem::take(&mut open.syncs_folder)
                && let Some((folder, _)) = &open.name
            {
                // As unix does: what comes of it is not told, unless the power went.
                match sync_folder_in(disk, state, *folder) {
                    Err(Refusal::Dead) => return Err(Refusal::Dead),
                    _ => return Ok(()),
                }
            }
            Ok(())
        })
    }

    pub(crate) fn length(&mut self) -> Result<u64, Refusal> {
        if self.disk.is_none() {
            return Ok(self.temporary.length());
        }
        self.on(|open, _, state| {
            state.look()?;
            Ok(state.tree.file(open.number)?.now().length())
        })
    }

    pub(crate) fn lock(&mut self, level: i32) -> Result<bool, Refusal> {
        if self.disk.is_none() {
            return Ok(true);
        }
        self.on(|open, _, state| {
            state.look()?;
            let lock = state.database_locks.entry(open.number).or_default();
            Ok(lock.take(open.who, level))
        })
    }

    pub(crate) fn unlock(&mut self, level: i32) {
        // A lock of another life is gone already.
        let _ = self.on(|open, _, state| {
            if let Some(lock) = state.database_locks.get_mut(&open.number) {
                lock.let_go(open.who, level);
            }
            Ok(())
        });
    }

    pub(crate) fn is_reserved(&mut self) -> Result<bool, Refusal> {
        self.on(|open, _, state| {
            state.look()?;
            let lock = state.database_locks.get(&open.number);
            Ok(lock.is_some_and(crate::locks::DatabaseLock::is_reserved))
        })
    }

    /// Does its name lead elsewhere now?
    pub(crate) fn has_moved(&mut self) -> bool {
        let there = self.on(|open, _, state| {
            let (folder, name) = open.name.as_ref().ok_or(Refusal::Dead)?;
            Ok(state.tree.entry(*folder, name) == Some(open.number))
        });
        there != Ok(true)
    }

    /// A piece of shared memory; nothing where there is none and none is to be made.
    pub(crate) fn map(
        &mut self,
        number: usize,
        size: usize,
        extend: bool,
    ) -> Result<Option<Region>, Refusal> {
        if size != REGION {
            return Err(Refusal::Error);
        }
        self.on(|open, disk, state| {
            let there = state.shared.get(&open.number);
            let count = there.map_or(0, |shared| shared.regions.len());
            if number >= count && extend {
                let grown = number + 1 - count;
                let pages = grown * (REGION / crate::content::PAGE);
                let dies = || disk.end_of_life();
                state.change(&dies, Kind::Grow, pages, |_, _| Ok(()))?;
                let shared = state.shared.entry(open.number).or_default();
                shared.regions.resize_with(number + 1, crate::locks::region);
            }
            let shared = state.shared.entry(open.number).or_default();
            shared.users.insert(open.who);
            let region = shared.regions.get(number).cloned();
            // Kept until this connection unmaps, whatever becomes of the disk.
            open.regions.extend(region.clone());
            Ok(region)
        })
    }

    pub(crate) fn shm_lock(
        &mut self,
        offset: usize,
        count: usize,
        alone: bool,
    ) -> Result<bool, Refusal> {
        self.on(|open, _, state| {
            state.look()?;
            let shared = state.shared.entry(open.number).or_default();
            shared.users.insert(open.who);
            let taken = shared.take(open.who, offset, count, alone);
            if taken && is_checkpoint(offset, count, alone) {
                state.in_checkpoint = true;
            }
            Ok(taken)
        })
    }

    pub(crate) fn shm_unlock(&mut self, offset: usize, count: usize, alone: bool) {
        let Some(disk) = self.disk.clone() else {
            return;
        };
        let mut state = disk.state();
        if is_checkpoint(offset, count, alone) {
            state.in_checkpoint = false;
        }
        // A lock of another life is gone already, and nobody is told of an unlock that fails.
        if disk.life() != self.life {
            return;
        }
        drop(state);
        let _ = self.on(|open, _, state| {
            if let Some(shared) = state.shared.get_mut(&open.number) {
                shared.let_go(open.who, offset, count, alone);
            }
            Ok(())
        });
    }

    pub(crate) fn unmap(&mut self) {
        // What another life had mapped is gone already.
        let _ = self.on(|open, _, state| {
            let last = state.shared.get_mut(&open.number);
            if last.is_some_and(|shared| shared.leave(open.who)) {
                state.shared.remove(&open.number);
            }
            Ok(())
        });
        self.regions.clear();
    }
}

/// SQLite's WAL_CKPT_LOCK alone.
fn is_checkpoint(offset: usize, count: usize, alone: bool) -> bool {
    alone && offset == 1 && count == 1
}

/// Removes a file by its name; the code that unix gives.
pub(crate) fn delete(path: &Path, and_sync: bool) -> c_int {
    let Some((disk, below)) = registry::find(path) else {
        return ffi::SQLITE_IOERR_DELETE;
    };
    let mut state = disk.state();
    let place = match state.tree.place(below) {
        Ok(Some(place)) if place.number.is_some() => place,
        Ok(_) => return ffi::SQLITE_IOERR_DELETE_NOENT,
        Err(_) => return ffi::SQLITE_IOERR_DELETE,
    };
    let dies = || disk.end_of_life();
    let gone = state.change(&dies, Kind::Remove, 0, |tree, how| match how {
        How::Whole | How::Cut => tree.unlink(place.folder, place.name),
        How::Fails(_) => Ok(()),
    });
    if gone.is_err() {
        return ffi::SQLITE_IOERR_DELETE;
    }
    if and_sync && sync_folder_in(&disk, &mut state, place.folder).is_err() {
        return ffi::SQLITE_IOERR_DIR_FSYNC;
    }
    ffi::SQLITE_OK
}

/// Is there a file, and (where that matters) something in it?
pub(crate) fn exists(path: &Path, not_empty: bool) -> bool {
    let Some((disk, below)) = registry::find(path) else {
        return false;
    };
    let mut state = disk.state();
    if state.look().is_err() {
        return false;
    }
    let place = state.tree.place(below).ok().flatten();
    let Some(number) = place.and_then(|place| place.number) else {
        return false;
    };
    let length = state.tree.file(number).map(|file| file.now().length());
    length.map_or(true, |length| !not_empty || length > 0)
}
