//! The shape of the database, version by version. Never edit a version that was released: add
//! one. A migration never rewrites `attachment_piece`.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::errors::{OpenError, StoreError};

#[cfg(test)]
mod tests;

pub(super) struct Migration {
    /// The version it leads to.
    pub(super) to: u32,
    /// Free disk it needs beyond what is there, bytes: what it writes, twice (WAL, then pages).
    pub(super) needs: u64,
    pub(super) run: fn(&Transaction<'_>) -> Result<(), StoreError>,
}

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        to: 1,
        needs: 1 << 20,
        run: first,
    },
    Migration {
        to: 2,
        needs: 64 << 10,
        run: |transaction| Ok(transaction.execute_batch(include_str!("schema/v2.sql"))?),
    },
    Migration {
        to: 3,
        // The empty table of thumbnails, and an index over the attachments: at most 50 bytes a row of some
        // thousands.
        needs: 1 << 20,
        run: |transaction| Ok(transaction.execute_batch(include_str!("schema/v3.sql"))?),
    },
    Migration {
        to: 4,
        needs: 64 << 10,
        run: |transaction| Ok(transaction.execute_batch(include_str!("schema/v4.sql"))?),
    },
];

/// The version that this app reads and writes.
pub(super) const KNOWN: u32 = 4;

fn first(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute_batch(include_str!("schema/v1.sql"))?;
    transaction.execute_batch(
        "INSERT INTO account (id, server_id, session) VALUES (1, '', 'ended');
         INSERT INTO setting (name, value) VALUES ('current_account', '1');",
    )?;
    Ok(())
}

pub(super) fn version(db: &Connection) -> rusqlite::Result<u32> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a store up to date, one transaction a version. A kill in between is a store of an
/// older version.
pub(super) fn migrate(
    db: &mut Connection,
    has_room: impl Fn(u64) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    let from = version(db).map_err(StoreError::from)?;
    let ahead = || MIGRATIONS.iter().filter(|migration| migration.to > from);
    if ahead().next().is_some() {
        // Of all of them, before the first: a store that is half way opens with neither version.
        has_room(ahead().map(|migration| migration.needs).sum())?;
    }
    for migration in ahead() {
        let step = |db: &mut Connection| -> Result<(), StoreError> {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            (migration.run)(&transaction)?;
            transaction.pragma_update(None, "user_version", migration.to)?;
            transaction.commit()?;
            Ok(())
        };
        step(db)?;
    }
    Ok(())
}
