//! What follows from an outcome: a pure function from work, task and outcome to [`Change`]s.

use super::{
    Captive, Change, Network, Operation, OperationState, OperationUpdate, Origin, OriginTrouble, Reason, SessionState,
    Surroundings, Task, Work,
    backoff::{doubling, full_jitter},
    uploads,
    work::Account,
};
use crate::{
    api::{Answer, Outcome},
    calendar::{Due, Instant},
};

#[cfg(test)]
mod tests;

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;
/// A 404 is no proof of absence: a replica may lag behind. Asked this often before the daily try.
const PATIENCE: u32 = 6;
/// The feed is asked this often while the app runs.
const PULL_EVERY: u64 = 15 * 60 * SECOND;

/// An outcome with what is known of the moment.
#[derive(Debug, Clone)]
pub struct Settling<'a> {
    pub work: &'a Work,
    pub task: &'a Task,
    pub outcome: &'a Outcome,
    pub now: Instant,
    /// How long the exchange took, milliseconds.
    pub took_ms: u64,
    pub surroundings: Surroundings,
    /// Epoch and date of a marked answer.
    pub epoch: Option<String>,
    pub server_date: Option<Instant>,
}

/// All changes that follow, to be written in one transaction.
pub fn settle(settling: &Settling<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    settling.marks(&mut changes);
    settling.line(&mut changes);
    settling.session(&mut changes);
    match settling.row() {
        Some(row) => settling.operation(row, &mut changes),
        None => settling.reading(&mut changes),
    }
    changes
}

