use super::{AccountId, OperationId, OperationState, Origin, Reason, SessionState};
use crate::{
    api::{AccountAnswer, CreateAnswer, FeedItem, ReportAnswer, Secret},
    calendar::{Due, Instant},
    report::{Limits, Problem, ReportKey, Status},
};

/// One operation after an outcome. `maybe_sent` is not here: it is only ever set, by the store,
/// before the first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationUpdate {
    pub id: OperationId,
    pub state: OperationState,
    pub attempts: u32,
    pub streak: u32,
    pub due: Due,
    pub reason: Option<Reason>,
    pub tried_at: Option<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadUpdate {
    pub attachment: i64,
    pub url: Option<String>,
    pub offset: u64,
    pub offset_is_sure: bool,
    pub restarts: u32,
    pub chunk: u64,
    pub cuts: u32,
}

/// What follows from an outcome, as plain values: the store writes all changes of one outcome in
/// one transaction, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Operation(OperationUpdate),
    /// Waits less long, if it still waits: a new network may let through what another did not.
    Sooner {
        operation: OperationId,
        due: Due,
    },
    Origin(Origin),
    /// The gateway has the report. Phase `sent` (unless it is being taken back), tracking id,
    /// revision, status, deadlines; a different tracking id than one seen before is kept in
    /// `prior_tracking_ids`. Attachments named in `missing` get url and offset (sure). Of any other this
    /// answer says nothing: it is asked after, and stored where the gateway lists it.
    Created {
        report: ReportKey,
        answer: CreateAnswer,
        at: Instant,
    },
    /// The server's copy, its text kept for the screen. An attachment is stored only where it is
    /// listed as stored; one named in `missing` gets url and offset; any other stays as it is.
    Fetched {
        report: ReportKey,
        answer: Box<ReportAnswer>,
        at: Instant,
    },
    /// Taken back, for good: phase `withdrawn`; its other unfinished operations end as `Withdrawn`.
    Withdrawn {
        report: ReportKey,
        at: Instant,
    },
    /// Could not be taken back: phase `sent` again, its operations go on.
    TooLate {
        report: ReportKey,
    },
    /// Phase `rejected`: editable again under the same key; its uploads wait.
    Rejected {
        report: ReportKey,
        problems: Vec<Problem>,
    },
    /// Phase `key_taken`. Of this account's own words under the key the service's copy is asked for.
    KeyTaken {
        report: ReportKey,
        foreign: bool,
    },
    /// The service's copy of a report whose key it knows with other words: kept to be shown beside them. Where
    /// it says the same in other bytes, the service has this report.
    Copied {
        report: ReportKey,
        answer: Box<ReportAnswer>,
        /// When, by the gateway's clock where it told it.
        at: Instant,
    },
    /// The status and revision that an event's answer carried.
    Status {
        report: ReportKey,
        revision: u64,
        status: Status,
    },
    Upload(UploadUpdate),
    /// New tokens of an account, in the place of the access token `of`: whoever has signed in anew or
    /// out while these were on their way has others by now, or none.
    Session {
        account: AccountId,
        of: Secret,
        access_token: Secret,
        refresh_token: Secret,
        answer: AccountAnswer,
        refreshed: bool,
    },
    /// What became of the access token `of`; it says nothing of another.
    SessionState {
        account: AccountId,
        of: Secret,
        state: SessionState,
        refreshed: bool,
    },
    /// The account builds upon this epoch now. `changed`: the server was restored, every report
    /// sent in the 30 days up to the last one is to be verified ([`super::Account::unverified_keys`]).
    Epoch {
        account: AccountId,
        epoch: String,
        changed: bool,
    },
    /// Verified: the gateway has (or has buried) these.
    Verified {
        account: AccountId,
        keys: Vec<ReportKey>,
    },
    /// The gateway forgot these: their create is queued again with the tracking id seen before
    /// as prior, their uploads start over.
    Forgotten {
        account: AccountId,
        keys: Vec<ReportKey>,
        at: Instant,
    },
    /// One page of the feed. An item bearing the key of a report or event in the outbox settles
    /// that operation.
    Feed {
        account: AccountId,
        cursor: Option<String>,
        items: Vec<FeedItem>,
        at: Instant,
    },
    /// The first page of a full pull: reports of others that no page of it lists are not to be
    /// seen any more.
    FeedBegins {
        account: AccountId,
    },
    /// The last page of a pull.
    FeedEnds {
        account: AccountId,
    },
    PullDue {
        account: AccountId,
        due: Due,
    },
    Limits(Limits),
    ServerDate(Instant),
}
