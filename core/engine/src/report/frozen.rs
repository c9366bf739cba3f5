use serde::{Deserialize, Serialize};

use super::{Classification, Code, Form, Limits, Place, Problem, ReportKey, Sha256Hash, Subject};

#[cfg(test)]
mod tests;

/// An attachment as the body of a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentDigest {
    pub sha256: Sha256Hash,
    pub bytes: u64,
    pub media_type: String,
    /// Shown to the officer; made by the app (`foto-1.jpg`), never the file's own name.
    pub name: String,
}

/// The exact bytes that every attempt sends, and their hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenBody {
    pub bytes: Vec<u8>,
    pub sha256: Sha256Hash,
}

#[derive(Serialize)]
struct Body<'a> {
    classification: &'a str,
    title: &'a str,
    content: &'a str,
    incident_date: &'a str,
    location: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    area_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    institution_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    category_id: &'a str,
    anonymous: bool,
    secret: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
    attachments: &'a [AttachmentDigest],
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<ReportKey>,
}

/// Freezes a valid form. The bytes made here are the report from now on: nothing re-serializes
/// them, so an app update cannot change what an earlier version has promised to send.
pub fn freeze(
    form: &Form,
    attachments: &[AttachmentDigest],
    supersedes: Option<ReportKey>,
) -> FrozenBody {
    let body = Body {
        classification: form.classification.map_or("", Classification::as_str),
        title: &form.title,
        content: &form.content,
        incident_date: &form.incident_date,
        location: &form.location,
        area_code: &form.area_code,
        institution_id: &form.institution_id,
        category_id: &form.category_id,
        anonymous: form.anonymous,
        secret: form.secret,
        latitude: form.place.map(|place| place.latitude),
        longitude: form.place.map(|place| place.longitude),
        attachments,
        supersedes,
    };
    // Strings, numbers and booleans always serialize; NaN becomes null and fails validation first.
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    let sha256 = Sha256Hash::of(&bytes);
    FrozenBody { bytes, sha256 }
}

impl FrozenBody {
    /// The whole may be too large even where every field is within its limit.
    pub fn problem(&self, limits: &Limits) -> Option<Problem> {
        let actual = self.bytes.len() as u64;
        (actual > limits.body_bytes).then_some(Problem {
            subject: Subject::Report,
            code: Code::TooLarge {
                limit: limits.body_bytes,
                actual,
            },
        })
    }
}

/// What frozen bytes say, where they are all that is left of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Thawed {
    pub form: Form,
    pub attachments: Vec<AttachmentDigest>,
    pub supersedes: Option<ReportKey>,
}

#[derive(Deserialize)]
struct Words {
    classification: String,
    title: String,
    content: String,
    incident_date: String,
    location: String,
    #[serde(default)]
    area_code: String,
    #[serde(default)]
    institution_id: String,
    #[serde(default)]
    category_id: String,
    anonymous: bool,
    secret: bool,
    latitude: Option<f64>,
    longitude: Option<f64>,
    attachments: Vec<AttachmentDigest>,
    supersedes: Option<ReportKey>,
}

/// Reads frozen bytes back; none where they are no body.
pub fn thaw(bytes: &[u8]) -> Option<Thawed> {
    let words: Words = serde_json::from_slice(bytes).ok()?;
    Some(Thawed {
        form: Form {
            classification: Classification::parse(&words.classification),
            title: words.title,
            content: words.content,
            incident_date: words.incident_date,
            location: words.location,
            area_code: words.area_code,
            institution_id: words.institution_id,
            category_id: words.category_id,
            anonymous: words.anonymous,
            secret: words.secret,
            place: words
                .latitude
                .zip(words.longitude)
                .map(|(latitude, longitude)| Place {
                    latitude,
                    longitude,
                }),
        },
        attachments: words.attachments,
        supersedes: words.supersedes,
    })
}
