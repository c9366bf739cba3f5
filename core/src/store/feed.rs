//! One item of the feed: settles what is in the outbox but for a report's own words, or makes a
//! report known here.

use lapor_engine::{
    api::{Deadlines, FeedItem},
    calendar::Instant,
    mutant,
    report::{EventKey, Phase, ReportKey, Status, TrackingId},
    sync::{AccountId, Reason},
};
use rusqlite::{Connection, params};

use super::{StoreError, confirm, copy, erase, events, loss, rows, supersede, withdraw};

#[cfg(test)]
mod tests;

pub(super) fn settle(
    db: &Connection,
    account: AccountId,
    item: &FeedItem,
    at: Instant,
) -> Result<(), StoreError> {
    match item {
        FeedItem::Report {
            key,
            tracking_id,
            revision,
            status,
            title,
            event_keys,
        } => {
            let Some(head) = rows::head_or_none(db, account, *key)? else {
                return learn(db, account, *key, tracking_id, *revision, status, title, at);
            };
            let copy = confirm::Copy {
                tracking_id,
                revision: *revision,
                status,
                deadlines: &Deadlines::default(),
            };
            known(db, &head, &copy, title, at)?;
            event_keys
                .iter()
                .try_for_each(|event| settle_event(db, head.id, *event))?;
            lost_events(db, head.id, event_keys, at)
        }
        FeedItem::Removed { .. } if mutant!(RemovalIsIgnored) => Ok(()),
        FeedItem::Removed { key } => match rows::head_or_none(db, account, *key)? {
            Some(head) => removed(db, &head),
            None => Ok(()),
        },
        FeedItem::Unknown => Ok(()),
    }
}

/// A report that was not written on this phone: of the same person's other phone, or one that
/// an institution has to answer.
#[expect(
    clippy::too_many_arguments,
    reason = "the columns of one row, each named once"
)]
fn learn(
    db: &Connection,
    account: AccountId,
    key: ReportKey,
    tracking_id: &TrackingId,
    revision: u64,
    status: &Status,
    title: &str,
    at: Instant,
) -> Result<(), StoreError> {
    if erase::is_kept_away(db, account, key)? {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO report (key, account, phase, own, sort_at, created_at, edited_at, sent_at, tracking_id, revision,
             status, title)
         VALUES (?1, ?2, 'sent', 0, ?3, ?3, ?3, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![key.0, account.0, at.0, tracking_id.0, rows::int(revision), status.as_str(), title])?;
    Ok(())
}

fn known(
    db: &Connection,
    head: &rows::Head,
    copy: &confirm::Copy<'_>,
    title: &str,
    at: Instant,
) -> Result<(), StoreError> {
    if *copy.status == Status::Withdrawn {
        return removed(db, head);
    }
    match head.phase {
        // Refused, put away or still being written here, and yet the service has such a key:
        // somebody sent it from a copy of this phone. Its writer decides.
        Phase::Rejected => {
            remember(db, head.id, copy)?;
            rows::set_phase(db, head.id, Phase::KeyTaken)?;
            no_correction(db, head.id)?;
            copy::ask(db, head, at)?;
            supersede::look_again(db, head.id)
        }
        Phase::Draft | Phase::Discarded | Phase::KeyTaken | Phase::Superseded => {
            remember(db, head.id, copy)
        }
        Phase::Withdrawn => {
            // Taken back, and there: the service was restored from a backup, or a copy of this phone
            // has sent it.
            confirm_or_remember(db, head, copy, at)?;
            rows::set_phase(db, head.id, Phase::Withdrawing)?;
            withdraw::ask(db, head, at)
        }
        // The feed does not say whose words these are: a copy of this phone may have sent others
        // under the same key. Asking once more tells, and the key makes that harmless.
        Phase::Queued => {
            remember(db, head.id, copy)?;
            ask_again(db, head.id, at)
        }
        Phase::Withdrawing => confirm_or_remember(db, head, copy, at),
        Phase::Sent => {
            confirm::confirmed(db, head, copy, at)?;
            if !head.own {
                db.prepare_cached("UPDATE report SET title = ?2 WHERE id = ?1")?
                    .execute(params![head.id, title])?;
            }
            Ok(())
        }
    }
}

/// What was never confirmed here may be other words, of a copy of this phone: when it turns out to
/// be too late to take it back, it is not to be called sent by that.
fn confirm_or_remember(
    db: &Connection,
    head: &rows::Head,
    copy: &confirm::Copy<'_>,
    at: Instant,
) -> Result<(), StoreError> {
    let was_sent: bool = db
        .prepare_cached("SELECT sent_at > 0 FROM report WHERE id = ?1")?
        .query_row([head.id], |row| row.get(0))?;
    if was_sent {
        confirm::confirmed(db, head, copy, at)
    } else {
        remember(db, head.id, copy)
    }
}

/// What was refused can be corrected no more: other words stand under its key.
fn no_correction(db: &Connection, report: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET problems = '[]' WHERE id = ?1")?
        .execute([report])?;
    let taken = rows::reason_text(Some(&Reason::KeyTaken { foreign: false }));
    db.prepare_cached(
        "UPDATE operation SET reason = ?2 WHERE report = ?1 AND kind = 'create_report' AND state = 'paused'",
    )?
    .execute(params![report, taken])?;
    Ok(())
}

/// The service has such a key, whosever words they are: from now on nothing of it is taken back
/// without asking there.
fn remember(db: &Connection, report: i64, copy: &confirm::Copy<'_>) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET tracking_id = ?2 WHERE id = ?1 AND tracking_id = ''")?
        .execute(params![report, copy.tracking_id.0])?;
    Ok(())
}

/// Whatever the create was waiting for, its turn has come.
fn ask_again(db: &Connection, report: i64, at: Instant) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE operation SET due_set_at = ?2, due_delay = 0
         WHERE report = ?1 AND kind = 'create_report' AND state IN ('waiting', 'paused')",
    )?
    .execute([report, at.0])?;
    Ok(())
}

