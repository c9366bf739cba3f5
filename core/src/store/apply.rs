//! What follows from an outcome, written in one transaction: all of it or nothing.

use lapor_engine::{
    api::{Deadlines, Missing, ReportAnswer},
    calendar::Instant,
    report::{Phase, ReportKey, Status, TrackingId},
    sync::{
        AccountId, Change, OperationId, OperationUpdate, Reason, RunId, SessionState, UploadUpdate,
    },
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Begun, Store, StoreError, accounts, drafts, feed, outbox, rows, settings};

#[cfg(test)]
mod tests;

/// Reports sent this long ago are asked for after a restore, milliseconds.
const VERIFY_BACK: i64 = 30 * 86_400_000;

impl Store {
    /// Writes the changes of one outcome, in their order.
    pub fn apply(&mut self, changes: &[Change], now: Instant) -> Result<(), StoreError> {
        self.write_outcome(|db| all(db, changes, now))
    }

    /// The same, and the mark of the next operation in the same commit.
    pub fn apply_and_begin(
        &mut self,
        changes: &[Change],
        next: OperationId,
        run: &RunId,
        now: Instant,
    ) -> Result<Begun, StoreError> {
        self.write_outcome(|db| {
            all(db, changes, now)?;
            outbox::begin(db, next, run, now)
        })
    }
}

fn all(db: &Connection, changes: &[Change], now: Instant) -> Result<(), StoreError> {
    let account = account_of(db, changes)?;
    changes
        .iter()
        .try_for_each(|change| one(db, change, account, now))
}

/// Whose outcome this is: a key may be known to two accounts of one phone, and the person may
/// have changed while the answer was on its way.
fn account_of(db: &Connection, changes: &[Change]) -> Result<AccountId, StoreError> {
    for change in changes {
        if let Change::Operation(update) = change {
            let found = db
                .prepare_cached("SELECT account FROM operation WHERE id = ?1")?
                .query_row([update.id.0], |row| row.get(0))
                .optional()?;
            if let Some(id) = found {
                return Ok(AccountId(id));
            }
        }
    }
    rows::current_account(db)
}

/// The report that a change is about; nothing when its writer has erased it meanwhile.
fn find(
    db: &Connection,
    account: AccountId,
    key: ReportKey,
) -> Result<Option<rows::Head>, StoreError> {
    if let Some(head) = rows::head_or_none(db, account, key)? {
        return Ok(Some(head));
    }
    let owner: Option<i64> = db
        .prepare_cached("SELECT account FROM report WHERE key = ?1 AND own = 1")?
        .query_row([key.0], |row| row.get(0))
        .optional()?;
    match owner {
        Some(owner) => rows::head_or_none(db, AccountId(owner), key),
        None => Ok(None),
    }
}

