//! The movable clock, and what happens when time has passed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::fields::{Fields, Refusal};
use crate::sandbox::Sandbox;

/// A thousand years: beyond it no calendar has an answer.
const FARTHEST: i64 = 1000 * 366 * 86_400;

pub(crate) async fn show(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(now(&sandbox))
}

/// `shift_seconds` sets the distance from the machine's clock, `advance_seconds` adds to it.
pub(crate) async fn shift(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = moved(&sandbox, &fields).map(|()| now(&sandbox));
    fields.reply(done, "clock moved")
}

fn moved(sandbox: &Sandbox, fields: &Fields) -> Result<(), Refusal> {
    let set = fields.number_if_said("shift_seconds")?;
    let days = fields.number_if_said("advance_days")?;
    let seconds = fields.number_if_said("advance_seconds")?;
    if set.is_none() && days.is_none() && seconds.is_none() {
        return Err(Refusal::Missing("shift_seconds or advance_seconds"));
    }
    let shift = set
        .unwrap_or_else(|| sandbox.clock.shift_seconds())
        .saturating_add(days.unwrap_or(0).saturating_mul(86_400))
        .saturating_add(seconds.unwrap_or(0));
    if shift.abs() > FARTHEST {
        return Err(Refusal::Wrong("shift_seconds"));
    }
    Ok(sandbox.clock.set_shift(shift)?)
}

pub(crate) async fn tick(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = sandbox
        .with(|gateway, now| gateway.tick(now))
        .map_err(Refusal::from)
        .map(|ticked| {
            json!({
                "closed": ticked.closed,
                "uploads_expired": ticked.uploads_expired,
                "removals_forgotten": ticked.removals_forgotten,
            })
        });
    let said = match &done {
        Ok(value) => format!("tick: {value}"),
        Err(_) => String::new(),
    };
    fields.reply(done, &said)
}

fn now(sandbox: &Sandbox) -> Value {
    json!({
        "now": sandbox.clock.now().rfc3339(),
        "shift_seconds": sandbox.clock.shift_seconds(),
    })
}
