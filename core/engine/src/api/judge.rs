//! What an exchange means. Total and pure: any bytes in, one outcome out.
//!
//! The order of the questions is the safety of the whole: was there a trusted connection? did
//! the whole answer arrive? is it LAPOR!'s own? Only then does its status mean anything.

use serde::de::DeserializeOwned;

use super::{
    Action, Answer, End, Exchange, Outcome, Proof,
    answer::{ProblemAnswer, ReportAnswer},
    request::CONTRACT_VERSION,
};
use crate::{
    calendar::Instant,
    report::{Code, Field, Problem, Subject},
};

#[cfg(test)]
mod tests;

/// What judging needs to know of the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstance {
    pub now: Instant,
    /// When this app was built: a clock before it cannot be right.
    pub built_at: Instant,
    /// The latest `Date` that a marked answer ever carried.
    pub last_server_date: Option<Instant>,
}

/// A clock this far past the build, or behind the last server date, cannot be right.
const FAR_PAST_BUILD_MS: i64 = 10 * 365 * 86_400_000;
const BEHIND_SERVER_MS: i64 = 86_400_000;

impl Circumstance {
    fn clock_is_implausible(&self) -> bool {
        let now = self.now.0;
        if mutant!(ClockIsNotBlamed) {
            return false;
        }
        now < self.built_at.0
            || now > self.built_at.0.saturating_add(FAR_PAST_BUILD_MS)
            || self
                .last_server_date
                .is_some_and(|seen| now < seen.0.saturating_sub(BEHIND_SERVER_MS))
    }
}

/// Names the outcome of an exchange. `nonce` is the request's.
pub fn judge(
    action: &Action,
    nonce: &str,
    exchange: &Exchange,
    circumstance: &Circumstance,
) -> Outcome {
    match exchange.end {
        End::BodyUnreadable => return Outcome::Local,
        End::Aborted => return Outcome::Aborted,
        End::Dns | End::NoConnection => return Outcome::Offline,
        End::CertificateDates if circumstance.clock_is_implausible() => return Outcome::ClockWrong,
        End::CertificateDates | End::Untrusted => return Outcome::Untrusted,
        End::Complete | End::Cut | End::Stalled | End::TooLarge | End::Undecodable => {}
    }
    if !exchange.connected {
        return Outcome::Offline;
    }
    let Some(status) = exchange.status else {
        return Outcome::Unknown;
    };
    let ours = match proof_of(action) {
        Proof::Mark => marked(exchange, nonce),
        Proof::Tus => exchange.header("tus-resumable").is_some(),
    };
    if !ours && !mutant!(UnmarkedIsBelieved) {
        return unmarked(status, exchange, circumstance);
    }
    // A marked head whose body did not arrive whole says nothing that may be relied upon, except
    // where the status alone is the answer.
    if exchange.end != End::Complete && !matches!(status, 204 | 304) {
        return if matches!(status, 429 | 500..=599) {
            busy(status, exchange, circumstance, true)
        } else {
            Outcome::Unknown
        };
    }
    match proof_of(action) {
        Proof::Mark => by_contract(action, status, exchange, circumstance),
        Proof::Tus => by_tus(action, status, exchange, circumstance),
    }
}

fn proof_of(action: &Action) -> Proof {
    match action {
        Action::UploadOffset { .. } | Action::UploadChunk { .. } => Proof::Tus,
        _ => Proof::Mark,
    }
}

fn marked(exchange: &Exchange, nonce: &str) -> bool {
    let echoes = exchange.header("lapor-request") == Some(nonce) || mutant!(EchoIsNotCompared);
    exchange.header("lapor-contract").is_some() && echoes
}

/// What a marked answer tells besides its own meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Changes when the server is restored from a backup.
    pub epoch: Option<String>,
    pub server_date: Option<Instant>,
}

/// Epoch and date, from a marked answer only: a portal's clock and words prove nothing.
pub fn marks(nonce: &str, exchange: &Exchange) -> Marks {
    if !marked(exchange, nonce) {
        return Marks::default();
    }
    let epoch = exchange
        .header("lapor-epoch")
        .map(str::trim)
        .filter(|epoch| (1..=32).contains(&epoch.len()));
    Marks {
        epoch: epoch.map(str::to_owned),
        server_date: exchange.header("date").and_then(Instant::parse_http_date),
    }
}

