//! Whether an operation may go at all, and when it is due.

use super::KNOWN_PAGE;
use crate::{
    calendar::Instant,
    sync::{
        Account, Operation, OperationKind, OperationState, Reason, Surroundings, Work, later::Kind,
    },
};

/// Milliseconds until it is due: by its own time, and by that of its kind.
pub(in crate::sync) fn due_in(row: &Operation, work: &Work, now: Instant) -> u64 {
    let of_its_kind = match row.kind {
        OperationKind::UploadAttachment => work.origin.later_in(Kind::Pictures, now),
        _ => 0,
    };
    row.due.remaining(now).max(of_its_kind)
}

/// The same of the feed.
pub(super) fn pull_in(account: &Account, work: &Work, now: Instant) -> u64 {
    let of_its_kind = work.origin.later_in(Kind::Feed, now);
    account.pull_due.remaining(now).max(of_its_kind)
}

/// Waiting, free of what it follows, and (a picture) allowed on this line. Paused operations go
/// when their daily try is due; those that need the person have no due time and are not counted.
pub(in crate::sync) fn may_go(row: &Operation, work: &Work, surroundings: &Surroundings) -> bool {
    let state = match row.state {
        OperationState::Waiting => true,
        OperationState::Paused => !needs_person(row),
        OperationState::InFlight => row.owner.as_ref() == Some(&work.run),
        OperationState::Done | OperationState::Ended => false,
    };
    let is_kept_back = is_metered(row, work, surroundings)
        || is_being_taken_back(row, work)
        || waits_for_the_question(row, work)
        || (mutant!(RefusedHoldsBack)
            && work
                .operations
                .iter()
                .any(|it| it.id < row.id && it.state == OperationState::Paused));
    state && row.is_free && !is_kept_back
}

pub(super) fn is_metered(row: &Operation, work: &Work, surroundings: &Surroundings) -> bool {
    row.kind == OperationKind::UploadAttachment
        && work.pictures_unmetered_only
        && surroundings.metered
}

/// Until the gateway has answered the withdrawal, nothing else of that report goes: it must not
/// be published on its way back.
pub(super) fn is_being_taken_back(row: &Operation, work: &Work) -> bool {
    row.kind != OperationKind::Withdraw
        && work.operations.iter().any(|other| {
            other.kind == OperationKind::Withdraw
                && other.report == row.report
                && other.is_free
                && !other.state.is_finished()
        })
}

pub(in crate::sync) fn needs_person(row: &Operation) -> bool {
    matches!(
        row.reason,
        Some(Reason::SignIn | Reason::Rejected { .. } | Reason::KeyTaken { .. })
    )
}

/// Until a restored gateway has said what it still has, a picture's bytes might be for nothing. Where more
/// is to be asked than one question holds, whose turn comes later is not known yet.
pub(super) fn waits_for_the_question(row: &Operation, work: &Work) -> bool {
    row.kind == OperationKind::UploadAttachment
        && work.account.as_ref().is_some_and(|account| {
            let asked = &account.unverified_keys;
            asked.len() >= KNOWN_PAGE || asked.contains(&row.report)
        })
}
