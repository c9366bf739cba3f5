use super::{AccountId, Operation, Origin, RunId};
use crate::{
    api::Secret,
    calendar::{Due, Instant},
    report::ReportKey,
};

#[cfg(test)]
mod tests;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    #[default]
    Unknown,
    None,
    Up,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Captive {
    Yes,
    No,
    #[default]
    Unknown,
}

/// What the shell knows of the phone's surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Surroundings {
    pub network: Network,
    /// The person pays by the byte: pictures wait where the person said so.
    pub metered: bool,
    pub captive: Captive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// The access token was good when last used.
    Good,
    /// Refused once: refresh before anything else.
    Expired,
    /// Only the person can go on.
    Ended,
}

impl SessionState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Good, Self::Expired, Self::Ended]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// The account whose turn it is: the one signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// The service's own id: whose answers are this account's.
    pub server_id: String,
    pub access_token: Secret,
    pub refresh_token: Secret,
    pub session: SessionState,
    /// The token was refreshed and not used with success since: a second 401 ends the session.
    pub refreshed: bool,
    /// Position in the feed; none before the first pull and after `410`.
    pub cursor: Option<String>,
    /// When the feed is asked next.
    pub pull_due: Due,
    /// The epoch of the answers that this account has built upon.
    pub epoch: Option<String>,
    /// Keys still to be asked for after the epoch changed, oldest first, at most 100.
    pub unverified_keys: Vec<ReportKey>,
}

/// A picture on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The store's number of the attachment.
    pub attachment: i64,
    pub report: ReportKey,
    pub sha256: crate::report::Sha256Hash,
    /// Length of the whole, bytes.
    pub bytes: u64,
    /// Where the gateway wants it; none before it was told or when it has expired.
    pub url: Option<String>,
    /// The gateway's offset as far as known.
    pub offset: u64,
    /// `offset` was told by the gateway and nothing was sent since.
    pub offset_is_sure: bool,
    /// Times the gateway started over (expired or damaged); shown to the person.
    pub restarts: u32,
    /// Bytes of the next chunk, from the line's speed so far; 0 before the first.
    pub chunk: u64,
    /// Cuts in a row without progress.
    pub cuts: u32,
}

/// Everything the engine needs to decide, as read from the store in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub run: RunId,
    /// Nobody signed in: nothing travels.
    pub account: Option<Account>,
    /// Unfinished operations of that account in the order of the outbox.
    pub operations: Vec<Operation>,
    /// One for each unfinished upload operation.
    pub uploads: Vec<Upload>,
    pub origin: Origin,
    /// Secret of this installation: source of jitter.
    pub install_secret: [u8; 32],
    pub last_server_date: Option<Instant>,
    /// Pictures only when the line costs nothing.
    pub pictures_unmetered_only: bool,
}
