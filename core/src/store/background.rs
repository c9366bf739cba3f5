//! Uploads that the OS carries while no engine runs: each is stored with the mark on its
//! operation before the OS hears of it, and settled once, whatever is told how often.

use lapor_engine::{
    calendar::Instant,
    mutant,
    sync::{AccountId, Change, OperationId, Reason, RunId},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Begun, Store, StoreError, apply, outbox::BY_THE_OS, rows};

#[cfg(test)]
mod tests;

/// A job of which nothing was heard for this long is taken for lost, milliseconds.
const LOST_AFTER: i64 = 7 * 86_400_000;
/// A settled job is remembered for this long, so that its result may be told again, milliseconds.
const REMEMBERED: i64 = 30 * 86_400_000;

/// One body that the OS sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackgroundJob {
    /// Names the job, its file in the spool, and the owner of its operation.
    pub id: String,
    pub account: AccountId,
    pub operation: OperationId,
    /// What a genuine answer echoes.
    pub nonce: String,
    /// None for the words of a report.
    pub upload: Option<JobUpload>,
    pub prepared_at: Instant,
}

/// The part of a picture that a job sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobUpload {
    pub url: String,
    pub offset: u64,
    pub length: u64,
}

impl BackgroundJob {
    /// The owner of its operation.
    pub fn owner(&self) -> RunId {
        RunId(format!("{BY_THE_OS}{}", self.id))
    }
}

const JOB: &str = "SELECT j.job, j.account, j.operation, j.nonce, j.upload_url, j.upload_offset, j.length, \
     j.prepared_at FROM background_job j";
/// The OS may still be at it: nobody has told its end, and nobody took the operation away.
const OPEN: &str = "j.settled_at = 0 AND EXISTS (SELECT 1 FROM operation o WHERE o.id = j.operation \
     AND o.state = 'in_flight' AND o.owner = 'os:' || j.job)";

fn job(row: &Row<'_>) -> rusqlite::Result<BackgroundJob> {
    let url: String = row.get(4)?;
    let (offset, length) = (rows::natural(row.get(5)?), rows::natural(row.get(6)?));
    Ok(BackgroundJob {
        id: row.get(0)?,
        account: AccountId(row.get(1)?),
        operation: OperationId(row.get(2)?),
        nonce: row.get(3)?,
        upload: rows::some(url).map(|url| JobUpload {
            url,
            offset,
            length,
        }),
        prepared_at: Instant(row.get(7)?),
    })
}

impl Store {
    /// Marks the operation as the OS's and stores the job, in one commit: before the OS hears of
    /// it. What a picture has at the service is not sure from now on.
    pub fn entrust(&mut self, job: &BackgroundJob, now: Instant) -> Result<Begun, StoreError> {
        self.write(|db| {
            let marked = db
                .prepare_cached(
                    "UPDATE operation SET state = 'in_flight', owner = ?2, tried_at = ?3,
                         maybe_sent = iif(kind = 'upload_attachment', maybe_sent, 1)
                     WHERE id = ?1 AND account = ?4 AND state = 'waiting'",
                )?
                .execute(params![job.operation.0, job.owner().0, now.0, job.account.0])?;
            if marked == 0 {
                return Ok(Begun::Gone);
            }
            unsure(db, "o.id = ?1", job.operation.0)?;
            let upload = job.upload.as_ref();
            db.prepare_cached(
                "INSERT INTO background_job (job, account, operation, nonce, upload_url, upload_offset, length, prepared_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                job.id,
                job.account.0,
                job.operation.0,
                job.nonce,
                upload.map_or("", |upload| &upload.url),
                upload.map_or(0, |upload| rows::int(upload.offset)),
                upload.map_or(0, |upload| rows::int(upload.length)),
                job.prepared_at.0
            ])?;
            db.prepare_cached("DELETE FROM background_job WHERE settled_at <> 0 AND abs(settled_at - ?1) > ?2")?
                .execute([now.0, REMEMBERED])?;
            Ok(Begun::Started)
        })
    }

    /// A job by its name, settled or not.
    pub fn background_job(&self, id: &str) -> Result<BackgroundJob, StoreError> {
        self.glance(|db| {
            db.prepare_cached(&format!("{JOB} WHERE j.job = ?1"))?
                .query_row([id], job)
                .optional()?
                .ok_or(StoreError::NotFound)
        })
    }

    /// Jobs whose end is not known, of everybody on this phone, oldest first.
    pub fn background_jobs(&self) -> Result<Vec<BackgroundJob>, StoreError> {
        self.glance(open_jobs)
    }

    /// Writes what follows from the end of a job, once: false when it was settled before, or its
    /// operation was taken away meanwhile. Its file goes.
    pub fn settle_job(
        &mut self,
        id: &str,
        changes: &[Change],
        now: Instant,
    ) -> Result<bool, StoreError> {
        let settled = self.write_at_need(|db| {
            let open = close(db, id, now)?;
            if open {
                apply::all(db, changes, now)?;
            }
            Ok(open)
        })?;
        self.drop_spooled(id)?;
        Ok(settled)
    }

    /// The OS lost it: its outcome is unknown, and the same bytes go again. False when it was
    /// settled before.
    pub fn release_job(&mut self, id: &str, now: Instant) -> Result<bool, StoreError> {
        let released = self.write_at_need(|db| {
            let owner = format!("{BY_THE_OS}{id}");
            let open = close(db, id, now)?;
            if open {
                unsure(db, "o.state = 'in_flight' AND o.owner = ?1", &owner)?;
                wait_again(db, "owner = ?3", now, &owner)?;
            }
            Ok(open)
        })?;
        self.drop_spooled(id)?;
        Ok(released)
    }
}

