//! One request and its answer as plain values; what HTTP makes of them is the server's matter.

use crate::instant::Instant;

/// Fills a buffer with unpredictable bytes. A simulator passes a seeded source.
pub type Entropy<'a> = &'a mut dyn FnMut(&mut [u8]);

/// A request as it arrived. `path` is the request target: path and query, percent-encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// In the order received; names compare without regard to case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = bytes.into();
        self
    }

    /// The first header of that name.
    pub fn find(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    pub(crate) fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The first value of a query parameter, percent-decoded; `+` is left as it is.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| percent_decoded(value))
        })
    }
}

/// What the gateway says. Headers are complete (`Content-Type`, marks, `Date`) but for
/// `Content-Length` and anything else that belongs to the connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::empty(status)
            .with("Content-Type", "application/json")
            .carrying(value.to_string().into_bytes())
    }

    #[must_use]
    pub(crate) fn carrying(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn dated(self, now: Instant) -> Self {
        let date = now.http_date();
        self.with("Date", date)
    }

    /// The first header of that name.
    pub fn find(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(held, _)| held.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn percent_decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits: Vec<u8> = rest.by_ref().take(2).collect();
        let decoded = std::str::from_utf8(&digits)
            .ok()
            .filter(|text| text.len() == 2)
            .and_then(|text| u8::from_str_radix(text, 16).ok());
        bytes.push(decoded.unwrap_or(b'?'));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
