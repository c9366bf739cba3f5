//! What the engine sees of the store, and the marks it leaves before it sends.

use lapor_engine::{
    api::Secret,
    calendar::{Due, Instant},
    mutant,
    report::{ReportKey, Sha256Hash, TrackingId},
    sync::{
        Account, AccountId, Operation, OperationId, OperationKind, OperationState, RunId,
        SessionState, Upload, Work,
    },
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, StoreError, accounts, background, rows, settings};

#[cfg(test)]
mod tests;

/// Keys asked for in one request after the epoch changed.
const UNVERIFIED_PAGE: u32 = 100;
/// Owners of operations that the OS carries on while no engine runs.
pub(super) const BY_THE_OS: &str = "os:";

/// Is it carried by the OS, with no run of the engine?
pub fn is_of_the_os(owner: &RunId) -> bool {
    owner.0.starts_with(BY_THE_OS)
}

/// May the operation go on the line?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It is marked: send it.
    Started,
    /// It was taken back or settled in the meantime: ask for new work.
    Gone,
}

impl Store {
    /// Everything the engine needs to decide, of one moment: the current person's.
    pub fn work(&self, run: &RunId) -> Result<Work, StoreError> {
        self.read(|db| work(db, None, run, self.gateway.as_deref()))
    }

    /// The same of somebody who may not be signed in any more: to settle what they sent.
    pub fn work_of(&self, account: AccountId, run: &RunId) -> Result<Work, StoreError> {
        self.read(|db| work(db, Some(account), run, self.gateway.as_deref()))
    }

    /// Marks an operation durably before its first byte: in flight under `run`, and perhaps
    /// sent from now on. Costs nothing when it is so already. A picture's bytes need no mark of
    /// their own: the service's offset is the truth.
    pub fn begin(
        &mut self,
        operation: OperationId,
        run: &RunId,
        now: Instant,
    ) -> Result<Begun, StoreError> {
        if let Some(begun) = self.glance(|db| begun_already(db, operation, run))? {
            return Ok(begun);
        }
        self.write_at_need(|db| begin(db, operation, run, now))
    }

    /// A chunk of a picture goes on the line: that it was tried outlives a kill. It needs no mark of
    /// its own, so this costs no sync of the disk, and a full one does not keep the chunk back.
    pub fn tries(&mut self, operation: OperationId, now: Instant) -> Result<(), StoreError> {
        let marked = self.write_unsynced(|db| {
            db.prepare_cached("UPDATE operation SET tried_at = ?2 WHERE id = ?1")?
                .execute(params![operation.0, now.0])?;
            Ok(())
        });
        match marked {
            Err(StoreError::DiskFull | StoreError::Busy) => Ok(()),
            marked => marked,
        }
    }

