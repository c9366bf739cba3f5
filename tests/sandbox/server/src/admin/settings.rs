//! The gateway's limits and switches of its own. They last as long as this process.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use lapor_sandbox_rules::Settings;
use serde_json::{Value, json};

use super::fields::{Fields, Refusal};
use crate::sandbox::Sandbox;

pub(crate) async fn show(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.with(|gateway, _| shown(gateway.settings())))
}

/// Changes what is named and leaves the rest. `creates_per_hour: 0` lifts the quota.
pub(crate) async fn change(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = sandbox.with(|gateway, _| {
        let changed = changed(gateway.settings().clone(), &fields)?;
        *gateway.settings_mut() = changed;
        Ok(shown(gateway.settings()))
    });
    fields.reply(done, "settings changed")
}

fn changed(mut settings: Settings, fields: &Fields) -> Result<Settings, Refusal> {
    fn set<T: TryFrom<i64>>(
        place: &mut T,
        fields: &Fields,
        name: &'static str,
    ) -> Result<(), Refusal> {
        if let Some(number) = fields.number_if_said(name)? {
            if number < 0 {
                return Err(Refusal::Wrong(name));
            }
            *place = T::try_from(number).map_err(|_| Refusal::Wrong(name))?;
        }
        Ok(())
    }
    set(&mut settings.title_chars, fields, "title_chars")?;
    set(&mut settings.content_chars, fields, "content_chars")?;
    set(&mut settings.location_chars, fields, "location_chars")?;
    set(&mut settings.attachments, fields, "attachments")?;
    set(&mut settings.attachment_bytes, fields, "attachment_bytes")?;
    set(&mut settings.body_bytes, fields, "body_bytes")?;
    set(&mut settings.access_seconds, fields, "access_seconds")?;
    set(&mut settings.refresh_days, fields, "refresh_days")?;
    set(&mut settings.upload_days, fields, "upload_days")?;
    set(&mut settings.removal_days, fields, "removal_days")?;
    set(
        &mut settings.retry_after_seconds,
        fields,
        "retry_after_seconds",
    )?;
    set(&mut settings.page, fields, "page")?;
    let mut quota: u32 = settings.creates_per_hour.unwrap_or(0);
    set(&mut quota, fields, "creates_per_hour")?;
    settings.creates_per_hour = (quota > 0).then_some(quota);
    if let Some(on) = fields.flag_if_said("maintenance")? {
        settings.maintenance = on;
    }
    Ok(settings)
}

fn shown(settings: &Settings) -> Value {
    json!({
        "title_chars": settings.title_chars,
        "content_chars": settings.content_chars,
        "location_chars": settings.location_chars,
        "attachments": settings.attachments,
        "attachment_bytes": settings.attachment_bytes,
        "body_bytes": settings.body_bytes,
        "media_types": settings.media_types,
        "access_seconds": settings.access_seconds,
        "refresh_days": settings.refresh_days,
        "upload_days": settings.upload_days,
        "removal_days": settings.removal_days,
        "retry_after_seconds": settings.retry_after_seconds,
        "page": settings.page,
        "creates_per_hour": settings.creates_per_hour,
        "maintenance": settings.maintenance,
    })
}
