//! What follows from an outcome: a pure function from work, task and outcome to [`Change`]s.

use super::{
    Captive, Change, Operation, OperationState, Origin, OriginTrouble, Pages, Reason, Surroundings,
    Task, Work, session, uploads, work::Account,
};
use crate::{
    api::{Answer, Outcome},
    calendar::{Due, Instant, kept_date},
};

#[cfg(test)]
mod tests;

/// A 404 is no proof of absence: a replica may lag behind. Asked this often before the daily try.
const PATIENCE: u32 = 6;

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
    /// Of the pull under way.
    pub pages: &'a Pages,
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

    pub(super) fn account(&self) -> Option<&Account> {
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

    /// When the gateway said so: by its own clock where it told it, since a phone's may be years
    /// off. What is reckoned in days from here (asking after a restore, giving space back) must
    /// not depend on a clock that was wrong that day.
    pub(super) fn told_at(&self) -> Instant {
        self.server_date.unwrap_or(self.now)
    }

    fn marks(&self, changes: &mut Vec<Change>) {
        if let Some(date) = self.server_date
            && self.work.last_server_date != Some(kept_date(self.work.last_server_date, date))
        {
            changes.push(Change::ServerDate(date));
        }
        if let (Some(account), Some(epoch)) = (self.account(), &self.epoch)
            && account.epoch.as_ref() != Some(epoch)
            && !(mutant!(EpochIsIgnored) && account.epoch.is_some())
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
        let in_doubt = self.is_in_doubt();
        let silent = matches!(self.outcome, Outcome::Aborted | Outcome::Local)
            || self.is_its_kinds()
            || (self.is_its_own_fault() && !in_doubt);
        let (what, before) = (self.trouble(), &self.work.origin);
        let origin = match what {
            _ if silent => before.clone(),
            Some(what) if in_doubt => before.doubted(what, self.now),
            _ => self
                .origin_after()
                .unwrap_or_else(|| Origin::reached(self.surroundings.network)),
        };
        let narrow = if silent {
            before.narrow.clone()
        } else {
            self.narrow()
        };
        let origin = Origin {
            narrow,
            later: self.put_off(),
            ..origin
        };
        if self.work.origin != origin {
            changes.push(Change::Origin(origin));
        }
    }

    /// The gateway's trouble; nothing when it was reached.
    fn trouble(&self) -> Option<OriginTrouble> {
        Some(match self.outcome {
            Outcome::Offline => OriginTrouble::Offline,
            Outcome::ClockWrong => OriginTrouble::ClockWrong,
            Outcome::Untrusted => OriginTrouble::Untrusted,
            Outcome::NotLapor { status } => OriginTrouble::NotLapor { status: *status },
            Outcome::Busy { status, .. } => OriginTrouble::Busy { status: *status },
            Outcome::Unknown => OriginTrouble::Cut,
            Outcome::Incompatible => OriginTrouble::Incompatible,
            // Without a token nothing goes on, and no row waits for it: the gateway's own pace
            // is the only brake.
            outcome if *self.task == Task::Refresh && !session::is_refresh_answer(outcome) => {
                OriginTrouble::Busy {
                    status: session::refused_status(outcome),
                }
            }
            _ => return None,
        })
    }

    /// The origin in trouble; nothing when it was reached.
    pub(super) fn origin_after(&self) -> Option<Origin> {
        let trouble = self.trouble()?;
        let asked = match self.outcome {
            Outcome::Busy { retry_after, .. } if self.kind_is_asked_for().is_none() => *retry_after,
            _ => None,
        };
        Some(
            self.work
                .origin
                .after(trouble, asked, self.now, &self.work.install_secret),
        )
    }

    fn operation(&self, row: &Operation, changes: &mut Vec<Change>) {
        let report = row.report;
        let is_a_copy = matches!(self.task, Task::FetchCopy { .. });
        match self.outcome {
            Outcome::Done(answer) => self.done(row, answer, changes),
            // The other words were taken back: that says nothing of those written here.
            Outcome::Withdrawn if is_a_copy => changes.push(self.spent(
                row,
                OperationState::Ended,
                Due::now(self.now),
                Reason::Withdrawn,
            )),
            // A question puts nothing to the person.
            Outcome::KeyTaken { .. } if is_a_copy => {
                changes.push(self.refused(row, 409, "key_taken"));
            }
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
            Outcome::Unknown if mutant!(CutIsGivenUp) => changes.push(self.finished(row)),
            Outcome::Unknown
                if matches!(self.task, Task::Event { .. }) && mutant!(EventIsDoneWhenSent) =>
            {
                changes.push(self.finished(row));
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
            Outcome::Unauthorized => self.unauthorized(row, changes),
            Outcome::Local if mutant!(LocalIsGivenUp) => changes.push(self.finished(row)),
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
                if matches!(self.task, Task::Create { .. }) && !mutant!(RejectionIsNotTold) {
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
                    changes.push(Change::KeyTaken {
                        report,
                        foreign: *foreign,
                    });
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
                    at: self.told_at(),
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
            (Task::FetchCopy { .. }, Answer::Report(answer)) => {
                changes.push(done());
                changes.push(Change::Copied {
                    report,
                    answer: answer.clone(),
                    at: self.told_at(),
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
}
