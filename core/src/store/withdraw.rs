//! Taking a report back.

use lapor_engine::{
    calendar::Instant,
    mutant,
    report::{Phase, ReportKey, Status},
    sync::{OperationKind, OperationState, Reason},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Store, StoreError, confirm, drafts,
    events::GIVEN_UP,
    rows,
    submit::{NewOperation, insert_operation},
};

#[cfg(test)]
mod tests;

/// How a withdrawal began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithdrawStart {
    /// Nothing of it can have reached the service: it is taken back.
    Instant,
    /// The service has to be asked: "taking it back".
    Queued,
}

impl Store {
    /// Takes a report back: at once while not a byte of it can have been sent, else by asking
    /// the service. The create will not be sent any more: the tombstone answers for it.
    pub fn withdraw(&mut self, key: ReportKey, now: Instant) -> Result<WithdrawStart, StoreError> {
        self.write_at_need(|db| {
            let head = rows::own_head(db, key)?;
            match head.phase {
                Phase::Draft | Phase::Discarded => {
                    return Err(StoreError::NotSubmitted { phase: head.phase });
                }
                // The service has nothing of it: edit or discard.
                Phase::Rejected | Phase::Withdrawn => {
                    return Err(StoreError::NotPossible { phase: head.phase });
                }
                Phase::Withdrawing => return Ok(WithdrawStart::Queued),
                Phase::Queued | Phase::Sent | Phase::KeyTaken | Phase::Superseded => {}
            }
            if !head.own {
                return Err(StoreError::NotPossible { phase: head.phase });
            }
            let unsent = head.phase == Phase::Queued
                && (is_surely_unsent(db, head.id)? || mutant!(WithdrawnAtOnce));
            drafts::end_operations(db, head.id, &Reason::Withdrawn)?;
            if unsent {
                rows::set_phase(db, head.id, Phase::Withdrawn)?;
                return Ok(WithdrawStart::Instant);
            }
            rows::set_phase(db, head.id, Phase::Withdrawing)?;
            ask(db, &head, now)?;
            Ok(WithdrawStart::Queued)
        })
    }
}

/// Not one create, event or withdrawal of it may have left this phone, and none came from a copy
/// of it, as far as it was told.
fn is_surely_unsent(db: &Connection, report: i64) -> Result<bool, StoreError> {
    let sent: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM operation WHERE report = ?1 AND kind <> 'upload_attachment'
                 AND (maybe_sent = 1 OR state IN ('in_flight', 'done')))
               OR EXISTS (SELECT 1 FROM report WHERE id = ?1 AND tracking_id <> '')",
        )?
        .query_row([report], |row| row.get(0))?;
    Ok(!sent)
}

/// Queues the withdrawal, under its old number when it was asked for before.
pub(super) fn ask(db: &Connection, head: &rows::Head, now: Instant) -> Result<(), StoreError> {
    let there: Option<i64> = db
        .prepare_cached("SELECT id FROM operation WHERE report = ?1 AND kind = 'withdraw'")?
        .query_row([head.id], |row| row.get(0))
        .optional()?;
    match there {
        Some(id) => {
            db.prepare_cached(
                "UPDATE operation SET state = ?2, attempts = 0, streak = 0, due_set_at = ?3, due_delay = 0, owner = '',
                     reason = ?4 WHERE id = ?1",
            )?
            .execute(params![
                id,
                OperationState::Waiting.as_str(),
                now.0,
                rows::reason_text(Some(&Reason::NotTried))
            ])?;
        }
        None => {
            insert_operation(db, head, &NewOperation::of(OperationKind::Withdraw), now)?;
        }
    }
    Ok(())
}

/// Taken back for good: here, on another phone, or by the service.
pub(super) fn withdrawn(db: &Connection, head: &rows::Head) -> Result<(), StoreError> {
    if matches!(head.phase, Phase::Draft | Phase::Discarded) {
        return Ok(());
    }
    rows::set_phase(db, head.id, Phase::Withdrawn)?;
    db.prepare_cached(
        "UPDATE report SET status = ?2, unverified = 0 WHERE id = ?1 AND tracking_id <> ''",
    )?
    .execute(params![head.id, Status::Withdrawn.as_str()])?;
    confirm::finish(db, head.id, "withdraw")?;
    drafts::end_operations(db, head.id, &Reason::Withdrawn)
}

/// The service had taken it up: what the withdrawal had stopped goes on. Where no tracking id is
/// known yet, the create asks for it: the key makes that harmless. So does one that had ended because
/// another report went on in its place: whether its key is taken is then said anew.
pub(super) fn too_late(db: &Connection, head: &rows::Head, now: Instant) -> Result<(), StoreError> {
    if !matches!(head.phase, Phase::Withdrawing | Phase::Withdrawn) {
        return Ok(());
    }
    // A number alone may be that of other words, which a copy of this phone has sent.
    let known: bool = db
        .prepare_cached("SELECT tracking_id <> '' AND sent_at > 0 FROM report WHERE id = ?1")?
        .query_row([head.id], |row| row.get(0))?;
    rows::set_phase(db, head.id, if known { Phase::Sent } else { Phase::Queued })?;
    let stopped = rows::reason_text(Some(&Reason::Withdrawn));
    let [taken, foreign] =
        [false, true].map(|foreign| rows::reason_text(Some(&Reason::KeyTaken { foreign })));
    let why = rows::reason_text(Some(&Reason::TooLate));
    if known {
        db.prepare_cached(
            "UPDATE operation SET state = 'done', reason = '' WHERE report = ?1 AND kind = 'create_report'
                 AND state = 'ended' AND reason = ?2",
        )?
        .execute(params![head.id, stopped])?;
    }
    if mutant!(LateKeepsPicturesBack) {
        return Ok(());
    }
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', reason = ?3, due_set_at = ?4, due_delay = 0
         WHERE report = ?1 AND kind NOT IN ('withdraw', 'fetch_copy') AND state = 'ended'
           AND (reason = ?2 OR NOT ?6 AND reason IN (?7, ?8)) AND owner <> ?5
           AND (attachment = 0 OR EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 1))",
    )?
    .execute(params![
        head.id, stopped, why, now.0, GIVEN_UP, known, taken, foreign
    ])?;
    Ok(())
}
