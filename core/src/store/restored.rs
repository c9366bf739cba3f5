//! After the service was restored from a backup: what it may have forgotten is asked for, and
//! what it forgot goes again.

use lapor_engine::{
    calendar::Instant,
    mutant,
    report::{Phase, ReportKey},
    sync::{AccountId, Reason},
};
use rusqlite::{Connection, params};

use super::{StoreError, rows, settings, withdraw};

#[cfg(test)]
mod tests;

/// Reports sent this long before the last one are asked for after a restore, milliseconds.
const VERIFY_BACK: i64 = 30 * 86_400_000;

pub(super) fn epoch(
    db: &Connection,
    account: AccountId,
    epoch: &str,
    changed: bool,
    now: Instant,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE account SET epoch = ?2 WHERE id = ?1")?
        .execute(params![account.0, epoch])?;
    if changed {
        let since = newest(db, account, now)?.saturating_sub(VERIFY_BACK);
        db.prepare_cached(
            "UPDATE report SET unverified = 1
             WHERE account = ?1 AND own = 1 AND phase IN ('sent', 'withdrawing', 'withdrawn')
               AND (sent_at >= ?2 OR sort_at > accepted_at AND sent_at > 0
                    -- Its words may be old, and a picture of it be what was lost.
                    OR EXISTS (SELECT 1 FROM attachment a WHERE a.report = report.id AND a.stored_at >= ?2))",
        )?
        .execute([account.0, since])?;
        if !mutant!(TombstonesAreNotLaidAgain) {
            tombstones(db, account, now)?;
        }
        // The cursor is bound to the epoch; asking with it would only bring a 410. The feed tells
        // which events the restore took: that is asked at once.
        db.prepare_cached(
            "UPDATE account SET cursor = '', pull_set_at = ?2, pull_delay = 0 WHERE id = ?1",
        )?
        .execute([account.0, now.0])?;
    }
    Ok(())
}

/// From where the days are counted back: a phone that was away for a quarter of a year hears of a
/// restore late, and what it sent last may be what was lost.
fn newest(db: &Connection, account: AccountId, now: Instant) -> Result<i64, StoreError> {
    let now = settings::reckoned(db, now)?.0;
    // One that was put together again after damage bears the last day on which it can have been sent:
    // of it counts when it was accepted. Where not even that is known, the clock having been ahead
    // then, it does not count, and is asked for always.
    let sent: Option<i64> = db
        .prepare_cached(
            "SELECT max(iif(created_at = accepted_at, min(accepted_at, sent_at), sent_at)) FROM report
             WHERE account = ?1 AND own = 1 AND sort_at <= accepted_at",
        )?
        .query_row([account.0], |row| row.get(0))?;
    // Nothing sent yet, or on a clock that was ahead.
    Ok(sent
        .filter(|sent| *sent > 0)
        .map_or(now, |sent| sent.min(now)))
}

/// A tombstone may be lost too, and without it a create that still sits in some proxy would be
/// taken: what was taken back is taken back once more.
fn tombstones(db: &Connection, account: AccountId, now: Instant) -> Result<(), StoreError> {
    let taken_back: Vec<Vec<u8>> = db
        .prepare_cached(
            "SELECT key FROM report r WHERE account = ?1 AND own = 1 AND phase = 'withdrawn'
               AND EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id AND o.maybe_sent = 1)
             ORDER BY id",
        )?
        .query_map([account.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for key in taken_back {
        let head = rows::head(db, account, rows::report_key(&key)?)?;
        rows::set_phase(db, head.id, Phase::Withdrawing)?;
        withdraw::ask(db, &head, now)?;
    }
    Ok(())
}

/// The report is there; whether its pictures came through the restore is asked once more: an
/// upload without an address fetches the report, and what is not missing is done. While it is
/// being taken back nobody asks: that waits until it turns out to be too late.
pub(super) fn verified(
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
    if head.phase != Phase::Sent || mutant!(PicturesAreNotAskedFor) {
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
pub(super) fn forgotten(
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
    // What it is sent on now is another day, and may be lost as well.
    db.prepare_cached("UPDATE report SET sent_at = 0 WHERE id = ?1")?
        .execute([head.id])?;
    db.prepare_cached(
        "UPDATE attachment SET stored = 0, stored_at = 0, upload_url = '', upload_offset = 0, offset_is_sure = 0,
             cuts = 0, restarts = restarts + (upload_offset > 0) WHERE report = ?1",
    )?
    .execute([head.id])?;
    let why = rows::reason_text(Some(&Reason::Forgotten));
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', attempts = 0, streak = 0, owner = '', reason = ?2, due_set_at = ?3,
             due_delay = 0
         WHERE report = ?1 AND kind NOT IN ('withdraw', 'fetch_copy') AND state <> 'ended'
           AND (attachment = 0 OR EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 1))",
    )?
    .execute(params![head.id, why, at.0])?;
    // A picture whose space was given back cannot go again: said, not hidden.
    let gone = rows::reason_text(Some(&Reason::Lost));
    db.prepare_cached(
        "UPDATE operation SET state = 'ended', owner = '', reason = ?2
         WHERE report = ?1 AND kind = 'upload_attachment'
           AND EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 0)",
    )?
    .execute(params![head.id, gone])?;
    Ok(())
}
