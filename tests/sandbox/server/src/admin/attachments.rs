//! The bytes of attachments as far as they have come. They were sent by someone: the browser is
//! told to take them for what they say they are, and to run nothing.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use lapor_sandbox_rules::{Gateway, ReportRow};

use super::fields::Refusal;
use crate::sandbox::Sandbox;

const SHOWN: [&str; 3] = ["image/jpeg", "image/png", "application/pdf"];

pub(crate) async fn of_report(
    State(sandbox): State<Arc<Sandbox>>,
    Path((report, sha256)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    sandbox.with(|gateway, _| {
        let row = gateway.report(&report)?.ok_or(Refusal::NoSuch("report"))?;
        send(gateway, &row, &sha256)?.ok_or(Refusal::NoSuch("attachment"))
    })
}

/// The same picture may hang on several reports: one that is whole comes first.
pub(crate) async fn by_hash(
    State(sandbox): State<Arc<Sandbox>>,
    Path(sha256): Path<String>,
) -> Result<Response, Refusal> {
    sandbox.with(|gateway, _| {
        let mut rows = gateway.reports()?;
        rows.sort_by_key(|row| {
            let whole = |attachment: &&lapor_sandbox_rules::AttachmentRow| {
                attachment.sha256 == sha256 && attachment.stored
            };
            !row.attachments.iter().any(|attachment| whole(&attachment))
        });
        for row in &rows {
            if let Some(response) = send(gateway, row, &sha256)? {
                return Ok(response);
            }
        }
        Err(Refusal::NoSuch("attachment"))
    })
}

fn send(gateway: &Gateway, row: &ReportRow, sha256: &str) -> Result<Option<Response>, Refusal> {
    let Some(attachment) = row
        .attachments
        .iter()
        .find(|attachment| attachment.sha256 == sha256)
    else {
        return Ok(None);
    };
    let Some(bytes) = gateway.attachment(&row.key, sha256)? else {
        return Ok(None);
    };
    let media_type = SHOWN
        .into_iter()
        .find(|shown| *shown == attachment.media_type)
        .unwrap_or("application/octet-stream");
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok(Some((headers, bytes).into_response()))
}