/// Front ends of a gateway answer 429 and 5xx without the mark; portals answer anything else.
/// 511 is a portal's own (RFC 6585).
fn unmarked(status: u16, exchange: &Exchange, circumstance: &Circumstance) -> Outcome {
    match status {
        401 if mutant!(UnmarkedSignsOut) => Outcome::SessionEnded,
        422 if mutant!(UnmarkedRejects) => Outcome::Rejected {
            problems: Vec::new(),
        },
        511 => Outcome::NotLapor { status },
        429 | 500..=599 => busy(status, exchange, circumstance, false),
        _ => Outcome::NotLapor { status },
    }
}

fn by_contract(
    action: &Action,
    status: u16,
    exchange: &Exchange,
    circumstance: &Circumstance,
) -> Outcome {
    let speaks = exchange
        .header("lapor-contract")
        .and_then(|version| version.trim().parse().ok());
    if speaks != Some(CONTRACT_VERSION) && !mutant!(VersionIsIgnored) {
        return Outcome::Incompatible;
    }
    match status {
        200 | 201 | 204 | 304 => success(action, status, exchange),
        429 | 500..=599 => busy(status, exchange, circumstance, true),
        400..=499 => problem(action, status, exchange),
        _ => Outcome::Refused {
            status,
            code: String::new(),
        },
    }
}

fn success(action: &Action, status: u16, exchange: &Exchange) -> Outcome {
    let body = &exchange.body;
    let answer = match action {
        Action::Probe => read(body).map(Answer::Meta),
        Action::SignIn { .. } | Action::Refresh { .. } => {
            read(body).map(|session| Answer::Session(Box::new(session)))
        }
        // No body to check: only the contract's own status counts.
        Action::SignOut => (status == 204).then_some(Answer::SignedOut),
        Action::Create { .. } => read(body).map(Answer::Create),
        Action::Withdraw { .. } => (status == 204).then_some(Answer::Withdrawn),
        Action::Event { event_key, .. } => read(body)
            .filter(|answer: &super::EventAnswer| answer.event_key == *event_key)
            .map(Answer::Event),
        Action::Fetch { .. } => read(body).map(|mut report: ReportAnswer| {
            report.text = String::from_utf8_lossy(body).into_owned();
            Answer::Report(Box::new(report))
        }),
        Action::Changes { .. } if status == 304 => Some(Answer::NoChanges),
        Action::Changes { .. } => read(body).map(Answer::Changes),
        Action::Known { .. } => read(body).map(Answer::Known),
        Action::UploadOffset { .. } | Action::UploadChunk { .. } => None,
    };
    // Marked, whole, and yet not what the contract says: a fault of the gateway. Safe to ask
    // again, since the key guards, and never to be called sent.
    answer.map_or(
        Outcome::Busy {
            status,
            retry_after: None,
            marked: true,
        },
        Outcome::Done,
    )
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

fn problem(action: &Action, status: u16, exchange: &Exchange) -> Outcome {
    let problem: Option<ProblemAnswer> = read(&exchange.body);
    let code = problem.as_ref().map_or("", |problem| problem.code.as_str());
    match (status, code, action) {
        (400 | 426, "contract_unsupported", _) => Outcome::Incompatible,
        (401, _, Action::SignIn { .. }) => Outcome::BadCredentials,
        (401, _, Action::Refresh { .. }) => Outcome::SessionEnded,
        (401, ..) => Outcome::Unauthorized,
        (404, _, Action::Withdraw { .. }) if mutant!(NotFoundIsGone) => Outcome::Withdrawn,
        (404, ..) => Outcome::NotFound,
        (409, "key_taken", _) if mutant!(KeyTakenIsWithdrawn) => Outcome::Withdrawn,
        (409, "key_taken", _) => Outcome::KeyTaken { foreign: false },
        (409, "key_foreign", _) => Outcome::KeyTaken { foreign: true },
        (409, "too_late", _) if mutant!(TooLateIsWithdrawn) => Outcome::Withdrawn,
        (409, "too_late", Action::Withdraw { .. }) => Outcome::TooLate,
        (410, _, Action::Changes { .. }) => Outcome::CursorGone,
        (410, "withdrawn", _) => Outcome::Withdrawn,
        (422, _, Action::Create { .. } | Action::Event { .. }) => Outcome::Rejected {
            problems: problem
                .map(|problem| problem.fields.iter().map(field_problem).collect())
                .unwrap_or_default(),
        },
        _ => Outcome::Refused {
            status,
            code: code.chars().take(64).collect(),
        },
    }
}

fn field_problem(answer: &super::answer::FieldAnswer) -> Problem {
    let subject = match answer.field.as_str() {
        "classification" => Subject::Field(Field::Classification),
        "title" => Subject::Field(Field::Title),
        "content" => Subject::Field(Field::Content),
        "incident_date" => Subject::Field(Field::IncidentDate),
        "location" => Subject::Field(Field::Location),
        "area_code" => Subject::Field(Field::AreaCode),
        "institution_id" => Subject::Field(Field::InstitutionId),
        "category_id" => Subject::Field(Field::CategoryId),
        "anonymous" => Subject::Field(Field::Anonymous),
        "secret" => Subject::Field(Field::Secret),
        "latitude" | "longitude" => Subject::Field(Field::Place),
        "text" => Subject::Field(Field::Text),
        "rating" => Subject::Field(Field::Rating),
        "attachments" => Subject::Attachments,
        other => {
            attachment(other).unwrap_or_else(|| Subject::Unknown(other.chars().take(64).collect()))
        }
    };
    let limit = answer.limit.unwrap_or(0);
    let code = match answer.code.as_str() {
        "required" => Code::Required,
        "too_long" => Code::TooLong { limit, actual: 0 },
        "control_character" => Code::ControlCharacter,
        "invalid" => Code::Invalid,
        "in_future" => Code::InFuture,
        "too_many" => Code::TooMany { limit, actual: 0 },
        "too_large" => Code::TooLarge { limit, actual: 0 },
        "unsupported_type" => Code::UnsupportedType,
        "duplicate" => Code::Duplicate,
        other => Code::Other {
            word: other.chars().take(64).collect(),
        },
    };
    Problem { subject, code }
}

/// `attachments[1].sha256`: the second one, whatever is wrong with it.
fn attachment(path: &str) -> Option<Subject> {
    let (number, rest) = path.strip_prefix("attachments[")?.split_once(']')?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (rest.is_empty() || rest.starts_with('.')))
        .then(|| number.parse().ok().map(Subject::Attachment))?
}

