use serde::{Deserialize, Serialize};

use super::{Field, Form, frozen::AttachmentDigest};
use crate::{area::AreaCode, calendar::Date};

#[cfg(test)]
mod tests;

/// The limits of the form, as data: the embedded ones, or what the gateway last told.
/// Texts are counted in Unicode scalar values, so that every script has the same room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub title_chars: u32,
    pub content_chars: u32,
    pub location_chars: u32,
    /// Of an institution or category id.
    #[serde(default = "default_reference_chars")]
    pub reference_chars: u32,
    pub attachments: u32,
    pub attachment_bytes: u64,
    /// Of the whole frozen body.
    pub body_bytes: u64,
    pub media_types: Vec<String>,
}

fn default_reference_chars() -> u32 {
    64
}

impl Default for Limits {
    /// The limits embedded in this build, `form.json`.
    fn default() -> Self {
        const EMBEDDED: &str = include_str!("form.json");
        serde_json::from_str(EMBEDDED).unwrap_or_else(|_| Self {
            title_chars: 255,
            content_chars: 10_000,
            location_chars: 1_000,
            reference_chars: default_reference_chars(),
            attachments: 10,
            attachment_bytes: 2 << 20,
            body_bytes: 128 << 10,
            media_types: Vec::new(),
        })
    }
}

impl Limits {
    /// Limits that leave no room for a report are a fault of who sent them.
    pub fn leave_room(&self) -> bool {
        self.title_chars > 0
            && self.content_chars > 0
            && self.location_chars > 0
            && self.body_bytes >= 1024
            && (self.attachments == 0 || self.attachment_bytes >= 1024)
    }
}

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Field(Field),
    /// By position in the report, from 0.
    Attachment(u32),
    /// All attachments together.
    Attachments,
    /// The report as a whole.
    Report,
    /// A field that this version does not know, as the server named it.
    Unknown(String),
}

/// What is wrong with it. The words are in [`crate::words`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Code {
    Required,
    TooLong {
        limit: u64,
        actual: u64,
    },
    /// A character that no keyboard types: it would be invisible in the report.
    ControlCharacter,
    Invalid,
    InFuture,
    TooMany {
        limit: u64,
        actual: u64,
    },
    TooLarge {
        limit: u64,
        actual: u64,
    },
    UnsupportedType,
    Duplicate,
    /// A code of the server that this version does not know.
    Other {
        word: String,
    },
}

/// One thing that keeps a draft from being submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub subject: Subject,
    #[serde(flatten)]
    pub code: Code,
}

/// Everything that keeps this draft from being submitted, in the order of the form; empty when
/// it may go. `today` is the reporter's own day.
pub fn validate(
    form: &Form,
    attachments: &[AttachmentDigest],
    limits: &Limits,
    today: Date,
) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |subject: Subject, code: Code| found.push(Problem { subject, code });

    if form.classification.is_none() {
        say(Subject::Field(Field::Classification), Code::Required);
    }
    for (field, text, limit, required) in [
        (Field::Title, &form.title, limits.title_chars, true),
        (Field::Content, &form.content, limits.content_chars, true),
        (Field::Location, &form.location, limits.location_chars, true),
        (
            Field::InstitutionId,
            &form.institution_id,
            limits.reference_chars,
            false,
        ),
        (
            Field::CategoryId,
            &form.category_id,
            limits.reference_chars,
            false,
        ),
    ] {
        text_problems(text, u64::from(limit), required)
            .into_iter()
            .for_each(|code| say(Subject::Field(field), code));
    }
    date_problem(&form.incident_date, today)
        .into_iter()
        .for_each(|code| say(Subject::Field(Field::IncidentDate), code));
    if !form.area_code.is_empty() && form.area_code.parse::<AreaCode>().is_err() {
        say(Subject::Field(Field::AreaCode), Code::Invalid);
    }
    if let Some(place) = form.place
        && !((-90.0..=90.0).contains(&place.latitude)
            && (-180.0..=180.0).contains(&place.longitude))
    {
        say(Subject::Field(Field::Place), Code::Invalid);
    }

    let count = attachments.len() as u64;
    if count > u64::from(limits.attachments) {
        say(
            Subject::Attachments,
            Code::TooMany {
                limit: u64::from(limits.attachments),
                actual: count,
            },
        );
    }
    for (position, attachment) in (0_u32..).zip(attachments) {
        if attachment.bytes > limits.attachment_bytes {
            say(
                Subject::Attachment(position),
                Code::TooLarge {
                    limit: limits.attachment_bytes,
                    actual: attachment.bytes,
                },
            );
        }
        if !limits.media_types.contains(&attachment.media_type) {
            say(Subject::Attachment(position), Code::UnsupportedType);
        }
        if attachments
            .iter()
            .take(position as usize)
            .any(|earlier| earlier.sha256 == attachment.sha256)
        {
            say(Subject::Attachment(position), Code::Duplicate);
        }
    }
    found
}

/// What is wrong with a text of at most `limit` characters.
pub(crate) fn text_problems(text: &str, limit: u64, required: bool) -> Vec<Code> {
    let mut codes = Vec::new();
    if required && text.chars().all(is_blank) {
        codes.push(Code::Required);
    }
    let actual = text.chars().count() as u64;
    if actual > limit {
        codes.push(Code::TooLong { limit, actual });
    }
    // Direction marks and joiners are part of writing; C0 and C1 controls are not.
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        codes.push(Code::ControlCharacter);
    }
    codes
}

/// Shows nothing: spaces, and the marks that only join, part or turn what stands beside them.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn date_problem(text: &str, today: Date) -> Option<Code> {
    if text.is_empty() {
        return Some(Code::Required);
    }
    match Date::parse(text) {
        None => Some(Code::Invalid),
        Some(date) if date > today => Some(Code::InFuture),
        Some(_) => None,
    }
}
