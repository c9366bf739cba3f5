//! Backup and restore. A restore begins a new epoch; the tracking ids and the epoch counter lie
//! outside the backup and go on.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::GatewayError;
use crate::exchange::Entropy;
use crate::gateway::{Gateway, STORAGE_VERSION, begin_epoch};
use crate::instant::Instant;

/// All tables but `token`: who is signed in is not the reports' history.
const TABLES: [&str; 10] = [
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

    /// The whole store as it lies on the disk, with what lies outside every backup: for a gateway
    /// that is opened there with [`Gateway::open`].
    pub fn copy_to(&self, to: &Path) -> Result<(), GatewayError> {
        self.backup(to)?;
        let mut beside = to.as_os_str().to_owned();
        beside.push("-lasting");
        let beside = beside.to_str().ok_or(GatewayError::BackupPath)?;
        self.lasting.execute("VACUUM INTO ?1", [beside])?;
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
        let restored = restore(&mut self.db, &self.lasting, now, entropy);
        self.db.execute("DETACH DATABASE kept", [])?;
        restored
    }
}

fn restore(
    db: &mut Connection,
    lasting: &Connection,
    now: Instant,
    entropy: Entropy<'_>,
) -> Result<(), GatewayError> {
    let found: i64 = db.query_row("PRAGMA kept.user_version", [], |row| row.get(0))?;
    if found != STORAGE_VERSION {
        return Err(GatewayError::StorageVersion {
            found,
            known: STORAGE_VERSION,
        });
    }
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for table in TABLES {
        tx.execute(&format!("DELETE FROM main.{table}"), [])?;
        tx.execute(
            &format!("INSERT INTO main.{table} SELECT * FROM kept.{table}"),
            [],
        )?;
    }
    if !mutant!(EpochStays) {
        begin_epoch(&tx, lasting, now, entropy)?;
    }
    tx.commit()?;
    Ok(())
}
