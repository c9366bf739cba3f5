//! The journal of requests and the breaches of the contract.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::journal::{End, Entry};
use crate::sandbox::Sandbox;

/// A client may have read an answer's last byte an instant before it is counted here.
const COUNTING: Duration = Duration::from_millis(5);
const COUNTED_WITHIN: u32 = 20;

#[derive(Debug, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: u64,
}

/// Requests with a number above `after`, oldest first, of the last 1000.
pub(crate) async fn journal(
    State(sandbox): State<Arc<Sandbox>>,
    Query(query): Query<After>,
) -> Json<Vec<Entry>> {
    let mut entries = sandbox.journal.after(query.after);
    for _ in 0..COUNTED_WITHIN {
        let answering = |entry: &Entry| entry.end == End::Open && entry.status.is_some();
        if !entries.iter().any(answering) {
            break;
        }
        tokio::time::sleep(COUNTING).await;
        entries = sandbox.journal.after(query.after);
    }
    Json(entries)
}

pub(crate) async fn violations(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(json!({
        "checked": sandbox.checks_contract(),
        "requests": sandbox.journal.last(),
        "violations": sandbox.violations(),
    }))
}

pub(crate) async fn clear(State(sandbox): State<Arc<Sandbox>>) -> StatusCode {
    sandbox.clear_violations();
    StatusCode::NO_CONTENT
}
