//! Why something waits, and what is wrong with a draft: the typed case and its words together.

use lapor_core::engine::{
    report::{Code, Field, Problem, Status, Subject},
    sync::{NetworkNeed, NextWake, Reason},
    words::{self, Lang},
};

/// Why something waits, pauses or ended.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum WaitReason {
    /// Accepted, not tried yet.
    NotTried,
    /// Waits for what it follows.
    Follows,
    Offline,
    /// Pictures wait for a network that costs nothing, as the person wished.
    Metered,
    ClockWrong,
    Untrusted,
    /// This wifi wants a sign-in of its own.
    SignInToWifi,
    NotLapor {
        status: u16,
    },
    Busy {
        status: u16,
    },
    /// This one keeps failing at the gateway while others get through.
    Poison {
        status: u16,
    },
    /// Cut while the connection was up: it may have arrived, the same bytes go again.
    Unknown,
    /// Made room for something more urgent.
    Aborted,
    SignIn,
    Rejected {
        problems: Vec<FormProblem>,
    },
    KeyTaken {
        foreign: bool,
    },
    Refused {
        status: u16,
        problem: String,
    },
    UpdateApp,
    /// The phone could not read or keep something; nothing was deleted.
    Local,
    /// No longer on this phone, and the service does not have it: it cannot go any more.
    Lost,
    UploadExpired,
    UploadDamaged,
    /// Every byte of a picture is there, and the gateway does not list it yet.
    BeingChecked,
    Withdrawn,
    /// An event that was refused, in whose place its writer did something later.
    Overtaken,
    TooLate,
    /// The service lost it when it was restored from a backup; sent again.
    Forgotten,
    AlreadyThere,
    /// What the service has is not on this phone yet, and is asked for by itself.
    NotFetched,
}

/// One thing that keeps a draft from being submitted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormProblem {
    pub subject: ProblemSubject,
    pub code: ProblemCode,
    /// The field, what is wrong, and the cure, in the language of the client.
    pub words: String,
}

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ProblemSubject {
    OfField {
        field: Field,
    },
    /// By position in the report, from 0.
    OfAttachment {
        position: u32,
    },
    /// All attachments together.
    AllAttachments,
    WholeReport,
    /// A field that this version does not know, as the server named it.
    Other {
        name: String,
    },
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ProblemCode {
    Required,
    /// In characters.
    TooLong {
        limit: u64,
        actual: u64,
    },
    ControlCharacter,
    Invalid,
    InFuture,
    TooMany {
        limit: u64,
        actual: u64,
    },
    /// In bytes.
    TooLarge {
        limit: u64,
        actual: u64,
    },
    UnsupportedType,
    Duplicate,
    /// A code of the server that this version does not know.
    Other {
        word: String,
    },
}

/// Where a report stands at the service.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ReportStatus {
    Unverified,
    Verified,
    Disposed,
    InProgress,
    Postponed,
    Closed,
    Archived,
    NotOurAuthority,
    Withdrawn,
    /// A word that this version does not know, as the server wrote it.
    Other {
        word: String,
    },
}

/// When to come back: a duration, not an instant, because clocks lie.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Wake {
    /// Milliseconds from now.
    pub in_ms: u64,
    /// Milliseconds from now by which the OS should have woken the app at the latest.
    pub latest_ms: u64,
    pub network: NetworkNeed,
    /// Nothing when all is done.
    pub reason: Option<WaitReason>,
    pub words: String,
}

impl FormProblem {
    pub(crate) fn of(problem: &Problem, lang: Lang) -> Self {
        Self {
            subject: (&problem.subject).into(),
            code: (&problem.code).into(),
            words: words::problem(problem, lang),
        }
    }

    pub(crate) fn all(problems: &[Problem], lang: Lang) -> Vec<Self> {
        problems
            .iter()
            .map(|problem| Self::of(problem, lang))
            .collect()
    }
}

