//! Statements by their text, parsed once for a connection.

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