fn settle_event(db: &Connection, report: i64, event: EventKey) -> Result<(), StoreError> {
    let settled = db
        .prepare_cached(
            "UPDATE operation SET state = 'done', owner = '', reason = ?3
             WHERE report = ?1 AND event = ?2 AND kind = 'add_event' AND state NOT IN ('done', 'ended')",
        )?
        .execute(params![report, event.0, rows::reason_text(Some(&Reason::AlreadyThere))])?;
    if settled > 0 {
        events::overtaken(db, report, None)?;
    }
    Ok(())
}

/// The feed names every event that was taken. One that was confirmed and is not named went with a
/// restore: it goes again, under its key. By no clock: a phone's may have been wrong that day.
fn lost_events(
    db: &Connection,
    report: i64,
    there: &[EventKey],
    at: Instant,
) -> Result<(), StoreError> {
    let done: Vec<(i64, Vec<u8>)> = db
        .prepare_cached(
            "SELECT id, event FROM operation
             WHERE report = ?1 AND kind = 'add_event' AND state = 'done' ORDER BY id",
        )?
        .query_map([report], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let why = rows::reason_text(Some(&Reason::Forgotten));
    for (operation, event) in done {
        let is_there = there.iter().any(|key| key.0[..] == event[..]);
        if !is_there && !mutant!(LostEventsStayLost) {
            db.prepare_cached(
                "UPDATE operation SET state = 'waiting', reason = ?2, due_set_at = ?3, due_delay = 0 WHERE id = ?1",
            )?
            .execute(params![operation, why, at.0])?;
        }
    }
    Ok(())
}

/// A full pull lists all that there is. What it has not listed by its end was taken away without a
/// tombstone, by a restore or more than 180 days ago; until then it stays on the screen.
const UNLISTED: i64 = 2;

pub(super) fn begins(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE report SET removed = ?2 WHERE account = ?1 AND own = 0 AND removed = 0",
    )?
    .execute(params![account.0, UNLISTED])?;
    Ok(())
}

pub(super) fn ends(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET removed = 1 WHERE account = ?1 AND removed = ?2")?
        .execute(params![account.0, UNLISTED])?;
    loss::listed(db, account)
}

/// The service shows it no more. What was written on this phone stays readable here.
fn removed(db: &Connection, head: &rows::Head) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET removed = 1, status = ?2 WHERE id = ?1")?
        .execute(params![head.id, Status::Withdrawn.as_str()])?;
    match head.phase {
        Phase::Withdrawing => withdraw::withdrawn(db, head),
        _ => Ok(()),
    }
}
