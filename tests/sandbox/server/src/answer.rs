//! From the rules' answer to what goes over the line: compression, and what switches make of it.

use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use hyper::header::{
    CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER, VARY,
};
use hyper::{HeaderMap, StatusCode};
use lapor_sandbox_rules::Answer;

use crate::wire::Wire;

/// Below this many bytes gzip's own cost eats its gain.
const WORTH_COMPRESSING: usize = 256;

/// The page that a public wifi shows instead of what was asked for.
const PORTAL_PAGE: &str = include_str!("../../console/portal.html");

/// What goes out, before it is a stream.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Outgoing {
    pub(crate) fn from_rules(answer: Answer) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in &answer.headers {
            let name = HeaderName::try_from(name.as_str());
            let value = HeaderValue::try_from(value.as_str());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        Self {
            status: StatusCode::from_u16(answer.status)
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers,
            body: answer.body,
        }
    }

    /// An answer that does not come from the gateway at all: no marks.
    fn foreign(date: &str, status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Ok(date) = HeaderValue::try_from(date) {
            headers.insert(DATE, date);
        }
        Self {
            status,
            headers,
            body,
        }
    }

    pub(crate) fn portal(date: &str) -> Self {
        let page = PORTAL_PAGE.as_bytes().to_vec();
        Self::foreign(date, StatusCode::OK, "text/html; charset=utf-8", page)
    }

    pub(crate) fn garbage(date: &str, bytes: Vec<u8>) -> Self {
        Self::foreign(date, StatusCode::OK, "application/json", bytes)
    }

    /// A front end's own error page.
    pub(crate) fn front_end(date: &str, status: u16, retry_after: Option<u32>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        let page = format!(
            "<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>\n"
        );
        let mut answer = Self::foreign(date, status, "text/html", page.into_bytes());
        if let Some(seconds) = retry_after {
            answer.headers.insert(RETRY_AFTER, seconds.into());
        }
        answer
    }

    pub(crate) fn called_html(mut self) -> Self {
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        self
    }

    /// Compresses and leaves out the second half, whatever the client accepts.
    pub(crate) fn broken_gzip(mut self) -> Self {
        if let Some(whole) = gzip(&self.body) {
            self.body = whole;
            self.body.truncate(self.body.len() / 2);
            self.headers
                .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        self
    }

    /// Compresses JSON that is worth it for a client that accepts it.
    pub(crate) fn compressed_for(mut self, accept_encoding: Option<&str>) -> Self {
        let json = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|media_type| media_type.to_str().ok())
            .is_some_and(|media_type| media_type.contains("json"));
        if !json
            || self.body.len() <= WORTH_COMPRESSING
            || self.headers.contains_key(CONTENT_ENCODING)
        {
            return self;
        }
        self.headers
            .insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        if accept_encoding.is_some_and(accepts_gzip)
            && let Some(smaller) = gzip(&self.body).filter(|gzip| gzip.len() < self.body.len())
        {
            self.body = smaller;
            self.headers
                .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        self
    }

    /// The response; the connection learns when all of it was taken.
    pub(crate) fn into_response(self, wire: Arc<Wire>) -> Response {
        let mut response = Response::new(Body::new(Whole {
            bytes: Some(Bytes::from(self.body)).filter(|bytes| !bytes.is_empty()),
            wire,
        }));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

fn accepts_gzip(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let refused = parts.any(|weight| {
            weight
                .strip_prefix("q=")
                .is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0))
        });
        named && !refused
    })
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// A body of one piece that tells the wire when HTTP has taken it, also when there is nothing in
/// it or nobody reads it.
struct Whole {
    bytes: Option<Bytes>,
    wire: Arc<Wire>,
}

impl hyper::body::Body for Whole {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let bytes = self.get_mut().bytes.take();
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let bytes = self.bytes.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(bytes).unwrap_or(u64::MAX))
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if self.is_end_stream() {
            self.wire.answer_is_whole();
        }
    }
}

#[cfg(test)]
mod tests;
