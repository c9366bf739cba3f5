//! The console's page: what has arrived, what is missing, what was asked, and the switches.
//! Server-rendered, without scripts; everything that came from outside is escaped by the
//! templates (`tests/sandbox/console`).

mod view;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use hyper::HeaderMap;
use hyper::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName,
};
use lapor_sandbox_rules::GatewayError;
use serde::Deserialize;

use crate::admin::{self, Refusal};
use crate::route::Route;
use crate::sandbox::{Found, Sandbox};
use view::{Line, Published, Report, Set};

/// How many reports and requests one page shows.
const REPORTS: usize = 50;
const REQUESTS: usize = 60;

const STYLE: &str = include_str!("../../console/style.css");
/// No scripts at all, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; img-src 'self' data:; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/sandbox", get(page))
        .route("/sandbox/", get(page))
        .route("/sandbox/style.css", get(style))
        .route("/sandbox/public", get(public))
        // Not the gateway's: a mistyped call is neither journalled nor disturbed.
        .route("/sandbox/{*rest}", any(nothing_here))
}

#[derive(Debug, Deserialize)]
struct Shown {
    #[serde(default)]
    live: String,
    /// What the last form did, or why not.
    #[serde(default)]
    done: String,
    #[serde(default)]
    refused: String,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    live: bool,
    done: String,
    refused: String,
    address: String,
    epoch: String,
    now: String,
    shift: String,
    checked: bool,
    maintenance: bool,
    totals: Totals,
    reports: Vec<Report>,
    older: usize,
    switches: Vec<Set>,
    routes: Vec<&'static str>,
    backups: Vec<String>,
    journal: Vec<Line>,
    violations: Vec<Found>,
}

struct Totals {
    reports: usize,
    waiting: usize,
    attachments: usize,
    stored: usize,
    switches: usize,
    violations: usize,
}

#[derive(Template)]
#[template(path = "public.html")]
struct PublicPage {
    reports: Vec<Published>,
}

async fn page(
    State(sandbox): State<Arc<Sandbox>>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (rows, epoch, maintenance) = sandbox.with(|gateway, _| {
        let settings = gateway.settings().maintenance;
        Ok::<_, GatewayError>((gateway.reports()?, gateway.epoch()?, settings))
    })?;
    let attachments = || rows.iter().flat_map(|row| &row.attachments);
    let switches: Vec<Set> = sandbox.faults.switches().iter().map(Set::of).collect();
    let violations = sandbox.violations();
    let mut entries = sandbox.journal.after(0);
    entries.reverse();
    let page = Page {
        live: !shown.live.is_empty(),
        done: shown.done,
        refused: shown.refused,
        address: headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        epoch,
        now: view::time(&sandbox.clock.now().rfc3339()),
        shift: view::shift(sandbox.clock.shift_seconds()),
        checked: sandbox.checks_contract(),
        maintenance,
        totals: Totals {
            reports: rows.len(),
            waiting: rows.iter().filter(|row| row.status == "unverified").count(),
            attachments: attachments().count(),
            stored: attachments().filter(|attachment| attachment.stored).count(),
            switches: switches.iter().filter(|switch| switch.live).count(),
            violations: violations.len(),
        },
        older: rows.len().saturating_sub(REPORTS),
        reports: rows.iter().take(REPORTS).map(Report::of).collect(),
        switches,
        routes: Route::ALL.map(Route::as_str).to_vec(),
        backups: admin::backup_names(&sandbox)?,
        journal: entries.iter().take(REQUESTS).map(Line::of).collect(),
        violations,
    };
    rendered(&page)
}

/// The public list, as a page for a browser and as JSON for everyone else.
async fn public(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let rows = sandbox.with(|gateway, _| gateway.published())?;
    let browser = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if browser {
        let reports = rows.iter().map(Published::of).collect();
        return rendered(&PublicPage { reports });
    }
    let list: Vec<serde_json::Value> = rows.iter().map(admin::published).collect();
    Ok(axum::Json(list).into_response())
}

async fn nothing_here() -> Refusal {
    Refusal::NoSuch("call")
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

fn rendered(page: &impl Template) -> Result<Response, Refusal> {
    let html = page
        .render()
        .map_err(|error| Refusal::Failed(error.to_string()))?;
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Html(html)).into_response())
}
