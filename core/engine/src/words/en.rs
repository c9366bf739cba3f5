//! English.

use super::parts::{self, Span};
use crate::{
    api::EventKind,
    report::{Classification, Code, Field, Phase, Problem, Status, Subject},
    sync::{OperationKind, OperationState, Reason, ServiceCopy},
};

pub(super) const ALL_DONE: &str = "Everything is done.";

pub(super) fn problem(problem: &Problem) -> String {
    format!(
        "{}: {}",
        subject(&problem.subject),
        what(&problem.subject, &problem.code)
    )
}

fn what(subject: &Subject, code: &Code) -> String {
    match code {
        Code::Required => match subject {
            Subject::Field(Field::Classification) => "not chosen yet. Choose one.",
            _ => "still empty. Please fill it in.",
        }
        .to_owned(),
        Code::TooLong { limit, actual } => match (limit, actual) {
            (0, _) => "too long. Shorten it.".to_owned(),
            (limit, 0) => format!("at most {limit} characters. Shorten it."),
            (limit, actual) => format!("at most {limit} characters, now {actual}. Shorten it."),
        },
        Code::ControlCharacter => {
            "holds an invisible mark that nobody could read. Delete it and type again.".to_owned()
        }
        Code::Invalid => invalid(subject).to_owned(),
        Code::InFuture => "lies in the future. Choose today or an earlier day.".to_owned(),
        Code::TooMany { limit, actual } => match (limit, actual.saturating_sub(*limit)) {
            (0, _) => "too many. Remove some.".to_owned(),
            (limit, 0) => format!("at most {limit}. Remove some."),
            (limit, over) => format!("at most {limit}, now {actual}. Remove {over}."),
        },
        Code::TooLarge { limit, actual } => {
            let cure = match subject {
                Subject::Attachment(_) | Subject::Attachments => "Choose a smaller file.",
                _ => "Shorten it.",
            };
            let most = parts::size(*limit, false, '.');
            match (limit, actual) {
                (0, _) => format!("too large. {cure}"),
                (_, 0) => format!("at most {most}. {cure}"),
                (_, actual) => format!(
                    "at most {most}, now {}. {cure}",
                    parts::size(*actual, true, '.')
                ),
            }
        }
        Code::UnsupportedType => {
            "this kind of file is not accepted. Use JPG, PNG or PDF.".to_owned()
        }
        Code::Duplicate => "the same as an earlier attachment. Remove one of them.".to_owned(),
        Code::Other { word } => format!(
            "LAPOR! asks to look at this again (code {}).",
            parts::identifier(word)
        ),
    }
}

fn invalid(subject: &Subject) -> &'static str {
    match subject {
        Subject::Field(Field::IncidentDate) => {
            "not a date. Write year-month-day, such as 2026-11-22."
        }
        Subject::Field(Field::AreaCode | Field::InstitutionId | Field::CategoryId) => {
            "not known. Choose from the list or leave it empty."
        }
        Subject::Field(Field::Place) => "not a point on the map. Take it again or leave it empty.",
        _ => "not right yet. Please look again.",
    }
}

pub(super) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Field(one) => field(*one).to_owned(),
        Subject::Attachment(position) => format!("Attachment {}", u64::from(*position) + 1),
        Subject::Attachments => "Attachments".to_owned(),
        Subject::Report => "Report".to_owned(),
        Subject::Unknown(name) => format!("Field \u{201c}{}\u{201d}", parts::identifier(name)),
    }
}

pub(super) fn field(field: Field) -> &'static str {
    match field {
        Field::Classification => "Classification",
        Field::Title => "Title",
        Field::Content => "Text",
        Field::IncidentDate => "Date of the incident",
        Field::Location => "Place of the incident",
        Field::AreaCode => "Area",
        Field::InstitutionId => "Institution",
        Field::Text => "Text of the reply",
        Field::Rating => "Rating",
        Field::CategoryId => "Category",
        Field::Anonymous => "Anonymous",
        Field::Secret => "Secret",
        Field::Place => "Point on the map",
    }
}

pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NotTried => "Kept on this phone. It goes by itself very soon.".to_owned(),
        Reason::Follows => "Waits until the step before it is done.".to_owned(),
        Reason::Offline => "No signal yet. It goes by itself as soon as there is a network.".to_owned(),
        Reason::Metered => {
            "Attachments wait for a network that costs nothing, as you chose.".to_owned()
        }
        Reason::ClockWrong => "The clock of this phone seems wrong, so the safety of the line cannot be checked. \
             Please set date and time; it then goes on by itself."
            .to_owned(),
        Reason::Untrusted => "The line on this network cannot be trusted, so nothing was sent over it. \
             It is tried again by itself; another network may help."
            .to_owned(),
        Reason::SignInToWifi => "This Wi-Fi wants you to sign in first. Open its page or use another network; \
             your report stays safe on the phone."
            .to_owned(),
        Reason::NotLapor { status } => format!(
            "This network answers in place of LAPOR! (code {status}). Your report stays safe on the phone and is tried \
             again by itself; another network may help."
        ),
        Reason::Busy { status } if parts::is_error(*status) => {
            format!("LAPOR! is busy (code {status}). It is tried again by itself.")
        }
        Reason::Busy { status } => {
            format!("The answer of LAPOR! could not be understood (code {status}). It is tried again by itself.")
        }
        Reason::Poison { status } if parts::is_of_a_front_end(*status) => format!(
            "Something between this phone and LAPOR! does not let this one through (code {status}); everything else \
             goes on. It is tried again by itself; another network may help."
        ),
        Reason::Poison { status } if !parts::is_error(*status) => format!(
            "What came as the answer for this one could not be understood several times (code {status}); everything \
             else goes on. It is tried again by itself."
        ),
        Reason::Poison { status } => format!(
            "LAPOR! could not process this one several times (code {status}); everything else goes on. \
             It is tried again by itself."
        ),
        Reason::Unknown => "The line was cut before the answer of LAPOR! came. The same words go again by themselves \
             and will not count twice."
            .to_owned(),
        Reason::Aborted => "Gave way to something more urgent and goes on after it.".to_owned(),
        Reason::SignIn => "Please sign in. Everything is kept and goes on after that.".to_owned(),
        Reason::Rejected { problems } => {
            let list: String = problems.iter().map(|one| format!(" {}", problem(one))).collect();
            format!("LAPOR! asks for a correction; then submit it again.{list}")
        }
        Reason::KeyTaken { foreign: false } => "LAPOR! already has this report with other words. Compare the two, \
             then choose."
            .to_owned(),
        Reason::KeyTaken { foreign: true } => "LAPOR! has this report under another account. Sign in with that \
             account, or send it as a new report."
            .to_owned(),
        Reason::Refused { status, code } => format!(
            "LAPOR! cannot take this yet (code {}). You did nothing wrong. It is kept, and tried again every day and \
             after an update of the app.",
            parts::code(*status, code)
        ),
        Reason::UpdateApp => "A newer version of this app is needed. Please update the app; everything is kept."
            .to_owned(),
        Reason::Local => "This phone could not read or keep something; it may be full. Nothing was deleted. \
             Free some space, then it is tried again by itself."
            .to_owned(),
        Reason::Lost => "It is no longer on this phone and LAPOR! does not have it, so it cannot be sent. If you still \
             have it, send it anew: a picture in a new report that names this one, a reply as a new reply."
            .to_owned(),
        Reason::UploadExpired => "The place for this attachment at LAPOR! ran out of time. A new one is asked for and \
             the attachment starts over by itself."
            .to_owned(),
        Reason::UploadDamaged => "The attachment was not whole when it reached LAPOR!. It starts over by itself."
            .to_owned(),
        Reason::BeingChecked => "All of this attachment is at LAPOR!, which is still checking it. It is asked for again \
             by itself."
            .to_owned(),
        Reason::Withdrawn => "Taken back by its writer.".to_owned(),
        Reason::Overtaken => "LAPOR! could not take it, and what you did later stands in its place. It is not sent \
             any more; do it again if you still want it."
            .to_owned(),
        Reason::TooLate => "Too late to take back: LAPOR! is already working on it.".to_owned(),
        Reason::Forgotten => "LAPOR! was restored from a backup and lost this report. It goes again by itself, with \
             the old number as a reference."
            .to_owned(),
        Reason::AlreadyThere => "LAPOR! already has it; nothing more to do.".to_owned(),
        Reason::NotFetched => "What LAPOR! has is not on this phone yet. It is asked for by itself.".to_owned(),
    }
}

