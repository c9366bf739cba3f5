use super::answer::{
    ChangesAnswer, CreateAnswer, EventAnswer, KnownAnswer, MetaAnswer, ReportAnswer, SessionAnswer,
};
use crate::report::Problem;

/// What an exchange means: the full space, see the table in ARCHITECTURE.md. [`super::judge`] is
/// total: every exchange has exactly one outcome, and only the contract's mark (for uploads: the
/// tus mark) makes a success or a rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The gateway did it, or had done it before.
    Done(Answer),
    /// No connection was up. Spends no attempt.
    Offline,
    /// The certificate is outside its dates and this phone's clock cannot be right.
    ClockWrong,
    /// No trusted connection. Spends no attempt.
    Untrusted,
    /// An answer, but not LAPOR!'s: portal, proxy, block page. Neither success nor rejection.
    NotLapor { status: u16 },
    /// The gateway, or what stands before it, asks to come back later. Milliseconds, clamped.
    Busy {
        status: u16,
        retry_after: Option<u64>,
        marked: bool,
    },
    /// Cut after the connection was up: it may or may not have happened.
    Unknown,
    /// Given up for something more urgent; the gateway keeps what it received.
    Aborted,
    /// Marked 401: this token is not good (any more).
    Unauthorized,
    /// Wrong user or password.
    BadCredentials,
    /// The sign-in is over for good: only the person can go on.
    SessionEnded,
    /// 422 while the gateway has no such key.
    Rejected { problems: Vec<Problem> },
    /// 409: other bytes under this key (`foreign`: of another account).
    KeyTaken { foreign: bool },
    /// 410: the report was taken back.
    Withdrawn,
    /// 409: taking back is no longer possible.
    TooLate,
    /// Marked 404: unknown to the gateway.
    NotFound,
    /// 410 on the feed: pull everything anew.
    CursorGone,
    /// Upload: the gateway is at another offset.
    OffsetMoved,
    /// Upload: the URL lives no more, ask for a new one.
    UploadGone,
    /// Upload: all bytes arrived and they were not these; the gateway starts over at 0.
    UploadDamaged,
    /// Any other marked 4xx or unknown code.
    Refused { status: u16, code: String },
    /// A contract version that this app does not speak.
    Incompatible,
    /// The body could not be read from the store.
    Local,
}

/// What a success carries, by action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Session(Box<SessionAnswer>),
    SignedOut,
    Create(CreateAnswer),
    Report(Box<ReportAnswer>),
    Withdrawn,
    Event(EventAnswer),
    Changes(ChangesAnswer),
    NoChanges,
    Known(KnownAnswer),
    Meta(MetaAnswer),
    /// The gateway's offset in an upload, in bytes.
    Offset(u64),
}

impl Outcome {
    /// The stable word of this outcome, for traces and figures.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Offline => "offline",
            Self::ClockWrong => "clock_wrong",
            Self::Untrusted => "untrusted",
            Self::NotLapor { .. } => "not_lapor",
            Self::Busy { .. } => "busy",
            Self::Unknown => "unknown",
            Self::Aborted => "aborted",
            Self::Unauthorized => "unauthorized",
            Self::BadCredentials => "bad_credentials",
            Self::SessionEnded => "session_ended",
            Self::Rejected { .. } => "rejected",
            Self::KeyTaken { .. } => "key_taken",
            Self::Withdrawn => "withdrawn",
            Self::TooLate => "too_late",
            Self::NotFound => "not_found",
            Self::CursorGone => "cursor_gone",
            Self::OffsetMoved => "offset_moved",
            Self::UploadGone => "upload_gone",
            Self::UploadDamaged => "upload_damaged",
            Self::Refused { .. } => "refused",
            Self::Incompatible => "incompatible",
            Self::Local => "local",
        }
    }
}
