//! How rows are told: what each really waits for, and that nobody is at what a dead run had begun.

use lapor_engine::{
    calendar::{Due, Instant},
    sync::{Behind, Explanation, Operation, OperationState, Reason, RunId, Standpoint},
};

use super::{Client, ClientError};
use crate::store::{ReportRow, Store, StoreError, Viewpoint, is_of_the_os};

/// Runs that were at something and are no more, and what that waits for now.
pub(super) struct Dead {
    runs: Vec<RunId>,
    reason: Reason,
}

impl Client {
    /// What `read` gives, and which of the runs that are `at_work` in it are dead. Those had the lock,
    /// and nobody has it: what one of them ended in between is in the second look.
    pub(super) fn look<T>(
        &self,
        read: impl Fn(&Store) -> Result<T, StoreError>,
        at_work: impl Fn(&T) -> Vec<RunId>,
    ) -> Result<(T, Dead), ClientError> {
        let store = self.store();
        let mut seen = store.at_one_moment(&read)?;
        let mut runs = at_work(&seen);
        if !runs.is_empty() {
            if store.is_being_run() {
                runs.clear();
            } else {
                seen = store.at_one_moment(&read)?;
            }
        }
        // A run waits for the store with what could not be stored in its hand.
        drop(store);
        let dead = Dead {
            runs,
            // It has its answer, and the disk would not take that.
            reason: if self.has_unstored() {
                Reason::Local
            } else {
                Reason::Unknown
            },
        };
        Ok((seen, dead))
    }

    pub(super) fn standpoint<'a>(&self, seen: &'a Viewpoint) -> Standpoint<'a> {
        let surroundings = self.surroundings();
        Standpoint {
            account: seen.account.id,
            session: seen.account.session,
            origin: &seen.origin,
            captive: surroundings.captive,
            pictures_wait: seen.pictures_unmetered_only && surroundings.metered,
            now: self.now(),
        }
    }
}

/// The run that is at it; what the OS carries goes on without one.
pub(super) fn of_an_operation(row: &Operation) -> Option<RunId> {
    at_work(row.state, row.owner.as_ref())
}

/// The same of the step that a line of a list tells of.
pub(super) fn of_a_row(row: &ReportRow) -> Option<RunId> {
    let standing = row.standing.as_ref()?;
    at_work(standing.state, standing.owner.as_ref())
}

fn at_work(state: OperationState, owner: Option<&RunId>) -> Option<RunId> {
    owner
        .filter(|run| state == OperationState::InFlight && !is_of_the_os(run))
        .cloned()
}

/// A row tells what it really waits for: often not its own trouble but the line's.
pub(super) fn explain_row(row: &mut ReportRow, dead: &Dead, standpoint: &Standpoint<'_>) {
    let is_dead = of_a_row(row).is_some_and(|run| dead.runs.contains(&run));
    if let Some(standing) = &mut row.standing {
        if is_dead {
            standing.state = OperationState::Waiting;
            standing.reason = Some(dead.reason.clone());
            standing.due = Due::after(standpoint.now, 0);
        }
        let told = standpoint.explain(
            standing.kind,
            standing.state,
            standing.due,
            standing.reason.as_ref(),
            Behind::Nothing,
        );
        standing.due = due_in(told.next_try_in_ms, standing.due, standpoint.now);
        standing.reason = told.reason;
    }
}

/// Each as the rows stood before any of them was explained: what one waits for may be another's reason.
pub(super) fn explain_operations(
    mut rows: Vec<&mut Operation>,
    dead: &Dead,
    standpoint: &Standpoint<'_>,
) {
    for row in &mut rows {
        if of_an_operation(row).is_some_and(|run| dead.runs.contains(&run)) {
            row.state = OperationState::Waiting;
            row.reason = Some(dead.reason.clone());
            row.due = Due::after(standpoint.now, 0);
        }
    }
    let told: Vec<Explanation> = {
        let open: Vec<&Operation> = rows
            .iter()
            .map(|row| &**row)
            .filter(|row| !row.state.is_finished())
            .collect();
        let told = rows
            .iter()
            .map(|row| standpoint.explain_operation(row, &open));
        told.collect()
    };
    for (row, told) in rows.into_iter().zip(told) {
        row.due = due_in(told.next_try_in_ms, row.due, standpoint.now);
        row.reason = told.reason;
    }
}

fn due_in(next: Option<u64>, own: Due, now: Instant) -> Due {
    next.map_or(own, |delay| Due::after(now, delay))
}
