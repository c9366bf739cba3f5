//! After a salvage: an outbox that fits the reports that came over.
//!
//! No row of the outbox is ever taken away while its report is there, so one that is missing was on a
//! damaged page: it is made again. The same bytes under the same key are safe to send again.

use lapor_engine::{
    calendar::Instant,
    report::Phase,
    sync::{AccountId, OperationState, Reason},
};
use rusqlite::{Connection, params};

use super::{StoreError, events::GIVEN_UP, rebuild, restored, rows, settings, supersede, withdraw};

#[cfg(test)]
mod tests;

/// Whatever the rows of the outbox have come to: every accepted report is on its way again. Of
/// `strangers` the row of the account could not be read.
pub(super) fn repair(
    new: &Connection,
    strangers: &[AccountId],
    now: Instant,
) -> Result<(), StoreError> {
    everything_waits(new, now)?;
    words(new, now)?;
    supersede::look_again_at_all(new)?;
    copies(new, now)?;
    withdrawals(new, now)?;
    pictures(new, now)?;
    replies(new, now)?;
    // What was learned of others' reports may be lost: the feed tells it again.
    new.execute(
        "UPDATE account SET cursor = '', pull_set_at = ?1, pull_delay = 0",
        [now.0],
    )?;
    // Whether the gateway was restored since cannot be told any more.
    strangers
        .iter()
        .try_for_each(|account| restored::epoch(new, *account, "", true, now))
}

fn unknown() -> String {
    rows::reason_text(Some(&Reason::Unknown))
}

fn stopped() -> String {
    rows::reason_text(Some(&Reason::Withdrawn))
}

fn gone() -> String {
    rows::reason_text(Some(&Reason::Lost))
}

fn everything_waits(new: &Connection, now: Instant) -> Result<(), StoreError> {
    new.execute(
        "UPDATE operation SET state = iif(state = 'in_flight', 'waiting', state), owner = '',
             maybe_sent = iif(kind = 'upload_attachment', maybe_sent, 1), due_set_at = ?1, due_delay = 0
         WHERE state IN ('waiting', 'in_flight', 'paused')",
        [now.0],
    )?;
    Ok(())
}

/// The create of every report that was ever accepted: with it goes that it was perhaps sent. One
/// that was done counts when the service has forgotten the report, one that was refused holds back
/// the replies to it.
fn words(new: &Connection, now: Instant) -> Result<(), StoreError> {
    let mut missing = new.prepare(
        "SELECT account, id, phase, problems, body_sha256 <> x'',
             EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id AND o.kind = 'withdraw')
         FROM report r WHERE own = 1 AND (phase NOT IN ('draft', 'discarded') OR accepted_at <> 0)
           AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id AND o.kind = 'create_report')
         ORDER BY id",
    )?;
    let mut found = missing.query([])?;
    while let Some(row) = found.next()? {
        let (account, id): (i64, i64) = (row.get(0)?, row.get(1)?);
        let Some(phase) = Phase::parse(&row.get::<_, String>(2)?) else {
            continue;
        };
        let (is_frozen, is_withdrawn): (bool, bool) = (row.get(4)?, row.get(5)?);
        let taken = Reason::KeyTaken { foreign: false };
        let refused = || -> Result<Reason, StoreError> {
            let problems = rows::problems(&row.get::<_, String>(3)?);
            Ok(Reason::Rejected { problems })
        };
        let (state, why) = match phase {
            Phase::Queued => (OperationState::Waiting, Some(Reason::Unknown)),
            Phase::Sent => (OperationState::Done, None),
            Phase::Rejected => (OperationState::Paused, Some(refused()?)),
            Phase::Superseded => (OperationState::Ended, Some(taken)),
            Phase::KeyTaken if !is_withdrawn => (OperationState::Paused, Some(taken)),
            Phase::KeyTaken | Phase::Withdrawing | Phase::Withdrawn => {
                (OperationState::Ended, Some(Reason::Withdrawn))
            }
            // Refused and then put away; else what damage made a draft of.
            Phase::Discarded if is_frozen => (OperationState::Ended, Some(refused()?)),
            Phase::Draft | Phase::Discarded => (OperationState::Ended, Some(Reason::Lost)),
        };
        new.prepare_cached(
            "INSERT INTO operation (account, report, kind, state, maybe_sent, due_set_at, reason)
             VALUES (?1, ?2, 'create_report', ?3, 1, ?4, ?5)",
        )?
        .execute(params![
            account,
            id,
            state.as_str(),
            now.0,
            rows::reason_text(why.as_ref())
        ])?;
    }
    // Rebuilt from its body while it is being taken back: it was there once.
    new.execute(
        "UPDATE report SET sent_at = max(sort_at, ?1) WHERE own = 1 AND sent_at = 0 AND tracking_id <> ''
           AND phase IN ('withdrawing', 'withdrawn') AND EXISTS
             (SELECT 1 FROM operation o WHERE o.report = report.id AND o.kind = 'create_report' AND o.state = 'done')",
        [rebuild::sent_by(new, now).0],
    )?;
    // A report that became a draft again waits for its writer, not in the outbox.
    new.execute(
        "UPDATE operation SET state = 'ended', reason = ?1 WHERE state IN ('waiting', 'paused')
             AND EXISTS (SELECT 1 FROM report r WHERE r.id = operation.report AND r.phase = 'draft')",
        [gone()],
    )?;
    Ok(())
}

