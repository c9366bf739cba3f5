//! What an outcome says of the session: one refresh in flight, and only the person goes on when
//! that is refused too.

use super::{
    Change, Operation, OperationState, Reason, SessionState, Task, Work, settle::Settling,
};
use crate::{
    api::{Answer, Outcome, Secret},
    calendar::Due,
};

/// What follows from a 401.
enum Verdict {
    Refresh,
    /// A fresh token was refused to an operation: refresh once more, and ask the feed first.
    AskTheFeed,
    /// The token is good: it is this operation that the gateway will not have.
    OperationRefused,
    SignIn,
}

/// How an operation remembers that a fresh token was refused to it.
const STATUS: u16 = 401;
const CODE: &str = "unauthorized";

impl Settling<'_> {
    pub(super) fn session(&self, changes: &mut Vec<Change>) {
        let Some(account) = self.account() else {
            return;
        };
        let mut state = |state, refreshed| {
            changes.push(Change::SessionState {
                account: account.id,
                of: account.access_token.clone(),
                state,
                refreshed,
            })
        };
        match self.outcome {
            Outcome::Unauthorized => match self.verdict(account.refreshed) {
                Verdict::Refresh | Verdict::AskTheFeed => state(SessionState::Expired, false),
                Verdict::SignIn => state(SessionState::Ended, false),
                Verdict::OperationRefused => {}
            },
            Outcome::SessionEnded => state(SessionState::Ended, false),
            // What waits would go in somebody else's name.
            _ if token_of_another(self.work, self.outcome).is_some() => {
                state(SessionState::Ended, false);
            }
            Outcome::Done(Answer::Session(session)) => changes.push(Change::Session {
                account: account.id,
                of: account.access_token.clone(),
                access_token: session.access_token.clone(),
                refresh_token: session.refresh_token.clone(),
                answer: session.account.clone(),
                refreshed: true,
            }),
            _ if account.refreshed && (self.proves_token() || self.token_may_grow_old()) => {
                state(SessionState::Good, false)
            }
            _ => {}
        }
    }

    /// What a 401 says. One operation that is always answered so must not end session after
    /// session: before the person is asked, the feed shows whether a fresh token is good.
    fn verdict(&self, refreshed: bool) -> Verdict {
        match (refreshed, self.row().map(is_on_trial)) {
            _ if mutant!(FirstRefusalSignsOut) => Verdict::SignIn,
            (false, Some(true)) => Verdict::OperationRefused,
            (false, _) => Verdict::Refresh,
            (true, Some(false)) => Verdict::AskTheFeed,
            (true, _) => Verdict::SignIn,
        }
    }

    /// A 401 to an operation.
    pub(super) fn unauthorized(&self, row: &Operation, changes: &mut Vec<Change>) {
        let Some(account) = self.account() else {
            return;
        };
        let reason = match self.verdict(account.refreshed) {
            Verdict::OperationRefused => {
                changes.push(self.refused(row, STATUS, CODE));
                return;
            }
            Verdict::SignIn => Reason::SignIn,
            // Most often nobody has to do anything.
            Verdict::Refresh if remembers(row) => Reason::NotTried,
            Verdict::Refresh => row.reason.clone().unwrap_or(Reason::NotTried),
            Verdict::AskTheFeed => {
                changes.push(Change::PullDue {
                    account: account.id,
                    due: Due::now(self.now),
                });
                Reason::Refused {
                    status: STATUS,
                    code: CODE.to_owned(),
                }
            }
        };
        let due = Due::now(self.now);
        changes.push(self.update(row, OperationState::Waiting, due, Some(reason)));
    }

    /// A fresh token that could not be tried: by the time the gateway is reached, it may be as old
    /// as any. Not while the feed has to show whether it is the token or an operation.
    fn token_may_grow_old(&self) -> bool {
        self.origin_after().is_some() && !self.work.operations.iter().any(is_on_trial)
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
}

/// The token of an answer that names another account than the one whose session this is: not this
/// account's to use, and best given back.
pub fn token_of_another<'a>(work: &Work, outcome: &'a Outcome) -> Option<&'a Secret> {
    let (Some(account), Outcome::Done(Answer::Session(session))) = (&work.account, outcome) else {
        return None;
    };
    (session.account.id != account.server_id).then_some(&session.access_token)
}

pub(super) fn is_refresh_answer(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Done(Answer::Session(_)) | Outcome::SessionEnded | Outcome::Unauthorized
    )
}

pub(super) fn refused_status(outcome: &Outcome) -> u16 {
    match outcome {
        Outcome::Refused { status, .. } => *status,
        Outcome::NotFound => 404,
        _ => 409,
    }
}

/// A fresh token was refused to this one, and the feed is to show whether it is the token. A paused one
/// begins anew: since its last try the token may simply have grown old.
pub(super) fn is_on_trial(row: &Operation) -> bool {
    let is_open = matches!(
        row.state,
        OperationState::Waiting | OperationState::InFlight
    );
    is_open && remembers(row)
}

fn remembers(row: &Operation) -> bool {
    matches!(&row.reason, Some(Reason::Refused { status: STATUS, code }) if code == CODE)
}
