//! What a new report and a new event must satisfy. Unknown fields are not looked at: they belong
//! to a later contract and are kept.

use chrono::{Days, NaiveDate};
use serde_json::{Map, Value};

use crate::instant::Instant;
use crate::problem::{FieldCode, FieldProblem};
use crate::settings::Settings;

pub(crate) type Object = Map<String, Value>;
type Wrong = Vec<FieldProblem>;

/// What the rules need of a report; the body itself is kept as it came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewReport {
    pub(crate) classification: String,
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) incident_date: String,
    pub(crate) location: String,
    pub(crate) anonymous: bool,
    pub(crate) secret: bool,
    pub(crate) supersedes: Option<String>,
    pub(crate) attachments: Vec<NewAttachment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewAttachment {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) media_type: String,
    pub(crate) name: String,
}

/// Lower-case hyphenated UUID of any version.
pub(crate) fn is_key(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => is_lower_hex(byte),
        })
}

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// A number without a fraction that is not negative. JSON does not tell 5.0 from 5, and neither
/// does JSON Schema; JavaScript's exact integers end at 2^53.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && (0.0..=EXACT).contains(&number)).then_some(number as u64)
    })
}

pub(crate) fn wrong(field: &str, code: FieldCode, limit: Option<u64>) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        code,
        limit,
    }
}

/// A required text that is not blank and at most `limit` Unicode scalar values.
pub(crate) fn text_field<'a>(
    body: &'a Object,
    field: &str,
    limit: usize,
    problems: &mut Wrong,
) -> Option<&'a str> {
    match body.get(field) {
        None => problems.push(wrong(field, FieldCode::Required, None)),
        Some(Value::String(text)) if text.trim().is_empty() => {
            problems.push(wrong(field, FieldCode::Required, None));
        }
        Some(Value::String(text)) if text.chars().count() > limit => {
            problems.push(wrong(field, FieldCode::TooLong, Some(limit as u64)));
        }
        Some(Value::String(text)) => return Some(text),
        Some(_) => problems.push(wrong(field, FieldCode::Invalid, None)),
    }
    None
}

fn optional_text(body: &Object, field: &str, limit: usize, problems: &mut Wrong) {
    if body.contains_key(field) {
        text_field(body, field, limit, problems);
    }
}

fn flag(body: &Object, field: &str, problems: &mut Wrong) -> bool {
    match body.get(field) {
        Some(Value::Bool(set)) => return *set,
        Some(_) => problems.push(wrong(field, FieldCode::Invalid, None)),
        None => problems.push(wrong(field, FieldCode::Required, None)),
    }
    false
}

fn matching(body: &Object, field: &str, problems: &mut Wrong, fits: fn(&str) -> bool) {
    match body.get(field) {
        None => {}
        Some(Value::String(text)) if fits(text) => {}
        Some(_) => problems.push(wrong(field, FieldCode::Invalid, None)),
    }
}

fn degrees(body: &Object, field: &str, other: &str, most: f64, problems: &mut Wrong) {
    match body.get(field) {
        // Half a place is no place.
        None if body.contains_key(other) => {
            problems.push(wrong(field, FieldCode::Required, None));
        }
        None => {}
        Some(value) if value.as_f64().is_some_and(|found| found.abs() <= most) => {}
        Some(_) => problems.push(wrong(field, FieldCode::Invalid, None)),
    }
}