impl Settling<'_> {
    pub(super) fn row(&self) -> Option<&Operation> {
        let id = self.task.operation()?;
        self.work.operations.iter().find(|row| row.id == id)
    }

    fn account(&self) -> Option<&Account> {
        self.work.account.as_ref()
    }

    pub(super) fn is_captive(&self) -> bool {
        self.surroundings.captive == Captive::Yes
    }

    /// Bytes from which the jitter of this phone and this task come.
    pub(super) fn seed(&self) -> Vec<u8> {
        let mut seed = self.work.install_secret.to_vec();
        seed.extend(self.task.operation().map_or(0, |id| id.0).to_be_bytes());
        seed
    }

    fn marks(&self, changes: &mut Vec<Change>) {
        if let Some(date) = self.server_date
            && self.work.last_server_date.is_none_or(|seen| seen < date)
        {
            changes.push(Change::ServerDate(date));
        }
        if let (Some(account), Some(epoch)) = (self.account(), &self.epoch)
            && account.epoch.as_ref() != Some(epoch)
        {
            let changed = account.epoch.is_some();
            changes.push(Change::Epoch { account: account.id, epoch: epoch.clone(), changed });
        }
    }

    /// What the outcome says of the gateway as a whole.
    fn line(&self, changes: &mut Vec<Change>) {
        let trouble = match self.outcome {
            Outcome::Offline => OriginTrouble::Offline,
            Outcome::ClockWrong => OriginTrouble::ClockWrong,
            Outcome::Untrusted => OriginTrouble::Untrusted,
            Outcome::NotLapor { status } => OriginTrouble::NotLapor { status: *status },
            Outcome::Busy { status, .. } => OriginTrouble::Busy { status: *status },
            Outcome::Unknown => OriginTrouble::Cut,
            Outcome::Incompatible => OriginTrouble::Incompatible,
            Outcome::Aborted | Outcome::Local => return,
            _ => {
                let reached = Origin::reached(self.surroundings.network);
                if self.work.origin != reached {
                    changes.push(Change::Origin(reached));
                }
                return;
            }
        };
        let asked = match self.outcome {
            Outcome::Busy { retry_after, .. } => *retry_after,
            _ => None,
        };
        changes.push(Change::Origin(self.work.origin.after(trouble, asked, self.now, &self.work.install_secret)));
    }

    fn session(&self, changes: &mut Vec<Change>) {
        let Some(account) = self.account() else { return };
        let mut state = |state, refreshed| changes.push(Change::SessionState { account: account.id, state, refreshed });
        match self.outcome {
            // A fresh token that is refused as well: only the person can go on.
            Outcome::Unauthorized if account.refreshed => state(SessionState::Ended, false),
            Outcome::Unauthorized => state(SessionState::Expired, false),
            Outcome::SessionEnded => state(SessionState::Ended, false),
            Outcome::Done(Answer::Session(session)) => changes.push(Change::Session {
                account: account.id,
                access_token: session.access_token.clone(),
                refresh_token: session.refresh_token.clone(),
                answer: session.account.clone(),
                refreshed: true,
            }),
            Outcome::Done(Answer::Offset(_) | Answer::Meta(_)) => {}
            Outcome::Done(_) if account.refreshed => state(SessionState::Good, false),
            _ => {}
        }
    }

    /// Probe, refresh, feed and epoch check: nothing of a person's is at stake.
    fn reading(&self, changes: &mut Vec<Change>) {
        let Some(account) = self.account() else { return };
        let due = |delay| Change::PullDue { account: account.id, due: Due::after(self.now, delay) };
        match (self.task, self.outcome) {
            (_, Outcome::Done(Answer::Meta(meta))) => changes.push(Change::Limits(meta.limits.clone())),
            (_, Outcome::Done(Answer::Known(known))) => {
                let found = known.known.iter().map(|report| report.key).chain(known.withdrawn.iter().copied());
                changes.push(Change::Verified { account: account.id, keys: found.collect() });
                if !known.unknown.is_empty() {
                    changes.push(Change::Forgotten { account: account.id, keys: known.unknown.clone(), at: self.now });
                }
            }
            (_, Outcome::Done(Answer::Changes(page))) => {
                changes.push(Change::Feed {
                    account: account.id,
                    cursor: Some(page.cursor.clone()),
                    items: page.changes.clone(),
                    at: self.now,
                });
                changes.push(due(if page.complete { PULL_EVERY } else { 0 }));
            }
            (_, Outcome::Done(Answer::NoChanges)) => changes.push(due(PULL_EVERY)),
            (Task::Pull { after: Some(_) }, Outcome::CursorGone) => {
                changes.push(Change::Feed { account: account.id, cursor: None, items: Vec::new(), at: self.now });
                changes.push(due(0));
            }
            (Task::Pull { .. }, Outcome::CursorGone | Outcome::Refused { .. } | Outcome::NotFound) => changes.push(due(HOUR)),
            // A gateway that does not know the question: what it has is found by sending again,
            // which the key makes harmless.
            (Task::Known { keys }, Outcome::Refused { .. } | Outcome::NotFound) => {
                changes.push(Change::Forgotten { account: account.id, keys: keys.clone(), at: self.now });
            }
            (Task::Probe, Outcome::Refused { .. } | Outcome::NotFound) => {}
            _ => {}
        }
    }

    fn operation(&self, row: &Operation, changes: &mut Vec<Change>) {
        let report = row.report;
        match self.outcome {
            Outcome::Done(answer) => self.done(row, answer, changes),
            Outcome::Offline
            | Outcome::ClockWrong
            | Outcome::Untrusted
            | Outcome::NotLapor { .. }
            | Outcome::Incompatible => {
                let reason = self.unreached_reason();
                changes.push(self.update(row, OperationState::Waiting, Due::now(self.now), Some(reason)));
                self.unsure(changes);
            }
            Outcome::Busy { status, marked, .. } => changes.push(self.busy(row, *status, *marked)),
            Outcome::Unknown => {
                changes.push(self.cut(row));
                self.unsure(changes);
            }
            Outcome::Aborted => {
                changes.push(self.update(row, OperationState::Waiting, Due::now(self.now), Some(Reason::Aborted)));
                self.unsure(changes);
            }
            Outcome::Unauthorized => {
                changes.push(self.update(row, OperationState::Waiting, Due::now(self.now), Some(Reason::SignIn)));
            }
            Outcome::Local => {
                changes.push(self.update(row, OperationState::Waiting, self.own_backoff(row), Some(Reason::Local)));
            }
            Outcome::Withdrawn => {
                changes.push(self.spent(row, OperationState::Ended, Due::now(self.now), Reason::Withdrawn));
                changes.push(Change::Withdrawn { report, at: self.now });
            }
            Outcome::TooLate => {
                changes.push(self.spent(row, OperationState::Ended, Due::now(self.now), Reason::TooLate));
                changes.push(Change::TooLate { report });
            }
            Outcome::Rejected { problems } => {
                let reason = Reason::Rejected { problems: problems.clone() };
                changes.push(self.spent(row, OperationState::Paused, self.daily(), reason));
                if matches!(self.task, Task::Create { .. }) {
                    changes.push(Change::Rejected { report, problems: problems.clone() });
                }
            }
            Outcome::KeyTaken { foreign } => {
                let reason = Reason::KeyTaken { foreign: *foreign };
                changes.push(self.spent(row, OperationState::Paused, self.daily(), reason));
                if matches!(self.task, Task::Create { .. } | Task::Withdraw { .. }) {
                    changes.push(Change::KeyTaken { report });
                }
            }
            Outcome::OffsetMoved | Outcome::UploadGone | Outcome::UploadDamaged => {
                uploads::moved(self, row, changes);
            }
            Outcome::NotFound if row.streak < PATIENCE => {
                let reason = Reason::Refused { status: 404, code: "not_found".to_owned() };
                let update = self.next(row, OperationState::Waiting, self.own_backoff(row), Some(reason));
                changes.push(Change::Operation(OperationUpdate { streak: row.streak.saturating_add(1), ..update }));
            }
            Outcome::NotFound => changes.push(self.refused(row, 404, "not_found")),
            Outcome::Refused { status, code } => changes.push(self.refused(row, *status, code)),
            Outcome::BadCredentials | Outcome::SessionEnded | Outcome::CursorGone => {
                changes.push(self.refused(row, 0, "unexpected"));
            }
        }
    }

    fn done(&self, row: &Operation, answer: &Answer, changes: &mut Vec<Change>) {
        let report = row.report;
        let done = || self.finished(row);
        match (self.task, answer) {
            (Task::Create { .. }, Answer::Create(answer)) => {
                changes.push(done());
                changes.push(Change::Created { report, answer: answer.clone(), at: self.now });
            }
            (Task::Withdraw { .. }, Answer::Withdrawn) => {
                changes.push(done());
                changes.push(Change::Withdrawn { report, at: self.now });
            }
            (Task::Event { .. }, Answer::Event(answer)) => {
                changes.push(done());
                changes.push(Change::Status { report, revision: answer.revision, status: answer.status.clone() });
            }
            (Task::Locate { .. }, Answer::Report(answer)) => uploads::located(self, row, answer, changes),
            (Task::UploadOffset { .. } | Task::UploadChunk { .. }, Answer::Offset(offset)) => {
                uploads::advanced(self, row, *offset, changes);
            }
            _ => changes.push(self.refused(row, 0, "unexpected")),
        }
    }

    fn unreached_reason(&self) -> Reason {
        match self.outcome {
            Outcome::Untrusted | Outcome::NotLapor { .. } if self.is_captive() => Reason::SignInToWifi,
            Outcome::ClockWrong => Reason::ClockWrong,
            Outcome::Untrusted => Reason::Untrusted,
            Outcome::NotLapor { status } => Reason::NotLapor { status: *status },
            Outcome::Incompatible => Reason::UpdateApp,
            _ => Reason::Offline,
        }
    }

    /// A picture's chunk that ended in the middle: only the gateway knows how far it came.
    fn unsure(&self, changes: &mut Vec<Change>) {
        if matches!(self.task, Task::UploadChunk { .. }) {
            uploads::unsure(self, changes);
        }
    }

    /// A marked 5xx again and again for this one while there is other work: its own backoff, so
    /// that the others become the probe.
    fn busy(&self, row: &Operation, status: u16, marked: bool) -> Change {
        let streak = if marked && status >= 500 { row.streak.saturating_add(1) } else { row.streak };
        let (due, reason) = if streak >= 2 && self.has_others(row) {
            let delay = full_jitter(&self.seed(), streak, 4 * SECOND, HOUR);
            (Due::after(self.now, delay), Reason::Poison { status })
        } else {
            (Due::now(self.now), Reason::Busy { status })
        };
        let update = OperationUpdate { streak, ..self.next(row, OperationState::Waiting, due, Some(reason)) };
        Change::Operation(OperationUpdate { attempts: row.attempts.saturating_add(1), ..update })
    }

    /// Cut again and again at this one (a proxy that chokes on it, say): others get their turn, but
    /// it stays close behind, for most often it is only the line.
    fn cut(&self, row: &Operation) -> Change {
        let words = self.task.marks_maybe_sent();
        let streak = if words { row.streak.saturating_add(1) } else { row.streak };
        let due = if words && streak >= 2 && self.has_others(row) {
            Due::after(self.now, full_jitter(&self.seed(), streak, 2 * SECOND, 30 * SECOND))
        } else {
            Due::now(self.now)
        };
        let update = OperationUpdate { streak, ..self.next(row, OperationState::Waiting, due, Some(Reason::Unknown)) };
        Change::Operation(OperationUpdate { attempts: row.attempts.saturating_add(1), ..update })
    }

    fn has_others(&self, row: &Operation) -> bool {
        self.work.operations.iter().any(|other| other.id != row.id && other.is_free && !other.state.is_finished())
    }

    /// Paused with the code, tried daily and after an app update; never blamed on the citizen.
    pub(super) fn refused(&self, row: &Operation, status: u16, code: &str) -> Change {
        self.spent(row, OperationState::Paused, self.daily(), Reason::Refused { status, code: code.to_owned() })
    }

    fn daily(&self) -> Due {
        Due::after(self.now, DAY)
    }

    pub(super) fn own_backoff(&self, row: &Operation) -> Due {
        Due::after(self.now, doubling(row.streak.saturating_add(1), 30 * SECOND, HOUR))
    }

    fn next(&self, row: &Operation, state: OperationState, due: Due, reason: Option<Reason>) -> OperationUpdate {
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
    pub(super) fn update(&self, row: &Operation, state: OperationState, due: Due, reason: Option<Reason>) -> Change {
        Change::Operation(self.next(row, state, due, reason))
    }

    /// One attempt spent.
    pub(super) fn spent(&self, row: &Operation, state: OperationState, due: Due, reason: Reason) -> Change {
        let attempts = row.attempts.saturating_add(1);
        Change::Operation(OperationUpdate { attempts, ..self.next(row, state, due, Some(reason)) })
    }

    pub(super) fn finished(&self, row: &Operation) -> Change {
        let update = self.next(row, OperationState::Done, Due::now(self.now), None);
        Change::Operation(OperationUpdate { attempts: row.attempts.saturating_add(1), streak: 0, ..update })
    }
}

/// A network that came or changed: what could not be reached may be within reach.
pub fn network_changed(work: &Work, before: Network, after: Network, now: Instant) -> Option<Change> {
    let came = after == Network::Up && before != Network::Up;
    let origin = work.origin.network_came(now, &work.install_secret);
    (came && origin != work.origin).then_some(Change::Origin(origin))
}
