//! After a salvage: an outbox that fits the reports that came over.

use lapor_engine::{
    calendar::Instant,
    report::Phase,
    sync::{AccountId, OperationKind, Reason},
};
use rusqlite::{Connection, params};

use super::{
    StoreError, rows,
    submit::{NewOperation, insert_operation},
    withdraw,
};

/// Whatever the rows of the outbox have come to: every accepted report is on its way again.
pub(super) fn repair(new: &Connection, now: Instant) -> Result<(), StoreError> {
    let unknown = rows::reason_text(Some(&Reason::Unknown));
    let gone = rows::reason_text(Some(&Reason::Local));
    new.execute(
        "UPDATE operation SET state = iif(state = 'in_flight', 'waiting', state), owner = '',
             maybe_sent = iif(kind = 'upload_attachment', maybe_sent, 1), due_set_at = ?1, due_delay = 0
         WHERE state IN ('waiting', 'in_flight', 'paused')",
        [now.0],
    )?;
    let missing: Vec<(i64, i64, String)> = new
        .prepare(
            "SELECT r.id, r.account, r.phase FROM report r WHERE r.own = 1
             AND ((r.phase = 'queued' AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id AND o.kind = 'create_report'))
               OR (r.phase = 'withdrawing' AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = r.id AND o.kind = 'withdraw')))
             ORDER BY r.id",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (id, account, word) in missing {
        let head = rows::Head {
            id,
            account: AccountId(account),
            phase: rows::phase(&word)?,
            own: true,
            version: 0,
        };
        if head.phase == Phase::Withdrawing {
            withdraw::ask(new, &head, now)?;
        } else {
            insert_operation(
                new,
                &head,
                &NewOperation {
                    maybe_sent: true,
                    ..NewOperation::of(OperationKind::CreateReport)
                },
                now,
            )?;
        }
    }
    // A report that became a draft again waits for its writer, not in the outbox.
    new.execute(
        "UPDATE operation SET state = 'ended', reason = ?1 WHERE state IN ('waiting', 'paused')
             AND EXISTS (SELECT 1 FROM report r WHERE r.id = operation.report AND r.phase = 'draft')",
        [&gone],
    )?;
    // What an operation needs is not here any more.
    new.execute(
        "UPDATE operation SET state = 'ended', reason = ?1 WHERE state IN ('waiting', 'paused') AND (
             (kind = 'upload_attachment' AND NOT EXISTS
                 (SELECT 1 FROM attachment a WHERE a.id = operation.attachment AND a.present = 1))
             OR (kind = 'add_event' AND NOT EXISTS (SELECT 1 FROM event e WHERE e.key = operation.event)))",
        [&gone],
    )?;
    new.execute(
        "INSERT INTO operation (account, report, kind, attachment, due_set_at, reason)
         SELECT r.account, r.id, 'upload_attachment', a.id, ?1, ?2 FROM attachment a JOIN report r ON r.id = a.report
         WHERE r.own = 1 AND r.phase IN ('queued', 'sent') AND a.present = 1 AND a.stored = 0
           AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.attachment = a.id)",
        params![now.0, unknown],
    )?;
    new.execute(
        "UPDATE operation SET follows = coalesce((SELECT max(c.id) FROM operation c
             WHERE c.report = operation.report AND c.kind = 'create_report'), 0)
         WHERE kind IN ('upload_attachment', 'add_event')
           AND NOT EXISTS (SELECT 1 FROM operation f WHERE f.id = operation.follows)",
        [],
    )?;
    Ok(())
}