pub(super) fn service_copy(copy: ServiceCopy) -> &'static str {
    match copy {
        ServiceCopy::Awaited => {
            "What LAPOR! has is not on this phone yet; it is fetched by itself as soon as it can be."
        }
        ServiceCopy::Other => {
            "What LAPOR! has differs. If your words are to arrive too, send them as another report."
        }
        ServiceCopy::Same => {
            "What LAPOR! has says the same as your words; they do not have to be sent again."
        }
        ServiceCopy::TakenBack => {
            "What LAPOR! had was taken back. Your words have not arrived, and can only go as \
             another report."
        }
        ServiceCopy::NotShown => "LAPOR! does not show what it has; it is asked again every day.",
    }
}

pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Draft => "Draft",
        Phase::Discarded => "Put away",
        Phase::Queued => "Waiting to go",
        Phase::Sent => "Received by LAPOR!",
        Phase::Withdrawing => "Taking it back",
        Phase::Withdrawn => "Taken back",
        Phase::Rejected => "Needs a correction",
        Phase::KeyTaken => "Needs your decision",
        Phase::Superseded => "Goes on as another report",
    }
}

pub(super) fn status(status: &Status) -> &str {
    match status {
        Status::Unverified => "Not verified yet",
        Status::Verified => "Verified",
        Status::Disposed => "With the institution, not followed up yet",
        Status::InProgress => "With the institution, in progress",
        Status::Postponed => "Postponed",
        Status::Closed => "Done",
        Status::Archived => "Archived",
        Status::NotOurAuthority => "Not within our authority",
        Status::Withdrawn => "Taken back",
        Status::Other(word) => word,
    }
}

pub(super) fn classification(classification: Classification) -> &'static str {
    match classification {
        Classification::Complaint => "Complaint",
        Classification::InformationRequest => "Request for information",
        Classification::Aspiration => "Aspiration",
    }
}

pub(super) fn operation(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::CreateReport => "Send the report",
        OperationKind::Withdraw => "Take the report back",
        OperationKind::AddEvent => "Send what was added",
        OperationKind::UploadAttachment => "Send the attachment",
        OperationKind::FetchCopy => "Fetch what LAPOR! has",
    }
}

pub(super) fn event_step(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Reply => "Send the comment",
        EventKind::FollowUp => "Send the follow-up",
        EventKind::Rate => "Send the rating",
        EventKind::Close => "Close the report",
        EventKind::Support => "Send the support",
        EventKind::Forward => "Forward the report",
    }
}

pub(super) fn operation_state(state: OperationState) -> &'static str {
    match state {
        OperationState::Waiting => "Waiting",
        OperationState::InFlight => "Under way",
        OperationState::Paused => "Paused",
        OperationState::Done => "Done",
        OperationState::Ended => "Not continued",
    }
}

pub(super) fn event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Reply => "Comment",
        EventKind::FollowUp => "Follow-up",
        EventKind::Rate => "Rating",
        EventKind::Close => "Close the report",
        EventKind::Support => "Support",
        EventKind::Forward => "Forward",
    }
}

pub(super) fn wait(millis: u64) -> String {
    format!("tried again {}", when(millis))
}

pub(super) fn when(millis: u64) -> String {
    let some = |n: u64, unit: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("in {n} {unit}{s}")
    };
    match parts::span(millis) {
        Span::Moment => "in a moment".to_owned(),
        Span::Seconds(n) => some(n, "second"),
        Span::Minutes(n) => some(n, "minute"),
        Span::Hours(n) => some(n, "hour"),
        Span::Days(n) => some(n, "day"),
    }
}
