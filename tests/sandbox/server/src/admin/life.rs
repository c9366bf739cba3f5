//! Backup and restore, tokens and uploads that a server may lose.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::fields::{Fields, Refusal};
use crate::sandbox::{Sandbox, unpredictable};

/// What stands between the store's own name and a backup's.
const MARK: &str = "-backup-";
const LONGEST_NAME: usize = 40;

/// Names of the backups beside the store.
pub(crate) async fn backups(State(sandbox): State<Arc<Sandbox>>) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!(names(&sandbox)?)))
}

pub(crate) fn names(sandbox: &Sandbox) -> std::io::Result<Vec<String>> {
    let folder = match sandbox.db.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let store = sandbox.db.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!("{store}{MARK}");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let file = entry?.file_name();
        if let Some(name) = file.to_string_lossy().strip_prefix(&prefix)
            && is_name(name)
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

pub(crate) async fn backup(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = file(&sandbox, &fields).and_then(|(name, file)| {
        sandbox.with(|gateway, _| gateway.backup(&file))?;
        Ok(json!({ "name": name }))
    });
    fields.reply(done, "backup made")
}

pub(crate) async fn restore(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = file(&sandbox, &fields).and_then(|(_, file)| {
        if !file.exists() {
            return Err(Refusal::NoSuch("backup"));
        }
        let epoch = sandbox.with(|gateway, now| {
            gateway.restore(now, &mut unpredictable, &file)?;
            gateway.epoch()
        })?;
        Ok(json!({ "epoch": epoch }))
    });
    fields.reply(done, "restored: a new epoch begins")
}

pub(crate) async fn expire_tokens(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = sandbox.with(|gateway, _| gateway.expire_access_tokens());
    let done = done.map(|()| json!({})).map_err(Refusal::from);
    fields.reply(done, "access tokens expired")
}

pub(crate) async fn end_sessions(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = sandbox.with(|gateway, _| gateway.end_sessions());
    let done = done.map(|()| json!({})).map_err(Refusal::from);
    fields.reply(done, "sessions ended")
}

/// Loses the unfinished uploads of one report, of one attachment, or of all.
pub(crate) async fn forget_uploads(
    State(sandbox): State<Arc<Sandbox>>,
    fields: Fields,
) -> Response {
    let done = sandbox.with(|gateway, _| {
        let report = fields.text_if_said("report")?;
        let sha256 = fields.text_if_said("sha256")?;
        let mut forgotten = 0;
        for row in gateway.reports()? {
            if report.is_some_and(|report| {
                report != row.key && report.trim_start_matches('#') != row.tracking_id
            }) {
                continue;
            }
            for attachment in &row.attachments {
                if let Some(capability) = &attachment.capability
                    && sha256.is_none_or(|sha256| sha256 == attachment.sha256)
                    && gateway.forget_upload(capability)?
                {
                    forgotten += 1;
                }
            }
        }
        Ok(json!({ "forgotten": forgotten }))
    });
    fields.reply(done, "unfinished uploads forgotten")
}

/// The backup's name and file. A name, not a path: nothing outside the store's folder is touched.
fn file(sandbox: &Sandbox, fields: &Fields) -> Result<(String, PathBuf), Refusal> {
    let name = fields.text("name")?.trim();
    if !is_name(name) {
        return Err(Refusal::Wrong("name"));
    }
    let mut file = sandbox.db.as_os_str().to_owned();
    file.push(MARK);
    file.push(name);
    Ok((name.to_owned(), PathBuf::from(file)))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
