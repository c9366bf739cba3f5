//! Reading a damaged database row by row, by whatever way still leads there.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row, params_from_iter, types::Value};

use super::{
    StoreError,
    errors::{Trouble, trouble},
    leaves::Old,
};

/// Rows looked for one by one where a table breaks off; a page holds a few dozen.
const GAP_MAX: i64 = 100_000;

/// A read of the damaged store that the disk refuses is tried so often: what is not brought over
/// now is missing from the new store, and passing trouble is no damage.
const TRIES: u32 = 3;

pub(super) fn patiently<T>(mut read: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    for _ in 1..TRIES {
        match read() {
            Err(error) if !matches!(trouble(&error), Trouble::Unreadable | Trouble::Row) => {}
            done => return done,
        }
    }
    read()
}

pub(super) type Columns = Vec<(String, Value)>;

/// Can anything at all be read? Every store has settings and the guest's account, so one in which nothing
/// can be read is lost whole, also when its schema was put in its place.
pub(super) fn has_a_row(old: &Connection) -> bool {
    [
        "setting",
        "account",
        "report",
        "operation",
        "attachment",
        "event",
    ]
    .into_iter()
    .any(|table| {
        let sql = format!("SELECT 1 FROM {table} LIMIT 1");
        patiently(|| old.prepare(&sql)?.exists([])).unwrap_or(false)
    })
}

/// Every row number of a table that can be found: from the front, from the back, one by one in
/// between, and on leaves to which no way leads.
pub(super) fn ids(old: &Old, table: &str) -> BTreeSet<i64> {
    let mut found: BTreeSet<i64> = old.numbers(table).collect();
    let walk = |order: &str, found: &mut BTreeSet<i64>| -> Option<i64> {
        let mut last = None;
        let read = |last: &mut Option<i64>, found: &mut BTreeSet<i64>| -> rusqlite::Result<()> {
            let mut statement = old.prepare(&format!(
                "SELECT id FROM {table} NOT INDEXED ORDER BY id {order}"
            ))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                found.insert(id);
                *last = Some(id);
            }
            Ok(())
        };
        match patiently(|| read(&mut last, found)) {
            Ok(()) => None,
            Err(_) => Some(last.unwrap_or(0)),
        }
    };
    let Some(front) = walk("ASC", &mut found) else {
        return found;
    };
    let back = walk("DESC", &mut found).filter(|id| *id > 0);
    let end = back.unwrap_or_else(|| sequence(old, table).unwrap_or(0).saturating_add(1));
    for id in (front.saturating_add(1)..end).take(usize::try_from(GAP_MAX).unwrap_or(0)) {
        // A number whose page is damaged may have been a row: whoever copies it will say so.
        let sql = format!("SELECT 1 FROM {table} NOT INDEXED WHERE id = ?1");
        let there = patiently(|| old.query_row(&sql, [id], |_| Ok(())));
        if !matches!(there, Err(rusqlite::Error::QueryReturnedNoRows)) {
            found.insert(id);
        }
    }
    found
}

/// The highest number that a table ever gave; nothing when that cannot be read.
pub(super) fn sequence(old: &Connection, table: &str) -> Option<i64> {
    let sql = "SELECT max(seq) FROM sqlite_sequence WHERE name = ?1";
    let last = || old.query_row(sql, [table], |row| row.get::<_, Option<i64>>(0));
    patiently(last).ok().map(Option::unwrap_or_default)
}

pub(super) fn read_row(old: &Old, table: &str, key: &str, id: i64) -> Option<Columns> {
    let sql = format!("SELECT * FROM {table} NOT INDEXED WHERE {key} = ?1");
    let read = || {
        let mut statement = old.prepare_cached(&sql)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([id])?;
        let Some(row) = found.next()? else {
            return Err(rusqlite::Error::QueryReturnedNoRows);
        };
        names
            .into_iter()
            .enumerate()
            .map(|(at, name)| Ok((name, row.get(at)?)))
            .collect()
    };
    patiently(read).ok().or_else(|| old.row(table, id))
}

pub(super) fn write_row(
    new: &Connection,
    table: &str,
    columns: &Columns,
) -> Result<(), StoreError> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES ({places})",
        names.join(", ")
    );
    new.prepare_cached(&sql)?
        .execute(params_from_iter(columns.iter().map(|(_, value)| value)))?;
    Ok(())
}

/// Copies a row as it is; false when it cannot be read or is refused by what must hold.
pub(super) fn copy(old: &Old, new: &Connection, table: &str, id: i64) -> Result<bool, StoreError> {
    match read_row(old, table, "id", id) {
        Some(columns) => keep(new, table, &columns),
        None => Ok(false),
    }
}

/// Writes a row; false when it is refused by what must hold.
pub(super) fn keep(new: &Connection, table: &str, columns: &Columns) -> Result<bool, StoreError> {
    match write_row(new, table, columns) {
        Ok(()) => Ok(true),
        Err(StoreError::Database { code }) if code & 0xff == rusqlite::ffi::SQLITE_CONSTRAINT => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// What of an index can be read: row number to what it says.
pub(super) struct Indexed<T> {
    pub(super) rows: BTreeMap<i64, T>,
    /// Every entry was read: what is not here was never there, or was taken away.
    pub(super) is_whole: bool,
}

impl<T> Indexed<T> {
    /// Is it certain that there is no such row?
    pub(super) fn denies(&self, id: i64) -> bool {
        self.is_whole && !self.rows.contains_key(&id)
    }
}

/// Reads an index from the front and, where it breaks off, from the back. `columns` are its first,
/// in their order; `only` is the condition of a partial one. The table itself is not read.
pub(super) fn indexed<T>(
    old: &Connection,
    (table, index): (&str, &str),
    columns: &[&str],
    only: &str,
    take: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Indexed<T> {
    let mut rows = BTreeMap::new();
    for order in ["ASC", "DESC"] {
        let by: Vec<String> = columns
            .iter()
            .map(|name| format!("{name} {order}"))
            .collect();
        let sql = format!(
            "SELECT id, {} FROM {table} INDEXED BY {index} {only} ORDER BY {}",
            columns.join(", "),
            by.join(", ")
        );
        let read = || -> rusqlite::Result<()> {
            let mut statement = old.prepare(&sql)?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                rows.insert(row.get(0)?, take(row)?);
            }
            Ok(())
        };
        if patiently(read).is_ok() {
            return Indexed {
                rows,
                is_whole: order == "ASC",
            };
        }
    }
    Indexed {
        rows,
        is_whole: false,
    }
}

fn value<'a>(columns: &'a Columns, name: &str) -> Option<&'a Value> {
    columns
        .iter()
        .find(|(have, _)| have == name)
        .map(|(_, value)| value)
}

pub(super) fn number(columns: &Columns, name: &str) -> i64 {
    match value(columns, name) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    }
}

pub(super) fn blob<'a>(columns: &'a Columns, name: &str) -> Option<&'a [u8]> {
    match value(columns, name) {
        Some(Value::Blob(bytes)) => Some(bytes),
        _ => None,
    }
}