/// What the service has under a key with other words, where it is not here and its writer has not decided.
fn copies(new: &Connection, now: Instant) -> Result<(), StoreError> {
    new.execute(
        "INSERT INTO operation (account, report, kind, due_set_at, reason)
         SELECT r.account, r.id, 'fetch_copy', ?1, ?2
         FROM report r JOIN operation c ON c.report = r.id AND c.kind = 'create_report' AND c.state = 'paused'
         WHERE r.own = 1 AND r.phase = 'key_taken' AND r.server_text = '' AND c.reason NOT LIKE '%\"foreign\":true%'
           AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id AND o.kind = 'fetch_copy')
         ORDER BY r.id",
        params![now.0, unknown()],
    )?;
    Ok(())
}

fn withdrawals(new: &Connection, now: Instant) -> Result<(), StoreError> {
    let missing: Vec<(i64, i64)> = new
        .prepare(
            "SELECT id, account FROM report r WHERE own = 1 AND phase = 'withdrawing'
               AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id AND o.kind = 'withdraw')
             ORDER BY id",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, account) in missing {
        let head = rows::Head {
            id,
            account: AccountId(account),
            phase: Phase::Withdrawing,
            own: true,
            version: 0,
        };
        withdraw::ask(new, &head, now)?;
        new.execute(
            "UPDATE operation SET maybe_sent = 1 WHERE report = ?1 AND kind = 'withdraw'",
            [id],
        )?;
    }
    Ok(())
}

/// Not ended: what belongs to it goes when it went, or waits with it.
const IS_OPEN: &str = "(r.phase IN ('queued', 'sent', 'rejected') OR r.phase = 'key_taken' AND NOT EXISTS
     (SELECT 1 FROM operation c WHERE c.report = r.id AND c.kind = 'create_report' AND c.state = 'ended'))";

fn pictures(new: &Connection, now: Instant) -> Result<(), StoreError> {
    // Not here any more: nothing brings that back.
    new.execute(
        "UPDATE operation SET state = 'ended', reason = ?1
         WHERE kind = 'upload_attachment' AND state <> 'done' AND NOT EXISTS
             (SELECT 1 FROM attachment a WHERE a.id = operation.attachment AND a.present = 1)",
        [gone()],
    )?;
    new.execute(
        &format!(
            "INSERT INTO operation (account, report, kind, attachment, state, due_set_at, reason)
             SELECT r.account, r.id, 'upload_attachment', a.id,
                 CASE WHEN a.stored = 1 THEN 'done' WHEN {IS_OPEN} THEN 'waiting' ELSE 'ended' END, ?1,
                 CASE WHEN a.stored = 1 THEN '' WHEN {IS_OPEN} THEN ?2 ELSE ?3 END
             FROM attachment a JOIN report r ON r.id = a.report
             WHERE r.own = 1 AND r.phase NOT IN ('draft', 'discarded', 'withdrawn') AND (a.present = 1 OR a.stored = 1)
               AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.attachment = a.id)
             ORDER BY a.id"
        ),
        params![now.0, unknown(), stopped()],
    )?;
    new.execute(
        "UPDATE operation SET follows = coalesce((SELECT max(c.id) FROM operation c
             WHERE c.report = operation.report AND c.kind = 'create_report'), 0)
         WHERE kind = 'upload_attachment' AND NOT EXISTS (SELECT 1 FROM operation f WHERE f.id = operation.follows)",
        [],
    )?;
    Ok(())
}

/// Replies and the like, in the order of their making.
fn replies(new: &Connection, now: Instant) -> Result<(), StoreError> {
    new.execute(
        // Those that were done too: they cannot go again when the service forgets them.
        "UPDATE operation SET state = 'ended', reason = ?1 WHERE kind = 'add_event'
           AND NOT EXISTS (SELECT 1 FROM event e WHERE e.key = operation.event)",
        [gone()],
    )?;
    new.execute(
        &format!(
            "INSERT INTO operation (account, report, kind, event, state, maybe_sent, due_set_at, reason, owner)
             SELECT account, report, 'add_event', key,
                 iif(is_open AND NOT given_up, 'waiting', 'ended'), 1, ?1,
                 iif(is_open AND NOT given_up, ?2, ?3), iif(given_up, ?4, '')
             FROM (SELECT e.id, e.key, e.report, r.account, {IS_OPEN} AS is_open,
                       EXISTS (SELECT 1 FROM setting WHERE name = ?5 || hex(e.key)) AS given_up
                   FROM event e JOIN report r ON r.id = e.report
                   WHERE NOT EXISTS (SELECT 1 FROM operation o WHERE o.event = e.key))
             ORDER BY id"
        ),
        params![now.0, unknown(), stopped(), GIVEN_UP, settings::GIVEN_UP],
    )?;
    // The other place where that is kept: the next damage may take this one.
    new.execute(
        "INSERT OR IGNORE INTO setting (name, value)
         SELECT ?1 || hex(event), '' FROM operation WHERE kind = 'add_event' AND owner = ?2 ORDER BY id",
        [settings::GIVEN_UP, GIVEN_UP],
    )?;
    // What ended with its report may come back with it, and then in its order.
    new.execute(
        "UPDATE operation SET follows = coalesce(
             (SELECT p.id FROM event e
                JOIN event before ON before.report = e.report AND before.id < e.id
                JOIN operation p ON p.event = before.key AND p.report = e.report
                  AND (p.state <> 'ended' OR p.reason = ?1 AND p.owner <> ?2)
              WHERE e.key = operation.event ORDER BY before.id DESC LIMIT 1),
             (SELECT max(c.id) FROM operation c WHERE c.report = operation.report AND c.kind = 'create_report'),
             0)
         WHERE kind = 'add_event' AND (state IN ('waiting', 'paused') OR state = 'ended' AND reason = ?1 AND owner <> ?2)",
        [stopped().as_str(), GIVEN_UP],
    )?;
    Ok(())
}