    /// Was the person, or one of these operations, erased? What has only ended is there: the answer to
    /// it still counts. No number is ever used twice.
    pub fn is_erased(
        &self,
        account: AccountId,
        operations: &[OperationId],
    ) -> Result<bool, StoreError> {
        self.glance(|db| {
            if !accounts::is_known(db, account)? {
                return Ok(true);
            }
            let mut there = db.prepare_cached("SELECT 1 FROM operation WHERE id = ?1")?;
            for operation in operations {
                if !there.exists([operation.0])? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// What was in flight under a run that is dead: its outcome is unknown, it waits again, and
    /// the same bytes go. What the OS carries stays with it, for a week. Called by the run that has
    /// just taken the engine lock.
    pub fn recover(&mut self, run: &RunId, now: Instant) -> Result<u32, StoreError> {
        self.cover_what_failed()?;
        // Most often there is nothing, and a look is cheaper than a transaction that writes.
        if self.glance(background::is_all_at_rest)? {
            return Ok(0);
        }
        self.write_at_need(|db| background::recover(db, run, now))
    }

    /// A run died, perhaps with a chunk on the line: only the gateway knows how far its pictures
    /// came. A first chunk may be a whole picture.
    pub fn doubt_offsets(&mut self) -> Result<(), StoreError> {
        self.write_at_need(|db| {
            db.prepare_cached(
                "UPDATE attachment SET offset_is_sure = 0
                 WHERE stored = 0 AND present = 1 AND offset_is_sure = 1 AND upload_url <> ''",
            )?
            .execute([])?;
            Ok(())
        })
    }

    /// The frozen bytes of a report, checked against the hash they were frozen with.
    pub fn read_body(&self, key: ReportKey) -> Result<Vec<u8>, StoreError> {
        self.glance(|db| {
            let (body, hash): (Vec<u8>, Vec<u8>) = db
                .prepare_cached(
                    "SELECT b.content, r.body_sha256 FROM report r JOIN body b ON b.report = r.id
                     WHERE r.key = ?1 AND r.own = 1",
                )?
                .query_row([key.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .ok_or(StoreError::NotFound)?;
            if Sha256Hash::of(&body) == rows::hash(&hash)? {
                Ok(body)
            } else {
                Err(StoreError::Damaged)
            }
        })
    }

    /// The tracking id that a report had before the service forgot it: told with its create.
    pub fn prior_tracking_id(&self, key: ReportKey) -> Result<Option<TrackingId>, StoreError> {
        self.glance(|db| {
            let found: Option<String> = db
                .prepare_cached("SELECT tracking_id FROM report WHERE key = ?1 AND own = 1")?
                .query_row([key.0], |row| row.get(0))
                .optional()?;
            Ok(found.and_then(rows::some).map(TrackingId))
        })
    }
}

fn work(
    db: &Connection,
    whose: Option<AccountId>,
    run: &RunId,
    gateway: Option<&str>,
) -> Result<Work, StoreError> {
    let known = settings::for_a_run(db)?;
    let whose = whose.unwrap_or(known.current);
    let account = if whose == AccountId::GUEST {
        None
    } else {
        account(db, whose, gateway)?
    };
    let operations = if account.is_some() {
        unfinished(db, whose)?
    } else {
        Vec::new()
    };
    let mut uploads = Vec::new();
    for operation in &operations {
        if let Some(attachment) = operation.attachment {
            uploads.extend(upload(db, attachment)?);
        }
    }
    Ok(Work {
        run: run.clone(),
        account,
        operations,
        uploads,
        origin: known.origin,
        install_secret: known.install_secret,
        last_server_date: known.server_date,
        pictures_unmetered_only: known.unmetered_only,
    })
}

/// An answer that needs no write, if there is one.
fn begun_already(
    db: &Connection,
    operation: OperationId,
    run: &RunId,
) -> Result<Option<Begun>, StoreError> {
    let (state, owner, maybe_sent, kind): (String, String, bool, String) = db
        .prepare_cached("SELECT state, owner, maybe_sent, kind FROM operation WHERE id = ?1")?
        .query_row([operation.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?
        .ok_or(StoreError::NotFound)?;
    let state = OperationState::parse(&state).ok_or(StoreError::Row {
        what: "operation state",
    })?;
    Ok(match state {
        OperationState::Done | OperationState::Ended => Some(Begun::Gone),
        OperationState::InFlight
            if owner == run.0
                && (maybe_sent || kind == OperationKind::UploadAttachment.as_str()) =>
        {
            Some(Begun::Started)
        }
        // Somebody else is at it, or was: `recover` decides that, not this.
        OperationState::InFlight if owner != run.0 => Some(Begun::Gone),
        _ => None,
    })
}

pub(super) fn begin(
    db: &Connection,
    operation: OperationId,
    run: &RunId,
    now: Instant,
) -> Result<Begun, StoreError> {
    if let Some(begun) = begun_already(db, operation, run)? {
        return Ok(begun);
    }
    if mutant!(MarkComesLate) {
        return Ok(Begun::Started);
    }
    db.prepare_cached(
        "UPDATE operation SET state = 'in_flight', owner = ?2, tried_at = ?3,
             maybe_sent = iif(kind = 'upload_attachment', maybe_sent, 1)
         WHERE id = ?1",
    )?
    .execute(params![operation.0, run.0, now.0])?;
    Ok(Begun::Started)
}

fn account(
    db: &Connection,
    id: AccountId,
    gateway: Option<&str>,
) -> Result<Option<Account>, StoreError> {
    let read = |row: &Row<'_>| -> rusqlite::Result<Account> {
        let session: String = row.get(2)?;
        let issuer: Option<String> = row.get(9)?;
        let is_here = accounts::is_from(issuer.as_deref(), gateway);
        let token = |text: String| Secret::new(if is_here { text } else { String::new() });
        let session = SessionState::parse(&session).filter(|_| is_here);
        Ok(Account {
            id,
            access_token: token(row.get(0)?),
            refresh_token: token(row.get(1)?),
            session: session.unwrap_or(SessionState::Ended),
            refreshed: row.get(3)?,
            server_id: row.get(8)?,
            cursor: rows::some(row.get(4)?),
            pull_due: Due {
                set_at: Instant(row.get(5)?),
                delay: rows::natural(row.get(6)?),
            },
            epoch: rows::some(row.get(7)?),
            unverified_keys: Vec::new(),
        })
    };
    let found = db
        .prepare_cached(
            "SELECT access_token, refresh_token, session, refreshed, cursor, pull_set_at, pull_delay, epoch,
                 server_id, (SELECT value FROM setting WHERE name = ?2 || account.id)
             FROM account WHERE id = ?1",
        )?
        .query_row(params![id.0, settings::ISSUER], read)
        .optional()?;
    let Some(mut account) = found else {
        return Ok(None);
    };
    let mut statement = db.prepare_cached(
        "SELECT key FROM report WHERE account = ?1 AND unverified = 1 AND phase = 'sent' ORDER BY sent_at, id LIMIT ?2",
    )?;
    let mut keys = statement.query(params![id.0, UNVERIFIED_PAGE])?;
    while let Some(row) = keys.next()? {
        account
            .unverified_keys
            .push(rows::report_key(&row.get::<_, Vec<u8>>(0)?)?);
    }
    Ok(Some(account))
}

/// Unfinished operations of an account in the order of the outbox.
pub(super) fn unfinished(
    db: &Connection,
    account: AccountId,
) -> Result<Vec<Operation>, StoreError> {
    let sql = if mutant!(AnybodysRows) {
        rows::operations!("?1 <> 0 AND o.state IN ('waiting', 'in_flight', 'paused')")
    } else {
        rows::operations!("o.account = ?1 AND o.state IN ('waiting', 'in_flight', 'paused')")
    };
    collect(db, sql, account.0)
}

/// All operations of a report, the finished ones too.
pub(super) fn of_report(db: &Connection, report: i64) -> Result<Vec<Operation>, StoreError> {
    collect(db, rows::operations!("o.report = ?1"), report)
}

fn collect(db: &Connection, sql: &str, of: i64) -> Result<Vec<Operation>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query([of])?;
    let mut operations = Vec::new();
    while let Some(row) = found.next()? {
        operations.push(rows::operation(row)?);
    }
    Ok(operations)
}

pub(super) fn upload(db: &Connection, attachment: i64) -> Result<Option<Upload>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT r.key, a.sha256, a.bytes, a.upload_url, a.upload_offset, a.offset_is_sure, a.restarts, a.chunk, a.cuts
         FROM attachment a JOIN report r ON r.id = a.report WHERE a.id = ?1",
    )?;
    let mut found = statement.query([attachment])?;
    let Some(row) = found.next()? else {
        return Ok(None);
    };
    Ok(Some(Upload {
        attachment,
        report: rows::report_key(&row.get::<_, Vec<u8>>(0)?)?,
        sha256: rows::hash(&row.get::<_, Vec<u8>>(1)?)?,
        bytes: rows::natural(row.get(2)?),
        url: rows::some(row.get(3)?),
        offset: rows::natural(row.get(4)?),
        offset_is_sure: row.get(5)?,
        restarts: rows::small(row.get(6)?),
        chunk: rows::natural(row.get(7)?),
        cuts: rows::small(row.get(8)?),
    }))
}
