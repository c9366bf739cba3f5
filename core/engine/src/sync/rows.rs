//! The row of an operation after an outcome, in the few forms there are.

use super::{Change, Operation, OperationState, OperationUpdate, Reason, settle::Settling};
use crate::calendar::Due;

const DAY: u64 = 86_400_000;

impl Settling<'_> {
    /// Paused with the code, tried daily and after an app update; never blamed on the citizen.
    pub(super) fn refused(&self, row: &Operation, status: u16, code: &str) -> Change {
        self.spent(
            row,
            OperationState::Paused,
            self.daily(),
            Reason::Refused {
                status,
                code: code.to_owned(),
            },
        )
    }

    pub(super) fn daily(&self) -> Due {
        let days = if mutant!(RefusedForGood) { 3_650 } else { 1 };
        Due::after(self.now, days * DAY)
    }

    pub(super) fn next(
        &self,
        row: &Operation,
        state: OperationState,
        due: Due,
        reason: Option<Reason>,
    ) -> OperationUpdate {
        OperationUpdate {
            id: row.id,
            state,
            attempts: row.attempts,
            streak: row.streak,
            due,
            reason,
            tried_at: Some(self.now),
        }
    }

    /// The same row in another state, no attempt spent.
    pub(super) fn update(
        &self,
        row: &Operation,
        state: OperationState,
        due: Due,
        reason: Option<Reason>,
    ) -> Change {
        Change::Operation(self.next(row, state, due, reason))
    }

    /// One attempt spent.
    pub(super) fn spent(
        &self,
        row: &Operation,
        state: OperationState,
        due: Due,
        reason: Reason,
    ) -> Change {
        let attempts = row.attempts.saturating_add(1);
        Change::Operation(OperationUpdate {
            attempts,
            ..self.next(row, state, due, Some(reason))
        })
    }

    pub(super) fn finished(&self, row: &Operation) -> Change {
        let update = self.next(row, OperationState::Done, Due::now(self.now), None);
        Change::Operation(OperationUpdate {
            attempts: row.attempts.saturating_add(1),
            streak: 0,
            ..update
        })
    }
}
