//! What follows for a picture: the gateway's offset is the only truth, and a picture is done
//! only when the gateway lists it.

use super::{
    Change, Operation, OperationState, Reason, UploadUpdate, chunk::Chunks, settle::Settling, work::Upload,
};
use crate::{
    api::{Outcome, ReportAnswer},
    calendar::Due,
};

/// Starts over this often without an own backoff.
const FREE_RESTARTS: u32 = 2;

impl Settling<'_> {
    fn upload(&self, row: &Operation) -> Option<&Upload> {
        self.work.uploads.iter().find(|upload| Some(upload.attachment) == row.attachment)
    }
}

fn as_it_is(upload: &Upload) -> UploadUpdate {
    UploadUpdate {
        attachment: upload.attachment,
        url: upload.url.clone(),
        offset: upload.offset,
        offset_is_sure: upload.offset_is_sure,
        restarts: upload.restarts,
        chunk: upload.chunk,
        cuts: upload.cuts,
    }
}

/// The gateway named its offset: after a chunk, or when asked.
pub(super) fn advanced(settling: &Settling<'_>, row: &Operation, offset: u64, changes: &mut Vec<Change>) {
    let Some(upload) = settling.upload(row) else { return };
    let gained = offset.saturating_sub(upload.offset);
    let asked = matches!(settling.task, super::Task::UploadOffset { .. });
    let mut next = UploadUpdate { offset: offset.min(upload.bytes), offset_is_sure: true, ..as_it_is(upload) };
    if gained > 0 {
        next.cuts = 0;
        if !asked {
            next.chunk = Chunks::after_success(upload.chunk, gained, settling.took_ms);
        }
    } else if asked && upload.cuts > 0 {
        next.chunk = Chunks::after_cut(upload.chunk, upload.cuts);
    }
    // Cut without progress more than once: give the line some air.
    let due = if asked && gained == 0 && upload.cuts > 1 {
        Due::after(settling.now, super::backoff::full_jitter(&settling.seed(), upload.cuts, 2_000, 60_000))
    } else {
        Due::now(settling.now)
    };
    changes.push(Change::Upload(next));
    let reason = if gained > 0 || row.reason.is_none() { Some(Reason::NotTried) } else { row.reason.clone() };
    changes.push(settling.update(row, OperationState::Waiting, due, reason));
}

/// A chunk ended in the middle.
pub(super) fn unsure(settling: &Settling<'_>, changes: &mut Vec<Change>) {
    let Some(upload) = settling.row().and_then(|row| settling.upload(row)) else { return };
    // Giving way to words is nobody's cut.
    let cuts = if *settling.outcome == Outcome::Aborted { upload.cuts } else { upload.cuts.saturating_add(1) };
    changes.push(Change::Upload(UploadUpdate { offset_is_sure: false, cuts, ..as_it_is(upload) }));
}

/// The gateway stands elsewhere: at another offset, at none, or at the start again.
pub(super) fn moved(settling: &Settling<'_>, row: &Operation, changes: &mut Vec<Change>) {
    let Some(upload) = settling.upload(row) else { return };
    let again = UploadUpdate { offset_is_sure: false, ..as_it_is(upload) };
    let restarted = UploadUpdate { offset: 0, restarts: upload.restarts.saturating_add(1), ..again.clone() };
    let (next, reason) = match settling.outcome {
        Outcome::UploadGone => (UploadUpdate { url: None, ..restarted }, Reason::UploadExpired),
        Outcome::UploadDamaged => (UploadUpdate { offset_is_sure: true, ..restarted }, Reason::UploadDamaged),
        _ => (again, Reason::Unknown),
    };
    let many = next.restarts > FREE_RESTARTS && next.restarts > upload.restarts;
    let due = if many { settling.own_backoff(row) } else { Due::now(settling.now) };
    changes.push(Change::Upload(next));
    changes.push(settling.spent(row, OperationState::Waiting, due, reason));
}

/// The server's copy tells where every attachment stands.
pub(super) fn located(settling: &Settling<'_>, row: &Operation, answer: &ReportAnswer, changes: &mut Vec<Change>) {
    let Some(upload) = settling.upload(row) else { return };
    let fetched = Change::Fetched { report: row.report, answer: Box::new(answer.clone()), at: settling.now };
    let stored = answer.attachments.iter().any(|one| one.sha256 == upload.sha256 && one.stored);
    if stored {
        changes.push(settling.finished(row));
        changes.push(fetched);
        return;
    }
    match answer.missing.iter().find(|one| one.sha256 == upload.sha256) {
        Some(missing) => {
            changes.push(fetched);
            let all_sent = upload.offset >= upload.bytes;
            let over = all_sent && missing.offset < upload.bytes;
            // Every byte is there, and yet not listed: the gateway is still checking, or lagging.
            let lagging = all_sent && !over;
            if over {
                let restarts = upload.restarts.saturating_add(1);
                changes.push(Change::Upload(UploadUpdate {
                    url: Some(missing.upload_url.clone()),
                    offset: missing.offset,
                    offset_is_sure: true,
                    restarts,
                    ..as_it_is(upload)
                }));
            }
            let slow = lagging || (over && upload.restarts >= FREE_RESTARTS);
            let due = if slow { settling.own_backoff(row) } else { Due::now(settling.now) };
            let reason = if over { Reason::UploadDamaged } else { row.reason.clone().unwrap_or(Reason::NotTried) };
            changes.push(settling.update(row, OperationState::Waiting, due, Some(reason)));
        }
        None => {
            changes.push(fetched);
            changes.push(settling.refused(row, 0, "attachment_unknown"));
        }
    }
}
