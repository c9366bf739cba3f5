//! Rows of a damaged store to which no way leads from the root: a page between the root of a table
//! and its leaves is gone. The leaves are whole as they are, and SQLite writes down of every page
//! which one stands above it, so that each is found and read by itself.
//!
//! Reads only, and only what SQLite has decrypted and proven.

mod cell;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use rusqlite::{Connection, types::Value};

use super::readable::{Columns, patiently};
use cell::Cell;

#[cfg(test)]
mod tests;

/// Page types, as a page's first byte names them.
const LEAF: u8 = 0x0d;
/// What the map of pages says: the root of a tree, and a page below another of its tree.
const ROOT: u8 = 1;
const BELOW: u8 = 5;
/// Trees of this store are three or four pages high.
const HIGHEST: u32 = 20;

/// A damaged store: its connection, and the rows that only the leaves still have.
pub(super) struct Old {
    db: Connection,
    /// By table and row number: the page.
    rows: BTreeMap<String, BTreeMap<i64, u32>>,
    /// Bytes of a page that are SQLite's; the cipher has the rest.
    usable: usize,
}

impl Deref for Old {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.db
    }
}

impl Old {
    pub(super) fn new(db: Connection) -> Self {
        let mut old = Self {
            db,
            rows: BTreeMap::new(),
            usable: 0,
        };
        // Where even this cannot be read nothing is found besides.
        let _ = old.look();
        old
    }

    /// The row numbers of a table that are found on its leaves.
    pub(super) fn numbers(&self, table: &str) -> impl Iterator<Item = i64> {
        self.rows
            .get(table)
            .into_iter()
            .flat_map(|rows| rows.keys().copied())
    }

    /// A row from its leaf.
    pub(super) fn row(&self, table: &str, id: i64) -> Option<Columns> {
        let page = page_at(&self.db, *self.rows.get(table)?.get(&id)?)?;
        let cell = Cell::all(&page, self.usable).find(|cell| cell.row == id)?;
        let payload = cell.payload(self.usable, |number| page_at(&self.db, number))?;
        let values = cell::values(&payload)?;
        let names = self.columns(table).ok()?;
        let columns = names
            .into_iter()
            .zip(values)
            .map(|((name, is_number), value)| match value {
                // What is the row's number is not written twice.
                Value::Null if is_number => (name, Value::Integer(id)),
                value => (name, value),
            });
        Some(columns.collect())
    }

    /// Names, and which of them is the row's number.
    fn columns(&self, table: &str) -> rusqlite::Result<Vec<(String, bool)>> {
        self.db
            .prepare("SELECT name, pk = 1 FROM pragma_table_info(?1) ORDER BY cid")?
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    fn look(&mut self) -> Option<()> {
        let first = page_at(&self.db, 1)?;
        self.usable = usable(&first)?;
        let pages: u32 = self
            .db
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .ok()?;
        let map = Map::read(&self.db, pages, self.usable);
        let roots = self.roots().ok()?;
        let is_gone = |number: u32| page_at(&self.db, number).is_none();
        let gone: BTreeSet<u32> = map.parents().into_iter().filter(|n| is_gone(*n)).collect();
        if gone.is_empty() {
            return None;
        }
        let mut rows: BTreeMap<String, BTreeMap<i64, u32>> = BTreeMap::new();
        for number in 3..=pages {
            let Some((root, way)) = map.way_up(number) else {
                continue;
            };
            let Some(table) = roots.get(&root) else {
                continue;
            };
            if !way.iter().any(|above| gone.contains(above)) {
                continue;
            }
            let Some(leaf) = page_at(&self.db, number).filter(|leaf| leaf.first() == Some(&LEAF))
            else {
                continue;
            };
            let found = rows.entry(table.clone()).or_default();
            found.extend(Cell::all(&leaf, self.usable).map(|cell| (cell.row, number)));
        }
        self.rows = rows;
        Some(())
    }

    fn roots(&self) -> rusqlite::Result<BTreeMap<u32, String>> {
        self.db
            .prepare(
                "SELECT rootpage, name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rootpage",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }
}

/// Pages below the first one, of the schema; of a sound store.
pub(super) fn below_first(db: &Connection) -> rusqlite::Result<Vec<u32>> {
    let pages = patiently(|| db.query_row("PRAGMA page_count", [], |row| row.get(0)))?;
    let first = page_at(db, 1).ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let map = Map::read(db, pages, usable(&first).unwrap_or(0));
    let below = map.0.into_iter().filter(|(_, above)| *above == (BELOW, 1));
    Ok(below.map(|(number, _)| number).collect())
}

/// Bytes of a page that are SQLite's; the cipher has the rest.
fn usable(first: &[u8]) -> Option<usize> {
    first.len().checked_sub(usize::from(*first.get(20)?))
}

/// A page as SQLite sees it; nothing where it is damaged.
fn page_at(db: &Connection, number: u32) -> Option<Vec<u8>> {
    let read = || {
        db.prepare_cached("SELECT data FROM sqlite_dbpage WHERE pgno = ?1")?
            .query_row([number], |row| row.get(0))
    };
    patiently(read).ok()
}

/// Which page stands above which.
struct Map(BTreeMap<u32, (u8, u32)>);

impl Map {
    /// `PTRMAP` pages: the second of the file and then one for each so many, five bytes a page.
    fn read(db: &Connection, pages: u32, usable: usize) -> Self {
        let each = u32::try_from(usable / 5).unwrap_or(u32::MAX);
        let mut all = BTreeMap::new();
        let mut at = 2_u32;
        while at <= pages && each > 0 {
            let entries = page_at(db, at).unwrap_or_default();
            for (number, entry) in (at + 1..=pages).zip(entries.chunks_exact(5).take(each as usize))
            {
                if let [kind, a, b, c, d] = *entry {
                    all.insert(number, (kind, u32::from_be_bytes([a, b, c, d])));
                }
            }
            at = match at.checked_add(each).and_then(|at| at.checked_add(1)) {
                Some(next) => next,
                None => break,
            };
        }
        Self(all)
    }

    /// Pages that stand above others of a tree.
    fn parents(&self) -> BTreeSet<u32> {
        let below = self.0.values().filter(|(kind, _)| *kind == BELOW);
        below.map(|(_, above)| *above).collect()
    }

    /// The root of a page's tree, and all pages from it up to there.
    fn way_up(&self, number: u32) -> Option<(u32, Vec<u32>)> {
        let (mut at, mut way) = (number, Vec::new());
        for _ in 0..HIGHEST {
            match self.0.get(&at)? {
                (ROOT, _) => return Some((at, way)),
                (BELOW, above) => {
                    way.push(*above);
                    at = *above;
                }
                _ => return None,
            }
        }
        None
    }
}
