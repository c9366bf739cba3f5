//! Requests of one kind that fail by themselves: they are put off, and others go meanwhile.

use serde::{Deserialize, Serialize};

use super::{
    Task,
    backoff::{Origin, doubling},
    reading::may_be_its_own,
    settle::Settling,
};
use crate::{
    api::Outcome,
    calendar::{Due, Instant},
};

const MINUTE: u64 = 60_000;
/// The longest own pace, milliseconds.
const MAX: u64 = 15 * MINUTE;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What a restored gateway still has.
    Known,
}

/// Until when a kind is put off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    pub due: Due,
    /// Failures in a row while others got through.
    pub tries: u32,
}

impl Kind {
    fn of(task: &Task) -> Option<Self> {
        match task {
            Task::Known { .. } => Some(Self::Known),
            _ => None,
        }
    }
}

impl Origin {
    /// Milliseconds until this kind may go, whatever else holds it back.
    pub(super) fn later_in(&self, kind: Kind, now: Instant) -> u64 {
        self.later
            .get(&kind)
            .map_or(0, |later| later.due.remaining(now))
    }
}

impl Settling<'_> {
    /// This kind fails again, and somebody else got through just before: it says nothing of the gateway as a whole.
    pub(super) fn is_its_kinds(&self) -> bool {
        self.work.origin.trouble.is_none() && self.strikes() > 0 && may_be_its_own(self.outcome)
    }

    /// The kinds that are put off, after this outcome.
    pub(super) fn put_off(&self) -> std::collections::BTreeMap<Kind, Later> {
        let mut later = self.work.origin.later.clone();
        let Some(kind) = Kind::of(self.task) else {
            return later;
        };
        let free = self.work.origin.trouble.is_none();
        let tries = self.strikes().saturating_add(u32::from(free)).max(1);
        if may_be_its_own(self.outcome) {
            let delay = if self.is_its_kinds() {
                doubling(tries.saturating_sub(1), MINUTE, MAX)
            } else {
                self.after_the_origin()
            };
            let due = Due::after(self.now, delay);
            later.insert(kind, Later { due, tries });
        } else if self.is_answered() {
            later.remove(&kind);
        }
        later
    }

    fn strikes(&self) -> u32 {
        let kind = Kind::of(self.task);
        let later = kind.and_then(|kind| self.work.origin.later.get(&kind));
        later.map_or(0, |later| later.tries)
    }

    /// In whatever words.
    fn is_answered(&self) -> bool {
        !matches!(
            self.outcome,
            Outcome::Offline
                | Outcome::ClockWrong
                | Outcome::Untrusted
                | Outcome::Unauthorized
                | Outcome::Aborted
                | Outcome::Local
        )
    }
}