impl From<&Subject> for ProblemSubject {
    fn from(subject: &Subject) -> Self {
        match subject {
            Subject::Field(field) => Self::OfField { field: *field },
            Subject::Attachment(position) => Self::OfAttachment {
                position: *position,
            },
            Subject::Attachments => Self::AllAttachments,
            Subject::Report => Self::WholeReport,
            Subject::Unknown(name) => Self::Other { name: name.clone() },
        }
    }
}

impl From<&Code> for ProblemCode {
    fn from(code: &Code) -> Self {
        match code {
            Code::Required => Self::Required,
            Code::TooLong { limit, actual } => Self::TooLong {
                limit: *limit,
                actual: *actual,
            },
            Code::ControlCharacter => Self::ControlCharacter,
            Code::Invalid => Self::Invalid,
            Code::InFuture => Self::InFuture,
            Code::TooMany { limit, actual } => Self::TooMany {
                limit: *limit,
                actual: *actual,
            },
            Code::TooLarge { limit, actual } => Self::TooLarge {
                limit: *limit,
                actual: *actual,
            },
            Code::UnsupportedType => Self::UnsupportedType,
            Code::Duplicate => Self::Duplicate,
            Code::Other { word } => Self::Other { word: word.clone() },
        }
    }
}

impl WaitReason {
    pub(crate) fn of(reason: &Reason, lang: Lang) -> Self {
        match reason {
            Reason::NotTried => Self::NotTried,
            Reason::Follows => Self::Follows,
            Reason::Offline => Self::Offline,
            Reason::Metered => Self::Metered,
            Reason::ClockWrong => Self::ClockWrong,
            Reason::Untrusted => Self::Untrusted,
            Reason::SignInToWifi => Self::SignInToWifi,
            Reason::NotLapor { status } => Self::NotLapor { status: *status },
            Reason::Busy { status } => Self::Busy { status: *status },
            Reason::Poison { status } => Self::Poison { status: *status },
            Reason::Unknown => Self::Unknown,
            Reason::Aborted => Self::Aborted,
            Reason::SignIn => Self::SignIn,
            Reason::Rejected { problems } => Self::Rejected {
                problems: FormProblem::all(problems, lang),
            },
            Reason::KeyTaken { foreign } => Self::KeyTaken { foreign: *foreign },
            Reason::Refused { status, code } => Self::Refused {
                status: *status,
                problem: code.clone(),
            },
            Reason::UpdateApp => Self::UpdateApp,
            Reason::Local => Self::Local,
            Reason::Lost => Self::Lost,
            Reason::UploadExpired => Self::UploadExpired,
            Reason::UploadDamaged => Self::UploadDamaged,
            Reason::BeingChecked => Self::BeingChecked,
            Reason::Withdrawn => Self::Withdrawn,
            Reason::Overtaken => Self::Overtaken,
            Reason::TooLate => Self::TooLate,
            Reason::Forgotten => Self::Forgotten,
            Reason::AlreadyThere => Self::AlreadyThere,
            Reason::NotFetched => Self::NotFetched,
        }
    }
}

impl From<&Status> for ReportStatus {
    fn from(status: &Status) -> Self {
        match status {
            Status::Unverified => Self::Unverified,
            Status::Verified => Self::Verified,
            Status::Disposed => Self::Disposed,
            Status::InProgress => Self::InProgress,
            Status::Postponed => Self::Postponed,
            Status::Closed => Self::Closed,
            Status::Archived => Self::Archived,
            Status::NotOurAuthority => Self::NotOurAuthority,
            Status::Withdrawn => Self::Withdrawn,
            Status::Other(word) => Self::Other { word: word.clone() },
        }
    }
}

impl Wake {
    pub(crate) fn of(wake: &NextWake, lang: Lang) -> Self {
        Self {
            in_ms: wake.in_ms,
            latest_ms: wake.latest_ms,
            network: wake.network,
            reason: wake
                .reason
                .as_ref()
                .map(|reason| WaitReason::of(reason, lang)),
            words: words::next_wake(wake, lang),
        }
    }
}
