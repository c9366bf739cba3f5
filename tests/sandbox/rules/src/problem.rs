//! Problems of RFC 9457 with the contract's stable codes.

use serde_json::{Map, Value, json};

use crate::exchange::Answer;

/// The stable part of a problem; clients act on it and on nothing else in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    ContractUnsupported,
    BadRequest,
    Unauthorized,
    BadCredentials,
    SessionEnded,
    NotAllowed,
    NotFound,
    MethodNotAllowed,
    KeyTaken,
    KeyForeign,
    TooLate,
    NotPossible,
    Withdrawn,
    CursorGone,
    BodyTooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    Internal,
    Maintenance,
}

impl Code {
    pub const ALL: [Self; 20] = [
        Self::ContractUnsupported,
        Self::BadRequest,
        Self::Unauthorized,
        Self::BadCredentials,
        Self::SessionEnded,
        Self::NotAllowed,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::KeyTaken,
        Self::KeyForeign,
        Self::TooLate,
        Self::NotPossible,
        Self::Withdrawn,
        Self::CursorGone,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::TooManyRequests,
        Self::Internal,
        Self::Maintenance,
    ];

    pub const fn status(self) -> u16 {
        match self {
            Self::ContractUnsupported | Self::BadRequest => 400,
            Self::Unauthorized | Self::BadCredentials | Self::SessionEnded => 401,
            Self::NotAllowed => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::KeyTaken | Self::KeyForeign | Self::TooLate | Self::NotPossible => 409,
            Self::Withdrawn | Self::CursorGone => 410,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::Maintenance => 503,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContractUnsupported => "contract_unsupported",
            Self::BadRequest => "bad_request",
            Self::Unauthorized => "unauthorized",
            Self::BadCredentials => "bad_credentials",
            Self::SessionEnded => "session_ended",
            Self::NotAllowed => "not_allowed",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::KeyTaken => "key_taken",
            Self::KeyForeign => "key_foreign",
            Self::TooLate => "too_late",
            Self::NotPossible => "not_possible",
            Self::Withdrawn => "withdrawn",
            Self::CursorGone => "cursor_gone",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid => "invalid",
            Self::TooManyRequests => "too_many_requests",
            Self::Internal => "internal",
            Self::Maintenance => "maintenance",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::ContractUnsupported => "This gateway does not speak that contract version",
            Self::BadRequest => "The request is not one of the contract's",
            Self::Unauthorized => "The access token is missing, expired or unknown",
            Self::BadCredentials => "User or password is wrong",
            Self::SessionEnded => "The session has ended, sign in again",
            Self::NotAllowed => "This account's role may not do that",
            Self::NotFound => "There is nothing under that address",
            Self::MethodNotAllowed => "That method is not for this address",
            Self::KeyTaken => "Other bytes are known under that key",
            Self::KeyForeign => "The key belongs to another account",
            Self::TooLate => "The report was already taken up",
            Self::NotPossible => "The report's state does not allow that",
            Self::Withdrawn => "The report was withdrawn",
            Self::CursorGone => "The cursor is not valid any more, pull from the start",
            Self::BodyTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body's media type is not accepted",
            Self::Invalid => "Some fields are not acceptable",
            Self::TooManyRequests => "Too many new reports, try again later",
            Self::Internal => "The gateway failed",
            Self::Maintenance => "The gateway is being maintained",
        }
    }

    pub(crate) const fn retries(self) -> bool {
        matches!(self, Self::TooManyRequests | Self::Maintenance)
    }
}

/// One field that a 422 names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    /// A path such as `title` or `attachments[1].sha256`.
    pub(crate) field: String,
    pub(crate) code: FieldCode,
    pub(crate) limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldCode {
    Required,
    TooLong,
    Invalid,
    TooMany,
    TooLarge,
    UnsupportedType,
    InFuture,
}

impl FieldCode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::Invalid => "invalid",
            Self::TooMany => "too_many",
            Self::TooLarge => "too_large",
            Self::UnsupportedType => "unsupported_type",
            Self::InFuture => "in_future",
        }
    }
}

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) fields: Vec<FieldProblem>,
    pub(crate) allow: Option<&'static str>,
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self {
            code,
            fields: Vec::new(),
            allow: None,
        }
    }
}

impl Problem {
    pub(crate) fn invalid(fields: Vec<FieldProblem>) -> Self {
        Self {
            code: Code::Invalid,
            fields,
            allow: None,
        }
    }

    pub(crate) fn method(allow: &'static str) -> Self {
        Self {
            code: Code::MethodNotAllowed,
            fields: Vec::new(),
            allow: Some(allow),
        }
    }

    pub(crate) fn answer(&self, retry_after: Option<u32>) -> Answer {
        let code = self.code;
        let mut body = Map::new();
        body.insert(
            "type".to_owned(),
            json!(format!("urn:lapor:problem:{}", code.as_str())),
        );
        body.insert("title".to_owned(), json!(code.title()));
        body.insert("status".to_owned(), json!(code.status()));
        body.insert("code".to_owned(), json!(code.as_str()));
        if code == Code::ContractUnsupported {
            body.insert("supported".to_owned(), json!([crate::route::CONTRACT]));
        }
        if !self.fields.is_empty() {
            body.insert("fields".to_owned(), self.fields.iter().map(field).collect());
        }
        let mut answer = Answer::empty(code.status())
            .with("Content-Type", "application/problem+json")
            .carrying(Value::Object(body).to_string().into_bytes());
        if let Some(seconds) = retry_after {
            answer = answer.with("Retry-After", seconds.to_string());
        }
        if let Some(allow) = self.allow {
            answer = answer.with("Allow", allow);
        }
        if code == Code::Unauthorized {
            answer = answer.with("WWW-Authenticate", "Bearer");
        }
        answer
    }
}

fn field(problem: &FieldProblem) -> Value {
    let mut value = Map::new();
    value.insert("field".to_owned(), json!(problem.field));
    value.insert("code".to_owned(), json!(problem.code.as_str()));
    if let Some(limit) = problem.limit {
        value.insert("limit".to_owned(), json!(limit));
    }
    Value::Object(value)
}