fn one(
    db: &Connection,
    change: &Change,
    account: AccountId,
    now: Instant,
) -> Result<(), StoreError> {
    let report = |key: &ReportKey| find(db, account, *key);
    match change {
        Change::Operation(update) => operation(db, update),
        Change::Origin(origin) => settings::put_origin(db, origin),
        Change::Created {
            report: key,
            answer,
            at,
        } => {
            let Some(head) = report(key)? else {
                return Ok(());
            };
            let copy = Copy {
                tracking_id: &answer.tracking_id,
                revision: answer.revision,
                status: &answer.status,
                deadlines: &answer.deadlines,
            };
            confirmed(db, &head, &copy, *at)?;
            attachments(db, &head, &answer.missing, |_| true, *at)
        }
        Change::Fetched {
            report: key,
            answer,
            at,
        } => {
            let Some(head) = report(key)? else {
                return Ok(());
            };
            fetched(db, &head, answer, *at)
        }
        Change::Withdrawn { report: key, at: _ } => {
            report(key)?.map_or(Ok(()), |head| withdrawn(db, &head))
        }
        Change::TooLate { report: key } => {
            report(key)?.map_or(Ok(()), |head| too_late(db, &head, now))
        }
        Change::Rejected {
            report: key,
            problems,
        } => {
            let Some(head) = report(key)? else {
                return Ok(());
            };
            db.prepare_cached("UPDATE report SET problems = ?2 WHERE id = ?1")?
                .execute(params![head.id, rows::problems_text(problems)])?;
            // A report that is being taken back stays so: the tombstone is still wanted.
            if head.phase == Phase::Queued {
                rows::set_phase(db, head.id, Phase::Rejected)
            } else {
                Ok(())
            }
        }
        Change::KeyTaken { report: key } => match report(key)? {
            Some(head) if matches!(head.phase, Phase::Queued | Phase::Withdrawing) => {
                rows::set_phase(db, head.id, Phase::KeyTaken)
            }
            _ => Ok(()),
        },
        Change::Status {
            report: key,
            revision,
            status,
        } => {
            let Some(head) = report(key)? else {
                return Ok(());
            };
            db.prepare_cached("UPDATE report SET revision = ?2, status = ?3 WHERE id = ?1")?
                .execute(params![head.id, rows::int(*revision), status.as_str()])?;
            Ok(())
        }
        Change::Upload(update) => upload(db, update),
        Change::Wanted {
            report: key,
            missing,
        } => {
            let Some(head) = report(key)? else {
                return Ok(());
            };
            missing
                .iter()
                .try_for_each(|missing| wanted(db, head.id, missing))
        }
        Change::Session {
            account,
            access_token,
            refresh_token,
            answer,
            refreshed,
        } => {
            accounts::put_session(
                db,
                *account,
                answer,
                access_token,
                refresh_token,
                *refreshed,
            )?;
            accounts::wake_after_sign_in(db, *account, now)
        }
        Change::SessionState {
            account,
            state,
            refreshed,
        } => {
            if *state == SessionState::Ended {
                return accounts::end_session(db, *account);
            }
            db.prepare_cached("UPDATE account SET session = ?2, refreshed = ?3 WHERE id = ?1")?
                .execute(params![account.0, state.as_str(), refreshed])?;
            Ok(())
        }
        Change::Epoch {
            account,
            epoch,
            changed,
        } => self::epoch(db, *account, epoch, *changed, now),
        Change::Verified { account, keys } => keys
            .iter()
            .try_for_each(|key| verified(db, *account, *key, now)),
        Change::Forgotten { account, keys, at } => keys
            .iter()
            .try_for_each(|key| forgotten(db, *account, *key, *at)),
        Change::Feed {
            account,
            cursor,
            items,
            at,
        } => {
            items
                .iter()
                .try_for_each(|item| feed::settle(db, *account, item, *at))?;
            db.prepare_cached("UPDATE account SET cursor = ?2 WHERE id = ?1")?
                .execute(params![account.0, cursor.as_deref().unwrap_or("")])?;
            Ok(())
        }
        Change::PullDue { account, due } => {
            db.prepare_cached(
                "UPDATE account SET pull_set_at = ?2, pull_delay = ?3 WHERE id = ?1",
            )?
            .execute([account.0, due.set_at.0, rows::int(due.delay)])?;
            Ok(())
        }
        Change::Limits(limits) => settings::put_limits(db, limits),
        Change::ServerDate(at) => settings::put_server_date(db, *at),
    }
}

/// An operation that was taken back or settled while it was in flight stays finished, whatever
/// its own exchange came to; only that it was tried is kept.
fn operation(db: &Connection, update: &OperationUpdate) -> Result<(), StoreError> {
    let finished = update.state.is_finished();
    db.prepare_cached(
        "UPDATE operation SET attempts = ?2, streak = ?3, tried_at = coalesce(?4, tried_at),
             owner = iif(?5 = 'in_flight', owner, ''),
             state = iif(state IN ('done', 'ended') AND NOT ?6, state, ?5),
             reason = iif(state IN ('done', 'ended') AND NOT ?6, reason, iif(?7 = '' AND NOT ?6, reason, ?7)),
             due_set_at = ?8, due_delay = ?9
         WHERE id = ?1",
    )?
    .execute(params![
        update.id.0,
        update.attempts,
        update.streak,
        update.tried_at.map(|at| at.0),
        update.state.as_str(),
        finished,
        rows::reason_text(update.reason.as_ref()),
        update.due.set_at.0,
        rows::int(update.due.delay),
    ])?;
    Ok(())
}