/// tus 1.0.0: only the expected offset proves that a chunk arrived.
fn by_tus(
    action: &Action,
    status: u16,
    exchange: &Exchange,
    circumstance: &Circumstance,
) -> Outcome {
    let offset = exchange
        .header("upload-offset")
        .and_then(|text| text.trim().parse::<u64>().ok());
    match (status, action, offset) {
        (200 | 204, Action::UploadOffset { .. }, Some(offset)) => {
            Outcome::Done(Answer::Offset(offset))
        }
        (
            204,
            Action::UploadChunk {
                offset: from,
                length,
                ..
            },
            Some(offset),
        ) if from.checked_add(*length) == Some(offset) => Outcome::Done(Answer::Offset(offset)),
        // Fewer bytes than were sent, or more: the gateway's word is the truth, ask for it.
        (200 | 204, ..) | (409, ..) => Outcome::OffsetMoved,
        (403 | 404 | 410, ..) => Outcome::UploadGone,
        (460, ..) => Outcome::UploadDamaged,
        (429 | 500..=599, ..) => busy(status, exchange, circumstance, true),
        _ => Outcome::Refused {
            status,
            code: "upload".to_owned(),
        },
    }
}

/// `Retry-After` in seconds or as a date (against the server's own `Date`), clamped to 1 s to 1 h.
fn busy(status: u16, exchange: &Exchange, circumstance: &Circumstance, marked: bool) -> Outcome {
    const MIN_MS: u64 = 1_000;
    const MAX_MS: u64 = 3_600_000;
    let limit = if mutant!(RetryAfterIsObeyed) {
        u64::MAX
    } else {
        MAX_MS
    };
    let retry_after = exchange.header("retry-after").and_then(|text| {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(
                text.parse::<u64>()
                    .map_or(MAX_MS, |seconds| seconds.saturating_mul(1000)),
            );
        }
        let until = Instant::parse_http_date(text)?;
        let server_now = exchange
            .header("date")
            .and_then(Instant::parse_http_date)
            .unwrap_or(circumstance.now);
        Some(until.since(server_now).unwrap_or(0))
    });
    Outcome::Busy {
        status,
        retry_after: retry_after.map(|wait| wait.clamp(MIN_MS, limit)),
        marked,
    }
}
