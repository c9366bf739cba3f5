//! The store's plain files on the simulator's disks.

use std::{ffi::OsString, io, path::Path, sync::Arc};

use lapor_core::store::Elsewhere;

use crate::{
    content::{Content, PAGE},
    files::File,
    registry::{self, Shared},
    state::{How, Kind, Refusal, State},
    tree::{Folder, Node, Number, Place, Tree},
};

pub(crate) const PLAIN: Elsewhere = Elsewhere {
    owns: registry::owns,
    read: |path| quietly(path, read),
    length: |path| quietly(path, length),
    room: |path| quietly(path, room),
    exists: |path| quietly(path, exists),
    names: |path| quietly(path, names),
    try_open: |path| quietly(path, try_open),
    make_folder: |path| quietly(path, make_folder),
    sync_folder: |path| quietly(path, sync_folder),
    rename: |from, to| quietly(from, |from| rename(from, to)),
    remove: |path| quietly(path, remove),
    remove_folder: |path| quietly(path, remove_folder),
    create: |path, new| quietly(path, |path| create(path, new)),
    append: |path, bytes| quietly(path, |path| append(path, bytes)),
    sync: |path| quietly(path, sync),
    lock,
    put,
    unlock,
};

/// Much of it is done as well as it can be (a reserve, a sweeping), and the store does not mind
/// when it fails: by this a core is not told that its phone is dead.
fn quietly<'a, T>(path: &'a Path, deed: impl FnOnce(&'a Path) -> io::Result<T>) -> io::Result<T> {
    let disk = registry::find(path).map(|(disk, _)| disk);
    let before = disk.as_ref().map(|disk| disk.state().refused);
    let done = deed(path);
    if let (Some(disk), Some(before)) = (disk, before) {
        disk.state().refused = before;
    }
    done
}

fn find(path: &Path) -> io::Result<(Arc<Shared>, &Path)> {
    registry::find(path).ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// The file or folder that a path names.
fn number(tree: &Tree, path: &Path) -> io::Result<Number> {
    match tree.place(path)? {
        None => Ok(crate::tree::ROOT),
        Some(place) => place.number.ok_or_else(|| io::ErrorKind::NotFound.into()),
    }
}

fn named<'a>(tree: &Tree, path: &'a Path) -> io::Result<Place<'a>> {
    tree.place(path)?
        .ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let found = number(&state.tree, below);
    state.look_inside()?;
    Ok(state.tree.file(found?)?.now().bytes())
}

fn length(path: &Path) -> io::Result<u64> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    state.look()?;
    let found = number(&state.tree, below)?;
    if state.tree.is_folder(found) {
        return Ok(PAGE as u64);
    }
    Ok(state.tree.file(found)?.now().length())
}

fn room(path: &Path) -> io::Result<u64> {
    let (disk, _) = find(path)?;
    let mut state = disk.state();
    state.look()?;
    let Some(pages) = state.free() else {
        return Ok(u64::MAX);
    };
    // Whoever asks may go no further: that is what the fault came to.
    state.struck += 1;
    Ok((pages * PAGE) as u64)
}

fn exists(path: &Path) -> io::Result<bool> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    state.look()?;
    match number(&state.tree, below) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn names(path: &Path) -> io::Result<Vec<OsString>> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    state.look()?;
    let found = number(&state.tree, below)?;
    let names = state.tree.names(found)?;
    Ok(names.into_iter().map(OsString::from).collect())
}

fn try_open(path: &Path) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let found = number(&state.tree, below);
    state.look_inside()?;
    found.map(|_| ())
}

fn change<T>(
    disk: &Shared,
    state: &mut State,
    kind: Kind,
    grows: usize,
    deed: impl FnOnce(&mut Tree, How) -> io::Result<T>,
) -> io::Result<T> {
    Ok(state.change(&|| disk.end_of_life(), kind, grows, deed)?)
}

fn make_folder(path: &Path) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let mut above: Vec<&Path> = below.ancestors().collect();
    above.reverse();
    for part in above {
        let place = match state.tree.place(part)? {
            None => continue,
            Some(place) => place,
        };
        match place.number {
            Some(found) if state.tree.is_folder(found) => {}
            Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            None => change(&disk, &mut state, Kind::Folder, 1, |tree, how| {
                let made = Node::Folder(Folder::default());
                unless_failing(how, || {
                    tree.make(made, Some((place.folder, place.name)))
                        .map(|_| ())
                })
            })?,
        }
    }
    Ok(())
}

/// What fails leaves nothing.
fn unless_failing(how: How, deed: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    match how {
        How::Whole | How::Cut => deed(),
        How::Fails(_) => Ok(()),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let found = number(&state.tree, below)?;
    Ok(sync_folder_in(&disk, &mut state, found)?)
}

pub(crate) fn sync_folder_in(
    disk: &Shared,
    state: &mut State,
    folder: Number,
) -> Result<(), Refusal> {
    let dies = || disk.end_of_life();
    state.change(&dies, Kind::SyncFolder, 0, |tree, how| match how {
        How::Whole => tree.sync_folder(folder),
        How::Cut | How::Fails(_) => Ok(()),
    })?;
    if state.tree.is_crowded() {
        let open: Vec<Number> = state.open.values().copied().collect();
        state.tree.sweep(open.into_iter());
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let (disk, below) = find(from)?;
    let (other, target) = find(to)?;
    let mut state = disk.state();
    let old = named(&state.tree, below)?;
    let new = named(&state.tree, target)?;
    if !Arc::ptr_eq(&disk, &other) || old.folder != new.folder {
        return Err(io::ErrorKind::CrossesDevices.into());
    }
    if old.number.is_none() {
        return Err(io::ErrorKind::NotFound.into());
    }
    if let Some(there) = new.number
        && state.tree.names(there).is_ok_and(|names| !names.is_empty())
    {
        return Err(io::ErrorKind::DirectoryNotEmpty.into());
    }
    let (folder, old, new) = (old.folder, old.name, new.name);
    change(&disk, &mut state, Kind::Rename, 0, |tree, how| {
        unless_failing(how, || tree.rename(folder, old, new))
    })
}

fn remove(path: &Path) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let place = named(&state.tree, below)?;
    let found = place.number.ok_or(io::ErrorKind::NotFound)?;
    if state.tree.is_folder(found) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    unlink(&disk, &mut state, &place)
}

fn unlink(disk: &Shared, state: &mut State, place: &Place<'_>) -> io::Result<()> {
    change(disk, state, Kind::Remove, 0, |tree, how| {
        unless_failing(how, || tree.unlink(place.folder, place.name))
    })
}

fn remove_folder(path: &Path) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let place = named(&state.tree, below)?;
    empty(
        &disk,
        &mut state,
        place.number.ok_or(io::ErrorKind::NotFound)?,
    )?;
    unlink(&disk, &mut state, &place)
}

