use super::{
    AccountId, Captive, Operation, OperationKind, OperationState, Origin, Reason, SessionState,
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
    pub now: Instant,
}

impl Standpoint<'_> {
    pub fn explain_operation(&self, operation: &Operation) -> Explanation {
        let follows = !operation.is_free;
        self.explain(
            operation.kind,
            operation.state,
            operation.due,
            operation.reason.as_ref(),
            follows,
        )
    }

    /// `follows`: it waits for another operation first.
    pub fn explain(
        &self,
        kind: OperationKind,
        state: OperationState,
        due: Due,
        reason: Option<&Reason>,
        follows: bool,
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
            reason => reason,
        };
        if state.is_finished() {
            return Explanation {
                reason: reason.cloned(),
                next_try_in_ms: None,
            };
        }
        if let Some(Reason::Rejected { .. } | Reason::KeyTaken { .. }) = reason {
            return Explanation {
                reason: reason.cloned(),
                next_try_in_ms: None,
            };
        }
        if self.account == AccountId::GUEST || self.session == SessionState::Ended {
            return told(Reason::SignIn, None);
        }
        let own = due.remaining(self.now);
        match &self.origin.trouble {
            Some(trouble) if trouble.due.remaining(self.now) >= own => {
                let reason = trouble.what.reason(self.captive == Captive::Yes);
                told(reason, Some(trouble.due.remaining(self.now)))
            }
            _ if follows => told(Reason::Follows, None),
            _ => Explanation {
                reason: reason.cloned(),
                next_try_in_ms: Some(own),
            },
        }
    }
}