fn upload(db: &Connection, update: &UploadUpdate) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE attachment SET upload_url = ?2, upload_offset = ?3, offset_is_sure = ?4, restarts = ?5, chunk = ?6,
             cuts = ?7 WHERE id = ?1",
    )?
    .execute(params![
        update.attachment,
        update.url.as_deref().unwrap_or(""),
        rows::int(update.offset),
        update.offset_is_sure,
        update.restarts,
        rows::int(update.chunk),
        update.cuts
    ])?;
    Ok(())
}

/// What an answer says of a report.
pub(super) struct Copy<'a> {
    pub(super) tracking_id: &'a TrackingId,
    pub(super) revision: u64,
    pub(super) status: &'a Status,
    pub(super) deadlines: &'a Deadlines,
}

/// The service has it, under this tracking id.
pub(super) fn confirmed(
    db: &Connection,
    head: &rows::Head,
    copy: &Copy<'_>,
    at: Instant,
) -> Result<(), StoreError> {
    renumber(db, head.id, &copy.tracking_id.0)?;
    db.prepare_cached(
        "UPDATE report SET tracking_id = ?2, revision = ?3, status = ?4, removed = 0,
             verify_by = iif(?5 = '', verify_by, ?5), follow_up_by = iif(?6 = '', follow_up_by, ?6),
             sent_at = iif(sent_at = 0, ?7, sent_at)
         WHERE id = ?1",
    )?
    .execute(params![
        head.id,
        copy.tracking_id.0,
        rows::int(copy.revision),
        copy.status.as_str(),
        copy.deadlines.verify_by.as_deref().unwrap_or(""),
        copy.deadlines.follow_up_by.as_deref().unwrap_or(""),
        at.0
    ])?;
    match head.phase {
        Phase::Queued => rows::set_phase(db, head.id, Phase::Sent)?,
        // Being taken back, or put away: what the person decided stands until it is answered.
        _ => return Ok(()),
    }
    finish(db, head.id, "create_report")
}

/// Operations of a kind that are unfinished are done: the service has it already.
pub(super) fn finish(db: &Connection, report: i64, kind: &str) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE operation SET state = 'done', owner = '', reason = ?3
         WHERE report = ?1 AND kind = ?2 AND state IN ('waiting', 'in_flight', 'paused')",
    )?
    .execute(params![
        report,
        kind,
        rows::reason_text(Some(&Reason::AlreadyThere))
    ])?;
    Ok(())
}

