//! Setting a damaged store aside.
//!
//! A new store is filled from the damaged one in a folder of its own, then two renames put it in
//! place. Whatever is cut short, the next open finds either the damaged store untouched (and
//! begins again) or the new one complete: never an empty store in the place of a readable one.

use std::io;

use rusqlite::Connection;

use super::{
    LossKind, Notice, OpenError, OpenOptions, StoreError,
    errors::{Trouble, trouble},
    files,
    folder::{self, Home},
    graft, key, loss, migrations,
    open::{self, Access},
    readable, salvage, sound,
};

#[cfg(test)]
mod tests;

/// A store with nothing in it and its reserve, and a little to spare, bytes.
const EMPTY: u64 = 1 << 20;

/// Sets the store of `home` aside, the key being proven right and every other process out.
/// Nothing when a closer look finds it whole.
pub(super) fn set_aside(
    home: &Home,
    access: Access<'_>,
    options: &mut OpenOptions<'_>,
) -> Result<Option<Notice>, OpenError> {
    if is_whole(home, access)? {
        folder::remove_if_there(&home.in_store(folder::DAMAGED))?;
        folder::sync(&home.store())?;
        return Ok(None);
    }
    let bytes = needed(home)?;
    if !has_room(home, bytes) {
        return Err(OpenError::SalvageNeedsSpace { bytes });
    }
    match save(home, access, options) {
        // Nothing of it is of use, and its room is: a damaged schema is read from a copy.
        Err(OpenError::DiskFull | OpenError::NeedsSpace { .. })
            if folder::exists(&home.store())? =>
        {
            files::remove_folder(&home.salvage())?;
            folder::sync(&home.root)?;
            Err(OpenError::SalvageNeedsSpace { bytes: 2 * bytes })
        }
        // Without a journal, a disk that fails while the new store is filled is met as damage to that one.
        Err(OpenError::Database {
            code: rusqlite::ffi::SQLITE_CORRUPT,
        }) => Err(OpenError::Io {
            kind: io::ErrorKind::Other,
        }),
        saved => saved.map(Some),
    }
}

/// Of a new store with all that is in this one, bytes.
fn needed(home: &Home) -> Result<u64, OpenError> {
    let mut bytes = EMPTY;
    for name in [folder::DATABASE, folder::WAL] {
        let file = home.in_store(name);
        if folder::exists(&file)? {
            bytes += files::length(&file)?;
        }
    }
    Ok(bytes)
}

/// With the reserve of the damaged store, which the new one takes over.
fn has_room(home: &Home, bytes: u64) -> bool {
    let reserve: u64 = folder::RESERVES
        .iter()
        .filter_map(|(name, _)| files::length(&home.in_store(name)).ok())
        .sum();
    // Where it cannot be told, writing finds out.
    files::room(&home.root).map_or(true, |room| room.saturating_add(reserve) >= bytes)
}

fn save(
    home: &Home,
    access: Access<'_>,
    options: &mut OpenOptions<'_>,
) -> Result<Notice, OpenError> {
    let (name, aside) = home.next_set_aside()?.ok_or(OpenError::TooManySetAside)?;
    let fresh = home.salvage();
    // Not yet in its place: `look` takes a salvage folder for unfinished while `store` exists.
    folder::make(&fresh)?;
    for (reserve, _) in folder::RESERVES {
        folder::remove_if_there(&home.in_store(reserve))?;
    }
    open::fill(&fresh, access, options)?;
    let scratch = fresh.join("graft");
    let is_grafted = graft::graft(home, &scratch, access, options)?;
    let source = if is_grafted {
        scratch.clone()
    } else {
        home.store()
    };
    let mut new =
        open::connect(&fresh.join(folder::DATABASE), access, false).map_err(StoreError::from)?;
    // Begun again when it is cut short: a log would only take the room of the whole store once more.
    journal(&new, "MEMORY", "OFF")?;
    let saved = salvage::bring_over(&source, &mut new, access, &name, options.now)?;
    if folder::exists(&scratch)? {
        files::remove_folder(&scratch)?;
    }
    let losses = loss::losses_of(&new, None)?;
    // A disk without any room can hide everything from a reader. Whoever has room again finds it.
    let is_full = files::room(&home.root).is_ok_and(|room| room < folder::RESERVES[0].1);
    if is_full && losses.iter().any(|one| one.what == LossKind::Everything) {
        return Err(OpenError::DiskFull);
    }
    journal(&new, "WAL", "FULL")?;
    drop(new);
    files::sync(&fresh.join(folder::DATABASE))?;
    folder::sync(&fresh)?;
    files::rename(&home.store(), &aside)?;
    folder::sync(&home.root)?;
    finish(home)?;
    Ok(Notice::SetAside {
        folder: name,
        reports_saved: saved,
        losses,
    })
}

fn journal(db: &Connection, mode: &str, synchronous: &str) -> Result<(), StoreError> {
    db.pragma_update_and_check(None, "journal_mode", mode, |row| row.get::<_, String>(0))?;
    Ok(db.pragma_update(None, "synchronous", synchronous)?)
}

/// Ends what a kill has cut short: a salvage beside a store was not complete, one without a
/// store was.
pub(super) fn finish(home: &Home) -> Result<(), OpenError> {
    if folder::exists(&home.store())? {
        files::remove_folder(&home.salvage())?;
    } else {
        files::rename(&home.salvage(), &home.store())?;
    }
    folder::sync(&home.root)?;
    Ok(())
}

/// A damaged page was met once; is it there? Reads every page.
fn is_whole(home: &Home, access: Access<'_>) -> Result<bool, OpenError> {
    let database = home.in_store(folder::DATABASE);
    if !folder::exists(&database)? {
        return Ok(false);
    }
    let check = || -> rusqlite::Result<bool> {
        let db = open::connect(&database, access, false)?;
        let known = migrations::version(&db)? == migrations::KNOWN;
        Ok(sound::is_whole(&db, "integrity_check")? && known)
    };
    match readable::patiently(check) {
        Ok(whole) => Ok(whole
            && key::check(&home.in_store(folder::KEY_CHECK), access.key)? != key::KeyCheck::Wrong),
        Err(error) => match trouble(&error) {
            Trouble::Full => Err(OpenError::DiskFull),
            Trouble::Busy => Err(OpenError::Busy),
            Trouble::Locked => Err(OpenError::StorageLocked),
            Trouble::Unreadable | Trouble::Row | Trouble::Other(_) => Ok(false),
        },
    }
}