/// One by one: a power cut can leave some.
fn empty(disk: &Shared, state: &mut State, folder: Number) -> io::Result<()> {
    for name in state.tree.names(folder)? {
        let place = Place {
            folder,
            name: &name,
            number: None,
        };
        let below = state.tree.entry(folder, &name);
        if let Some(below) = below.filter(|below| state.tree.is_folder(*below)) {
            empty(disk, state, below)?;
        }
        unlink(disk, state, &place)?;
    }
    Ok(())
}

fn create(path: &Path, new: bool) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    create_in(&disk, &mut state, below, new).map(|_| ())
}

fn create_in(disk: &Shared, state: &mut State, below: &Path, new: bool) -> io::Result<Number> {
    let place = named(&state.tree, below)?;
    if state.is_locked {
        return Err(Refusal::Locked.into());
    }
    match place.number {
        Some(_) if new => Err(io::ErrorKind::AlreadyExists.into()),
        Some(found) if state.tree.is_folder(found) => Err(io::ErrorKind::IsADirectory.into()),
        Some(found) => {
            change(disk, state, Kind::Cut, 0, |tree, how| {
                unless_failing(how, || {
                    tree.file(found)?.set_length(0);
                    Ok(())
                })
            })?;
            Ok(found)
        }
        None => {
            let mut made = 0;
            change(disk, state, Kind::Create, 1, |tree, how| {
                unless_failing(how, || {
                    let file = Node::File(File::of(Content::default()));
                    made = tree.make(file, Some((place.folder, place.name)))?;
                    Ok(())
                })
            })?;
            Ok(made)
        }
    }
}

fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let found = number(&state.tree, below)?;
    let at = state.tree.file(found)?.now().length();
    Ok(write_in(&disk, &mut state, found, at, bytes)?)
}

/// A write into an open file. One that fails may have written its beginning.
pub(crate) fn write_in(
    disk: &Shared,
    state: &mut State,
    found: Number,
    at: u64,
    bytes: &[u8],
) -> Result<(), Refusal> {
    let file = state.tree.file(found)?;
    let end = (at + bytes.len() as u64).div_ceil(PAGE as u64) as usize;
    let grows = end.saturating_sub(file.now().page_count());
    state.change(&|| disk.end_of_life(), Kind::Write, grows, |tree, how| {
        let bytes = match how {
            How::Whole | How::Cut => bytes,
            How::Fails(dice) => {
                let sectors = dice % (bytes.len() as u64 / crate::SECTOR as u64 + 1);
                bytes
                    .get(..(sectors as usize) * crate::SECTOR)
                    .unwrap_or_default()
            }
        };
        if !bytes.is_empty() {
            tree.file(found)?.write(at, bytes);
        }
        Ok(())
    })
}

fn sync(path: &Path) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let found = number(&state.tree, below)?;
    Ok(sync_in(&disk, &mut state, found)?)
}

pub(crate) fn sync_in(disk: &Shared, state: &mut State, found: Number) -> Result<(), Refusal> {
    state.change(&|| disk.end_of_life(), Kind::Sync, 0, |tree, how| {
        let file = tree.file(found)?;
        match how {
            How::Whole => file.sync(),
            How::Cut => {}
            How::Fails(dice) if dice % 2 == 0 => file.give_up(),
            How::Fails(_) => {}
        }
        Ok(())
    })
}

fn lock(path: &Path, alone: bool) -> io::Result<Option<u64>> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    state.look_inside()?;
    let found = match named(&state.tree, below)?.number {
        Some(found) => found,
        None => create_in(&disk, &mut state, below, true)?,
    };
    let who = state.holder();
    let lock = state.lock_files.entry(found).or_default();
    if !lock.take(who, alone) {
        return Ok(None);
    }
    state.open.insert(who, found);
    Ok(Some(who))
}

fn put(path: &Path, who: u64, bytes: &[u8]) -> io::Result<()> {
    let (disk, below) = find(path)?;
    let mut state = disk.state();
    let found = number(&state.tree, below)?;
    let held = state.lock_files.get(&found);
    if !held.is_some_and(|lock| lock.holds(who)) {
        return Ok(());
    }
    create_in(&disk, &mut state, below, false)?;
    if !bytes.is_empty() {
        write_in(&disk, &mut state, found, 0, bytes)?;
    }
    Ok(())
}

fn unlock(path: &Path, who: u64) {
    let Ok((disk, _)) = find(path) else { return };
    let mut state = disk.state();
    if let Some(found) = state.open.remove(&who)
        && let Some(lock) = state.lock_files.get_mut(&found)
    {
        lock.let_go(who);
    }
}
