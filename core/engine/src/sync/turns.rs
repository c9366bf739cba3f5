//! Whose turn it is after a failure: the gateway's trouble is told from one operation's own.
//!
//! While the origin is in trouble, a failed try says nothing of the operation: another one gets
//! the next turn, at the origin's pace. A failure while the origin is free does: somebody else
//! got through just before. Twice so, and the operation goes at its own pace, so that neither a
//! body that some proxy chokes on nor a text that some firewall dislikes holds back the others.

use super::{
    Change, Operation, OperationState, OperationUpdate, Reason, Task,
    backoff::{Narrow, doubling, full_jitter},
    chunk::Chunks,
    plan::needs_person,
    settle::Settling,
};
use crate::{api::Outcome, calendar::Due};

#[cfg(test)]
mod tests;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// The bytes of a picture that somebody else answers every time: in the end about six small pieces a day.
const PIECE_MAX: u64 = 8 * HOUR;

/// First and longest own pace, milliseconds.
struct Pace {
    first: u64,
    max: u64,
}

impl Settling<'_> {
    /// A busy gateway, or one operation that it cannot digest.
    pub(super) fn busy(&self, row: &Operation, status: u16) -> Change {
        let own = if self.is_its_own_fault() {
            Reason::Poison { status }
        } else {
            Reason::Busy { status }
        };
        let turn = self.turn(
            row,
            &Pace {
                first: 4 * SECOND,
                max: HOUR,
            },
            own,
        );
        Change::Operation(OperationUpdate {
            attempts: row.attempts.saturating_add(1),
            ..turn
        })
    }

    /// Cut after the connection was up. Most often it is only the line: it stays close behind.
    /// A picture's bytes ask for their offset next, which is the smallest try there is.
    pub(super) fn cut(&self, row: &Operation) -> Change {
        if self.is_piece() {
            return self.spent(
                row,
                OperationState::Waiting,
                Due::now(self.now),
                Reason::Unknown,
            );
        }
        let turn = self.turn(
            row,
            &Pace {
                first: 2 * SECOND,
                max: 30 * SECOND,
            },
            Reason::Unknown,
        );
        Change::Operation(OperationUpdate {
            attempts: row.attempts.saturating_add(1),
            ..turn
        })
    }

    /// Nobody of LAPOR! answered. Spends no attempt.
    pub(super) fn unreached(&self, row: &Operation) -> Change {
        let reason = self.unreached_reason();
        if mutant!(UnreachedSpends) {
            return self.spent(row, OperationState::Waiting, Due::now(self.now), reason);
        }
        if !self.can_be_its_own() {
            return self.update(
                row,
                OperationState::Waiting,
                Due::now(self.now),
                Some(reason),
            );
        }
        Change::Operation(self.turn(
            row,
            &Pace {
                first: 30 * SECOND,
                max: match self.outcome {
                    Outcome::Incompatible => DAY,
                    _ if self.is_refused_piece() => PIECE_MAX,
                    _ => 15 * MINUTE,
                },
            },
            match self.outcome {
                Outcome::NotLapor { status }
                    if self.is_upload() && self.is_its_own_fault() && !self.is_captive() =>
                {
                    Reason::Poison { status: *status }
                }
                _ => reason,
            },
        ))
    }

    /// Somebody else got through just before, there is other work, and this one fails again. What a
    /// picture meets needs no other work: the question in between was the one that got through.
    pub(super) fn is_its_own_fault(&self) -> bool {
        self.can_be_its_own()
            && self.work.origin.trouble.is_none()
            && self
                .row()
                .is_some_and(|row| row.streak > 0 && (self.is_in_doubt() || self.has_others(row)))
    }

    /// A picture that somebody else answers, although the gateway was within reach just before: a portal
    /// that begins, or a front end that will not have this picture. The next request tells the two apart.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.is_upload()
            && matches!(self.outcome, Outcome::NotLapor { .. })
            && self.work.origin.trouble.is_none()
    }

    /// The bytes of a picture, answered by somebody else.
    fn is_refused_piece(&self) -> bool {
        self.is_piece() && matches!(self.outcome, Outcome::NotLapor { .. })
    }

    fn is_piece(&self) -> bool {
        matches!(self.task, Task::UploadChunk { .. })
    }

    /// What is known of a limit of size after this outcome. A 413 says it plainly; anything else may
    /// be a portal's, until it comes again while others get through.
    pub(super) fn narrow(&self) -> Option<Narrow> {
        let known = self.work.origin.narrow.clone();
        let known = known.filter(|narrow| !narrow.until.is_due(self.now));
        let Task::UploadChunk { length, .. } = self.task else {
            return known;
        };
        let is_size = matches!(self.outcome, Outcome::NotLapor { status: 413 });
        if self.is_refused_piece() && (is_size || self.is_its_own_fault()) {
            return Some(Narrow {
                bytes: Chunks::after_refusal(*length),
                until: Due::after(self.now, DAY),
            });
        }
        // The smallest was refused before: size was not the matter, or the front end has been mended.
        let passed = matches!(self.outcome, Outcome::Done(_));
        known.filter(|narrow| !(passed && narrow.bytes < Chunks::FLOOR))
    }

    fn is_upload(&self) -> bool {
        matches!(
            self.task,
            Task::UploadOffset { .. } | Task::UploadChunk { .. }
        )
    }

    /// Outcomes that one operation can have by itself: what the gateway or something before it
    /// cannot digest, and an upload host that is not the gateway. A gateway that names a time is
    /// taken at its word.
    fn can_be_its_own(&self) -> bool {
        match self.outcome {
            Outcome::Busy {
                retry_after: None, ..
            }
            | Outcome::NotLapor { .. }
            | Outcome::Incompatible => true,
            Outcome::Unknown => !self.is_piece(),
            Outcome::Offline | Outcome::ClockWrong | Outcome::Untrusted => self.is_upload(),
            _ => false,
        }
    }

    fn turn(&self, row: &Operation, pace: &Pace, reason: Reason) -> OperationUpdate {
        let free = self.work.origin.trouble.is_none();
        let streak = if free {
            row.streak.saturating_add(1)
        } else {
            row.streak
        };
        let delay = if self.is_its_own_fault() {
            // From the second strike on: the first one was the origin's.
            full_jitter(&self.seed(), streak.saturating_sub(1), pace.first, pace.max)
        } else if !free && self.has_others(row) {
            self.after_the_origin()
        } else {
            0
        };
        let due = Due::after(self.now, delay);
        let state = if mutant!(PoisonIsGivenUp) && self.is_its_own_fault() {
            OperationState::Ended
        } else {
            OperationState::Waiting
        };
        OperationUpdate {
            streak,
            ..self.next(row, state, due, Some(reason))
        }
    }

    /// Just behind the origin's next try, so that another operation is that try.
    pub(super) fn after_the_origin(&self) -> u64 {
        let origin = self.origin_after();
        origin
            .and_then(|origin| origin.trouble)
            .map_or(0, |trouble| {
                trouble.due.delay.saturating_add(SECOND).min(DAY)
            })
    }

    fn has_others(&self, row: &Operation) -> bool {
        let mut rows = self.work.operations.iter();
        rows.any(|other| other.id != row.id && self.could_have_the_turn(other))
    }

    /// One that waits, or one that was refused and whose day has come.
    pub(super) fn could_have_the_turn(&self, row: &Operation) -> bool {
        let may_go = match row.state {
            OperationState::Waiting => true,
            OperationState::Paused => row.due.is_due(self.now) && !needs_person(row),
            _ => false,
        };
        row.is_free && may_go
    }

    /// The same row, later each time: for what only this operation stumbles over.
    pub(super) fn stumbled(&self, row: &Operation, reason: Reason) -> OperationUpdate {
        let streak = row.streak.saturating_add(1);
        let due = Due::after(self.now, doubling(streak, 30 * SECOND, HOUR));
        OperationUpdate {
            streak,
            ..self.next(row, OperationState::Waiting, due, Some(reason))
        }
    }
}
