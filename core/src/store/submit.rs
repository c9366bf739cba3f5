//! Accepting a report: from here on it is never lost.

use lapor_engine::{
    calendar::Instant,
    report::{EventKey, FrozenBody, Phase, ReportKey, Sha256Hash},
    sync::{AccountId, OperationId, OperationKind, OperationState, Reason},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, drafts, pictures, rows, settings, supersede};

#[cfg(test)]
mod tests;

/// The operations that a submission made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationIds {
    pub create: OperationId,
    pub uploads: Vec<OperationId>,
}

impl Store {
    /// Freezes the body and writes the operations, in one transaction. When this returns, the
    /// report is accepted. `version` is that of the [`super::DraftRow`] that was checked.
    pub fn submit(
        &mut self,
        key: ReportKey,
        version: i64,
        frozen: &FrozenBody,
        now: Instant,
    ) -> Result<OperationIds, StoreError> {
        if Sha256Hash::of(&frozen.bytes) != frozen.sha256 {
            return Err(StoreError::HashMismatch);
        }
        self.write(|db| {
            let head = drafts::editable(db, key)?;
            if head.version != version {
                return Err(StoreError::Changed);
            }
            supersede::is_more_than_what_arrived(db, head.id)?;
            db.prepare_cached(
                "INSERT INTO body (report, content) VALUES (?1, ?2)
                 ON CONFLICT (report) DO UPDATE SET content = excluded.content",
            )?
            .execute(params![head.id, frozen.bytes])?;
            db.prepare_cached(
                "UPDATE report SET phase = ?2, accepted_at = ?3, sort_at = ?3, body_sha256 = ?4, problems = '[]'
                 WHERE id = ?1",
            )?
            .execute(params![head.id, Phase::Queued.as_str(), now.0, frozen.sha256.0])?;
            supersede::look_again_before(db, head.id)?;
            let create = create_again_or_anew(db, &head, now)?;
            let mut uploads = Vec::new();
            for attachment in pictures::of_report(db, head.id)? {
                uploads.push(upload_again_or_anew(db, &head, create, attachment.id, now)?);
            }
            Ok(OperationIds { create, uploads })
        })
    }

    /// Whatever of this report waits or pauses is due now, and so is a gateway that was not reached.
    pub fn resend(&mut self, key: ReportKey, now: Instant) -> Result<u32, StoreError> {
        self.write_at_need(|db| {
            let head = rows::own_head(db, key)?;
            match head.phase {
                Phase::Draft | Phase::Discarded => return Err(StoreError::NotSubmitted { phase: head.phase }),
                // The same bytes would be refused again: the person has to edit or decide.
                Phase::Rejected | Phase::KeyTaken | Phase::Superseded => return Err(StoreError::NotPossible { phase: head.phase }),
                Phase::Queued | Phase::Sent | Phase::Withdrawing | Phase::Withdrawn => {}
            }
            let woken = db
                .prepare_cached(
                    "UPDATE operation SET state = 'waiting', streak = 0, due_set_at = ?2, due_delay = 0
                     WHERE report = ?1 AND state IN ('waiting', 'paused')",
                )?
                .execute([head.id, now.0])?;
            settings::put_origin(db, &settings::origin(db)?.asked_for(now))?;
            Ok(u32::try_from(woken).unwrap_or(u32::MAX))
        })
    }
}

fn create_again_or_anew(
    db: &Connection,
    head: &rows::Head,
    now: Instant,
) -> Result<OperationId, StoreError> {
    let there: Option<i64> = db
        .prepare_cached("SELECT id FROM operation WHERE report = ?1 AND kind = 'create_report'")?
        .query_row([head.id], |row| row.get(0))
        .optional()?;
    match there {
        // `maybe_sent` stays: nothing ever clears it.
        Some(id) => again(db, head.account, id, now),
        None => insert_operation(
            db,
            head,
            &NewOperation::of(OperationKind::CreateReport),
            now,
        ),
    }
}

fn upload_again_or_anew(
    db: &Connection,
    head: &rows::Head,
    create: OperationId,
    attachment: i64,
    now: Instant,
) -> Result<OperationId, StoreError> {
    let there: Option<i64> = db
        .prepare_cached("SELECT id FROM operation WHERE report = ?1 AND attachment = ?2")?
        .query_row([head.id, attachment], |row| row.get(0))
        .optional()?;
    match there {
        Some(id) => again(db, head.account, id, now),
        None => {
            let new = NewOperation {
                attachment,
                follows: create.0,
                ..NewOperation::of(OperationKind::UploadAttachment)
            };
            insert_operation(db, head, &new, now)
        }
    }
}

/// An operation that begins anew under its old number: of what it sends now, nothing was tried.
fn again(
    db: &Connection,
    account: AccountId,
    id: i64,
    now: Instant,
) -> Result<OperationId, StoreError> {
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', attempts = 0, streak = 0, due_set_at = ?2, due_delay = 0,
             owner = '', reason = ?3, tried_at = 0 WHERE id = ?1",
    )?
    .execute(params![id, now.0, rows::reason_text(Some(&first_reason(account)))])?;
    Ok(OperationId(id))
}

/// Nothing of a guest travels: what it waits for is a sign-in.
fn first_reason(account: AccountId) -> Reason {
    if account == AccountId::GUEST {
        Reason::SignIn
    } else {
        Reason::NotTried
    }
}

/// A row of the outbox about to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewOperation {
    pub(super) kind: OperationKind,
    pub(super) attachment: i64,
    pub(super) event: Option<EventKey>,
    pub(super) follows: i64,
    pub(super) maybe_sent: bool,
}

impl NewOperation {
    pub(super) fn of(kind: OperationKind) -> Self {
        Self {
            kind,
            attachment: 0,
            event: None,
            follows: 0,
            maybe_sent: false,
        }
    }
}

pub(super) fn insert_operation(
    db: &Connection,
    head: &rows::Head,
    new: &NewOperation,
    now: Instant,
) -> Result<OperationId, StoreError> {
    db.prepare_cached(
        "INSERT INTO operation (account, report, kind, attachment, event, follows, state, due_set_at, maybe_sent, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        head.account.0,
        head.id,
        new.kind.as_str(),
        new.attachment,
        new.event.as_ref().map_or(&[][..], |key| &key.0[..]),
        new.follows,
        OperationState::Waiting.as_str(),
        now.0,
        new.maybe_sent,
        rows::reason_text(Some(&first_reason(head.account)))
    ])?;
    Ok(OperationId(db.last_insert_rowid()))
}
