//! The client's exchanges as the rules take and give them, without HTTP: for tests in one process.

use lapor_engine::api::{Body, End, Exchange, WireRequest};

use crate::{Answer, Request};

/// Bytes of a picture that are asked for at once.
const PIECE: usize = 16 * 1024;

impl Request {
    /// What the client asks; `read` gives bytes of an attachment: its number, from where on, at most
    /// how many. Nothing when they cannot be had.
    pub fn of_wire<E>(
        wire: &WireRequest,
        read: impl Fn(i64, u64, usize) -> Result<Vec<u8>, E>,
    ) -> Option<Self> {
        let query = wire.url.query().map(|query| format!("?{query}"));
        let path = format!("{}{}", wire.url.path(), query.unwrap_or_default());
        let mut request = Self::new(wire.method.as_str(), &path);
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
                    let from = offset + bytes.len() as u64;
                    let piece = read(*attachment, from, left.min(PIECE)).ok()?;
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
}

impl Answer {
    /// The headers as a client reads them, their names in small letters.
    pub fn wire_headers(&self) -> Vec<(String, String)> {
        let headers = self.headers.iter();
        headers
            .map(|(name, value)| (name.to_lowercase(), value.clone()))
            .collect()
    }

    /// The whole answer on a good line, to a request of which `sent` bytes of its body left.
    pub fn into_exchange(self, sent: u64) -> Exchange {
        Exchange {
            connected: true,
            sent,
            status: Some(self.status),
            headers: self.wire_headers(),
            body: self.body,
            end: End::Complete,
        }
    }
}
