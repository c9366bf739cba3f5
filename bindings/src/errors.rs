//! Every error of the core with its data. None holds what a person wrote, a key or a token, and
//! whatever it is, nothing was lost.

use lapor_core::{
    client::{ClientError, OpenClientError, SignInError},
    engine::{
        report::Phase,
        words::{self, Lang},
    },
    net::BadGateway,
    photo::PhotoError,
    store,
};

use crate::{
    pictures::PictureProblem,
    reasons::{FormProblem, WaitReason},
};

/// What a call may end with besides success.
#[derive(Debug, Clone, PartialEq, thiserror::Error, uniffi::Error)]
pub enum LaporError {
    /// Not the text of a key: a fault of the caller.
    #[error("this is not a key")]
    NotAKey,
    #[error("there is no such report here")]
    NotFound,
    #[error("{count} reports match")]
    Ambiguous { count: u32 },
    #[error("a report that is {} cannot be changed", phase.as_str())]
    NotEditable { phase: Phase },
    #[error("not possible for a report that is {}", phase.as_str())]
    NotPossible { phase: Phase },
    #[error("the report is not complete: {} to mend", problems.len())]
    Invalid { problems: Vec<FormProblem> },
    #[error("sign in first; the draft is kept")]
    SignInNeeded,
    #[error("wrong user name or password")]
    BadCredentials,
    /// The gateway was not reached or not ready; `words` say why.
    #[error("not signed in: the service was not reached")]
    NotReached { reason: WaitReason, words: String },
    #[error("this picture is attached already")]
    AlreadyAttached,
    #[error("the report has no such attachment")]
    NoSuchAttachment,
    #[error("a report holds at most {limit} attachments")]
    TooManyAttachments { limit: u32 },
    /// `text` is English, for a log; the case is for the screen.
    #[error("{text}")]
    Picture {
        problem: PictureProblem,
        text: String,
    },
    #[error("the phone is full; nothing was lost")]
    DiskFull,
    /// Open the store again: it is mended then.
    #[error("the store is damaged")]
    Corrupt,
    /// Another process sends from this store; its process id where it could be read.
    #[error("another process is sending (pid {pid:?})")]
    InUse { pid: Option<u32> },
    /// Another process keeps the store busy: try again.
    #[error("the store is busy")]
    Locked,
    /// The OS keeps the files closed for now. Try again after the phone was unlocked.
    #[error("storage is locked by the system")]
    StorageLocked,
    /// Edited by somebody else since it was checked.
    #[error("the report changed in the meantime; check it again")]
    ChangedMeanwhile,
    /// In bytes.
    #[error("larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// The service has this picture, the phone has given its space back.
    #[error("the picture is no longer on this phone")]
    PictureGone,
    #[error("no gateway is set")]
    NoGateway,
    #[error("the app is asleep; resume first")]
    Suspended,
    #[error("cancelled; nothing was lost")]
    Cancelled,
    /// A file that was asked for could not be written.
    #[error("could not write: {kind}")]
    Output { kind: String },
    #[error("the store failed: {kind}")]
    Storage { kind: String },
}

#[uniffi::export]
impl LaporError {
    /// In English, for a log. Never holds what a person wrote.
    pub fn log_line(&self) -> String {
        self.to_string()
    }
}

impl LaporError {
    pub(crate) fn of(error: ClientError, lang: Lang) -> Self {
        match error {
            ClientError::NotFound => Self::NotFound,
            ClientError::Ambiguous { count } => Self::Ambiguous { count },
            ClientError::NotEditable { phase } => Self::NotEditable { phase },
            ClientError::NotPossible { phase } => Self::NotPossible { phase },
            ClientError::Invalid { problems } => Self::Invalid {
                problems: FormProblem::all(&problems, lang),
            },
            ClientError::SignInNeeded => Self::SignInNeeded,
            ClientError::AlreadyAttached => Self::AlreadyAttached,
            ClientError::NoSuchAttachment => Self::NoSuchAttachment,
            ClientError::TooManyAttachments { limit } => Self::TooManyAttachments { limit },
            ClientError::Photo(PhotoError::Cancelled) => Self::Cancelled,
            ClientError::Photo(error) => Self::Picture {
                text: error.to_string(),
                problem: error.into(),
            },
            ClientError::DiskFull => Self::DiskFull,
            ClientError::Corrupt => Self::Corrupt,
            ClientError::InUse { pid } => Self::InUse { pid },
            ClientError::Locked => Self::Locked,
            ClientError::StorageLocked => Self::StorageLocked,
            ClientError::ChangedMeanwhile => Self::ChangedMeanwhile,
            ClientError::TooLarge { limit } => Self::TooLarge { limit },
            ClientError::PictureGone => Self::PictureGone,
            ClientError::NoGateway => Self::NoGateway,
            ClientError::Suspended => Self::Suspended,
            ClientError::Cancelled => Self::Cancelled,
            ClientError::Output(kind) => Self::Output {
                kind: kind.to_string(),
            },
            ClientError::Storage { kind } => Self::Storage { kind },
        }
    }

