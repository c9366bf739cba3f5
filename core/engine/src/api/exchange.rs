//! What really happened on the line, unjudged.

/// One request and whatever came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// A connection to the host (TLS included) was up. Where it was not, nothing was sent.
    pub connected: bool,
    /// Body bytes handed to the connection.
    pub sent: u64,
    pub status: Option<u16>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What arrived of the answer's body, decoded, at most the request's bound.
    pub body: Vec<u8>,
    pub end: End,
}

impl Exchange {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(have, _)| have == name)
            .map(|(_, value)| value.as_str())
    }

    /// An exchange that ended before a connection was up.
    pub fn unconnected(end: End) -> Self {
        Self {
            connected: false,
            sent: 0,
            status: None,
            headers: Vec::new(),
            body: Vec::new(),
            end,
        }
    }
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The whole answer arrived.
    Complete,
    /// The name could not be resolved.
    Dns,
    /// No route, connection refused or reset before it was up, connect timed out.
    NoConnection,
    /// The certificate is outside its dates as this phone's clock has it.
    CertificateDates,
    /// Any other trouble with the certificate, or TLS torn down in the handshake.
    Untrusted,
    /// Cut after the connection was up.
    Cut,
    /// Too slow for too long, judged by rate.
    Stalled,
    /// The answer was larger than anything the contract allows.
    TooLarge,
    /// The answer could not be decoded (a gzip stream cut short or not one at all).
    Undecodable,
    /// Given up by this side, for something more urgent.
    Aborted,
    /// The picture's bytes could not be read from the store.
    BodyUnreadable,
}
