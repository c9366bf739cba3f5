//! Every error of the core with its data, and the core's words for it. None holds what a person
//! wrote, the store's key or a token, and whatever it is, nothing was lost.

mod opening;

use lapor_core::{
    client::{ClientError, SignInError},
    engine::{
        report::{Phase, ReportKey},
        words::Lang,
    },
    photo::PhotoError,
    words,
};

pub use opening::{GatewayProblem, OpenError};

use crate::{
    pictures::PictureProblem,
    reasons::{FormProblem, WaitReason},
};

/// What a call may end with besides success.
#[derive(Debug, Clone, PartialEq, thiserror::Error, uniffi::Error)]
pub enum LaporError {
    /// Not the text of a key: a fault of the caller.
    #[error("this is not a key")]
    NotAKey { words: String },
    #[error("there is no such report here")]
    NotFound { words: String },
    #[error("{count} reports match")]
    Ambiguous { count: u32, words: String },
    #[error("a report that is {} cannot be changed", phase.as_str())]
    NotEditable { phase: Phase, words: String },
    #[error("not possible for a report that is {}", phase.as_str())]
    NotPossible { phase: Phase, words: String },
    /// Of a reply or other event that waits no more, or that may have arrived.
    #[error("there is nothing to give up")]
    NothingToGiveUp { words: String },
    /// It is to be erased, and something of it still waits: withdraw it, or let it be sent first.
    #[error("something of the report is still to be sent")]
    StillToSend { words: String },
    /// `another` is the key of the report that goes on in the place of this one, or that has arrived with the
    /// same words: show that.
    #[error("another report goes on in the place of this one already")]
    SentAsAnother { another: ReportKey, words: String },
    /// A deed of the other side's: of officers, or of reporters.
    #[error("the service takes this from people of another role only")]
    NotForRole { words: String },
    #[error("the report is not complete: {} to mend", problems.len())]
    Invalid {
        problems: Vec<FormProblem>,
        words: String,
    },
    #[error("sign in first; the draft is kept")]
    SignInNeeded { words: String },
    /// No name, or no password: nothing was asked of the gateway.
    #[error("a user name and a password are needed")]
    SignInIncomplete { words: String },
    #[error("wrong user name or password")]
    BadCredentials { words: String },
    /// The gateway was not reached or not ready. Nothing is kept of a sign-in: `words` say why, and when to
    /// sign in again; those of a report that waits for the same reason would not be true.
    #[error("not signed in: the service was not reached")]
    NotReached { reason: WaitReason, words: String },
    #[error("this picture is attached already")]
    AlreadyAttached { words: String },
    #[error("the report has no such attachment")]
    NoSuchAttachment { words: String },
    #[error("a report holds at most {limit} attachments")]
    TooManyAttachments { limit: u32, words: String },
    /// `text` is English, for a log; the case is for the screen.
    #[error("{text}")]
    Picture {
        problem: PictureProblem,
        text: String,
        words: String,
    },
    #[error("the phone is full; nothing was lost")]
    DiskFull { words: String },
    /// Open the store again: it is mended then.
    #[error("the store is damaged")]
    Corrupt { words: String },
    /// Another process sends from this store; its process id where it could be read.
    #[error("another process is sending (pid {pid:?})")]
    InUse { pid: Option<u32>, words: String },
    /// Another process keeps the store busy: try again.
    #[error("the store is busy")]
    Locked { words: String },
    /// The OS keeps the files closed for now. Try again after the phone was unlocked.
    #[error("storage is locked by the system")]
    StorageLocked { words: String },
    /// Edited by somebody else since it was checked.
    #[error("the report changed in the meantime; check it again")]
    ChangedMeanwhile { words: String },
    /// In bytes.
    #[error("larger than {limit} bytes")]
    TooLarge { limit: u64, words: String },
    /// The service has this picture, and the phone has given its space back.
    #[error("the picture is no longer on this phone, only at the service")]
    PictureGone { words: String },
    /// Damage took it before the service had it, or the service lost it later.
    #[error("the picture is lost: neither on this phone nor at the service")]
    PictureLost { words: String },
    /// Never handed out here, or of a person who was forgotten.
    #[error("there is no such background job")]
    NoSuchJob { words: String },
    #[error("no gateway is set")]
    NoGateway { words: String },
    #[error("the app is asleep; resume first")]
    Suspended { words: String },
    #[error("cancelled; nothing was lost")]
    Cancelled { words: String },
    /// A file that was asked for could not be written.
    #[error("could not write: {kind}")]
    Output { kind: String, words: String },
    #[error("the store failed: {kind}")]
    Storage { kind: String, words: String },
}

