//! A damaged store under the schema of a fresh one.
//!
//! Where page 1 or a page of the schema cannot be read, SQLite finds none of the rows, whole as
//! their pages are. Every store lays its schema and the roots of its tables on the same pages, and
//! a page is encrypted by itself: so those pages of a new store, made under the same key, in a copy
//! of the damaged one lead to the rows again. The copy is read once and goes.

use std::{collections::BTreeSet, io, path::Path};

use rusqlite::config::DbConfig;

use super::{
    OpenError, OpenOptions, StoreError,
    files::{self, Written},
    folder::{self, Home},
    open::{self, Access},
    readable,
};

#[cfg(test)]
mod tests;

/// Bytes of a page: set when a store is made, and never changed.
const PAGE: u64 = 4096;
/// Bytes copied at once: a store can be larger than a phone's memory.
const PART: u64 = 512 * 1024;
/// Times that a part is read before it counts as unreadable.
const TRIES: u32 = 3;

/// Makes a readable copy of a store with a damaged schema in `scratch`. False where the schema is
/// whole, or where nothing can be done about it.
pub(super) fn graft(
    home: &Home,
    scratch: &Path,
    access: Access<'_>,
    options: &mut OpenOptions<'_>,
) -> Result<bool, OpenError> {
    let database = home.in_store(folder::DATABASE);
    let wal = home.in_store(folder::WAL);
    if readable::patiently(|| read_schema(&database, access)).is_ok() {
        return Ok(false);
    }
    if !folder::exists(&database)? {
        return Ok(false);
    }
    let bytes = files::length(&database)?;
    let wal_bytes = if folder::exists(&wal)? {
        files::length(&wal)?
    } else {
        0
    };
    folder::make(scratch)?;
    open::fill(scratch, access, options)?;
    let pages = (bytes + wal_bytes) / PAGE + 1;
    let Some(donor) = donated(&scratch.join(folder::DATABASE), access, pages)? else {
        return Ok(false);
    };
    let whole = files::length(&scratch.join(folder::DATABASE))?;
    files::remove_folder(scratch)?;
    folder::make(scratch)?;
    Ok(copy(
        &database,
        bytes,
        &donor,
        &scratch.join(folder::DATABASE),
        whole,
    )? && copy(&wal, wal_bytes, &[], &scratch.join(folder::WAL), 0)?)
}

fn read_schema(database: &Path, access: Access<'_>) -> rusqlite::Result<u32> {
    let db = open::connect(database, access, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

/// A page by its number from 1, encrypted.
type Page = (u64, Vec<u8>);

/// Page 1 and those of the schema, from a new store that was made to be of `pages` at least: page 1
/// says how many there are.
fn donated(
    database: &Path,
    access: Access<'_>,
    pages: u64,
) -> Result<Option<Vec<Page>>, OpenError> {
    let numbers = fill_up(database, access, pages).map_err(StoreError::from)?;
    let Some(numbers) = numbers else {
        return Ok(None);
    };
    let page = |number: u64| {
        Ok((
            number,
            files::read_part(database, (number - 1) * PAGE, PAGE)?,
        ))
    };
    let read: io::Result<Vec<Page>> = numbers.into_iter().map(page).collect();
    Ok(Some(read?))
}

fn fill_up(database: &Path, access: Access<'_>, pages: u64) -> rusqlite::Result<Option<Vec<u64>>> {
    const COUNT: &str = "PRAGMA page_count";
    let db = open::connect(database, access, false)?;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u32>(0));
    let free = number("PRAGMA freelist_count")?;
    let roots: BTreeSet<u32> = db
        .prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // Page 2 says whose the others are; a new table fits its root.
    let numbers = [1]
        .into_iter()
        .chain((3..=number(COUNT)?).filter(|page| !roots.contains(page)))
        .map(u64::from)
        .collect();
    let mut id = 1_i64;
    while u64::from(number(COUNT)?) < pages {
        db.execute(
            "INSERT INTO attachment_piece (id, content) VALUES (?1, zeroblob(524288))",
            [id],
        )?;
        id += 1;
    }
    let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok((free == 0 && !busy).then_some(numbers))
}

/// Copies a file with other pages in the place of its own; false when it cannot be read.
fn copy(from: &Path, bytes: u64, pages: &[Page], to: &Path, up_to: u64) -> io::Result<bool> {
    let mut file = Written::create(to)?;
    let mut at = 0;
    while at < bytes {
        let Some(mut part) = read(from, at) else {
            return Ok(false);
        };
        for (number, page) in pages {
            let place = ((number - 1) * PAGE)
                .checked_sub(at)
                .and_then(|start| usize::try_from(start).ok());
            let own = place.and_then(|start| part.get_mut(start..start + page.len()));
            if let Some(own) = own {
                own.copy_from_slice(page);
            }
        }
        file.append(&part)?;
        at += part.len() as u64;
        if part.is_empty() {
            return Ok(false);
        }
    }
    // As many as page 1 says: of fewer SQLite would read the schema leniently, and take a page that
    // the disk refuses for a moment for its end.
    while at < up_to {
        file.append(&[0; 4096])?;
        at += PAGE;
    }
    Ok(true)
}

fn read(path: &Path, at: u64) -> Option<Vec<u8>> {
    (0..TRIES).find_map(|_| files::read_part(path, at, PART).ok())
}
