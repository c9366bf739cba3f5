//! The gateway and its store: one SQLite file that several processes may share, and beside it a
//! second one that a restore never touches.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, config::DbConfig, params};

use crate::error::GatewayError;
use crate::exchange::Entropy;
use crate::instant::Instant;
use crate::session;
use crate::settings::Settings;
use crate::statements::{self, Transaction};

/// Version of `schema.sql`, kept in `PRAGMA user_version`.
pub(crate) const STORAGE_VERSION: i64 = 1;

/// How long one process waits for another's write transaction.
const BUSY: Duration = Duration::from_secs(20);

/// The last tracking id that the real service would have given before this gateway's first.
const FIRST_TRACKING: i64 = 1_916_449;

/// A gateway over its store. `Send`, not `Sync`.
#[derive(Debug)]
pub struct Gateway {
    pub(crate) db: Connection,
    /// Tracking-id sequence and epoch counter: outside every backup, so that a restore neither
    /// gives a tracking id twice nor falls back into an epoch that clients know.
    pub(crate) lasting: Connection,
    pub(crate) settings: Settings,
    pub(crate) trouble: Option<GatewayError>,
}

impl Gateway {
    /// Opens or makes the store at `path`; the lasting part lies beside it as `<path>-lasting`.
    /// The first open seeds the accounts and begins the first epoch.
    pub fn open(path: &Path, now: Instant, entropy: Entropy<'_>) -> Result<Self, GatewayError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push("-lasting");
        Self::over(
            Connection::open(path)?,
            Connection::open(Path::new(&beside))?,
            now,
            entropy,
        )
    }

    /// A gateway that forgets everything when it is dropped.
    pub fn in_memory(now: Instant, entropy: Entropy<'_>) -> Result<Self, GatewayError> {
        Self::over(
            Connection::open_in_memory()?,
            Connection::open_in_memory()?,
            now,
            entropy,
        )
    }

    fn over(
        db: Connection,
        lasting: Connection,
        now: Instant,
        entropy: Entropy<'_>,
    ) -> Result<Self, GatewayError> {
        lapor_sqlite3mc::link();
        prepare(&db)?;
        prepare(&lasting)?;
        let start = Transaction::to_write(&lasting)?;
        start.execute_batch(
            "CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;",
        )?;
        begin_counters(&start)?;
        start.commit()?;

        let tx = Transaction::to_write(&db)?;
        let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match found {
            0 => {
                tx.execute_batch(include_str!("schema.sql"))?;
                tx.pragma_update(None, "user_version", STORAGE_VERSION)?;
                session::seed_accounts(&tx, entropy)?;
                begin_epoch(&tx, &lasting, now, entropy)?;
            }
            STORAGE_VERSION => {}
            _ => {
                return Err(GatewayError::StorageVersion {
                    found,
                    known: STORAGE_VERSION,
                });
            }
        }
        tx.commit()?;
        Ok(Self {
            db,
            lasting,
            settings: Settings::default(),
            trouble: None,
        })
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// How many new reports an account may send within an hour; `None` lifts the quota.
    pub fn set_quota(&mut self, creates_per_hour: Option<u32>) {
        self.settings.creates_per_hour = creates_per_hour;
    }

    /// While on, new reports and events get 503; what is known is still answered.
    pub fn set_maintenance(&mut self, on: bool) {
        self.settings.maintenance = on;
    }

    /// What stood behind the last 500, once.
    pub fn take_trouble(&mut self) -> Option<GatewayError> {
        self.trouble.take()
    }

    /// The current epoch, opaque, at most 32 characters.
    pub fn epoch(&self) -> Result<String, GatewayError> {
        Ok(epoch(&self.db)?)
    }

    pub(crate) fn write(&mut self) -> Result<Transaction<'_>, rusqlite::Error> {
        Transaction::to_write(&self.db)
    }
}

fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(BUSY)?;
    // Room for every statement of the rules.
    connection.set_prepared_statement_cache_capacity(240);
    // Without this a cached statement is planned anew for values that a partial index might like.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A kill loses nothing that was committed; a power cut of the sandbox's host may.
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
}

/// The lasting numbers where there are none yet.
pub(crate) fn begin_counters(lasting: &Connection) -> Result<(), rusqlite::Error> {
    statements::execute(
        lasting,
        "INSERT OR IGNORE INTO counter (name, last) VALUES ('tracking', ?1), ('epoch', 0)",
        [FIRST_TRACKING],
    )?;
    Ok(())
}

pub(crate) fn epoch(db: &Connection) -> Result<String, rusqlite::Error> {
    state(db, "epoch").map(Option::unwrap_or_default)
}

pub(crate) fn state(db: &Connection, name: &str) -> Result<Option<String>, rusqlite::Error> {
    db.prepare_cached("SELECT value FROM state WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

pub(crate) fn set_state(tx: &Connection, name: &str, value: &str) -> Result<(), rusqlite::Error> {
    statements::execute(
        tx,
        "INSERT INTO state (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    )?;
    Ok(())
}

/// Begins an epoch that no client has seen: a counter that outlives restores, and random bytes
/// in case even that counter was lost.
pub(crate) fn begin_epoch(
    tx: &Connection,
    lasting: &Connection,
    now: Instant,
    entropy: Entropy<'_>,
) -> Result<(), rusqlite::Error> {
    let number = count_up(lasting, "epoch", 0)?;
    let mut salt = [0_u8; 6];
    entropy(&mut salt);
    set_state(tx, "epoch", &format!("e{number}-{}", hex(&salt)))?;
    set_state(tx, "epoch_began", &now.rfc3339())
}

/// The next number of a lasting counter, above `floor`. It commits at once: a number may be
/// wasted, never given twice.
pub(crate) fn count_up(
    lasting: &Connection,
    name: &str,
    floor: i64,
) -> Result<i64, rusqlite::Error> {
    statements::one(
        lasting,
        "UPDATE counter SET last = max(last, ?2) + 1 WHERE name = ?1 RETURNING last",
        params![name, floor],
        |row| row.get(0),
    )
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
