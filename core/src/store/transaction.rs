//! BEGIN and COMMIT from the cache of statements: parsed anew for every call, as rusqlite's own
//! transaction does it, they took as long as what many a call reads between them.

use std::ops::Deref;

use rusqlite::Connection;

#[cfg(test)]
mod tests;

/// A transaction that is rolled back unless it was committed.
pub(super) struct Transaction<'a> {
    db: &'a Connection,
    is_open: bool,
}

impl<'a> Transaction<'a> {
    /// Everything that is read belongs to one moment: that of the first read.
    pub(super) fn to_read(db: &'a Connection) -> rusqlite::Result<Self> {
        Self::begin(db, "BEGIN DEFERRED")
    }

    /// Takes the write lock at once: two writers wait for each other instead of failing half-way.
    pub(super) fn to_write(db: &'a Connection) -> rusqlite::Result<Self> {
        Self::begin(db, "BEGIN IMMEDIATE")
    }

    fn begin(db: &'a Connection, how: &str) -> rusqlite::Result<Self> {
        run(db, how)?;
        Ok(Self { db, is_open: true })
    }

    /// Durable when this returns. What cannot be committed is rolled back.
    pub(super) fn commit(mut self) -> rusqlite::Result<()> {
        run(self.db, "COMMIT")?;
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
            let _ = run(self.db, "ROLLBACK");
        }
    }
}

fn run(db: &Connection, sql: &str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(|_| ())
}
