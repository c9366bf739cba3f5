use rusqlite::{Connection, params};

use super::super::{StoreError, readable::sequence};

/// A number that a lost row had is not given to another.
pub(super) fn sequences(old: &Connection, new: &Connection) -> Result<(), StoreError> {
    /// More rows than a phone has lost where nothing tells how many there were.
    const LEAP: i64 = 1_000_000;
    for table in ["account", "report", "attachment", "event", "operation"] {
        let there: i64 = new.query_row(
            &format!("SELECT coalesce(max(id), 0) FROM {table}"),
            [],
            |row| row.get(0),
        )?;
        let last = sequence(old, table).unwrap_or(there.saturating_add(LEAP));
        new.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        new.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
            params![table, last.max(there)],
        )?;
    }
    Ok(())
}
