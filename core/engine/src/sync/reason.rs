use serde::{Deserialize, Serialize};

use crate::report::Problem;

/// Why an operation waits, pauses or ended: typed, persisted, and put into words by
/// [`crate::words`]. Nothing is given up in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Accepted, not tried yet.
    NotTried,
    /// Waits for what it follows.
    Follows,
    Offline,
    /// A picture, on a line that the person pays by the byte, where the person said so.
    Metered,
    ClockWrong,
    Untrusted,
    /// No trusted or genuine connection, and the shell knows of a captive portal.
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
    /// Cut after the connection was up: it may have arrived, the same bytes go again.
    Unknown,
    /// Made room for something more urgent.
    Aborted,
    SignIn,
    Rejected {
        problems: Vec<Problem>,
    },
    KeyTaken {
        foreign: bool,
    },
    Refused {
        status: u16,
        #[serde(rename = "problem")]
        code: String,
    },
    UpdateApp,
    /// The phone could not read or keep something; nothing was deleted.
    Local,
    /// No longer on this phone (damage took it, or its room was given back), and the service does not have
    /// it: it cannot go any more.
    Lost,
    /// The gateway's upload lived no more; a new one was asked for.
    UploadExpired,
    /// All bytes arrived damaged; sent again from the start.
    UploadDamaged,
    /// Every byte of a picture is there, and the gateway does not list it yet.
    BeingChecked,
    /// Taken back by its writer.
    Withdrawn,
    /// An event that was refused, in whose place its writer did something later.
    Overtaken,
    /// Could not be taken back: the service had already taken it up.
    TooLate,
    /// The service lost it when it was restored from a backup; sent again.
    Forgotten,
    /// The gateway lists it already.
    AlreadyThere,
    /// Told of [`super::OperationKind::FetchCopy`] in the place of what would speak of words that go: it
    /// only asks.
    NotFetched,
}

impl Reason {
    /// The stable word of this reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotTried => "not_tried",
            Self::Follows => "follows",
            Self::Offline => "offline",
            Self::Metered => "metered",
            Self::ClockWrong => "clock_wrong",
            Self::Untrusted => "untrusted",
            Self::SignInToWifi => "sign_in_to_wifi",
            Self::NotLapor { .. } => "not_lapor",
            Self::Busy { .. } => "busy",
            Self::Poison { .. } => "poison",
            Self::Unknown => "unknown",
            Self::Aborted => "aborted",
            Self::SignIn => "sign_in",
            Self::Rejected { .. } => "rejected",
            Self::KeyTaken { .. } => "key_taken",
            Self::Refused { .. } => "refused",
            Self::UpdateApp => "update_app",
            Self::Local => "local",
            Self::Lost => "lost",
            Self::UploadExpired => "upload_expired",
            Self::UploadDamaged => "upload_damaged",
            Self::BeingChecked => "being_checked",
            Self::Withdrawn => "withdrawn",
            Self::Overtaken => "overtaken",
            Self::TooLate => "too_late",
            Self::Forgotten => "forgotten",
            Self::AlreadyThere => "already_there",
            Self::NotFetched => "not_fetched",
        }
    }
}
