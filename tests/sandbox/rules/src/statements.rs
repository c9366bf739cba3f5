//! Statements by their text, parsed once for a connection.

use std::ops::Deref;

use rusqlite::{Connection, Params, Row};

pub(crate) fn execute(
    db: &Connection,
    sql: &str,
    given: impl Params,
) -> Result<usize, rusqlite::Error> {
    db.prepare_cached(sql)?.execute(given)
}

/// The one row of what is asked for.
pub(crate) fn one<T>(
    db: &Connection,
    sql: &str,
    given: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<T, rusqlite::Error> {
    db.prepare_cached(sql)?.query_row(given, read)
}

/// A transaction that is rolled back unless it was committed. BEGIN and COMMIT are cached, too:
/// rusqlite's own transaction parses both anew every time.
pub(crate) struct Transaction<'a> {
    db: &'a Connection,
    is_open: bool,
}

impl<'a> Transaction<'a> {
    /// Everything that is read belongs to one moment: that of the first read.
    pub(crate) fn to_read(db: &'a Connection) -> Result<Self, rusqlite::Error> {
        Self::begin(db, "BEGIN DEFERRED")
    }

    /// Takes the lock at once: a reader that turns writer half-way could be refused by another
    /// process.
    pub(crate) fn to_write(db: &'a Connection) -> Result<Self, rusqlite::Error> {
        Self::begin(db, "BEGIN IMMEDIATE")
    }

    fn begin(db: &'a Connection, how: &str) -> Result<Self, rusqlite::Error> {
        execute(db, how, [])?;
        Ok(Self { db, is_open: true })
    }

    pub(crate) fn commit(mut self) -> Result<(), rusqlite::Error> {
        execute(self.db, "COMMIT", [])?;
        self.is_open = false;
        Ok(())
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // Some errors have rolled back by themselves; nobody is left to be told of another.
        if self.is_open && !self.db.is_autocommit() {
            let _ = execute(self.db, "ROLLBACK", []);
        }
    }
}
