//! Requests of one kind that fail by themselves, or are asked to come later: they are put off, and others go
//! meanwhile. What words and probes are answered is about the gateway as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Reason, Task,
    backoff::{Origin, after_asked, doubling, jitter},
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
    Feed,
    /// They may live on another host.
    Pictures,
}

/// Until when a kind is put off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    pub due: Due,
    /// Failures in a row while others got through.
    pub tries: u32,
    /// What was answered; 0 where that says nothing.
    pub status: u16,
}

impl Kind {
    fn of(task: &Task) -> Option<Self> {
        match task {
            Task::Known { .. } => Some(Self::Known),
            Task::Pull { .. } => Some(Self::Feed),
            Task::UploadOffset { .. } | Task::UploadChunk { .. } => Some(Self::Pictures),
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

impl Later {
    /// What whoever waits for nothing but this is told. Where the answer said nothing, it is still only a
    /// question that waits.
    pub(super) fn reason(&self) -> Reason {
        match self.status {
            0 => Reason::NotFetched,
            status => Reason::Busy { status },
        }
    }
}

impl Settling<'_> {
    /// The gateway is free, and this kind is asked to come later, or fails again: that says nothing of others.
    pub(super) fn is_its_kinds(&self) -> bool {
        let again = self.strikes() > 0 && self.fails_by_itself();
        self.work.origin.trouble.is_none() && (self.kind_is_asked_for().is_some() || again)
    }

    /// `Retry-After` of one kind, milliseconds: it parks that, and nothing else.
    pub(super) fn kind_is_asked_for(&self) -> Option<u64> {
        Kind::of(self.task)?;
        match self.outcome {
            Outcome::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The kinds that are put off, after this outcome.
    pub(super) fn put_off(&self) -> BTreeMap<Kind, Later> {
        let mut later = self.work.origin.later.clone();
        let Some(kind) = Kind::of(self.task) else {
            return later;
        };
        if let Some(delay) = self.kind_waits() {
            let free = self.work.origin.trouble.is_none();
            let asked = self.kind_is_asked_for().is_some();
            let tries = self.strikes().saturating_add(u32::from(free || asked));
            let status = match self.outcome {
                Outcome::Busy { status, .. } => *status,
                _ => 0,
            };
            let later_again = Later {
                due: Due::after(self.now, delay),
                tries: tries.max(1),
                status,
            };
            later.insert(kind, later_again);
        } else if self.is_answered() && self.has_waited(kind) {
            later.remove(&kind);
        }
        later
    }

    /// For how long this kind is put off by this outcome, milliseconds.
    fn kind_waits(&self) -> Option<u64> {
        if let Some(asked) = self.kind_is_asked_for() {
            let tries = self.strikes().saturating_add(1);
            let spread = jitter(&self.seed(), tries, after_asked(tries, asked));
            return Some(asked.saturating_add(spread));
        }
        if self.is_its_kinds() {
            return Some(doubling(self.strikes(), MINUTE, MAX));
        }
        self.fails_by_itself().then(|| self.after_the_origin())
    }

    /// Pictures and the feed have a pace of their own for this ([`super::turns`], [`super::reading`]).
    fn fails_by_itself(&self) -> bool {
        matches!(self.task, Task::Known { .. }) && may_be_its_own(self.outcome)
    }

    fn strikes(&self) -> u32 {
        let kind = Kind::of(self.task);
        let later = kind.and_then(|kind| self.work.origin.later.get(&kind));
        later.map_or(0, |later| later.tries)
    }

    /// Until it was due? An answer to what was on its way before the refusal, as the picture beside another
    /// is, does not take that back.
    fn has_waited(&self, kind: Kind) -> bool {
        self.work.origin.later_in(kind, self.now) == 0
    }

    /// In whatever words.
    fn is_answered(&self) -> bool {
        !matches!(
            self.outcome,
            Outcome::Offline
                | Outcome::ClockWrong
                | Outcome::Untrusted
                | Outcome::NotLapor { .. }
                | Outcome::Busy { .. }
                | Outcome::Unknown
                | Outcome::Incompatible
                | Outcome::Unauthorized
                | Outcome::Aborted
                | Outcome::Local
        )
    }
}
