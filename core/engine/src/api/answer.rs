//! Answers of the contract. Fields that this version does not know are passed over here and
//! kept where a copy must survive (the report of the server is stored as text).

use serde::{Deserialize, Serialize};

use crate::report::{EventKey, Limits, ReportKey, Sha256Hash, Status, TrackingId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Deadlines {
    #[serde(default)]
    pub verify_by: Option<String>,
    #[serde(default)]
    pub follow_up_by: Option<String>,
}

/// An attachment that the gateway does not have yet, and where it wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub sha256: Sha256Hash,
    /// A URI reference, resolved against the request.
    pub upload_url: String,
    pub offset: u64,
    #[serde(default)]
    pub expires_at: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CreateAnswer {
    pub tracking_id: TrackingId,
    pub revision: u64,
    pub status: Status,
    #[serde(default)]
    pub deadlines: Deadlines,
    pub missing: Vec<Missing>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoredAttachment {
    pub sha256: Sha256Hash,
    pub stored: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReportAnswer {
    pub tracking_id: TrackingId,
    pub revision: u64,
    pub status: Status,
    #[serde(default)]
    pub deadlines: Deadlines,
    pub attachments: Vec<StoredAttachment>,
    #[serde(default)]
    pub missing: Vec<Missing>,
    /// The whole answer as it came, for the screen and for what later versions know.
    #[serde(skip)]
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventAnswer {
    pub event_key: EventKey,
    pub revision: u64,
    pub status: Status,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccountAnswer {
    pub id: String,
    pub user: String,
    pub name: String,
    pub role: String,
    #[serde(default)]
    pub institution: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SessionAnswer {
    pub access_token: super::Secret,
    pub refresh_token: super::Secret,
    pub expires_in: u64,
    pub account: AccountAnswer,
}

/// One line of `GET /v1/changes`. Kinds that this version does not know are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedItem {
    Report {
        key: ReportKey,
        tracking_id: TrackingId,
        revision: u64,
        status: Status,
        #[serde(default)]
        title: String,
        #[serde(default)]
        event_keys: Vec<EventKey>,
    },
    Removed {
        key: ReportKey,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChangesAnswer {
    pub cursor: String,
    pub complete: bool,
    #[serde(deserialize_with = "items")]
    pub changes: Vec<FeedItem>,
}

/// One line that cannot be read must not hide the others for ever: it is passed over.
fn items<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<FeedItem>, D::Error> {
    let lines = Vec::<serde_json::Value>::deserialize(from)?;
    let read = |line| serde_json::from_value(line).unwrap_or(FeedItem::Unknown);
    Ok(lines.into_iter().map(read).collect())
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KnownReport {
    pub key: ReportKey,
    pub tracking_id: TrackingId,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KnownAnswer {
    pub known: Vec<KnownReport>,
    #[serde(default)]
    pub withdrawn: Vec<ReportKey>,
    pub unknown: Vec<ReportKey>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MetaAnswer {
    pub limits: Limits,
}

/// RFC 9457 with the contract's stable code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProblemAnswer {
    pub code: String,
    #[serde(default)]
    pub fields: Vec<FieldAnswer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldAnswer {
    pub field: String,
    pub code: String,
    #[serde(default)]
    pub limit: Option<u64>,
}
