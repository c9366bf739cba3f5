//! A connection to a database: the key, and the rules that hold for every one.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::super::{BUSY_MS, StoreKey, WAL_MAX};

/// How a connection to a store is made.
#[derive(Clone, Copy)]
pub(in crate::store) struct Access<'a> {
    pub(in crate::store) key: &'a StoreKey,
    pub(in crate::store) vfs: Option<&'a str>,
    pub(in crate::store) plain: bool,
}

/// A connection with the key given and the rules of this store set.
pub(in crate::store) fn connect(
    database: &Path,
    access: Access<'_>,
    create: bool,
) -> rusqlite::Result<Connection> {
    let db = connect_bare(database, access, create)?;
    set_rules(&db)?;
    Ok(db)
}

/// A connection that reads what is left of a damaged database: one that was cut short, or of
/// which a part of the schema is unreadable.
pub(in crate::store) fn connect_damaged(
    database: &Path,
    access: Access<'_>,
) -> rusqlite::Result<Connection> {
    let db = connect_bare(database, access, false)?;
    // Before the first look at the file. SQLite refuses a file that has fewer pages than its
    // header says, and a schema that does not read to its end, unless the schema is writable.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    // The first statement meets the damage in the schema, those after it use what was read.
    let _met = db.prepare("SELECT 1 FROM sqlite_schema").err();
    set_rules(&db)?;
    Ok(db)
}

fn connect_bare(database: &Path, access: Access<'_>, create: bool) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut db = match access.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(database, flags, vfs)?,
        None => Connection::open_with_flags(database, flags)?,
    };
    db.busy_handler(Some(wait_for_the_other))?;
    if !access.plain {
        db.execute_batch(&access.key.pragma())?;
    }
    // Room for every statement of the store.
    db.set_prepared_statement_cache_capacity(160);
    Ok(db)
}

fn set_rules(db: &Connection) -> rusqlite::Result<()> {
    // wal_autocheckpoint: 1000 pages are 4 MiB; with the largest attachment on top WAL_MAX holds.
    db.execute_batch(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = {WAL_MAX};"
    ))?;
    // Without this SQLite plans a cached statement anew whenever a bound value changes that a
    // partial index might depend on: most reads of a screen were parsed twice.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Another process writes. SQLite's own waiting doubles its naps to 100 ms, and of two busy
/// writers one starves; short naps are taken in turns. `tries` counts from 0.
fn wait_for_the_other(tries: i32) -> bool {
    const NAP_MS: u64 = 2;
    let waited = u64::try_from(tries).unwrap_or(0).saturating_mul(NAP_MS);
    if waited >= BUSY_MS {
        return false;
    }
    std::thread::sleep(Duration::from_millis(NAP_MS));
    true
}

/// The database of a new store.
pub(super) fn create(database: &Path, access: Access<'_>) -> rusqlite::Result<Connection> {
    let db = connect(database, access, true)?;
    // Before the first table: neither can be changed later without rewriting everything.
    db.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;",
    )?;
    Ok(db)
}
