//! What the OS could carry while the app sleeps: whole bodies that are ready, nothing that needs
//! a step before or after.

use super::{
    Captive, Operation, OperationKind, OperationState, OriginTrouble, Reason, SessionState,
    Surroundings, Task, Work,
    later::Kind,
    plan::{due_in, may_go, upload_task},
};
use crate::calendar::Instant;

#[cfg(test)]
mod tests;

/// Tasks that may be handed to the OS now, the most urgent first: new reports, then pictures from
/// an offset that the gateway told, each with all that is left of it. Offline is no obstacle: the
/// OS waits for a network itself, and sends when nobody would wake the app.
///
/// Replies and withdrawals stay here: they follow one another, and are few bytes for the next
/// `sync_step`. Whether a report may lie in a plain file at all is for the caller to say.
pub fn for_the_os(work: &Work, surroundings: &Surroundings, now: Instant) -> Vec<Task> {
    let Some(account) = &work.account else {
        return Vec::new();
    };
    if surroundings.captive == Captive::Yes || !line_allows(work, now) {
        return Vec::new();
    }
    let ready = |kind: OperationKind| {
        work.operations.iter().filter(move |row| {
            row.kind == kind
                && row.state == OperationState::Waiting
                && (due_in(row, work, now) == 0 || row.reason == Some(Reason::Offline))
                && may_go(row, work, surroundings)
        })
    };
    let mut tasks = Vec::new();
    // A token that has to be refreshed first.
    if account.session == SessionState::Good {
        tasks.extend(ready(OperationKind::CreateReport).map(|row| Task::Create {
            operation: row.id,
            report: row.report,
        }));
    }
    // Of a service that was restored it is not known yet which pictures it has, as long as it can be asked; a
    // new report is new to it in any case.
    let asks_first =
        !account.unverified_keys.is_empty() && work.origin.later_in(Kind::Known, now) == 0;
    if account.session != SessionState::Ended && !asks_first {
        tasks.extend(ready(OperationKind::UploadAttachment).filter_map(|row| whole(row, work)));
    }
    tasks
}

/// All that is left of a picture whose offset is sure.
fn whole(row: &Operation, work: &Work) -> Option<Task> {
    match upload_task(row, work)? {
        Task::UploadChunk {
            operation,
            attachment,
            url,
            offset,
            ..
        } => {
            let upload = work
                .uploads
                .iter()
                .find(|upload| upload.attachment == attachment)?;
            Some(Task::UploadChunk {
                operation,
                attachment,
                url,
                offset,
                length: upload.bytes.checked_sub(offset)?,
            })
        }
        _ => None,
    }
}

/// A gateway that asked for peace, or one that was not LAPOR! at all, is not knocked at by the OS
/// either.
fn line_allows(work: &Work, now: Instant) -> bool {
    work.origin.trouble.as_ref().is_none_or(|trouble| {
        trouble.due.is_due(now)
            || matches!(trouble.what, OriginTrouble::Offline | OriginTrouble::Cut)
    })
}
