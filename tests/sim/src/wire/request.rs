//! A request: in the story's words, as the rules take it, and whether it brought anything forward.

use lapor_core::engine::api::{Body, End, Exchange, Method, WireRequest};
use lapor_core::net::ReadAttachment;
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

/// A request as the rules take it; nothing when the store could not give a picture's bytes.
pub(crate) fn to_rules(wire: &WireRequest, read: &ReadAttachment) -> Option<Request> {
    let query = wire
        .url
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let mut request = Request::new(wire.method.as_str(), &format!("{}{query}", wire.url.path()));
    for (name, value) in &wire.headers {
        request = request.header(name, value);
    }
    let body = match &wire.body {
        Body::None => Vec::new(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::Attachment {
            attachment,
            offset,
            length,
        } => {
            let mut bytes = Vec::new();
            while (bytes.len() as u64) < *length {
                let left = usize::try_from(*length - bytes.len() as u64).ok()?;
                let piece =
                    read(*attachment, offset + bytes.len() as u64, left.min(16_384)).ok()?;
                if piece.is_empty() {
                    return None;
                }
                bytes.extend(piece);
            }
            bytes
        }
    };
    Some(request.body(body))
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
