//! What a command ends with: the exit codes that scripts rely on, and the failures behind them.

use std::{io, process::ExitCode};

use lapor_core::{
    client::{ClientError, OpenClientError, SignInError},
    engine::{report::Phase, sync::Reason},
    net::BadGateway,
    output::OutputError,
    photo::PhotoError,
    store::OpenError,
};

use crate::key_file::KeyFileError;

/// The documented exit codes. Code 2 is also clap's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    /// Whatever has no code of its own.
    Failed,
    Usage,
    InvalidDraft,
    StillWaiting,
    SignIn,
    Rejected,
    UpdateApp,
    InUse,
    Corrupt,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::InvalidDraft => 3,
            Self::StillWaiting => 4,
            Self::SignIn => 5,
            Self::Rejected => 6,
            Self::UpdateApp => 7,
            Self::InUse => 8,
            Self::Corrupt => 9,
        }
    }

    /// What an operation that is not finished asks of whoever runs this.
    pub(crate) fn of_reason(reason: &Reason) -> Self {
        match reason {
            Reason::SignIn => Self::SignIn,
            Reason::UpdateApp => Self::UpdateApp,
            Reason::Rejected { .. } | Reason::KeyTaken { .. } => Self::Rejected,
            _ => Self::StillWaiting,
        }
    }

    /// Where a report stands that was to be sent.
    pub(crate) fn of_phase(phase: Phase) -> Self {
        match phase {
            Phase::Queued | Phase::Withdrawing => Self::StillWaiting,
            Phase::Rejected | Phase::KeyTaken => Self::Rejected,
            Phase::Draft
            | Phase::Discarded
            | Phase::Sent
            | Phase::Withdrawn
            | Phase::Superseded => Self::Done,
        }
    }

    /// Of several unfinished things: what stops all of them first, then what goes on by itself,
    /// then what waits for a decision about one report.
    pub(crate) fn most_telling(all: impl IntoIterator<Item = Self>) -> Self {
        const ORDER: [Exit; 4] = [
            Exit::UpdateApp,
            Exit::SignIn,
            Exit::StillWaiting,
            Exit::Rejected,
        ];
        let all: Vec<Self> = all.into_iter().collect();
        ORDER
            .into_iter()
            .find(|exit| all.contains(exit))
            .unwrap_or(Self::Done)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command did not do what it was asked to. Holds nothing that a person wrote.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("usage")]
    Usage(Usage),
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    #[error(transparent)]
    Open(#[from] OpenClientError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Photo(#[from] PhotoError),
    #[error("there is no such reply here")]
    NoSuchEvent,
    /// A file of the caller: the text of a report, a certificate, a trace.
    #[error("a file could not be read or written")]
    File { what: FileRole, kind: io::ErrorKind },
}

/// Which file of the caller's it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileRole {
    Content,
    Authority,
    #[cfg(feature = "qa")]
    Trace,
    Password,
}

/// Arguments that clap cannot refuse because they depend on one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    NoHome,
    NothingToChange,
    ServerNeeded,
    BadServer(BadGateway),
    NoTerminalForPassword,
    EmptyPassword,
    ErasingNeedsYes,
    ContentTooLong { limit: u64 },
    ContentNotText,
    SameFile,
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::KeyFile(error) => error.exit(),
            Self::Open(OpenClientError::Authority(_)) => Exit::Usage,
            Self::Open(OpenClientError::Store(error)) => open(error),
            Self::Client(error) => client(error),
            Self::SignIn(SignInError::Incomplete) => Exit::Usage,
            Self::SignIn(SignInError::BadCredentials) => Exit::SignIn,
            // Nothing of it waits: whoever asked has to ask again.
            Self::SignIn(SignInError::NotReached { reason, .. }) => match Exit::of_reason(reason) {
                Exit::StillWaiting => Exit::Failed,
                exit => exit,
            },
            Self::SignIn(SignInError::Client(error)) => client(error),
            Self::Photo(_) | Self::NoSuchEvent | Self::File { .. } => Exit::Failed,
        }
    }

    /// The stable word in `--json`.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Usage(Usage::ServerNeeded) | Self::Client(ClientError::NoGateway) => "no_server",
            Self::Usage(_) => "usage",
            Self::KeyFile(error) => error.code(),
            Self::Open(OpenClientError::Authority(_)) => "bad_ca",
            Self::Open(OpenClientError::Store(error)) => open_code(error),
            Self::Client(error) | Self::SignIn(SignInError::Client(error)) => client_code(error),
            Self::SignIn(SignInError::Incomplete) => "sign_in_incomplete",
            Self::SignIn(SignInError::BadCredentials) => "bad_credentials",
            Self::SignIn(SignInError::NotReached { reason, .. }) => reason.code(),
            Self::Photo(error) => photo_code(error),
            Self::NoSuchEvent => "not_found",
            Self::File { .. } => "file",
        }
    }
}

fn open(error: &OpenError) -> Exit {
    match error {
        OpenError::KeyMissing { .. } | OpenError::WrongKey | OpenError::KeyCheckDamaged => {
            Exit::Corrupt
        }
        OpenError::StorageLocked | OpenError::Busy => Exit::InUse,
        OpenError::NewerStore { .. } => Exit::UpdateApp,
        OpenError::SalvageNeedsSpace { .. } => Exit::Corrupt,
        OpenError::NeedsSpace { .. }
        | OpenError::DiskFull
        | OpenError::NotEncrypted { .. }
        | OpenError::NotAFolder
        | OpenError::TooManySetAside
        | OpenError::Io { .. }
        | OpenError::Database { .. } => Exit::Failed,
    }
}

