//! Reports as the desk sees them, and what the desk does with them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use lapor_sandbox_rules::{AttachmentRow, Gateway, Instant, PublishedRow, ReportRow};
use serde_json::{Map, Value, json};

use super::fields::{Fields, Refusal};
use crate::sandbox::Sandbox;

pub(crate) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Result<Json<Value>, Refusal> {
    let rows = sandbox.with(|gateway, _| gateway.reports())?;
    Ok(Json(Value::Array(rows.iter().map(short).collect())))
}

pub(crate) async fn one(
    State(sandbox): State<Arc<Sandbox>>,
    Path(report): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let row = sandbox
        .with(|gateway, _| gateway.report(&report))?
        .ok_or(Refusal::NoSuch("report"))?;
    Ok(Json(full(&row)))
}

/// How often each report and event was really created, and what the public sees.
pub(crate) async fn counts(State(sandbox): State<Arc<Sandbox>>) -> Result<Json<Value>, Refusal> {
    let value = sandbox.with(|gateway, _| -> Result<Value, Refusal> {
        let rows = gateway.reports()?;
        let mut creates = Map::new();
        let mut events = Map::new();
        for row in &rows {
            creates.insert(row.key.clone(), row.creates.into());
            for event in row
                .events
                .iter()
                .filter_map(|event| event.event_key.as_ref())
            {
                events.insert(event.clone(), gateway.events_of(event)?.into());
            }
        }
        let created: u64 = rows.iter().map(|row| row.creates).sum();
        let published: Vec<Value> = gateway.published()?.iter().map(published).collect();
        Ok(json!({
            "epoch": gateway.epoch()?,
            "reports": rows.len(),
            "created": created,
            "creates": creates,
            "events": events,
            "published": published,
        }))
    })?;
    Ok(Json(value))
}

pub(crate) async fn act(
    State(sandbox): State<Arc<Sandbox>>,
    Path((report, action)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let done = sandbox.with(|gateway, now| {
        do_it(gateway, now, &report, &action, &fields)?;
        let row = gateway.report(&report)?.ok_or(Refusal::NoSuch("report"))?;
        Ok(full(&row))
    });
    fields.reply(done, &format!("{action}: done"))
}

fn do_it(
    gateway: &mut Gateway,
    now: Instant,
    report: &str,
    action: &str,
    fields: &Fields,
) -> Result<(), Refusal> {
    let reason = fields.text_if_said("reason")?.unwrap_or("-");
    match action {
        "verify" => gateway.verify(now, report)?,
        "dispose" => {
            let institution = fields.text_if_said("institution")?.unwrap_or("dpu-badung");
            gateway.dispose(now, report, institution)?;
        }
        "follow-up" => gateway.follow_up(now, report, fields.text("text")?)?,
        "postpone" => gateway.postpone(now, report, reason)?,
        "close" => gateway.close(now, report)?,
        "archive" => gateway.archive(now, report, reason)?,
        "not-our-authority" => gateway.not_our_authority(now, report, reason)?,
        "edit" => {
            let (title, content) = (fields.text("title")?, fields.text("content")?);
            gateway.edit_published_text(now, report, title, content)?;
        }
        _ => return Err(Refusal::NoSuch("action")),
    }
    Ok(())
}

fn short(row: &ReportRow) -> Value {
    let attachments: Vec<Value> = row.attachments.iter().map(attachment).collect();
    let missing: Vec<&str> = row
        .missing()
        .into_iter()
        .map(|attachment| attachment.sha256.as_str())
        .collect();
    json!({
        "key": row.key,
        "tracking_id": row.tracking_id,
        "account": row.account,
        "status": row.status,
        "revision": row.revision,
        "published": row.published,
        "creates": row.creates,
        "created_at": row.created_at.rfc3339(),
        "attachments": attachments,
        "missing": missing,
    })
}

fn full(row: &ReportRow) -> Value {
    let events: Vec<Value> = row
        .events
        .iter()
        .map(|event| {
            json!({
                "event_key": event.event_key,
                "type": event.kind,
                "by": event.by,
                "at": event.at.rfc3339(),
                "text": event.text,
                "rating": event.rating,
            })
        })
        .collect();
    let mut value = short(row);
    if let (Value::Object(value), Value::Object(more)) = (
        &mut value,
        json!({
            "classification": row.classification,
            "title": row.title,
            "content": row.content,
            "name": row.name,
            "anonymous": row.anonymous,
            "secret": row.secret,
            "institution": row.institution,
            "prior_tracking_id": row.prior_tracking_id,
            "supersedes": row.supersedes,
            "verify_by": row.verify_by,
            "follow_up_by": row.follow_up_by,
            "incident_date": row.incident_date,
            "location": row.location,
            "updated_at": row.updated_at.rfc3339(),
            "events": events,
        }),
    ) {
        value.extend(more);
    }
    value
}

fn attachment(row: &AttachmentRow) -> Value {
    json!({
        "sha256": row.sha256,
        "media_type": row.media_type,
        "name": row.name,
        "bytes": row.bytes,
        "have": row.have,
        "stored": row.stored,
    })
}

pub(crate) fn published(row: &PublishedRow) -> Value {
    json!({
        "key": row.key,
        "tracking_id": row.tracking_id,
        "status": row.status,
        "title": row.title,
        "content": row.content,
        "name": row.name,
        "created_at": row.created_at.rfc3339(),
    })
}
