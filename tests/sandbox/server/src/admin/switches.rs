//! Setting, listing and clearing fault switches.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::fields::{Fields, Refusal};
use crate::fault::{Fault, Switch};
use crate::route::Routes;
use crate::sandbox::Sandbox;

pub(crate) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(listed(&sandbox))
}

/// Sets the whole list: an array of switches, or one.
pub(crate) async fn replace(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let done = match fields.json() {
        Value::Array(_) => fields.typed::<Vec<Fault>>(),
        _ => fields.typed::<Fault>().map(|fault| vec![fault]),
    }
    .and_then(|faults| Ok(sandbox.faults.replace(faults)?));
    fields.reply(done.map(|()| listed(&sandbox)), "switches set")
}

/// Adds one switch after the others.
pub(crate) async fn add(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    let fault = if fields.is_form() {
        from_form(&fields)
    } else {
        fields.typed()
    };
    let done = fault.and_then(|fault| Ok(sandbox.faults.add(fault)?));
    fields.reply(done.map(|()| listed(&sandbox)), "switch set")
}

pub(crate) async fn clear(State(sandbox): State<Arc<Sandbox>>, fields: Fields) -> Response {
    sandbox.faults.clear();
    fields.reply(Ok(listed(&sandbox)), "all switches cleared")
}

pub(crate) async fn remove(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<u64>,
    fields: Fields,
) -> Response {
    let done = if sandbox.faults.remove(id) {
        Ok(listed(&sandbox))
    } else {
        Err(Refusal::NoSuch("switch"))
    };
    fields.reply(done, "switch cleared")
}

fn listed(sandbox: &Sandbox) -> Value {
    let switches: Vec<Value> = sandbox.faults.switches().iter().map(shown).collect();
    Value::Array(switches)
}

fn shown(switch: &Switch) -> Value {
    let mut value = json!(switch);
    if let Value::Object(value) = &mut value {
        value.insert("live".to_owned(), switch.live().into());
    }
    value
}

/// The console's form: one way to end an exchange with its number, and a slow line.
fn from_form(fields: &Fields) -> Result<Fault, Refusal> {
    let route =
        Routes::try_from(fields.text("route")?.to_owned()).map_err(|_| Refusal::Wrong("route"))?;
    let natural = |name| -> Result<Option<u64>, Refusal> {
        let number = fields.number_if_said(name)?;
        number
            .map(|number| u64::try_from(number).map_err(|_| Refusal::Wrong(name)))
            .transpose()
    };
    let flag = |name| Ok::<bool, Refusal>(fields.flag_if_said(name)?.unwrap_or(false));
    let needed = || natural("value")?.ok_or(Refusal::Missing("value"));

    let mut fault = Fault::new(route);
    match fields.text_if_said("fault")?.unwrap_or_default() {
        "" => {}
        "cut_request_after" => fault.cut_request_after = Some(needed()?),
        "cut_answer_after" => fault.cut_answer_after = Some(needed()?),
        "status" => {
            fault.status = Some(u16::try_from(needed()?).map_err(|_| Refusal::Wrong("value"))?);
        }
        "lose_answer" => fault.lose_answer = true,
        "portal" => fault.portal = true,
        "wrong_content_type" => fault.wrong_content_type = true,
        "truncated_gzip" => fault.truncated_gzip = true,
        "garbage" => fault.garbage = true,
        "stall" => fault.stall = true,
        "upload_forgotten" => fault.upload_forgotten = true,
        _ => return Err(Refusal::Wrong("fault")),
    }
    fault.times = natural("times")?;
    fault.after = natural("after")?.unwrap_or(0);
    fault.latency_ms = natural("latency_ms")?;
    fault.bandwidth = natural("bandwidth")?;
    if fault.status.is_some() {
        fault.retry_after = natural("retry_after")?
            .map(|seconds| u32::try_from(seconds).map_err(|_| Refusal::Wrong("retry_after")))
            .transpose()?;
        fault.marked = flag("unmarked")?.then_some(false);
    }
    fault.reset = flag("reset")?;
    fault.commit = flag("commit")?;
    Ok(fault)
}
