//! A damaged store under the schema of a fresh one.
//!
//! Where page 1 or a page of the schema cannot be read, SQLite finds none of the rows, whole as
//! their pages are. Every store has the roots of its tables on the same pages, the first ones, in the
//! order in which its versions made them (`auto_vacuum` moves whatever else lies there), and a page
//! is encrypted by itself: so page 1 of a new store, made under the same key, in a copy of the damaged
//! one leads to the rows again. The pages of the schema below page 1 lie anywhere; the new one's are
//! laid behind the last page of the damaged store, where they cover nothing. The copy is read once
//! and goes.

use std::{io, path::Path};

use rusqlite::{Connection, config::DbConfig};

use super::{
    OpenError, OpenOptions, StoreError,
    files::{self, Written},
    folder::{self, Home},
    leaves,
    open::{self, Access},
    readable,
};

#[cfg(test)]
mod tests;

/// Bytes of a page: set when a store is made, and never changed.
const PAGE: u64 = 4096;
/// Bytes copied at once: a store can be larger than a phone's memory.
const PART: u64 = 512 * 1024;
/// Tables at most that are made to move the schema's pages: one moves a page, of which there are a few.
const MOVES: u32 = 100;
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
    files::remove_folder(scratch)?;
    folder::make(scratch)?;
    if wal_bytes == 0 {
        return Ok(copy(
            &database,
            Some(&donor),
            &scratch.join(folder::DATABASE),
        )?);
    }
    // What lies in the WAL goes before what lies in the database, also another page 1.
    let folded = scratch.join("folded");
    folder::make(&folded)?;
    let whole = folded.join(folder::DATABASE);
    if !copy(&database, Some(&donor), &whole)? || !copy(&wal, None, &folded.join(folder::WAL))? {
        return Ok(false);
    }
    let is_whole = fold(&whole, &folded.join(folder::WAL), access)?
        && copy(&whole, Some(&donor), &scratch.join(folder::DATABASE))?;
    files::remove_folder(&folded)?;
    Ok(is_whole)
}

/// Brings what lies in a WAL into its database. The last connection that closes does that, whether or
/// not the schema could be read; the disk may refuse it for a moment.
fn fold(database: &Path, wal: &Path, access: Access<'_>) -> io::Result<bool> {
    for _ in 0..TRIES {
        let _ = open::connect(database, access, false).and_then(|db| count(&db));
        if !folder::exists(wal)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read_schema(database: &Path, access: Access<'_>) -> rusqlite::Result<u32> {
    let db = open::connect(database, access, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    count(&db)
}

fn count(db: &Connection) -> rusqlite::Result<u32> {
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

/// Of a new store, larger than the damaged one.
struct Donor {
    /// Page 1 and those of the schema by their number from 1, in order, encrypted.
    pages: Vec<(u64, Vec<u8>)>,
    /// Bytes; page 1 says so many pages.
    whole: u64,
}

/// From a new store in the place of `database`, which grows to more than `pages`.
fn donated(database: &Path, access: Access<'_>, pages: u64) -> Result<Option<Donor>, OpenError> {
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
    let read: io::Result<Vec<_>> = numbers.into_iter().map(page).collect();
    Ok(Some(Donor {
        pages: read?,
        whole: files::length(database)?,
    }))
}

fn fill_up(database: &Path, access: Access<'_>, pages: u64) -> rusqlite::Result<Option<Vec<u64>>> {
    let db = open::connect(database, access, false)?;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u32>(0));
    let mut id = 1_i64;
    while u64::from(number("PRAGMA page_count")?) < pages {
        db.execute(
            "INSERT INTO attachment_piece (id, content) VALUES (?1, zeroblob(524288))",
            [id],
        )?;
        id += 1;
    }
    // A table's root comes after the roots that are there, and what lay in its place goes to the end.
    let mut schema = leaves::below_first(&db)?;
    for table in 0..MOVES {
        if schema.iter().all(|page| u64::from(*page) > pages) {
            break;
        }
        db.execute_batch(&format!(
            "CREATE TABLE moves_{table} (id INTEGER PRIMARY KEY)"
        ))?;
        schema = leaves::below_first(&db)?;
    }
    let is_behind = !schema.is_empty() && schema.iter().all(|page| u64::from(*page) > pages);
    let free = number("PRAGMA freelist_count")?;
    let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    let numbers = [1].into_iter().chain(schema).map(u64::from).collect();
    Ok((is_behind && free == 0 && !busy).then_some(numbers))
}

/// Copies a file, with a donor's pages in the place of its own or behind its end; false when it cannot
/// be read.
fn copy(from: &Path, donor: Option<&Donor>, to: &Path) -> io::Result<bool> {
    let bytes = files::length(from)?;
    // As many as page 1 says: of fewer SQLite would read the schema leniently, and take a page that
    // the disk refuses for a moment for its end.
    let whole = donor.map_or(bytes, |donor| donor.whole.max(bytes));
    let mut file = Written::create(to)?;
    let mut at = 0;
    while at < whole {
        let mut part = Vec::new();
        if at < bytes {
            let Some(own) = read(from, at).filter(|own| !own.is_empty()) else {
                return Ok(false);
            };
            part = own;
        }
        let left = (whole - at).min(PART);
        part.resize(usize::try_from(left).unwrap_or(0), 0);
        for (number, page) in donor.iter().flat_map(|donor| &donor.pages) {
            let place = ((number - 1) * PAGE)
                .checked_sub(at)
                .and_then(|start| usize::try_from(start).ok());
            let own = place.and_then(|start| part.get_mut(start..start + page.len()));
            if let Some(own) = own {
                own.copy_from_slice(page);
            }
        }
        file.append(&part)?;
        at += left;
    }
    Ok(true)
}

fn read(path: &Path, at: u64) -> Option<Vec<u8>> {
    (0..TRIES).find_map(|_| files::read_part(path, at, PART).ok())
}
