//! A request: in the story's words, and whether it brought anything forward.

use lapor_core::engine::api::{End, Exchange, Method};
use lapor_sandbox_rules::Request;

use super::Wire;
use crate::faults::Fault;

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

/// Did the exchange bring anything forward? The gateway itself has answered, and did what it was
/// asked: a page of somebody else is no progress, whatever status it has.
pub(crate) fn got_through(method: Method, fault: &Fault, exchange: &Exchange) -> bool {
    let good = exchange.status.is_some_and(|status| status < 300) && exchange.end == End::Complete;
    let writes = matches!(
        method,
        Method::Put | Method::Post | Method::Delete | Method::Patch
    );
    good && writes && is_the_gateways(method, fault)
}

/// Is what came back the gateway's own answer, whole?
fn is_the_gateways(method: Method, fault: &Fault) -> bool {
    match fault {
        Fault::Pass | Fault::Twice => true,
        // A replica answers what only reads.
        Fault::Lagging => method != Method::Post,
        _ => false,
    }
}