/// Marks a job as settled; was it open until now?
fn close(db: &Connection, id: &str, now: Instant) -> Result<bool, StoreError> {
    let open: bool = db
        .prepare_cached(&format!(
            "SELECT {OPEN} FROM background_job j WHERE j.job = ?1"
        ))?
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::NotFound)?;
    db.prepare_cached(
        "UPDATE background_job SET settled_at = ?2 WHERE job = ?1 AND settled_at = 0",
    )?
    .execute(params![id, now.0])?;
    Ok(open)
}

pub(super) fn open_jobs(db: &Connection) -> Result<Vec<BackgroundJob>, StoreError> {
    let mut statement = db.prepare_cached(&format!("{JOB} WHERE {OPEN} ORDER BY j.id"))?;
    let found = statement.query_map([], job)?.collect::<Result<_, _>>()?;
    Ok(found)
}

/// Would [`recover`] change nothing? Whatever that does has to be asked for here.
pub(super) fn is_all_at_rest(db: &Connection) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM operation WHERE state = 'in_flight')
                 AND NOT EXISTS (SELECT 1 FROM background_job WHERE settled_at = 0)
                 AND NOT EXISTS (SELECT 1 FROM account WHERE refreshed = 1)",
        )?
        .query_row([], |row| row.get(0))?)
}

/// What was in flight under a run that is dead, or with the OS for too long, waits again. Returns
/// how many.
pub(super) fn recover(db: &Connection, run: &RunId, now: Instant) -> Result<u32, StoreError> {
    if mutant!(DeadRunsKeepTheirs) {
        return Ok(0);
    }
    // A token is fresh to the run that fetched it: whether one of a run that died before it could
    // keep the answer had grown old since, nobody can tell.
    db.prepare_cached("UPDATE account SET refreshed = 0 WHERE refreshed = 1")?
        .execute([])?;
    db.prepare_cached(
        "UPDATE background_job SET settled_at = ?1 WHERE settled_at = 0 AND abs(?1 - prepared_at) > ?2",
    )?
    .execute([now.0, LOST_AFTER])?;
    unsure(
        db,
        "o.state = 'in_flight' AND o.owner <> ?1 AND NOT EXISTS
             (SELECT 1 FROM background_job j WHERE j.settled_at = 0 AND o.owner = 'os:' || j.job)",
        &run.0,
    )?;
    wait_again(
        db,
        "owner <> ?3 AND NOT EXISTS
             (SELECT 1 FROM background_job j WHERE j.settled_at = 0 AND operation.owner = 'os:' || j.job)",
        now,
        &run.0,
    )
}

/// How much of these pictures arrived is for the service to say.
fn unsure(db: &Connection, which: &str, of: impl rusqlite::ToSql) -> Result<(), StoreError> {
    db.prepare_cached(&format!(
        "UPDATE attachment SET offset_is_sure = 0
         WHERE id IN (SELECT o.attachment FROM operation o WHERE o.attachment <> 0 AND {which})"
    ))?
    .execute([of])?;
    Ok(())
}

fn wait_again(db: &Connection, which: &str, now: Instant, of: &str) -> Result<u32, StoreError> {
    let found = db
        .prepare_cached(&format!(
            "UPDATE operation SET state = 'waiting', owner = '', reason = ?1, due_set_at = ?2, due_delay = 0
             WHERE state = 'in_flight' AND {which}"
        ))?
        .execute(params![rows::reason_text(Some(&Reason::Unknown)), now.0, of])?;
    Ok(u32::try_from(found).unwrap_or(u32::MAX))
}