/// `PP`, `PP.KK`, `PP.KK.CC` or `PP.KK.CC.DDDD`.
fn is_area(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 4
        && parts.iter().zip([2, 2, 2, 4]).all(|(part, digits)| {
            part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn date(body: &Object, now: Instant, problems: &mut Wrong) {
    let field = "incident_date";
    let Some(text) = text_field(body, field, 10, problems) else {
        return;
    };
    // chrono takes `2026-1-1` as well; the contract does not.
    match text.parse::<NaiveDate>() {
        Ok(day) if text.len() == 10 => {
            // A day of grace: somewhere it is already tomorrow.
            let latest = now.day().checked_add_days(Days::new(1));
            if latest.is_none_or(|latest| day > latest) {
                problems.push(wrong(field, FieldCode::InFuture, None));
            }
        }
        _ => problems.push(wrong(field, FieldCode::Invalid, None)),
    }
}

pub(crate) fn report(
    body: &Object,
    now: Instant,
    settings: &Settings,
) -> Result<NewReport, Vec<FieldProblem>> {
    let problems = &mut Vec::new();
    let owned = |found: Option<&str>| found.map(str::to_owned).unwrap_or_default();

    let classification = owned(text_field(
        body,
        "classification",
        settings.name_chars,
        problems,
    ));
    if !classification.is_empty()
        && !["complaint", "information_request", "aspiration"].contains(&classification.as_str())
    {
        problems.push(wrong("classification", FieldCode::Invalid, None));
    }
    let title = owned(text_field(body, "title", settings.title_chars, problems));
    let content = owned(text_field(
        body,
        "content",
        settings.content_chars,
        problems,
    ));
    date(body, now, problems);
    let location = owned(text_field(
        body,
        "location",
        settings.location_chars,
        problems,
    ));
    matching(body, "area_code", problems, is_area);
    optional_text(body, "institution_id", settings.name_chars, problems);
    optional_text(body, "category_id", settings.name_chars, problems);
    let anonymous = flag(body, "anonymous", problems);
    let secret = flag(body, "secret", problems);
    degrees(body, "latitude", "longitude", 90.0, problems);
    degrees(body, "longitude", "latitude", 180.0, problems);
    let attachments = attachments(body, settings, problems);
    matching(body, "supersedes", problems, is_key);
    if body
        .get("extension")
        .is_some_and(|value| !value.is_object())
    {
        problems.push(wrong("extension", FieldCode::Invalid, None));
    }
    if !problems.is_empty() {
        return Err(std::mem::take(problems));
    }
    let plain = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    Ok(NewReport {
        classification,
        title,
        content,
        incident_date: plain("incident_date").unwrap_or_default(),
        location,
        anonymous,
        secret,
        supersedes: plain("supersedes"),
        attachments,
    })
}

fn attachments(body: &Object, settings: &Settings, problems: &mut Wrong) -> Vec<NewAttachment> {
    let field = "attachments";
    let listed = match body.get(field) {
        Some(Value::Array(listed)) => listed,
        Some(_) => {
            problems.push(wrong(field, FieldCode::Invalid, None));
            return Vec::new();
        }
        None => {
            problems.push(wrong(field, FieldCode::Required, None));
            return Vec::new();
        }
    };
    if listed.len() > settings.attachments {
        let limit = settings.attachments as u64;
        problems.push(wrong(field, FieldCode::TooMany, Some(limit)));
        return Vec::new();
    }
    let mut taken: Vec<NewAttachment> = Vec::new();
    for (at, value) in listed.iter().enumerate() {
        let place = format!("{field}[{at}]");
        let Value::Object(entry) = value else {
            problems.push(wrong(&place, FieldCode::Invalid, None));
            continue;
        };
        let mut inner = Vec::new();
        let attachment = attachment(entry, settings, &mut inner);
        // The same bytes twice would be one upload with two answers.
        if taken.iter().any(|held| held.sha256 == attachment.sha256) {
            inner.push(wrong("sha256", FieldCode::Invalid, None));
        }
        taken.push(attachment);
        problems.extend(inner.into_iter().map(|problem| FieldProblem {
            field: format!("{place}.{}", problem.field),
            ..problem
        }));
    }
    taken
}

fn attachment(entry: &Object, settings: &Settings, problems: &mut Wrong) -> NewAttachment {
    let owned = |found: Option<&str>| found.map(str::to_owned).unwrap_or_default();
    let sha256 = owned(text_field(entry, "sha256", settings.name_chars, problems));
    let is_hash = sha256.len() == 64 && sha256.bytes().all(is_lower_hex);
    if !sha256.is_empty() && !is_hash {
        problems.push(wrong("sha256", FieldCode::Invalid, None));
    }
    let bytes = match entry.get("bytes") {
        None => {
            problems.push(wrong("bytes", FieldCode::Required, None));
            0
        }
        Some(value) => match whole(value) {
            Some(bytes) if bytes > settings.attachment_bytes => {
                let limit = Some(settings.attachment_bytes);
                problems.push(wrong("bytes", FieldCode::TooLarge, limit));
                0
            }
            Some(bytes) if bytes > 0 => bytes,
            _ => {
                problems.push(wrong("bytes", FieldCode::Invalid, None));
                0
            }
        },
    };
    let media_type = owned(text_field(
        entry,
        "media_type",
        settings.name_chars,
        problems,
    ));
    if !media_type.is_empty() && !settings.media_types.contains(&media_type) {
        problems.push(wrong("media_type", FieldCode::UnsupportedType, None));
    }
    let name = owned(text_field(entry, "name", settings.name_chars, problems));
    NewAttachment {
        sha256,
        bytes,
        media_type,
        name,
    }
}

#[cfg(test)]
mod tests;
