use lapor_engine::{
    api::EventKind,
    report::{Phase, Problem, ReportKey},
    sync::Reason,
};
use lapor_photo::PhotoError;

use crate::{
    net::BadAuthority,
    output::OutputError,
    store::{InUse, OpenError, StoreError},
};

/// Why a client cannot be opened. Nothing was changed, and nothing was made in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenClientError {
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error(transparent)]
    Authority(#[from] BadAuthority),
}

/// Everything that a call of the client may end with besides success. Nothing a person wrote is
/// ever in it, and whatever it is, nothing was lost.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClientError {
    #[error("there is no such report here")]
    NotFound,
    #[error("several reports match; write more of the key")]
    Ambiguous { count: u32 },
    #[error("a report that is {} cannot be changed", phase.as_str())]
    NotEditable { phase: Phase },
    #[error("this is not possible for a report that is {}", phase.as_str())]
    NotPossible { phase: Phase },
    /// Of a reply or other event that waits no more, or that may have arrived.
    #[error("there is nothing to give up")]
    NothingToGiveUp,
    /// It is to be erased, and something of it still waits: withdraw it, or let it be sent first.
    #[error("something of the report is still to be sent; withdraw it, or wait")]
    StillToSend,
    /// `another` is the key of the report that goes on in its place, or has arrived with the same words.
    #[error("another report goes on in the place of this one already")]
    SentAsAnother { another: ReportKey },
    #[error("the report is not complete: {} to mend", problems.len())]
    Invalid { problems: Vec<Problem> },
    #[error("the service takes this from people of another role only")]
    NotForRole {
        /// None: a report of one's own.
        kind: Option<EventKind>,
    },
    #[error("sign in first; the draft is kept")]
    SignInNeeded,
    #[error("this picture is attached already")]
    AlreadyAttached,
    #[error("the report has no such attachment")]
    NoSuchAttachment,
    #[error("a report holds at most {limit} attachments; detach one first")]
    TooManyAttachments { limit: u32 },
    #[error(transparent)]
    Photo(#[from] PhotoError),
    #[error("the phone is full; free some space, nothing was lost")]
    DiskFull,
    #[error("the store is damaged; open it again and it is mended")]
    Corrupt,
    #[error("another process is sending already; wait for it or stop it")]
    InUse { pid: Option<u32> },
    #[error("the store is in use; try again")]
    Locked,
    #[error("the phone keeps its storage locked; unlock it once")]
    StorageLocked,
    #[error("the report changed in the meantime; check it again")]
    ChangedMeanwhile,
    #[error("larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the picture is no longer on this phone, only at the service")]
    PictureGone,
    #[error("the picture is lost: neither on this phone nor at the service")]
    PictureLost,
    #[error("no such background job was handed out here")]
    NoSuchJob,
    #[error("no gateway is set; give its address first")]
    NoGateway,
    #[error("the app is asleep; resume first")]
    Suspended,
    #[error("cancelled; nothing was lost")]
    Cancelled,
    /// Of a file or folder that the person named. What was there is there as it was.
    #[error("nothing was written: {0}")]
    Output(OutputError),
    #[error("the store failed: {kind}")]
    Storage { kind: String },
}

/// Why nobody could be signed in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SignInError {
    /// No name, or no password: nothing was asked of the gateway.
    #[error("a user name and a password are needed")]
    Incomplete,
    #[error("wrong user name or password")]
    BadCredentials,
    /// The gateway was not reached or not ready. Nothing of a sign-in is kept and nothing goes on by
    /// itself: the words are those of [`crate::words::sign_in`], not the reason's.
    #[error("not signed in: {}", reason.code())]
    NotReached {
        reason: Reason,
        /// Milliseconds that the gateway asked to wait, where it did.
        retry_after: Option<u64>,
    },
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl From<StoreError> for ClientError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::NotEditable { phase } => Self::NotEditable { phase },
            StoreError::NotSubmitted { phase } | StoreError::NotPossible { phase } => {
                Self::NotPossible { phase }
            }
            StoreError::NothingToGiveUp => Self::NothingToGiveUp,
            StoreError::StillToSend => Self::StillToSend,
            StoreError::Superseded { by } => Self::SentAsAnother { another: by },
            StoreError::Changed => Self::ChangedMeanwhile,
            StoreError::Duplicate { .. } => Self::AlreadyAttached,
            StoreError::TooLarge { limit } => Self::TooLarge { limit },
            StoreError::PictureGone { .. } => Self::PictureGone,
            StoreError::PictureLost { .. } => Self::PictureLost,
            StoreError::DiskFull => Self::DiskFull,
            StoreError::Busy => Self::Locked,
            StoreError::StorageLocked => Self::StorageLocked,
            StoreError::Corrupt | StoreError::Damaged | StoreError::HashMismatch => Self::Corrupt,
            StoreError::KeyUsed => Self::Storage {
                kind: "key_used".to_owned(),
            },
            StoreError::Row { what } => Self::Storage {
                kind: what.to_owned(),
            },
            StoreError::Io { kind } => Self::Storage {
                kind: kind.to_string(),
            },
            StoreError::Database { code } => Self::Storage {
                kind: format!("sqlite {code}"),
            },
        }
    }
}

impl From<OutputError> for ClientError {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::DiskFull => Self::DiskFull,
            error => Self::Output(error),
        }
    }
}

impl From<InUse> for ClientError {
    fn from(error: InUse) -> Self {
        Self::InUse { pid: error.pid }
    }
}