#[uniffi::export]
impl LaporError {
    /// What to show the person: what happened and what helps, in the language of the client.
    pub fn in_words(&self) -> String {
        match self {
            Self::NotAKey { words, .. }
            | Self::NotFound { words, .. }
            | Self::Ambiguous { words, .. }
            | Self::NotEditable { words, .. }
            | Self::NotPossible { words, .. }
            | Self::NothingToGiveUp { words, .. }
            | Self::StillToSend { words, .. }
            | Self::SentAsAnother { words, .. }
            | Self::NotForRole { words, .. }
            | Self::Invalid { words, .. }
            | Self::SignInNeeded { words, .. }
            | Self::SignInIncomplete { words, .. }
            | Self::BadCredentials { words, .. }
            | Self::NotReached { words, .. }
            | Self::AlreadyAttached { words, .. }
            | Self::NoSuchAttachment { words, .. }
            | Self::TooManyAttachments { words, .. }
            | Self::Picture { words, .. }
            | Self::DiskFull { words, .. }
            | Self::Corrupt { words, .. }
            | Self::InUse { words, .. }
            | Self::Locked { words, .. }
            | Self::StorageLocked { words, .. }
            | Self::ChangedMeanwhile { words, .. }
            | Self::TooLarge { words, .. }
            | Self::PictureGone { words, .. }
            | Self::PictureLost { words, .. }
            | Self::NoSuchJob { words, .. }
            | Self::NoGateway { words, .. }
            | Self::Suspended { words, .. }
            | Self::Cancelled { words, .. }
            | Self::Output { words, .. }
            | Self::Storage { words, .. } => words.clone(),
        }
    }

    /// In English, for a log. Never holds what a person wrote.
    pub fn log_line(&self) -> String {
        self.to_string()
    }
}

impl LaporError {
    pub(crate) fn of(error: ClientError, lang: Lang) -> Self {
        let words = words::call(&error, lang);
        match error {
            ClientError::NotFound => Self::NotFound { words },
            ClientError::Ambiguous { count } => Self::Ambiguous { count, words },
            ClientError::NotEditable { phase } => Self::NotEditable { phase, words },
            ClientError::NotPossible { phase } => Self::NotPossible { phase, words },
            ClientError::NothingToGiveUp => Self::NothingToGiveUp { words },
            ClientError::StillToSend => Self::StillToSend { words },
            ClientError::SentAsAnother { another } => Self::SentAsAnother { another, words },
            ClientError::NotForRole { .. } => Self::NotForRole { words },
            ClientError::Invalid { problems } => Self::Invalid {
                problems: FormProblem::all(&problems, lang),
                words,
            },
            ClientError::SignInNeeded => Self::SignInNeeded { words },
            ClientError::AlreadyAttached => Self::AlreadyAttached { words },
            ClientError::NoSuchAttachment => Self::NoSuchAttachment { words },
            ClientError::TooManyAttachments { limit } => Self::TooManyAttachments { limit, words },
            ClientError::Photo(PhotoError::Cancelled) => Self::Cancelled { words },
            ClientError::Photo(error) => Self::Picture {
                text: error.to_string(),
                problem: error.into(),
                words,
            },
            ClientError::DiskFull => Self::DiskFull { words },
            ClientError::Corrupt => Self::Corrupt { words },
            ClientError::InUse { pid } => Self::InUse { pid, words },
            ClientError::Locked => Self::Locked { words },
            ClientError::StorageLocked => Self::StorageLocked { words },
            ClientError::ChangedMeanwhile => Self::ChangedMeanwhile { words },
            ClientError::TooLarge { limit } => Self::TooLarge { limit, words },
            ClientError::PictureGone => Self::PictureGone { words },
            ClientError::PictureLost => Self::PictureLost { words },
            ClientError::NoSuchJob => Self::NoSuchJob { words },
            ClientError::NoGateway => Self::NoGateway { words },
            ClientError::Suspended => Self::Suspended { words },
            ClientError::Cancelled => Self::Cancelled { words },
            ClientError::Output(kind) => Self::Output {
                kind: kind.to_string(),
                words,
            },
            ClientError::Storage { kind } => Self::Storage { kind, words },
        }
    }

    pub(crate) fn of_sign_in(error: SignInError, lang: Lang) -> Self {
        let words = words::sign_in(&error, lang);
        match error {
            SignInError::Incomplete => Self::SignInIncomplete { words },
            SignInError::BadCredentials => Self::BadCredentials { words },
            SignInError::NotReached { reason, .. } => Self::NotReached {
                reason: WaitReason::of(&reason, lang),
                words,
            },
            SignInError::Client(error) => Self::of(error, lang),
        }
    }

    /// Of a conversion, which knows no client: in the language that most people here speak.
    pub(crate) fn not_a_key() -> Self {
        Self::NotAKey {
            words: words::not_a_key(Lang::default()),
        }
    }
}

/// The shell's own code failed in a callback; the core goes on without it. Whatever a callback
/// throws becomes this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ShellError {
    #[error("the shell's own code failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ShellError {
    /// What was thrown may hold anything: it is not kept.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}
