use super::{Operation, OperationKind, OperationState, Reason};
use crate::report::Thawed;

#[cfg(test)]
mod tests;

/// What is known of the service's copy of a report whose key it knows with other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceCopy {
    /// Not on this phone yet: it is asked for by itself.
    Awaited,
    /// Other words than those written here.
    Other,
    /// It says the same, though its bytes are others: nothing has to be sent again.
    Same,
    /// Taken back, there or from another phone: nothing of it stands there any more.
    TakenBack,
    /// The service has the key, and shows this account nothing of it.
    NotShown,
}

impl ServiceCopy {
    pub const ALL: [Self; 5] = [
        Self::Awaited,
        Self::Other,
        Self::Same,
        Self::TakenBack,
        Self::NotShown,
    ];

    /// The stable word of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Awaited => "awaited",
            Self::Other => "other",
            Self::Same => "same",
            Self::TakenBack => "taken_back",
            Self::NotShown => "not_shown",
        }
    }

    /// Of a report whose key is taken. `frozen` are its own bytes, `text` the service's copy as it came,
    /// empty before that; `removed`: the feed told that it is there no more. Nothing where nobody asks:
    /// what another account has is not for this person, and who has decided needs no copy.
    pub fn of(frozen: &[u8], text: &str, operations: &[Operation], removed: bool) -> Option<Self> {
        let fetch = operations
            .iter()
            .find(|row| row.kind == OperationKind::FetchCopy);
        if text.is_empty() {
            let fetch = fetch?;
            return match (fetch.state, &fetch.reason) {
                (OperationState::Ended, Some(Reason::Withdrawn)) => Some(Self::TakenBack),
                (OperationState::Done | OperationState::Ended, _) => None,
                _ if removed => Some(Self::TakenBack),
                (OperationState::Paused, Some(Reason::Refused { status: 404, .. })) => {
                    Some(Self::NotShown)
                }
                _ => Some(Self::Awaited),
            };
        }
        Some(if removed {
            Self::TakenBack
        } else if Self::is_same(frozen, text) {
            Self::Same
        } else {
            Self::Other
        })
    }

    /// Does the service's copy say what these frozen bytes say? The order of the fields and the space between
    /// them are the writer's app's, not the writer's.
    pub fn is_same(frozen: &[u8], text: &str) -> bool {
        let own: Option<serde_json::Value> = serde_json::from_slice(frozen).ok();
        let copy: Option<serde_json::Value> = serde_json::from_str(text).ok();
        match (own, copy) {
            (Some(own), Some(copy)) => copy.get("submitted") == Some(&own),
            _ => false,
        }
    }
}

/// What was sent of a report, out of the service's copy; none where that has no such words.
pub fn submitted(text: &str) -> Option<Thawed> {
    let copy: serde_json::Value = serde_json::from_str(text).ok()?;
    let words = serde_json::to_vec(copy.get("submitted")?).ok()?;
    crate::report::thaw(&words)
}