/// A tracking id that was seen before stays known: the person may have written it down.
fn renumber(db: &Connection, report: i64, new: &str) -> Result<(), StoreError> {
    let (old, prior): (String, String) = db
        .prepare_cached("SELECT tracking_id, prior_tracking_ids FROM report WHERE id = ?1")?
        .query_row([report], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if old.is_empty() || old == new {
        return Ok(());
    }
    let mut ids: Vec<String> = serde_json::from_str(&prior).unwrap_or_default();
    ids.retain(|id| *id != old && *id != new);
    ids.push(old);
    let text = serde_json::to_string(&ids).map_err(|_| StoreError::Row {
        what: "tracking ids",
    })?;
    db.prepare_cached("UPDATE report SET prior_tracking_ids = ?2 WHERE id = ?1")?
        .execute(params![report, text])?;
    Ok(())
}

fn fetched(
    db: &Connection,
    head: &rows::Head,
    answer: &ReportAnswer,
    at: Instant,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET server_text = ?2 WHERE id = ?1")?
        .execute(params![head.id, answer.text])?;
    if matches!(
        head.phase,
        Phase::KeyTaken | Phase::Rejected | Phase::Draft | Phase::Discarded
    ) {
        // Other words than these, to be shown beside them; nothing of this report is there.
        return Ok(());
    }
    let copy = Copy {
        tracking_id: &answer.tracking_id,
        revision: answer.revision,
        status: &answer.status,
        deadlines: &answer.deadlines,
    };
    confirmed(db, head, &copy, at)?;
    let listed = |sha: &[u8]| {
        answer.attachments.is_empty()
            || answer
                .attachments
                .iter()
                .any(|one| one.stored && one.sha256.0 == sha)
    };
    attachments(db, head, &answer.missing, listed, at)
}

/// What is missing gets its address; what is not is stored.
fn attachments(
    db: &Connection,
    head: &rows::Head,
    missing: &[Missing],
    is_stored: impl Fn(&[u8]) -> bool,
    at: Instant,
) -> Result<(), StoreError> {
    let all: Vec<(i64, Vec<u8>, bool)> = db
        .prepare_cached("SELECT id, sha256, present FROM attachment WHERE report = ?1")?
        .query_map([head.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (attachment, sha, present) in all {
        if let Some(missing) = missing
            .iter()
            .find(|missing| missing.sha256.0[..] == sha[..])
        {
            wanted(db, head.id, missing)?;
            reopen_upload(db, attachment, present, at)?;
        } else if is_stored(&sha) {
            db.prepare_cached(
                "UPDATE attachment SET stored = 1, stored_at = iif(stored = 1, stored_at, ?2), upload_offset = bytes,
                     offset_is_sure = 1, cuts = 0 WHERE id = ?1",
            )?
            .execute([attachment, at.0])?;
            db.prepare_cached(
                "UPDATE operation SET state = 'done', owner = '', reason = '' WHERE report = ?1 AND attachment = ?2
                     AND state IN ('waiting', 'in_flight', 'paused')",
            )?
            .execute([head.id, attachment])?;
        }
    }
    Ok(())
}

/// The service lists it as missing although its upload was done: it goes again.
fn reopen_upload(
    db: &Connection,
    attachment: i64,
    present: bool,
    at: Instant,
) -> Result<(), StoreError> {
    if present {
        let why = rows::reason_text(Some(&Reason::Forgotten));
        db.prepare_cached(
            "UPDATE operation SET state = 'waiting', owner = '', reason = ?2, due_set_at = ?3, due_delay = 0
             WHERE attachment = ?1 AND kind = 'upload_attachment' AND state = 'done'",
        )?
        .execute(params![attachment, why, at.0])?;
    } else {
        let why = rows::reason_text(Some(&Reason::Local));
        db.prepare_cached(
            "UPDATE operation SET state = 'ended', owner = '', reason = ?2
             WHERE attachment = ?1 AND kind = 'upload_attachment'",
        )?
        .execute(params![attachment, why])?;
    }
    Ok(())
}

fn wanted(db: &Connection, report: i64, missing: &Missing) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE attachment SET upload_url = ?3, upload_offset = min(?4, bytes), offset_is_sure = 1, stored = 0
         WHERE report = ?1 AND sha256 = ?2",
    )?
    .execute(params![report, missing.sha256.0, missing.upload_url, rows::int(missing.offset)])?;
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
    finish(db, head.id, "withdraw")?;
    drafts::end_operations(db, head.id, &Reason::Withdrawn)
}

/// The service had taken it up: what the withdrawal had stopped goes on. Where no tracking id is
/// known yet, the create asks for it: the key makes that harmless.
fn too_late(db: &Connection, head: &rows::Head, now: Instant) -> Result<(), StoreError> {
    if !matches!(head.phase, Phase::Withdrawing | Phase::Withdrawn) {
        return Ok(());
    }
    let known: bool = db
        .prepare_cached("SELECT tracking_id <> '' FROM report WHERE id = ?1")?
        .query_row([head.id], |row| row.get(0))?;
    rows::set_phase(db, head.id, if known { Phase::Sent } else { Phase::Queued })?;
    let stopped = rows::reason_text(Some(&Reason::Withdrawn));
    let why = rows::reason_text(Some(&Reason::TooLate));
    if known {
        db.prepare_cached(
            "UPDATE operation SET state = 'done', reason = '' WHERE report = ?1 AND kind = 'create_report'
                 AND state = 'ended' AND reason = ?2",
        )?
        .execute(params![head.id, stopped])?;
    }
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', reason = ?3, due_set_at = ?4, due_delay = 0
         WHERE report = ?1 AND kind <> 'withdraw' AND state = 'ended' AND reason = ?2
           AND (attachment = 0 OR EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 1))",
    )?
    .execute(params![head.id, stopped, why, now.0])?;
    Ok(())
}

