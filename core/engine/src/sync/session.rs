//! What an outcome says of the session: one refresh in flight, and only the person goes on when
//! that is refused too.

use super::{Change, SessionState, Task, settle::Settling};
use crate::api::{Answer, Outcome};

impl Settling<'_> {
    pub(super) fn session(&self, changes: &mut Vec<Change>) {
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
