//! What follows from an outcome: a pure function from work, task and outcome to [`Change`]s.

use super::{
    Captive, Change, Network, Operation, OperationState, OperationUpdate, Origin, OriginTrouble,
    Reason, SessionState, Surroundings, Task, Work, uploads, work::Account,
};
use crate::{
    api::{Answer, Outcome},
    calendar::{Due, Instant},
    report::ReportKey,
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
            changes.push(Change::Epoch {
                account: account.id,
                epoch: epoch.clone(),
                changed,
            });
        }
    }

    /// What the outcome says of the gateway as a whole.
    fn line(&self, changes: &mut Vec<Change>) {
        if self.is_its_own_fault() || matches!(self.outcome, Outcome::Aborted | Outcome::Local) {
            return;
        }
        let origin = self
            .origin_after()
            .unwrap_or_else(|| Origin::reached(self.surroundings.network));
        if self.work.origin != origin {
            changes.push(Change::Origin(origin));
        }
    }

    /// The origin in trouble; nothing when it was reached.
    pub(super) fn origin_after(&self) -> Option<Origin> {
        let trouble = match self.outcome {
            Outcome::Offline => OriginTrouble::Offline,
            Outcome::ClockWrong => OriginTrouble::ClockWrong,
            Outcome::Untrusted => OriginTrouble::Untrusted,
            Outcome::NotLapor { status } => OriginTrouble::NotLapor { status: *status },
            Outcome::Busy { status, .. } => OriginTrouble::Busy { status: *status },
            Outcome::Unknown => OriginTrouble::Cut,
            Outcome::Incompatible => OriginTrouble::Incompatible,
            // Without a token nothing goes on, and no row waits for it: the gateway's own pace
            // is the only brake.
            outcome if *self.task == Task::Refresh && !is_refresh_answer(outcome) => {
                OriginTrouble::Busy {
                    status: refused_status(outcome),
                }
            }
            _ => return None,
        };
        let asked = match self.outcome {
            Outcome::Busy { retry_after, .. } => *retry_after,
            _ => None,
        };
        Some(
            self.work
                .origin
                .after(trouble, asked, self.now, &self.work.install_secret),
        )
    }

    fn session(&self, changes: &mut Vec<Change>) {
        let Some(account) = self.account() else {
            return;
        };
        let mut state = |state, refreshed| {
            changes.push(Change::SessionState {
                account: account.id,
                state,
                refreshed,
            })
        };
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
            _ if account.refreshed && self.proves_token() => state(SessionState::Good, false),
            _ => {}
        }
    }

    /// The gateway knew who asked: any marked answer but a 401 to what carries the token.
    fn proves_token(&self) -> bool {
        let carried = !matches!(
            self.task,
            Task::Probe | Task::Refresh | Task::UploadOffset { .. } | Task::UploadChunk { .. }
        );
        let knew = matches!(
            self.outcome,
            Outcome::Done(_)
                | Outcome::Rejected { .. }
                | Outcome::KeyTaken { .. }
                | Outcome::Withdrawn
                | Outcome::TooLate
                | Outcome::NotFound
                | Outcome::CursorGone
                | Outcome::Refused { .. }
        );
        carried && knew
    }

    /// Probe, refresh, feed and epoch check: nothing of a person's is at stake.
    fn reading(&self, changes: &mut Vec<Change>) {
        let Some(account) = self.account() else {
            return;
        };
        let due = |delay| Change::PullDue {
            account: account.id,
            due: Due::after(self.now, delay),
        };
        match (self.task, self.outcome) {
            (_, Outcome::Done(Answer::Meta(meta))) => {
                changes.push(Change::Limits(meta.limits.clone()))
            }
            (_, Outcome::Done(Answer::Known(known))) => {
                let Task::Known { keys: asked } = self.task else {
                    return;
                };
                let has = |key: &ReportKey| {
                    known.known.iter().any(|report| report.key == *key)
                        || known.withdrawn.contains(key)
                };
                // A key that the answer passes over is sent again as well: the key makes it
                // harmless, silence would ask for ever.
                let (found, lost): (Vec<_>, Vec<_>) = asked.iter().copied().partition(has);
                changes.push(Change::Verified {
                    account: account.id,
                    keys: found,
                });
                if !lost.is_empty() {
                    changes.push(Change::Forgotten {
                        account: account.id,
                        keys: lost,
                        at: self.now,
                    });
                }
            }
            (_, Outcome::Done(Answer::Changes(page))) => {
                changes.push(Change::Feed {
                    account: account.id,
                    cursor: Some(page.cursor.clone()),
                    items: page.changes.clone(),
                    at: self.now,
                });
                // A page that leads nowhere is the last one, whatever it says.
                let stuck =
                    matches!(self.task, Task::Pull { after: Some(after) } if *after == page.cursor);
                changes.push(due(if page.complete || page.changes.is_empty() || stuck {
                    PULL_EVERY
                } else {
                    0
                }));
            }
            (_, Outcome::Done(Answer::NoChanges)) => changes.push(due(PULL_EVERY)),
            (Task::Pull { after: Some(_) }, Outcome::CursorGone) => {
                changes.push(Change::Feed {
                    account: account.id,
                    cursor: None,
                    items: Vec::new(),
                    at: self.now,
                });
                changes.push(due(0));
            }
            // Reached, and refused in whatever words: not again at once.
            (Task::Pull { .. }, outcome) if is_refusal(outcome) => changes.push(due(HOUR)),
            // A gateway that does not know the question: what it has is found by sending again,
            // which the key makes harmless.
            (Task::Known { keys }, outcome) if is_refusal(outcome) => {
                changes.push(Change::Forgotten {
                    account: account.id,
                    keys: keys.clone(),
                    at: self.now,
                });
            }
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
                changes.push(self.unreached(row));
                self.unsure(changes);
            }
            Outcome::Busy { status, .. } => {
                changes.push(self.busy(row, *status));
                self.unsure(changes);
            }
            Outcome::Unknown => {
                changes.push(self.cut(row));
                self.unsure(changes);
            }
            Outcome::Aborted => {
                changes.push(self.update(
                    row,
                    OperationState::Waiting,
                    Due::now(self.now),
                    Some(Reason::Aborted),
                ));
                self.unsure(changes);
            }
            Outcome::Unauthorized => {
                // A refresh comes first, and most often nobody has to do anything.
                let ended = self.account().is_none_or(|account| account.refreshed);
                let reason = if ended {
                    Reason::SignIn
                } else {
                    row.reason.clone().unwrap_or(Reason::NotTried)
                };
                changes.push(self.update(
                    row,
                    OperationState::Waiting,
                    Due::now(self.now),
                    Some(reason),
                ));
            }
            Outcome::Local => {
                changes.push(Change::Operation(self.stumbled(row, Reason::Local)));
            }
            Outcome::Withdrawn => {
                changes.push(self.spent(
                    row,
                    OperationState::Ended,
                    Due::now(self.now),
                    Reason::Withdrawn,
                ));
                changes.push(Change::Withdrawn {
                    report,
                    at: self.now,
                });
            }
            Outcome::TooLate => {
                changes.push(self.spent(
                    row,
                    OperationState::Ended,
                    Due::now(self.now),
                    Reason::TooLate,
                ));
                changes.push(Change::TooLate { report });
            }
            Outcome::Rejected { problems } => {
                let reason = Reason::Rejected {
                    problems: problems.clone(),
                };
                changes.push(self.spent(row, OperationState::Paused, self.daily(), reason));
                if matches!(self.task, Task::Create { .. }) {
                    changes.push(Change::Rejected {
                        report,
                        problems: problems.clone(),
                    });
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
                let reason = Reason::Refused {
                    status: 404,
                    code: "not_found".to_owned(),
                };
                changes.push(Change::Operation(self.stumbled(row, reason)));
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
                changes.push(Change::Created {
                    report,
                    answer: answer.clone(),
                    at: self.now,
                });
            }
            (Task::Withdraw { .. }, Answer::Withdrawn) => {
                changes.push(done());
                changes.push(Change::Withdrawn {
                    report,
                    at: self.now,
                });
            }
            (Task::Event { .. }, Answer::Event(answer)) => {
                changes.push(done());
                changes.push(Change::Status {
                    report,
                    revision: answer.revision,
                    status: answer.status.clone(),
                });
            }
            (Task::Locate { .. }, Answer::Report(answer)) => {
                uploads::located(self, row, answer, changes)
            }
            (Task::UploadOffset { .. } | Task::UploadChunk { .. }, Answer::Offset(offset)) => {
                uploads::advanced(self, row, *offset, changes);
            }
            _ => changes.push(self.refused(row, 0, "unexpected")),
        }
    }

    pub(super) fn unreached_reason(&self) -> Reason {
        match self.outcome {
            Outcome::Untrusted | Outcome::NotLapor { .. } if self.is_captive() => {
                Reason::SignInToWifi
            }
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

    fn daily(&self) -> Due {
        Due::after(self.now, DAY)
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

/// Marked, and neither done nor a matter of the line, of the pace or of the session.
fn is_refusal(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Rejected { .. }
        | Outcome::KeyTaken { .. }
        | Outcome::Withdrawn
        | Outcome::TooLate
        | Outcome::NotFound
        | Outcome::CursorGone
        | Outcome::OffsetMoved
        | Outcome::UploadGone
        | Outcome::UploadDamaged
        | Outcome::BadCredentials
        | Outcome::SessionEnded
        | Outcome::Local
        | Outcome::Refused { .. } => true,
        Outcome::Done(_)
        | Outcome::Offline
        | Outcome::ClockWrong
        | Outcome::Untrusted
        | Outcome::NotLapor { .. }
        | Outcome::Busy { .. }
        | Outcome::Unknown
        | Outcome::Aborted
        | Outcome::Unauthorized
        | Outcome::Incompatible => false,
    }
}

fn is_refresh_answer(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Done(Answer::Session(_)) | Outcome::SessionEnded | Outcome::Unauthorized
    )
}

fn refused_status(outcome: &Outcome) -> u16 {
    match outcome {
        Outcome::Refused { status, .. } => *status,
        Outcome::NotFound => 404,
        _ => 409,
    }
}

/// A network that came or changed: what could not be reached may be within reach.
pub fn network_changed(
    work: &Work,
    before: Network,
    after: Network,
    now: Instant,
) -> Option<Change> {
    let came = after == Network::Up && before != Network::Up;
    let origin = work.origin.network_came(now, &work.install_secret);
    (came && origin != work.origin).then_some(Change::Origin(origin))
}
