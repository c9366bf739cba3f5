//! What follows for a picture: the gateway's offset is the only truth, and a picture is done
//! only when the gateway lists it.

use super::{
    Change, Operation, OperationState, OperationUpdate, Reason, UploadUpdate,
    backoff::{doubling, full_jitter},
    chunk::Chunks,
    settle::Settling,
    work::Upload,
};
use crate::{
    api::{Outcome, ReportAnswer},
    calendar::Due,
};

/// Starts over this often without an own backoff.
const FREE_RESTARTS: u32 = 2;

/// The whole again costs its bytes again: milliseconds before the next time.
fn restart_delay(restarts: u32) -> u64 {
    match restarts.saturating_sub(FREE_RESTARTS) {
        0 => 0,
        over => doubling(over, 30_000, 3_600_000),
    }
}

impl Settling<'_> {
    fn upload(&self, row: &Operation) -> Option<&Upload> {
        self.work
            .uploads
            .iter()
            .find(|upload| Some(upload.attachment) == row.attachment)
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
pub(super) fn advanced(
    settling: &Settling<'_>,
    row: &Operation,
    offset: u64,
    changes: &mut Vec<Change>,
) {
    let Some(upload) = settling.upload(row) else {
        return changes.push(settling.refused(row, 0, "unexpected"));
    };
    let gained = offset.saturating_sub(upload.offset);
    let asked = matches!(settling.task, super::Task::UploadOffset { .. });
    let mut next = UploadUpdate {
        offset: offset.min(upload.bytes),
        offset_is_sure: true,
        ..as_it_is(upload)
    };
    // A question that nothing was sent before (a phone that died) says nothing of the line.
    let was_sent = upload.cuts > 0 || row.reason == Some(Reason::Aborted);
    if asked && was_sent {
        let size = Chunks::after_question(upload.chunk, gained, upload.cuts);
        if size != Chunks::current(upload.chunk) {
            next.chunk = size;
        }
    } else if gained > 0 && !asked {
        next.chunk = Chunks::after_success(upload.chunk, gained, settling.took_ms);
    }
    if gained > 0 {
        next.cuts = 0;
    }
    // Cut without progress more than once: give the line some air.
    let due = if asked && gained == 0 && upload.cuts > 1 {
        Due::after(
            settling.now,
            full_jitter(&settling.seed(), upload.cuts, 2_000, 300_000),
        )
    } else {
        Due::now(settling.now)
    };
    // It is one line for all pictures: those that have not begun need not find out again.
    let unbegun =
        settling.work.uploads.iter().filter(|other| {
            next.chunk > 0 && other.chunk == 0 && other.attachment != next.attachment
        });
    let chunk = next.chunk;
    let told = unbegun.map(|other| {
        Change::Upload(UploadUpdate {
            chunk,
            ..as_it_is(other)
        })
    });
    changes.extend(told);
    changes.push(Change::Upload(next));
    let reason = if gained > 0 || row.reason.is_none() {
        Some(Reason::NotTried)
    } else {
        row.reason.clone()
    };
    // Only a chunk that arrived is progress: an offset that was asked for may wander.
    let streak = if gained > 0 && !asked { 0 } else { row.streak };
    let update = settling.next(row, OperationState::Waiting, due, reason);
    changes.push(Change::Operation(OperationUpdate { streak, ..update }));
}

/// A chunk ended in the middle.
pub(super) fn unsure(settling: &Settling<'_>, changes: &mut Vec<Change>) {
    let Some(upload) = settling.row().and_then(|row| settling.upload(row)) else {
        return;
    };
    // Only a cut is a cut: not giving way to words, and not an answer.
    let cuts = if *settling.outcome != Outcome::Unknown {
        upload.cuts
    } else {
        upload.cuts.saturating_add(1)
    };
    changes.push(Change::Upload(UploadUpdate {
        offset_is_sure: false,
        cuts,
        ..as_it_is(upload)
    }));
}

/// The gateway stands elsewhere: at another offset, at none, or at the start again.
pub(super) fn moved(settling: &Settling<'_>, row: &Operation, changes: &mut Vec<Change>) {
    let Some(upload) = settling.upload(row) else {
        return changes.push(settling.refused(row, 0, "unexpected"));
    };
    let again = UploadUpdate {
        offset_is_sure: false,
        ..as_it_is(upload)
    };
    let restarted = UploadUpdate {
        offset: 0,
        restarts: upload.restarts.saturating_add(1),
        ..again.clone()
    };
    let (next, reason) = match settling.outcome {
        Outcome::UploadGone => (
            UploadUpdate {
                url: None,
                ..restarted
            },
            Reason::UploadExpired,
        ),
        Outcome::UploadDamaged => (
            UploadUpdate {
                offset_is_sure: true,
                ..restarted
            },
            Reason::UploadDamaged,
        ),
        _ => (again, Reason::Unknown),
    };
    // Once is the gateway's right. A gateway that never stands where it says is asked ever later.
    let elsewhere = *settling.outcome == Outcome::OffsetMoved && row.streak > 0;
    let delay = if next.restarts > upload.restarts {
        restart_delay(next.restarts)
    } else if elsewhere {
        full_jitter(&settling.seed(), row.streak, 2_000, 300_000)
    } else {
        0
    };
    let due = Due::after(settling.now, delay);
    changes.push(Change::Upload(next));
    let update = settling.next(row, OperationState::Waiting, due, Some(reason));
    let (attempts, streak) = (row.attempts.saturating_add(1), row.streak.saturating_add(1));
    changes.push(Change::Operation(OperationUpdate {
        attempts,
        streak,
        ..update
    }));
}

/// What stood between this phone and the gateway is over once that has answered.
fn after_an_answer(before: Option<&Reason>) -> Reason {
    match before {
        None
        | Some(
            Reason::Offline
            | Reason::ClockWrong
            | Reason::Untrusted
            | Reason::SignInToWifi
            | Reason::NotLapor { .. }
            | Reason::Busy { .. }
            | Reason::UpdateApp
            | Reason::BeingChecked,
        ) => Reason::NotTried,
        Some(own) => own.clone(),
    }
}

/// The server's copy tells where every attachment stands.
pub(super) fn located(
    settling: &Settling<'_>,
    row: &Operation,
    answer: &ReportAnswer,
    changes: &mut Vec<Change>,
) {
    let Some(upload) = settling.upload(row) else {
        return changes.push(settling.refused(row, 0, "unexpected"));
    };
    let fetched = Change::Fetched {
        report: row.report,
        answer: Box::new(answer.clone()),
        at: settling.told_at(),
    };
    let stored = answer
        .attachments
        .iter()
        .any(|one| one.sha256 == upload.sha256 && one.stored);
    if stored {
        changes.push(settling.finished(row));
        changes.push(fetched);
        return;
    }
    match answer
        .missing
        .iter()
        .find(|one| one.sha256 == upload.sha256)
    {
        Some(missing) => {
            changes.push(fetched);
            let all_sent = upload.offset >= upload.bytes;
            let over = all_sent && missing.offset < upload.bytes;
            // Every byte is there, and yet not listed: the gateway is still checking, or lagging.
            let lagging = all_sent && !over;
            let update = if over {
                let restarts = upload.restarts.saturating_add(1);
                changes.push(Change::Upload(UploadUpdate {
                    url: Some(missing.upload_url.clone()),
                    offset: missing.offset,
                    offset_is_sure: true,
                    restarts,
                    ..as_it_is(upload)
                }));
                let due = Due::after(settling.now, restart_delay(restarts));
                settling.next(
                    row,
                    OperationState::Waiting,
                    due,
                    Some(Reason::UploadDamaged),
                )
            } else {
                if lagging {
                    settling.stumbled(row, Reason::BeingChecked)
                } else {
                    settling.next(
                        row,
                        OperationState::Waiting,
                        Due::now(settling.now),
                        Some(after_an_answer(row.reason.as_ref())),
                    )
                }
            };
            changes.push(Change::Operation(update));
        }
        None => {
            changes.push(fetched);
            changes.push(settling.refused(row, 0, "attachment_unknown"));
        }
    }
}
