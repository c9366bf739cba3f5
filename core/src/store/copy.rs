//! The service's copy of a report whose key it knows with other words: asked for, and shown beside
//! what was written here.

use lapor_engine::{
    api::ReportAnswer,
    calendar::Instant,
    report::{Phase, Thawed},
    sync::{Operation, OperationKind, OperationState, Reason, ServiceCopy, submitted},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    StoreError, rows,
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

/// Asks for it, under its old number where that was done before; what is here is not asked for again.
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
    Ok(())
}

/// Kept to be shown. Nothing of what was written here is there: neither its number nor its status is this
/// report's.
pub(super) fn copied(
    db: &Connection,
    head: &rows::Head,
    answer: &ReportAnswer,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET server_text = ?2 WHERE id = ?1")?
        .execute(params![head.id, answer.text])?;
    Ok(())
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
    let frozen: Option<Vec<u8>> = db
        .prepare_cached("SELECT content FROM body WHERE report = ?1")?
        .query_row([head.id], |row| row.get(0))
        .optional()?;
    let standing = ServiceCopy::of(
        &frozen.unwrap_or_default(),
        server_text,
        operations,
        removed,
    );
    Ok(standing.map(|standing| CopyRow {
        standing,
        submitted: submitted(server_text),
    }))
}
