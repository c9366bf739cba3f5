//! What follows from reading: limits, feed and epoch check. Nothing that a person wrote is at
//! stake, and nothing is asked again at once without having led somewhere.

use super::{Change, Task, session, settle::Settling};
use crate::{
    api::{Answer, Outcome},
    calendar::{Due, Instant},
    report::ReportKey,
};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
/// The feed is asked this often while the app runs.
const PULL_EVERY: u64 = 15 * MINUTE;
/// A feed that begins anew because its cursor was gone is due at once and bears this delay, set so long ago.
/// Gone again before the last page, it waits a minute: a gateway whose cursors never live is not asked at
/// full speed.
const ANEW: u64 = 1;

impl Settling<'_> {
    /// Probe, refresh, feed and epoch check: nothing of a person's is at stake.
    pub(super) fn reading(&self, changes: &mut Vec<Change>) {
        let Some(account) = self.account() else {
            return;
        };
        let due = |delay| Change::PullDue {
            account: account.id,
            due: Due::after(self.now, delay),
        };
        let is_anew = matches!(account.pull_due.delay, ANEW | MINUTE);
        let anew = Change::PullDue {
            account: account.id,
            due: Due::after(Instant(self.now.0.saturating_sub_unsigned(ANEW)), ANEW),
        };
        match (self.task, self.outcome) {
            (_, Outcome::Done(Answer::Meta(meta))) if meta.limits.leave_room() => {
                changes.push(Change::Limits(meta.limits.clone()))
            }
            (_, Outcome::Done(Answer::Known(known))) => {
                let Task::Known { keys: asked } = self.task else {
                    return;
                };
                let has = |key: &ReportKey| {
                    (mutant!(KnownForgetsLast) && asked.last() == Some(key))
                        || known.known.iter().any(|report| report.key == *key)
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
                let account = account.id;
                if matches!(self.task, Task::Pull { after: None }) {
                    changes.push(Change::FeedBegins { account });
                }
                changes.push(Change::Feed {
                    account,
                    cursor: Some(page.cursor.clone()),
                    items: page.changes.clone(),
                    at: self.told_at(),
                });
                if page.complete {
                    changes.push(Change::FeedEnds { account });
                }
                // A page that leads nowhere, or back to where this pull has been, is the last one for now, whatever
                // it says.
                let stuck = self.pages.holds(&page.cursor)
                    || matches!(self.task, Task::Pull { after: Some(after) } if *after == page.cursor);
                changes.push(if page.complete || page.changes.is_empty() || stuck {
                    due(PULL_EVERY)
                } else if is_anew {
                    anew
                } else {
                    due(0)
                });
            }
            (_, Outcome::Done(Answer::NoChanges)) => changes.push(due(PULL_EVERY)),
            (Task::Pull { after: Some(_) }, Outcome::CursorGone) => {
                changes.push(Change::Feed {
                    account: account.id,
                    cursor: None,
                    items: Vec::new(),
                    at: self.now,
                });
                changes.push(if is_anew { due(MINUTE) } else { anew });
            }
            // It may be the feed alone that fails, and others must not wait for that. A row that the feed
            // is to be asked about does not go meanwhile.
            (Task::Pull { .. }, outcome) if may_be_its_own(outcome) => {
                let mut rows = self.work.operations.iter();
                if rows.any(|row| self.could_have_the_turn(row) && !session::is_on_trial(row)) {
                    changes.push(due(MINUTE));
                }
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
}

/// Trouble that one question can have by itself: others on the same line may get through.
pub(super) fn may_be_its_own(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NotLapor { .. } | Outcome::Busy { .. } | Outcome::Unknown | Outcome::Incompatible
    )
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
