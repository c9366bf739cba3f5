use super::{
    AccountId, Captive, Operation, OperationKind, OperationState, Origin, OriginTrouble, Reason,
    SessionState, later::Kind,
};
use crate::calendar::{Due, Instant};

#[cfg(test)]
mod tests;

/// Why an operation waits and when it is tried next, as it is to be told: its own reason, or what
/// stands between this phone and the gateway when that is what it really waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub reason: Option<Reason>,
    /// Milliseconds; none when it is the person's turn.
    pub next_try_in_ms: Option<u64>,
}

/// What the explanation depends on besides the operation.
#[derive(Debug, Clone)]
pub struct Standpoint<'a> {
    pub account: AccountId,
    pub session: SessionState,
    pub origin: &'a Origin,
    pub captive: Captive,
    /// The line is paid by the byte, and the person keeps pictures for one that costs nothing.
    pub pictures_wait: bool,
    pub now: Instant,
}

/// What has to be done before an operation may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    Nothing,
    Another,
    /// What needs the person: no network and no sign-in brings it on.
    Person,
}

impl Standpoint<'_> {
    /// `open` are the unfinished operations of its account, or those of its report.
    pub fn explain_operation(&self, operation: &Operation, open: &[&Operation]) -> Explanation {
        let first = held_by(operation, open);
        let behind = if operation.is_free {
            Behind::Nothing
        } else if first.id != operation.id && is_the_persons(first.reason.as_ref()) {
            Behind::Person
        } else {
            Behind::Another
        };
        self.explain(
            operation.kind,
            operation.state,
            operation.due,
            operation.reason.as_ref(),
            behind,
        )
    }

    pub fn explain(
        &self,
        kind: OperationKind,
        state: OperationState,
        due: Due,
        reason: Option<&Reason>,
        behind: Behind,
    ) -> Explanation {
        let told = |reason: Reason, next: Option<u64>| Explanation {
            reason: Some(reason),
            next_try_in_ms: next,
        };
        // The gateway forgot the report, and has it again by the time that its pictures and replies may
        // go: of them it says nothing any more.
        let reason = match reason {
            Some(Reason::Forgotten) if kind != OperationKind::CreateReport => {
                Some(&Reason::NotTried)
            }
            Some(Reason::NotTried | Reason::Unknown | Reason::Aborted)
                if kind == OperationKind::FetchCopy =>
            {
                Some(&Reason::NotFetched)
            }
            reason => reason,
        };
        if state.is_finished() {
            return Explanation {
                reason: reason.cloned(),
                next_try_in_ms: None,
            };
        }
        if is_the_persons(reason) {
            return Explanation {
                reason: reason.cloned(),
                next_try_in_ms: None,
            };
        }
        if behind == Behind::Person {
            return told(Reason::Follows, None);
        }
        let follows = behind == Behind::Another;
        if self.account == AccountId::GUEST || self.session == SessionState::Ended {
            return told(Reason::SignIn, None);
        }
        // Whatever else stands between it and the gateway: it does not go when that is over.
        let is_metered = self.pictures_wait && kind == OperationKind::UploadAttachment;
        if is_metered && state == OperationState::Waiting && !follows {
            return told(Reason::Metered, None);
        }
        let own = due.remaining(self.now);
        let of_its_kind = self.kind_waits(kind).filter(|(wait, _)| *wait > own);
        let longest = of_its_kind.as_ref().map_or(own, |(wait, _)| *wait);
        let of_its_kind = of_its_kind.and_then(|(_, busy)| busy);
        match self.origin.told() {
            // What was on the line was cut and goes again: of the others that would not be true.
            Some(trouble)
                if trouble.what == OriginTrouble::Cut && reason != Some(&Reason::Unknown) =>
            {
                if follows {
                    return told(Reason::Follows, None);
                }
                Explanation {
                    reason: of_its_kind.or(reason.cloned()),
                    next_try_in_ms: Some(longest.max(trouble.due.remaining(self.now))),
                }
            }
            Some(trouble) if trouble.due.remaining(self.now) >= longest => {
                let reason = trouble.what.reason(self.captive == Captive::Yes);
                told(reason, Some(trouble.due.remaining(self.now)))
            }
            _ if follows => told(Reason::Follows, None),
            _ => Explanation {
                reason: of_its_kind.or(reason.cloned()),
                next_try_in_ms: Some(longest),
            },
        }
    }

    /// For how long pictures wait whichever of them heard why, milliseconds: their host asked for peace, or a
    /// restored gateway has not said yet what it still has. Of the latter a picture that it is not about is
    /// told too much, and goes before.
    fn kind_waits(&self, kind: OperationKind) -> Option<(u64, Option<Reason>)> {
        if kind != OperationKind::UploadAttachment {
            return None;
        }
        let kinds = [Kind::Pictures, Kind::Known];
        let later = kinds.iter().filter_map(|kind| self.origin.later.get(kind));
        let longest = later.max_by_key(|later| later.due.remaining(self.now))?;
        let status = longest.status;
        let busy = (status > 0).then_some(Reason::Busy { status });
        Some((longest.due.remaining(self.now), busy))
    }
}

/// Does it wait for its writer to correct or decide?
fn is_the_persons(reason: Option<&Reason>) -> bool {
    matches!(
        reason,
        Some(Reason::Rejected { .. } | Reason::KeyTaken { .. })
    )
}

/// May the service have it, as far as a person is to be told? The mark outlives every error, since an
/// earlier try may still lie in a proxy; but what was answered with a plain no did not arrive: the
/// service looks the key up before it says so.
pub fn may_have_arrived(state: OperationState, maybe_sent: bool, reason: Option<&Reason>) -> bool {
    maybe_sent
        && match state {
            OperationState::Done => false,
            OperationState::InFlight => true,
            // What goes on after a withdrawal that came too late bears that reason as well, and waits.
            OperationState::Ended
                if matches!(reason, Some(Reason::TooLate | Reason::Overtaken)) =>
            {
                false
            }
            OperationState::Waiting | OperationState::Paused | OperationState::Ended => {
                !reason.is_some_and(is_a_plain_no)
            }
        }
}

fn is_a_plain_no(reason: &Reason) -> bool {
    match reason {
        Reason::Rejected { .. } | Reason::KeyTaken { .. } => true,
        Reason::Refused { status, .. } => matches!(status, 403 | 409 | 413 | 415 | 422),
        _ => false,
    }
}

/// What an operation ends with when its writer puts it away. A plain no stays said: without it nobody
/// could tell any more that nothing of it arrived.
pub fn put_away(reason: Option<Reason>) -> Reason {
    reason.filter(is_a_plain_no).unwrap_or(Reason::Withdrawn)
}

/// May its writer give up a reply or other event? When the service refused it, or when it was never on
/// the wire. One that may have arrived cannot be called back.
pub fn may_be_given_up(state: OperationState, maybe_sent: bool) -> bool {
    match state {
        OperationState::Paused => true,
        OperationState::Waiting => !maybe_sent,
        OperationState::InFlight | OperationState::Done | OperationState::Ended => false,
    }
}

/// What `row` really waits for: of the operations that it follows, one behind the other, the one that
/// follows none itself. What waits behind a report that its writer has to correct does not go by
/// itself, whatever its own row says. `open` are the unfinished operations of its account.
pub fn held_by<'a>(row: &'a Operation, open: &[&'a Operation]) -> &'a Operation {
    let mut first = row;
    for _ in open {
        let before = first
            .follows
            .filter(|_| !first.is_free)
            .and_then(|id| open.iter().find(|other| other.id == id));
        match before {
            Some(before) => first = before,
            None => break,
        }
    }
    first
}
