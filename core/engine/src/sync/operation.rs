use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Reason, may_be_given_up, may_have_arrived};
use crate::{
    calendar::{Due, Instant},
    report::{EventKey, ReportKey},
};

#[cfg(test)]
mod tests;

/// The place of an operation in the outbox: an INTEGER sequence, never an id or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId(pub i64);

/// An account on this phone. Every row belongs to one and travels only under its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(pub i64);

impl AccountId {
    /// Whoever writes before anybody has signed in. Has no token: nothing of it travels.
    pub const GUEST: Self = Self(1);
}

/// Who runs an operation: this run of the engine, or a background job of the OS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunId(pub String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    CreateReport,
    Withdraw,
    AddEvent,
    UploadAttachment,
    /// Asks for the words that the service has under a key that it knows with others: both are shown.
    FetchCopy,
}

impl OperationKind {
    pub const ALL: [Self; 5] = [
        Self::CreateReport,
        Self::Withdraw,
        Self::AddEvent,
        Self::UploadAttachment,
        Self::FetchCopy,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateReport => "create_report",
            Self::Withdraw => "withdraw",
            Self::AddEvent => "add_event",
            Self::UploadAttachment => "upload_attachment",
            Self::FetchCopy => "fetch_copy",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    /// To be done when due and when what it follows is done.
    Waiting,
    /// Under way, by its owner. Found under a dead run at open: its outcome is unknown, it waits again.
    InFlight,
    /// Needs the person (sign in, edit, decide) or the daily try.
    Paused,
    /// The gateway said so.
    Done,
    /// Will never be sent: taken back, or made pointless. The reason says why.
    Ended,
}

impl OperationState {
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::InFlight,
        Self::Paused,
        Self::Done,
        Self::Ended,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InFlight => "in_flight",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Ended => "ended",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Ended)
    }
}

/// One row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub account: AccountId,
    pub report: ReportKey,
    pub kind: OperationKind,
    /// For an upload: the store's number of the attachment.
    pub attachment: Option<i64>,
    /// For an event: its key for life.
    pub event: Option<EventKey>,
    /// Must be done before this may go.
    pub follows: Option<OperationId>,
    /// What it follows holds it back no more: that is done, or an event that is paused or ended; or there is none.
    pub is_free: bool,
    pub state: OperationState,
    /// Tries that cost the gateway something; offline, portal and untrusted spend none.
    pub attempts: u32,
    /// Failures in a row of this very operation while others got through.
    pub streak: u32,
    pub due: Due,
    /// Set durably before the first byte of the first attempt. No error ever clears it.
    pub maybe_sent: bool,
    pub owner: Option<RunId>,
    /// Why it waits, pauses or ended.
    pub reason: Option<Reason>,
    pub tried_at: Option<Instant>,
}

impl Operation {
    /// May the service have it, as far as a person is to be told? See [`may_have_arrived`]. A question
    /// brings nothing there.
    pub fn may_have_arrived(&self) -> bool {
        self.kind != OperationKind::FetchCopy
            && may_have_arrived(self.state, self.maybe_sent, self.reason.as_ref())
    }

    /// A reply or other event that its writer may give up.
    pub fn may_be_given_up(&self) -> bool {
        self.kind == OperationKind::AddEvent && may_be_given_up(self.state, self.maybe_sent)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
