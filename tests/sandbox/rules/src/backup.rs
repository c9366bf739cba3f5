//! Backup and restore. A restore begins a new epoch; the tracking ids and the epoch counter lie
//! outside the backup and go on.

use std::path::Path;

use rusqlite::Connection;

use crate::error::GatewayError;
use crate::exchange::Entropy;
use crate::gateway::{Gateway, STORAGE_VERSION, begin_epoch};
use crate::instant::Instant;
use crate::statements::{Transaction, execute};

/// All tables but `token`: who is signed in is not the reports' history.
pub(crate) const TABLES: [&str; 10] = [
    "state",
    "account",
    "report",
    "withdrawn",
    "attachment",
    "upload",
    "piece",
    "event",
    "feed",
    "tally",
];

impl Gateway {
    /// Writes a backup to a file that must not exist yet.
    pub fn backup(&self, to: &Path) -> Result<(), GatewayError> {
        if to.exists() {
            return Err(GatewayError::BackupExists);
        }
        let to = to.to_str().ok_or(GatewayError::BackupPath)?;
        self.db.execute("VACUUM INTO ?1", [to])?;
        Ok(())
    }

    /// Goes back to a backup, in one transaction, also under the feet of another process.
    pub fn restore(
        &mut self,
        now: Instant,
        entropy: Entropy<'_>,
        from: &Path,
    ) -> Result<(), GatewayError> {
        // To attach a file that is not there would make it.
        if !from.is_file() {
            return Err(GatewayError::BackupMissing);
        }
        let from = from.to_str().ok_or(GatewayError::BackupPath)?;
        self.db.execute("ATTACH DATABASE ?1 AS kept", [from])?;
        let restored = self.restore_attached(now, entropy);
        self.db.execute("DETACH DATABASE kept", [])?;
        restored
    }

    fn restore_attached(&mut self, now: Instant, entropy: Entropy<'_>) -> Result<(), GatewayError> {
        let version = "PRAGMA kept.user_version";
        let found: i64 = self.db.query_row(version, [], |row| row.get(0))?;
        if found != STORAGE_VERSION {
            return Err(GatewayError::StorageVersion {
                found,
                known: STORAGE_VERSION,
            });
        }
        go_back(&self.db, &self.lasting, now, entropy, |tx, table| {
            let sql = format!("INSERT INTO main.{table} SELECT * FROM kept.{table}");
            tx.execute(&sql, []).map(|_| ())
        })
    }
}

/// Every table gives way to what `fill` puts there, and a new epoch begins, in one transaction.
pub(crate) fn go_back(
    db: &Connection,
    lasting: &Connection,
    now: Instant,
    entropy: Entropy<'_>,
    fill: impl Fn(&Connection, &str) -> Result<(), rusqlite::Error>,
) -> Result<(), GatewayError> {
    let tx = Transaction::to_write(db)?;
    for table in TABLES {
        execute(&tx, &format!("DELETE FROM main.{table}"), [])?;
        fill(&tx, table)?;
    }
    if !mutant!(EpochStays) {
        begin_epoch(&tx, lasting, now, entropy)?;
    }
    tx.commit()?;
    Ok(())
}