fn open_code(error: &OpenError) -> &'static str {
    match error {
        OpenError::KeyMissing { .. } => "key_missing",
        OpenError::WrongKey => "wrong_key",
        OpenError::KeyCheckDamaged => "key_check_damaged",
        OpenError::StorageLocked => "storage_locked",
        OpenError::Busy => "busy",
        OpenError::NewerStore { .. } => "newer_store",
        OpenError::NeedsSpace { .. } => "needs_space",
        OpenError::SalvageNeedsSpace { .. } => "salvage_needs_space",
        OpenError::DiskFull => "disk_full",
        OpenError::NotEncrypted { .. } => "not_encrypted",
        OpenError::NotAFolder => "not_a_folder",
        OpenError::TooManySetAside => "too_many_set_aside",
        OpenError::Io { .. } => "io",
        OpenError::Database { .. } => "database",
    }
}

fn client(error: &ClientError) -> Exit {
    match error {
        ClientError::Invalid { .. } => Exit::InvalidDraft,
        ClientError::SignInNeeded => Exit::SignIn,
        ClientError::InUse { .. } | ClientError::Locked | ClientError::StorageLocked => Exit::InUse,
        ClientError::Corrupt => Exit::Corrupt,
        ClientError::NoGateway
        | ClientError::Output(
            OutputError::Exists
            | OutputError::NotEmpty
            | OutputError::NotAFile
            | OutputError::Guarded,
        ) => Exit::Usage,
        ClientError::NotFound
        | ClientError::Ambiguous { .. }
        | ClientError::NotEditable { .. }
        | ClientError::NotPossible { .. }
        | ClientError::NothingToGiveUp
        | ClientError::StillToSend
        | ClientError::SentAsAnother { .. }
        | ClientError::NotForRole { .. }
        | ClientError::AlreadyAttached
        | ClientError::NoSuchAttachment
        | ClientError::TooManyAttachments { .. }
        | ClientError::Photo(_)
        | ClientError::DiskFull
        | ClientError::ChangedMeanwhile
        | ClientError::TooLarge { .. }
        | ClientError::PictureGone
        | ClientError::PictureLost
        | ClientError::NoSuchJob
        | ClientError::Suspended
        | ClientError::Cancelled
        | ClientError::Output(_)
        | ClientError::Storage { .. } => Exit::Failed,
    }
}

fn client_code(error: &ClientError) -> &'static str {
    match error {
        ClientError::NotFound => "not_found",
        ClientError::Ambiguous { .. } => "ambiguous",
        ClientError::NotEditable { .. } => "not_editable",
        ClientError::NotPossible { .. } => "not_possible",
        ClientError::NothingToGiveUp => "nothing_to_give_up",
        ClientError::StillToSend => "still_to_send",
        ClientError::SentAsAnother { .. } => "sent_as_another",
        ClientError::NotForRole { .. } => "not_for_role",
        ClientError::Invalid { .. } => "invalid",
        ClientError::SignInNeeded => "sign_in",
        ClientError::AlreadyAttached => "already_attached",
        ClientError::NoSuchAttachment => "no_such_attachment",
        ClientError::TooManyAttachments { .. } => "too_many_attachments",
        ClientError::Photo(error) => photo_code(error),
        ClientError::DiskFull => "disk_full",
        ClientError::Corrupt => "corrupt",
        ClientError::InUse { .. } => "in_use",
        ClientError::Locked => "locked",
        ClientError::StorageLocked => "storage_locked",
        ClientError::ChangedMeanwhile => "changed",
        ClientError::TooLarge { .. } => "too_large",
        ClientError::PictureGone => "picture_gone",
        ClientError::PictureLost => "picture_lost",
        ClientError::NoSuchJob => "no_such_job",
        ClientError::NoGateway => "no_server",
        ClientError::Suspended => "suspended",
        ClientError::Cancelled => "cancelled",
        ClientError::Output(error) => output_code(*error),
        ClientError::Storage { .. } => "storage",
    }
}

fn output_code(error: OutputError) -> &'static str {
    match error {
        OutputError::Exists => "file_exists",
        OutputError::NotEmpty => "folder_not_empty",
        OutputError::NotAFile => "not_a_file",
        OutputError::Guarded => "place_guarded",
        OutputError::DiskFull => "disk_full",
        OutputError::Io { .. } => "file",
    }
}

pub(crate) fn photo_code(error: &PhotoError) -> &'static str {
    match error {
        PhotoError::NotFound => "file_not_found",
        PhotoError::Vanished { .. } => "file_vanished",
        PhotoError::Changed => "file_changed",
        PhotoError::NotAFile { .. } => "not_a_file",
        PhotoError::Empty => "file_empty",
        PhotoError::FileTooLarge { .. } => "file_too_large",
        PhotoError::UnknownFormat => "unknown_format",
        PhotoError::ConvertHeic => "convert_heic",
        PhotoError::Convert { .. } => "convert",
        PhotoError::TooManyPixels { .. } => "too_many_pixels",
        PhotoError::TooMuchMemory { .. } => "too_much_memory",
        PhotoError::OutOfMemory => "out_of_memory",
        PhotoError::Truncated => "truncated",
        PhotoError::Damaged => "damaged",
        PhotoError::Unsupported { .. } => "unsupported",
        PhotoError::BeforeDocument { .. } => "before_document",
        PhotoError::DocumentTooLarge { .. } => "document_too_large",
        PhotoError::CannotFit { .. } => "cannot_fit",
        PhotoError::RegionOutside => "region_outside",
        PhotoError::TooManyRegions { .. } => "too_many_regions",
        PhotoError::CannotCover { .. } => "cannot_cover",
        PhotoError::Cancelled => "cancelled",
        PhotoError::Io { .. } => "file_unreadable",
    }
}
