//! What follows from an outcome, written in one transaction: all of it or nothing.

use lapor_engine::{
    calendar::{Due, Instant},
    mutant,
    report::{Phase, ReportKey},
    sync::{
        AccountId, Change, OperationId, OperationState, OperationUpdate, SessionState, UploadUpdate,
    },
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Store, StoreError, accounts, confirm, copy, events, feed, pictures, restored, rows, settings,
    supersede, withdraw,
};

#[cfg(test)]
mod tests;

impl Store {
    /// Writes the changes of one outcome, in their order.
    pub fn apply(&mut self, changes: &[Change], now: Instant) -> Result<(), StoreError> {
        if mutant!(OutcomeInTwo) {
            return changes.iter().try_for_each(|one| {
                self.write_at_need(|db| all(db, std::slice::from_ref(one), now))
            });
        }
        self.write_at_need(|db| all(db, changes, now))
    }

    /// The same, with a value of the client's that must not be true without them.
    pub fn apply_with_setting(
        &mut self,
        changes: &[Change],
        (name, value): (&str, &str),
        now: Instant,
    ) -> Result<(), StoreError> {
        self.write_at_need(|db| {
            all(db, changes, now)?;
            settings::put_client(db, name, value)
        })
    }
}

pub(super) fn all(db: &Connection, changes: &[Change], now: Instant) -> Result<(), StoreError> {
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
        Change::Sooner { operation, due } => sooner(db, *operation, *due),
        Change::Origin(origin) => settings::put_origin(db, origin),
        Change::Created {
            report: key,
            answer,
            at,
        } => {
            let Some(head) = report(key)? else {
                return Ok(());
            };
            let copy = confirm::Copy {
                tracking_id: &answer.tracking_id,
                revision: answer.revision,
                status: &answer.status,
                deadlines: &answer.deadlines,
            };
            confirm::confirmed(db, &head, &copy, *at)?;
            confirm::attachments(db, &head, &answer.missing, |_| false, *at)
        }
        Change::Fetched {
            report: key,
            answer,
            at,
        } => {
            let Some(head) = report(key)? else {
                return Ok(());
            };
            confirm::fetched(db, &head, answer, *at)
        }
        Change::Withdrawn { report: key, at: _ } => {
            report(key)?.map_or(Ok(()), |head| withdraw::withdrawn(db, &head))
        }
        Change::TooLate { report: key } => {
            report(key)?.map_or(Ok(()), |head| withdraw::too_late(db, &head, now))
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
                pictures::drop_lost(db, head.id)?;
                rows::set_phase(db, head.id, Phase::Rejected)
            } else {
                Ok(())
            }
        }
        Change::KeyTaken {
            report: key,
            foreign,
        } => match report(key)? {
            Some(head) if matches!(head.phase, Phase::Queued | Phase::Withdrawing) => {
                rows::set_phase(db, head.id, Phase::KeyTaken)?;
                // Another account's is not shown to this one.
                if !*foreign {
                    copy::ask(db, &head, now)?;
                }
                supersede::look_again(db, head.id)
            }
            _ => Ok(()),
        },
        Change::Copied {
            report: key,
            answer,
            at,
        } => report(key)?.map_or(Ok(()), |head| copy::copied(db, &head, answer, *at)),
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
        Change::Session {
            account,
            of,
            access_token,
            refresh_token,
            answer,
            refreshed,
        } => {
            // Signed out, or in anew, while the answer was on its way: no older token comes back.
            if !accounts::holds(db, *account, of)? {
                return Ok(());
            }
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
            of,
            state,
            refreshed,
        } => {
            if !accounts::holds(db, *account, of)? {
                return Ok(());
            }
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
        } => restored::epoch(db, *account, epoch, *changed, now),
        Change::Verified { account, keys } => keys
            .iter()
            .try_for_each(|key| restored::verified(db, *account, *key, now)),
        Change::Forgotten { account, keys, at } => keys
            .iter()
            .try_for_each(|key| restored::forgotten(db, *account, *key, *at)),
        Change::Feed {
            account,
            cursor,
            items,
            at,
        } => {
            // Its person may have been forgotten while the answer was on its way.
            if !accounts::is_known(db, *account)? {
                return Ok(());
            }
            items
                .iter()
                .try_for_each(|item| feed::settle(db, *account, item, *at))?;
            db.prepare_cached("UPDATE account SET cursor = ?2 WHERE id = ?1")?
                .execute(params![account.0, cursor.as_deref().unwrap_or("")])?;
            Ok(())
        }
        Change::FeedBegins { account } => feed::begins(db, *account),
        Change::FeedEnds { account } => feed::ends(db, *account),
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
    if mutant!(ErrorClearsMark) {
        db.execute(
            "UPDATE operation SET maybe_sent = 0 WHERE id = ?1",
            [update.id.0],
        )?;
    }
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
    if matches!(update.state, OperationState::Paused | OperationState::Done) {
        events::settled(db, update.id)?;
    }
    Ok(())
}

/// Another process may have begun it meanwhile: then its outcome says when the next time is.
fn sooner(db: &Connection, id: OperationId, due: Due) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE operation SET due_set_at = ?2, due_delay = ?3 WHERE id = ?1 AND state = 'waiting'",
    )?
    .execute(params![id.0, due.set_at.0, rows::int(due.delay)])?;
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
    if mutant!(StoredWhenSent) {
        db.execute("UPDATE attachment SET stored = 1, stored_at = ?2 WHERE id = ?1 AND upload_offset = bytes",
            params![update.attachment, i64::MAX])?;
    }
    Ok(())
}
