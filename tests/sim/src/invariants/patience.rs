//! The longest that a phone may keep anything back, by the reason that it tells. These are the
//! simulator's own numbers: the engine's are held against them, and none is read from there.

use lapor_core::engine::sync::{Operation, OperationKind, Reason};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Just behind the origin's next try, so that another operation is that try; and what is rounded up.
const SLACK: u64 = 2 * SECOND;
/// Nobody was reached: a timed probe, whatever the OS says of the network.
const UNREACHED: u64 = 15 * MINUTE;
/// A line that is cut is tried again soon.
const CUT: u64 = MINUTE;
/// A gateway in trouble that names no time.
const BUSY: u64 = 5 * MINUTE;
/// One that does is taken at its word, up to an hour; a tenth of it is added, so that not all come at once.
const ASKED: u64 = HOUR + 6 * MINUTE;
/// What one operation alone stumbles over.
const OWN: u64 = HOUR;
/// A picture's bytes that something in between refuses every time: they cost the most.
const REFUSED_BYTES: u64 = 8 * HOUR;
/// What the service refuses, and a gateway that this app does not speak with.
const DAILY: u64 = 24 * HOUR;
/// Behind something that is tried daily.
const BEHIND: u64 = 25 * HOUR;

/// How long the question what a restored gateway still has may be put off, milliseconds.
pub(crate) fn longest_question(was_asked: bool) -> u64 {
    if was_asked { ASKED } else { 16 * MINUTE }
}

/// Milliseconds; nothing where it is the person's turn. `was_asked`: some answer has named a time to
/// this phone.
pub(crate) fn longest_wait(row: &Operation, was_asked: bool) -> Option<u64> {
    let picture = row.kind == OperationKind::UploadAttachment;
    let wait = match row.reason.as_ref()? {
        Reason::SignIn | Reason::Metered | Reason::Rejected { .. } | Reason::KeyTaken { .. } => {
            return None;
        }
        Reason::SignInToWifi if picture => REFUSED_BYTES,
        Reason::Offline
        | Reason::ClockWrong
        | Reason::Untrusted
        | Reason::SignInToWifi
        | Reason::NotLapor { .. } => UNREACHED,
        Reason::Busy { .. } if was_asked => ASKED,
        Reason::Busy { .. } => BUSY,
        Reason::Poison { .. } if picture => REFUSED_BYTES,
        Reason::Poison { .. } | Reason::Local => OWN,
        Reason::UploadExpired | Reason::UploadDamaged | Reason::BeingChecked => OWN,
        // Cut again and again without progress.
        Reason::NotTried
        | Reason::Unknown
        | Reason::Aborted
        | Reason::TooLate
        | Reason::Forgotten
            if picture =>
        {
            OWN
        }
        Reason::NotTried
        | Reason::Unknown
        | Reason::Aborted
        | Reason::TooLate
        | Reason::Forgotten
        | Reason::NotFetched => CUT,
        Reason::Refused { .. } | Reason::UpdateApp => DAILY,
        Reason::Follows => BEHIND,
        // These have ended, and wait for nothing.
        Reason::Lost | Reason::Overtaken | Reason::Withdrawn | Reason::AlreadyThere => 0,
    };
    Some(wait + SLACK)
}
