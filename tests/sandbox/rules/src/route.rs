//! From request to rule and back: routing, marks, and how a refusal becomes an answer.

use rusqlite::ErrorCode;
use serde_json::{Map, Value};

use crate::error::GatewayError;
use crate::exchange::{Answer, Entropy, Request};
use crate::gateway::Gateway;
use crate::instant::Instant;
use crate::problem::{Code, FieldProblem, Problem};
use crate::settings::Settings;

/// The contract version that this gateway speaks.
pub(crate) const CONTRACT: u32 = 1;

/// Longest nonce that is echoed.
const NONCE_CHARS: usize = 64;

pub(crate) type Outcome = Result<Answer, Refusal>;

/// Why a rule did not answer as asked.
#[derive(Debug)]
pub(crate) enum Refusal {
    Problem(Problem),
    Gateway(GatewayError),
}

impl Refusal {
    pub(crate) fn invalid(fields: Vec<FieldProblem>) -> Self {
        Self::Problem(Problem::invalid(fields))
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::Problem(code.into())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Gateway(error.into())
    }
}

impl From<GatewayError> for Refusal {
    fn from(error: GatewayError) -> Self {
        Self::Gateway(error)
    }
}

impl Gateway {
    /// Answers any request, marks included. Never fails: what goes wrong inside is a 500, or a
    /// 503 when the store was locked for too long; [`Gateway::take_trouble`] has the reason.
    pub fn answer(&mut self, now: Instant, entropy: Entropy<'_>, request: &Request) -> Answer {
        if let Some(capability) = upload_capability(request) {
            return self.upload_answer(now, capability, request).dated(now);
        }
        let answer = match self.routed(now, entropy, request) {
            Ok(answer) => answer,
            Err(refusal) => self.refused(refusal),
        };
        self.marked(now, request, answer)
    }

    /// A problem with the contract's marks, for what the server decides itself: its limits and
    /// its fault switches.
    pub fn problem(
        &self,
        now: Instant,
        request: &Request,
        code: Code,
        retry_after: Option<u32>,
    ) -> Answer {
        self.marked(now, request, Problem::from(code).answer(retry_after))
    }

    /// Whether the request carries an attachment's bytes, which should be read in pieces.
    pub fn is_upload(request: &Request) -> bool {
        request.method == "PATCH" && upload_capability(request).is_some()
    }

    fn routed(&mut self, now: Instant, entropy: Entropy<'_>, request: &Request) -> Outcome {
        let path = request.route().to_owned();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let method = request.method.as_str();
        if segments.as_slice() == ["v1", "meta"] {
            // Also for an app whose contract version this gateway no longer speaks.
            return match method {
                "GET" => self.meta(now),
                _ => Err(Problem::method("GET").into()),
            };
        }
        marks(request)?;
        match (segments.as_slice(), method) {
            (["v1", "session"], "POST") => self.sign_in(now, entropy, request),
            (["v1", "session"], "DELETE") => self.sign_out(now, request),
            (["v1", "session"], _) => Err(Problem::method("POST, DELETE").into()),
            (["v1", "session", "refresh"], "POST") => self.refresh(now, entropy, request),
            (["v1", "reports", "known"], "POST") => self.known(now, request),
            (["v1", "session", "refresh"] | ["v1", "reports", "known"], _) => {
                Err(Problem::method("POST").into())
            }
            (["v1", "changes"], "GET") => self.changes(now, request),
            (["v1", "changes"], _) => Err(Problem::method("GET").into()),
            (["v1", "reports", key], "PUT") => self.put_report(now, entropy, key, request),
            (["v1", "reports", key], "GET") => self.get_report(now, entropy, key, request),
            (["v1", "reports", key], "DELETE") => self.withdraw(now, key, request),
            (["v1", "reports", _], _) => Err(Problem::method("GET, PUT, DELETE").into()),
            (["v1", "reports", key, "events", event_key], "PUT") => {
                self.put_event(now, key, event_key, request)
            }
            (["v1", "reports", _, "events", _], _) => Err(Problem::method("PUT").into()),
            _ => Err(Code::NotFound.into()),
        }
    }

    pub(crate) fn refused(&mut self, refusal: Refusal) -> Answer {
        let problem = match refusal {
            Refusal::Problem(problem) => problem,
            Refusal::Gateway(error) => {
                let code = match &error {
                    GatewayError::Storage(cause)
                        if cause.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) =>
                    {
                        Code::Maintenance
                    }
                    _ => Code::Internal,
                };
                self.trouble = Some(error);
                code.into()
            }
        };
        let retry_after = problem
            .code
            .retries()
            .then_some(self.settings.retry_after_seconds);
        problem.answer(retry_after)
    }

    fn marked(&self, now: Instant, request: &Request, answer: Answer) -> Answer {
        let mut answer = answer.with("Lapor-Contract", CONTRACT.to_string());
        if let Some(nonce) = request
            .find("Lapor-Request")
            .filter(|nonce| is_nonce(nonce))
        {
            answer = answer.with("Lapor-Request", nonce);
        }
        // An answer without its epoch is no answer of the contract: better none than a wrong one.
        if let Ok(epoch) = self.epoch() {
            answer = answer.with("Lapor-Epoch", epoch);
        }
        answer.dated(now)
    }
}

fn marks(request: &Request) -> Result<(), Refusal> {
    let spoken = request
        .find("Lapor-Contract")
        .and_then(|text| text.trim().parse::<u32>().ok());
    if spoken != Some(CONTRACT) {
        return Err(Code::ContractUnsupported.into());
    }
    match request.find("Lapor-Request") {
        Some(nonce) if is_nonce(nonce) => Ok(()),
        _ => Err(Code::BadRequest.into()),
    }
}

fn is_nonce(text: &str) -> bool {
    (1..=NONCE_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

pub(crate) fn upload_capability(request: &Request) -> Option<&str> {
    request
        .route()
        .strip_prefix("/v1/uploads/")
        .filter(|rest| !rest.is_empty() && !rest.contains('/'))
}

/// The JSON object of a body: 415, 413 and 400 in that order.
pub(crate) fn object(
    request: &Request,
    settings: &Settings,
) -> Result<Map<String, Value>, Refusal> {
    let media_type = request
        .find("Content-Type")
        .and_then(|text| text.split(';').next())
        .map(str::trim);
    if !media_type.is_some_and(|found| found.eq_ignore_ascii_case("application/json")) {
        return Err(Code::UnsupportedMediaType.into());
    }
    if request.body.len() > settings.body_bytes {
        return Err(Code::BodyTooLarge.into());
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Code::BadRequest.into()),
    }
}
