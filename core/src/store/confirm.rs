//! What the service says of a report that it has.

use lapor_engine::{
    api::{Deadlines, Missing, ReportAnswer},
    calendar::Instant,
    mutant,
    report::{Phase, Status, TrackingId},
    sync::Reason,
};
use rusqlite::{Connection, params};

use super::{StoreError, rows};

#[cfg(test)]
mod tests;

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
         WHERE report = ?1 AND kind = ?2 AND state NOT IN ('done', 'ended')",
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
    if old.is_empty() || old == new || mutant!(TrackingIdIsReplaced) {
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

pub(super) fn fetched(
    db: &Connection,
    head: &rows::Head,
    answer: &ReportAnswer,
    at: Instant,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET server_text = ?2 WHERE id = ?1")?
        .execute(params![head.id, answer.text])?;
    if matches!(
        head.phase,
        Phase::KeyTaken | Phase::Superseded | Phase::Rejected | Phase::Draft | Phase::Discarded
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
        answer
            .attachments
            .iter()
            .any(|one| one.stored && one.sha256.0 == sha)
    };
    attachments(db, head, &answer.missing, listed, at)
}

/// What is missing gets its address; what is listed is stored; any other stays as it is.
pub(super) fn attachments(
    db: &Connection,
    head: &rows::Head,
    missing: &[Missing],
    is_stored: impl Fn(&[u8]) -> bool,
    at: Instant,
) -> Result<(), StoreError> {
    let all: Vec<(i64, Vec<u8>, bool)> = db
        .prepare_cached("SELECT id, sha256, present FROM attachment WHERE report = ?1 ORDER BY id")?
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
                     AND state NOT IN ('done', 'ended')",
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
        let why = rows::reason_text(Some(&Reason::Lost));
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
