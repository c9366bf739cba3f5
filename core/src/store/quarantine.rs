//! Setting a damaged store aside.
//!
//! A new store is filled from the damaged one in a folder of its own, then two renames put it in
//! place. Whatever is cut short, the next open finds either the damaged store untouched (and
//! begins again) or the new one complete: never an empty store in the place of a readable one.

use super::{
    Notice, OpenError, OpenOptions, StoreError,
    errors::{Trouble, trouble},
    files,
    folder::{self, Home},
    graft, key, loss, migrations,
    open::{self, Access},
    readable, salvage,
};

#[cfg(test)]
mod tests;

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
    let (name, aside) = home.next_set_aside()?.ok_or(OpenError::TooManySetAside)?;
    let fresh = home.salvage();
    // Not yet in its place: `look` takes a salvage folder for unfinished while `store` exists.
    folder::make(&fresh)?;
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
    let saved = salvage::bring_over(&source, &mut new, access, &name, options.now)?;
    if folder::exists(&scratch)? {
        files::remove_folder(&scratch)?;
    }
    let losses = loss::losses_of(&new, None)?;
    // Closing folds the WAL into the database.
    drop(new);
    folder::sync(&fresh)?;
    files::rename(&home.store(), &aside)?;
    folder::sync(&home.root)?;
    finish(home)?;
    Ok(Some(Notice::SetAside {
        folder: name,
        reports_saved: saved,
        losses,
    }))
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
        let word: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok(known && word == "ok")
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
