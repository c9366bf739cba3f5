//! What a new version of the app may try again.

use super::{Change, OperationState, OperationUpdate, Origin, OriginTrouble, Reason, Work};
use crate::calendar::{Due, Instant};

#[cfg(test)]
mod tests;

/// The app is another version than the one that wrote these rows: a gateway that it did not
/// speak with, and what was refused, are tried at once.
pub fn app_updated(work: &Work, now: Instant) -> Vec<Change> {
    let mut changes = Vec::new();
    if mutant!(UpdateTriesNothing) {
        return changes;
    }
    let spoke_not = work.origin.trouble.as_ref();
    if spoke_not.is_some_and(|trouble| trouble.what == OriginTrouble::Incompatible) {
        changes.push(Change::Origin(Origin::free()));
    }
    for row in &work.operations {
        let tries_again = match (row.state, &row.reason) {
            (OperationState::Paused, Some(Reason::Refused { .. })) => true,
            // What an answer of another contract met waits at its own pace, up to a day.
            (OperationState::Waiting | OperationState::Paused, Some(Reason::UpdateApp)) => true,
            _ => false,
        };
        if tries_again {
            changes.push(Change::Operation(OperationUpdate {
                id: row.id,
                state: row.state,
                attempts: row.attempts,
                streak: 0,
                due: Due::now(now),
                reason: row.reason.clone(),
                tried_at: row.tried_at,
            }));
        }
    }
    changes
}
