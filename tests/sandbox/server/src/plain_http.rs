//! The smallest HTTP/1.1 client: one request a connection, nothing hidden. For the seed and for
//! tests that want to see exactly what comes over the line.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Longest wait for a byte.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer as far as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// All bytes that `Content-Length` announced are there.
    pub whole: bool,
}

impl PlainAnswer {
    pub fn find(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(held, _)| held.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, `null` when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// The head of a request, ready to be sent. `Content-Length` is the caller's to choose.
pub fn head(address: &str, method: &str, target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Sends a whole request to `address` (`127.0.0.1:PORT`) and reads until the other side closes.
/// An error says that not even a head came back.
pub fn exchange(
    address: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<PlainAnswer> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_nodelay(true)?;
    let length = body.len().to_string();
    let mut all: Vec<(&str, &str)> = headers.to_vec();
    if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
        all.push(("Content-Length", &length));
    }
    let mut request = head(address, method, target, &all);
    request.extend_from_slice(body);
    // A server that cuts may close before all is written; what it had to say comes first.
    let written = socket.write_all(&request);
    read(&mut socket, method).or_else(|unread| written.and(Err(unread)))
}

/// Reads one answer until the other side closes.
pub fn read(socket: &mut TcpStream, method: &str) -> io::Result<PlainAnswer> {
    let mut bytes = Vec::new();
    // A reset in the middle of a body leaves what came before it.
    let ended = socket.read_to_end(&mut bytes);
    let blank = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let Some((head, body)) = blank.and_then(|at| bytes.split_at_checked(at + 4)) else {
        ended?;
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut answer = PlainAnswer {
        status,
        headers,
        body: body.to_vec(),
        whole: true,
    };
    let announced = answer
        .find("Content-Length")
        .and_then(|length| length.parse::<usize>().ok());
    let bodiless = method == "HEAD" || matches!(status, 204 | 304);
    answer.whole = bodiless || announced.is_none_or(|length| length == answer.body.len());
    Ok(answer)
}
