//! What a call says, as JSON or as a form, and how it is answered accordingly.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Method, StatusCode};
use lapor_sandbox_rules::{AdminError, GatewayError};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Why a call cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the body is neither JSON nor a form that belongs here: {0}")]
    Unreadable(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} cannot be read")]
    Wrong(&'static str),
    #[error("no such {0}")]
    NoSuch(&'static str),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Failed(String),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) | Self::Missing(_) | Self::Wrong(_) => StatusCode::BAD_REQUEST,
            Self::NoSuch(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<GatewayError> for Refusal {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::BackupExists => Self::Conflict(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<AdminError> for Refusal {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::NoSuchReport => Self::NoSuch("report"),
            AdminError::NotPossible { .. } => Self::Conflict(error.to_string()),
            AdminError::Gateway(error) => error.into(),
        }
    }
}

impl From<crate::fault::FaultError> for Refusal {
    fn from(error: crate::fault::FaultError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status(), Json(json!({ "error": self.to_string() }))).into_response()
    }
}

/// The body of a call.
#[derive(Debug)]
pub(crate) struct Fields {
    value: Value,
    /// It came from the console's page, which wants to be shown again.
    form: bool,
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let form = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|media_type| media_type.starts_with("application/x-www-form-urlencoded"));
        if form && request.method() == Method::POST {
            let axum::Form(pairs) =
                axum::Form::<Vec<(String, String)>>::from_request(request, state)
                    .await
                    .map_err(|error| Refusal::Unreadable(error.to_string()))?;
            // An input that nobody filled in says nothing.
            let filled: Map<String, Value> = pairs
                .into_iter()
                .filter(|(_, value)| !value.trim().is_empty())
                .map(|(name, value)| (name, Value::String(value)))
                .collect();
            return Ok(Self {
                value: Value::Object(filled),
                form: true,
            });
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| Refusal::Unreadable(error.to_string()))?;
        let value = if bytes.is_empty() {
            Value::Object(Map::new())
        } else {
            serde_json::from_slice(&bytes)
                .map_err(|error| Refusal::Unreadable(error.to_string()))?
        };
        Ok(Self { value, form: false })
    }
}

impl Fields {
    pub(crate) fn is_form(&self) -> bool {
        self.form
    }

    /// The whole body as JSON; numbers and switches of a form are texts in it.
    pub(crate) fn json(&self) -> &Value {
        &self.value
    }

    pub(crate) fn typed<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(self.value.clone())
            .map_err(|error| Refusal::Unreadable(error.to_string()))
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<&str, Refusal> {
        self.text_if_said(name)?.ok_or(Refusal::Missing(name))
    }

    pub(crate) fn text_if_said(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::Wrong(name)),
        }
    }

    pub(crate) fn number_if_said(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => number.as_i64().map(Some).ok_or(Refusal::Wrong(name)),
            Some(Value::String(text)) => {
                let number = text.trim().parse().map_err(|_| Refusal::Wrong(name))?;
                Ok(Some(number))
            }
            Some(_) => Err(Refusal::Wrong(name)),
        }
    }

    /// `true`, or a ticked box of a form.
    pub(crate) fn flag_if_said(&self, name: &'static str) -> Result<Option<bool>, Refusal> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(Value::String(text)) => Ok(Some(matches!(text.as_str(), "true" | "on" | "1"))),
            Some(_) => Err(Refusal::Wrong(name)),
        }
    }

    /// Answers with JSON, or for a form with the console's page and a line that says what was done.
    pub(crate) fn reply(&self, done: Result<Value, Refusal>, said: &str) -> Response {
        if !self.form {
            return match done {
                Ok(value) => Json(value).into_response(),
                Err(refusal) => refusal.into_response(),
            };
        }
        let (kind, words) = match done {
            Ok(_) => ("done", said.to_owned()),
            Err(refusal) => ("refused", refusal.to_string()),
        };
        let place = format!("/sandbox?{kind}={}", percent_encoded(&words));
        match HeaderValue::try_from(place) {
            Ok(place) => (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
