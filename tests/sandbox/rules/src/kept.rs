//! What a gateway has stored, held in memory: for a simulator that makes backups and starts
//! gateways anew by the thousand, without a file and without parsing a schema each time.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::backup::{self, TABLES};
use crate::error::GatewayError;
use crate::exchange::Entropy;
use crate::gateway::{self, Gateway};
use crate::instant::Instant;
use crate::session;
use crate::settings::Settings;
use crate::statements::{Transaction, execute};

/// Where SQLite keeps the last number of an AUTOINCREMENT table.
const NUMBERS: &str = "sqlite_sequence";

/// Every row of a gateway's store, with what lies outside every backup.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    tables: Vec<(&'static str, Rows)>,
    lasting: Rows,
}

type Rows = Vec<Vec<Value>>;

impl Gateway {
    /// All that lies in the store now, signed-in sessions included.
    pub fn keep(&self) -> Result<Kept, GatewayError> {
        let tables = every_table().map(|table| Ok((table, rows(&self.db, table)?)));
        Ok(Kept {
            tables: tables.collect::<Result<_, rusqlite::Error>>()?,
            lasting: rows(&self.lasting, "counter")?,
        })
    }

    /// Goes back to what was kept, as [`Gateway::restore`] goes back to a backup.
    pub fn restore_kept(
        &mut self,
        now: Instant,
        entropy: Entropy<'_>,
        kept: &Kept,
    ) -> Result<(), GatewayError> {
        backup::go_back(&self.db, &self.lasting, now, entropy, |tx, table| {
            insert(tx, table, kept.rows_of(table))
        })
    }

    /// This gateway is as one that was opened over what another has kept: everything from the
    /// store, nothing from memory.
    pub fn open_kept(&mut self, kept: &Kept) -> Result<(), GatewayError> {
        let tx = self.write()?;
        for table in every_table() {
            empty(&tx, table)?;
            insert(&tx, table, kept.rows_of(table))?;
        }
        tx.commit()?;
        let lasting = Transaction::to_write(&self.lasting)?;
        empty(&lasting, "counter")?;
        insert(&lasting, "counter", &kept.lasting)?;
        lasting.commit()?;
        self.forget_what_is_in_memory();
        Ok(())
    }

    /// This gateway is as one that was just made.
    pub fn begin_anew(&mut self, now: Instant, entropy: Entropy<'_>) -> Result<(), GatewayError> {
        empty(&self.lasting, "counter")?;
        gateway::begin_counters(&self.lasting)?;
        let tx = Transaction::to_write(&self.db)?;
        for table in every_table() {
            empty(&tx, table)?;
        }
        session::seed_accounts(&tx, entropy)?;
        gateway::begin_epoch(&tx, &self.lasting, now, entropy)?;
        tx.commit()?;
        self.forget_what_is_in_memory();
        Ok(())
    }

    fn forget_what_is_in_memory(&mut self) {
        self.settings = Settings::default();
        self.trouble = None;
    }
}

impl Kept {
    fn rows_of(&self, table: &str) -> &[Vec<Value>] {
        let found = self.tables.iter().find(|(name, _)| *name == table);
        found.map_or(&[], |(_, rows)| rows)
    }
}

fn every_table() -> impl Iterator<Item = &'static str> {
    // The numbers after the tables that they are of.
    TABLES.into_iter().chain(["token", NUMBERS])
}

fn rows(db: &Connection, table: &str) -> Result<Rows, rusqlite::Error> {
    let mut statement = db.prepare_cached(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
    let columns = statement.column_count();
    let read = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
    read.collect()
}

fn empty(db: &Connection, table: &str) -> Result<(), rusqlite::Error> {
    execute(db, &format!("DELETE FROM {table}"), []).map(|_| ())
}

fn insert(db: &Connection, table: &str, rows: &[Vec<Value>]) -> Result<(), rusqlite::Error> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let places: Vec<&str> = first.iter().map(|_| "?").collect();
    let sql = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
    let mut statement = db.prepare_cached(&sql)?;
    for row in rows {
        statement.execute(params_from_iter(row))?;
    }
    Ok(())
}