    pub(crate) fn of_sign_in(error: SignInError, lang: Lang) -> Self {
        match error {
            SignInError::BadCredentials => Self::BadCredentials,
            SignInError::NotReached { reason } => Self::NotReached {
                words: words::reason(&reason, lang),
                reason: WaitReason::of(&reason, lang),
            },
            SignInError::Client(error) => Self::of(error, lang),
        }
    }
}

/// Why a client cannot be opened. Nothing was changed, and nothing was made in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum OpenError {
    /// The key or the install id has the wrong length: a fault of the caller.
    #[error("the key has 32 bytes and the install id 16, not {key} and {install}")]
    KeyLength { key: u64, install: u64 },
    #[error("the address of the gateway cannot be used")]
    Gateway { problem: GatewayProblem },
    /// Not certificates in PEM.
    #[error("the extra root certificates cannot be read")]
    Authority,
    /// `store_exists`: there are reports here that only the lost key opens. Never make a new key
    /// in its place; ask the person.
    #[error("no key was given (a store exists: {store_exists})")]
    KeyMissing { store_exists: bool },
    #[error("this key does not open this store")]
    WrongKey,
    /// Wrong key and damaged store look alike here: nothing may be touched.
    #[error("the store does not open and its key check is damaged")]
    KeyCheckDamaged,
    /// The phone was not unlocked since it started. Try again after it was; reset nothing.
    #[error("storage is locked by the system")]
    StorageLocked,
    #[error("the store is of version {found}, this app knows {known}")]
    NewerStore { found: u32, known: u32 },
    #[error("{bytes} bytes of free space are needed to bring the store up to date")]
    NeedsSpace { bytes: u64 },
    #[error("the disk is full")]
    DiskFull,
    /// The app was put together wrongly: its SQLite would write plain text.
    #[error("the database library does not encrypt ({version})")]
    NotEncrypted { version: String },
    #[error("the home of the store is not a folder")]
    NotAFolder,
    #[error("too many damaged stores were set aside here")]
    TooManySetAside,
    /// Another process makes, migrates or mends the store: try again.
    #[error("another process uses the store")]
    Busy,
    #[error("reading or writing the store failed: {kind}")]
    Io { kind: String },
    #[error("the database failed with code {code}")]
    Database { code: i32 },
    /// The system would not give a thread.
    #[error("no thread could be started: {kind}")]
    NoThread { kind: String },
}

/// What is wrong with the address of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum GatewayProblem {
    NotAUrl,
    NotHttps,
    /// Plain HTTP goes to this machine only.
    PlainHttp,
    HoldsCredentials,
}

#[uniffi::export]
impl OpenError {
    /// In English, for a log.
    pub fn log_line(&self) -> String {
        self.to_string()
    }
}

impl From<BadGateway> for OpenError {
    fn from(problem: BadGateway) -> Self {
        let problem = match problem {
            BadGateway::NotAUrl => GatewayProblem::NotAUrl,
            BadGateway::NotHttps => GatewayProblem::NotHttps,
            BadGateway::PlainHttp => GatewayProblem::PlainHttp,
            BadGateway::HoldsCredentials => GatewayProblem::HoldsCredentials,
        };
        Self::Gateway { problem }
    }
}

impl From<OpenClientError> for OpenError {
    fn from(error: OpenClientError) -> Self {
        match error {
            OpenClientError::Store(error) => error.into(),
            OpenClientError::Authority(_) => Self::Authority,
        }
    }
}

impl From<store::OpenError> for OpenError {
    fn from(error: store::OpenError) -> Self {
        use store::OpenError as Of;
        match error {
            Of::KeyMissing { store_exists } => Self::KeyMissing { store_exists },
            Of::WrongKey => Self::WrongKey,
            Of::KeyCheckDamaged => Self::KeyCheckDamaged,
            Of::StorageLocked => Self::StorageLocked,
            Of::NewerStore { found, known } => Self::NewerStore { found, known },
            Of::NeedsSpace { bytes } => Self::NeedsSpace { bytes },
            Of::DiskFull => Self::DiskFull,
            Of::NotEncrypted { version } => Self::NotEncrypted { version },
            Of::NotAFolder => Self::NotAFolder,
            Of::TooManySetAside => Self::TooManySetAside,
            Of::Busy => Self::Busy,
            Of::Io { kind } => Self::Io {
                kind: kind.to_string(),
            },
            Of::Database { code } => Self::Database { code },
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
