//! The app is updated: what its store was like under an older version.
//!
//! The old app cannot run here. What a migration added is taken away from the store of a closed
//! app, so that the next opening finds what that version left behind, with everything its person
//! had written in it. A test holds what is made against a store that version 1 really made.

use std::path::Path;

use lapor_sim_vfs::{Disk, VFS};
use rusqlite::{Connection, OpenFlags};

use super::opening::RAW_KEY;

/// Takes away what each version added, the newest first.
const STEPS: [(u32, &str); 3] = [
    (
        3,
        "DROP INDEX report_superseding; DELETE FROM operation WHERE kind = 'fetch_copy';
         UPDATE report SET phase = 'key_taken' WHERE phase = 'superseded';",
    ),
    (
        2,
        "DROP TRIGGER thumbnail_goes; DROP INDEX attachment_by_sha256; DROP TABLE thumbnail;",
    ),
    (
        1,
        "DROP TABLE background_job; DELETE FROM setting WHERE name LIKE 'account/%';",
    ),
];

/// What became of a store that was to be an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// It was of that version or older, or has something in it that the older app could not have had.
    Nothing,
    /// `is_named`: it says which app ran the engine over it last, and that was the older one.
    Older { is_named: bool },
}

/// Makes the store of a closed app one of `version`.
pub(super) fn make(disk: &Disk, version: u32) -> rusqlite::Result<Made> {
    let database = disk.home().join("store").join("lapor.db");
    let db = open(&database, RAW_KEY)?;
    let now: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if now <= version || (version < 2 && has_jobs(&db)?) {
        return Ok(Made::Nothing);
    }
    // The version is what the next app goes by: all or nothing.
    let mut steps = "BEGIN IMMEDIATE;".to_owned();
    for (to, step) in STEPS {
        if to < now && to >= version {
            steps.push_str(step);
        }
    }
    db.execute_batch(&steps)?;
    // What that app could not do, the new one tries at once. (One that never ran the engine is not named.)
    let named = db.execute(
        "UPDATE setting SET value = '0.0.1' WHERE name = 'client.app_version'",
        [],
    )?;
    db.execute_batch(&format!("PRAGMA user_version = {version}; COMMIT;"))?;
    Ok(Made::Older {
        is_named: named == 1,
    })
}

/// Does the OS still carry something for this app?
fn has_jobs(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("SELECT EXISTS (SELECT 1 FROM background_job)", [], |row| {
        row.get(0)
    })
}

fn open(database: &Path, key: [u8; 32]) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags_and_vfs(database, flags, VFS)?;
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    db.execute_batch(&format!(
        "PRAGMA cipher = 'chacha20'; PRAGMA key = 'raw:{key}'; PRAGMA synchronous = FULL;"
    ))?;
    Ok(db)
}

#[cfg(test)]
mod tests;
