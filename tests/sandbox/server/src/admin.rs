//! The calls under `/sandbox`: what QA and tests may see and do. The README beside this crate
//! lists them. Each takes JSON, or the form of the console's page, which is then shown again.

mod attachments;
mod clock;
mod fields;
mod life;
mod reports;
mod settings;
mod switches;
mod watch;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, Method, StatusCode};

use crate::sandbox::Sandbox;
pub(crate) use fields::Refusal;
pub(crate) use life::names as backup_names;
pub(crate) use reports::published;

pub(crate) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/sandbox/reports", get(reports::list))
        .route("/sandbox/report/{report}", get(reports::one))
        .route("/sandbox/report/{report}/{action}", post(reports::act))
        .route("/sandbox/counts", get(reports::counts))
        .route("/sandbox/attachments/{sha256}", get(attachments::by_hash))
        .route(
            "/sandbox/attachments/{key}/{sha256}",
            get(attachments::of_report),
        )
        .route(
            "/sandbox/faults",
            get(switches::list)
                .put(switches::replace)
                .post(switches::add)
                .delete(switches::clear),
        )
        .route("/sandbox/faults/clear", post(switches::clear))
        .route("/sandbox/faults/{id}", delete(switches::remove))
        .route("/sandbox/faults/{id}/remove", post(switches::remove))
        .route(
            "/sandbox/clock",
            get(clock::show).put(clock::shift).post(clock::shift),
        )
        .route("/sandbox/tick", post(clock::tick))
        .route("/sandbox/backup", get(life::backups).post(life::backup))
        .route("/sandbox/restore", post(life::restore))
        .route("/sandbox/tokens/expire", post(life::expire_tokens))
        .route("/sandbox/sessions/end", post(life::end_sessions))
        .route("/sandbox/uploads/forget", post(life::forget_uploads))
        .route(
            "/sandbox/settings",
            get(settings::show)
                .put(settings::change)
                .post(settings::change),
        )
        .route("/sandbox/journal", get(watch::journal))
        .route(
            "/sandbox/violations",
            get(watch::violations).delete(watch::clear),
        )
}

/// Keeps pages of other origins out: a web page open in the same browser could otherwise send
/// forms here, or read answers under a name of its own that leads to loopback.
pub(crate) async fn only_from_here(request: Request, next: Next) -> Response {
    if comes_from_here(request.method(), request.headers()) {
        next.run(request).await
    } else {
        let reason = "the sandbox's console answers only pages of its own\n";
        (StatusCode::FORBIDDEN, reason).into_response()
    }
}

fn comes_from_here(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    let asks_only = matches!(*method, Method::GET | Method::HEAD);
    let same_origin = text(ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
    is_loopback_name(host) && (asks_only || same_origin)
}

fn is_loopback_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
