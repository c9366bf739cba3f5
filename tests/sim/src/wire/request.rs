//! A request: in the story's words, and whether it brought anything forward.

use lapor_core::engine::api::{End, Exchange, Method};
use lapor_sandbox_rules::Request;

use super::Wire;

/// A request in the story's words.
pub(crate) fn describe(wire: &Wire, request: &Request) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    match segments.as_slice() {
        ["reports", "known"] => "the question what is known".to_owned(),
        ["reports", key] => format!("{} {}", request.method, wire.name(key)),
        ["reports", key, "events", event] => {
            format!(
                "{} {} of {}",
                request.method,
                wire.name(event),
                wire.name(key)
            )
        }
        ["uploads", _] => format!(
            "{} {} bytes of a picture",
            request.method,
            request.body.len()
        ),
        rest => format!("{} {}", request.method, rest.join("/")),
    }
}

/// Did the exchange bring anything forward?
pub(crate) fn got_through(method: Method, exchange: &Exchange) -> bool {
    let good = exchange.status.is_some_and(|status| status < 300) && exchange.end == End::Complete;
    let writes = matches!(
        method,
        Method::Put | Method::Post | Method::Delete | Method::Patch
    );
    good && writes
}
