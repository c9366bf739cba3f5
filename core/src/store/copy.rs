//! The service's copy of a report whose key it knows with other words: asked for, and shown beside
//! what was written here.

use lapor_engine::{
    api::ReportAnswer,
    calendar::Instant,
    report::{Phase, Thawed, freeze, thaw},
    sync::{Operation, OperationKind, OperationState, Reason, ServiceCopy, submitted},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    AttachmentRow, StoreError, confirm,
    events::GIVEN_UP,
    pictures, rows,
    submit::{NewOperation, insert_operation},
};

#[cfg(test)]
mod tests;

/// The service's copy, as far as it is known here.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyRow {
    pub standing: ServiceCopy,
    /// What was sent of it; none before it was fetched.
    pub submitted: Option<Thawed>,
}

/// Asks for it, under its old number where that was done before; what is here is not asked for
/// again, unless it says the same.
pub(super) fn ask(db: &Connection, head: &rows::Head, now: Instant) -> Result<(), StoreError> {
    let there: Option<i64> = db
        .prepare_cached("SELECT id FROM operation WHERE report = ?1 AND kind = 'fetch_copy'")?
        .query_row([head.id], |row| row.get(0))
        .optional()?;
    let Some(id) = there else {
        insert_operation(db, head, &NewOperation::of(OperationKind::FetchCopy), now)?;
        return Ok(());
    };
    db.prepare_cached(
        "UPDATE operation SET state = ?2, attempts = 0, streak = 0, due_set_at = ?3, due_delay = 0, owner = '',
             reason = ?4 WHERE id = ?1 AND state <> 'done'",
    )?
    .execute(params![
        id,
        OperationState::Waiting.as_str(),
        now.0,
        rows::reason_text(Some(&Reason::NotTried))
    ])?;
    ask_again_where_same(db, head.id)
}

/// A copy that says the same was only kept to be shown while this one was taken back or another went on in its
/// place: the service is asked once more, and has it.
pub(super) fn ask_again_where_same(db: &Connection, report: i64) -> Result<(), StoreError> {
    let text: String = db
        .prepare_cached("SELECT server_text FROM report WHERE id = ?1")?
        .query_row([report], |row| row.get(0))?;
    if ServiceCopy::is_same(&frozen(db, report)?, &text) {
        db.prepare_cached(
            "UPDATE operation SET state = 'waiting', reason = ?2
             WHERE report = ?1 AND kind = 'fetch_copy' AND state = 'done'",
        )?
        .execute(params![report, rows::reason_text(Some(&Reason::NotTried))])?;
    }
    Ok(())
}

/// Kept to be shown. Where it says the same as what was written here, only its bytes are others (an app of
/// another version froze it), and the service has this report. Otherwise nothing of what was written here is
/// there: neither its number nor its status is this report's.
pub(super) fn copied(
    db: &Connection,
    head: &rows::Head,
    answer: &ReportAnswer,
    at: Instant,
) -> Result<(), StoreError> {
    if head.phase == Phase::KeyTaken && has_this(db, head.id, &answer.text)? {
        go_on(db, head.id, at)?;
        rows::set_phase(db, head.id, Phase::Queued)?;
        let queued = rows::Head {
            phase: Phase::Queued,
            ..*head
        };
        return confirm::fetched(db, &queued, answer, at);
    }
    db.prepare_cached("UPDATE report SET server_text = ?2 WHERE id = ?1")?
        .execute(params![head.id, answer.text])?;
    Ok(())
}

/// Is the service's copy what stands here? A refused report may have been edited since it was accepted: what was
/// written then is nowhere else.
fn has_this(db: &Connection, report: i64, text: &str) -> Result<bool, StoreError> {
    let accepted = frozen(db, report)?;
    if !ServiceCopy::is_same(&accepted, text) {
        return Ok(false);
    }
    let sql = format!("SELECT {} FROM report WHERE id = ?1", rows::FORM);
    let form = db
        .prepare_cached(&sql)?
        .query_row([report], |row| rows::form(row, 0))?;
    let digests: Vec<_> = pictures::of_report(db, report)?
        .iter()
        .map(AttachmentRow::digest)
        .collect();
    let here = thaw(&freeze(&form, &digests, None).bytes);
    Ok(thaw(&accepted).zip(here).is_some_and(|(accepted, here)| {
        accepted.form == here.form
            && here
                .attachments
                .iter()
                .all(|one| accepted.attachments.contains(one))
    }))
}

/// Its pictures and replies, which were ended while another report went on in its place.
fn go_on(db: &Connection, report: i64, at: Instant) -> Result<(), StoreError> {
    let [taken, foreign] =
        [false, true].map(|foreign| rows::reason_text(Some(&Reason::KeyTaken { foreign })));
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', reason = ?4, due_set_at = ?5, due_delay = 0
         WHERE report = ?1 AND kind IN ('upload_attachment', 'add_event') AND state = 'ended' AND reason IN (?2, ?3)
           AND owner <> ?6
           AND (attachment = 0 OR EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment AND a.present = 1))",
    )?
    .execute(params![
        report,
        taken,
        foreign,
        rows::reason_text(Some(&Reason::NotTried)),
        at.0,
        GIVEN_UP
    ])?;
    Ok(())
}

/// What was accepted of it; empty before that.
fn frozen(db: &Connection, report: i64) -> Result<Vec<u8>, StoreError> {
    let found: Option<Vec<u8>> = db
        .prepare_cached("SELECT content FROM body WHERE report = ?1")?
        .query_row([report], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// How it stands beside what was written here.
pub(super) fn of_report(
    db: &Connection,
    head: &rows::Head,
    server_text: &str,
    operations: &[Operation],
    removed: bool,
) -> Result<Option<CopyRow>, StoreError> {
    if !matches!(head.phase, Phase::KeyTaken | Phase::Superseded) {
        return Ok(None);
    }
    let standing = ServiceCopy::of(&frozen(db, head.id)?, server_text, operations, removed);
    Ok(standing.map(|standing| CopyRow {
        standing,
        submitted: submitted(server_text),
    }))
}