fn epoch(
    db: &Connection,
    account: AccountId,
    epoch: &str,
    changed: bool,
    now: Instant,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE account SET epoch = ?2 WHERE id = ?1")?
        .execute(params![account.0, epoch])?;
    if changed {
        db.prepare_cached(
            "UPDATE report SET unverified = 1 WHERE account = ?1 AND own = 1 AND phase = 'sent' AND sent_at >= ?2",
        )?
        .execute([account.0, now.0.saturating_sub(VERIFY_BACK)])?;
        // The cursor is bound to the epoch; asking with it would only bring a 410.
        db.prepare_cached("UPDATE account SET cursor = '' WHERE id = ?1")?
            .execute([account.0])?;
    }
    Ok(())
}

/// The report is there; whether its pictures came through the restore is asked once more: an
/// upload without an address fetches the report, and what is not missing is done.
fn verified(
    db: &Connection,
    account: AccountId,
    key: ReportKey,
    now: Instant,
) -> Result<(), StoreError> {
    let Some(head) = rows::head_or_none(db, account, key)? else {
        return Ok(());
    };
    db.prepare_cached("UPDATE report SET unverified = 0 WHERE id = ?1")?
        .execute([head.id])?;
    if head.phase != Phase::Sent {
        return Ok(());
    }
    db.prepare_cached(
        "UPDATE attachment SET upload_url = '', offset_is_sure = 0 WHERE report = ?1 AND present = 1",
    )?
    .execute([head.id])?;
    let why = rows::reason_text(Some(&Reason::NotTried));
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', reason = ?2, due_set_at = ?3, due_delay = 0
         WHERE report = ?1 AND kind = 'upload_attachment' AND state = 'done'
           AND EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 1)",
    )?
    .execute(params![head.id, why, now.0])?;
    Ok(())
}

/// The service lost it in a restore: everything of it goes again, under the same key.
fn forgotten(
    db: &Connection,
    account: AccountId,
    key: ReportKey,
    at: Instant,
) -> Result<(), StoreError> {
    let Some(head) = rows::head_or_none(db, account, key)? else {
        return Ok(());
    };
    db.prepare_cached("UPDATE report SET unverified = 0 WHERE id = ?1")?
        .execute([head.id])?;
    if !head.own || head.phase != Phase::Sent {
        return Ok(());
    }
    rows::set_phase(db, head.id, Phase::Queued)?;
    db.prepare_cached(
        "UPDATE attachment SET stored = 0, stored_at = 0, upload_url = '', upload_offset = 0, offset_is_sure = 0,
             cuts = 0, restarts = restarts + (upload_offset > 0) WHERE report = ?1",
    )?
    .execute([head.id])?;
    let why = rows::reason_text(Some(&Reason::Forgotten));
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', attempts = 0, streak = 0, owner = '', reason = ?2, due_set_at = ?3,
             due_delay = 0
         WHERE report = ?1 AND kind <> 'withdraw' AND state <> 'ended'
           AND (attachment = 0 OR EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 1))",
    )?
    .execute(params![head.id, why, at.0])?;
    // A picture whose space was given back cannot go again: said, not hidden.
    let gone = rows::reason_text(Some(&Reason::Local));
    db.prepare_cached(
        "UPDATE operation SET state = 'ended', owner = '', reason = ?2
         WHERE report = ?1 AND kind = 'upload_attachment'
           AND EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 0)",
    )?
    .execute(params![head.id, gone])?;
    Ok(())
}
