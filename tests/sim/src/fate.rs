//! What becomes of one exchange: the gateway's own answer, or whatever stood in its way.

use lapor_core::engine::api::{End, Exchange, WireRequest};
use lapor_sandbox_rules::Request;

use crate::faults::Fault;
use crate::portals::portal;
use crate::wire::{Parked, Wire};

/// A clock further off than this is outside every certificate's dates, milliseconds.
const YEAR: i64 = 365 * 86_400_000;

/// What comes of an exchange besides an answer.
pub(crate) enum Ended {
    Answer(Exchange),
    Kill,
    Cancel,
    Words,
}

/// Runs one exchange through its fate.
pub(crate) fn befall(
    wire: &mut Wire,
    phone: usize,
    request: &WireRequest,
    asked: &Request,
    fault: &Fault,
) -> Ended {
    let wrong_dates = wire
        .airs
        .get(phone)
        .is_some_and(|air| air.strict_dates && air.skew.abs() > YEAR);
    let wrong_dates = wrong_dates && reaches(fault);
    if let Some(air) = wire.airs.get_mut(phone) {
        air.dates_are_wrong = wrong_dates;
    }
    if wrong_dates {
        return Ended::Answer(Exchange::unconnected(End::CertificateDates));
    }
    Ended::Answer(match fault {
        Fault::Pass => real(wire, asked),
        Fault::Offline => Exchange::unconnected(End::NoConnection),
        Fault::Dns => Exchange::unconnected(End::Dns),
        Fault::Untrusted => Exchange::unconnected(End::Untrusted),
        Fault::Dates => Exchange::unconnected(End::CertificateDates),
        Fault::Portal(kind) => portal(*kind, request),
        Fault::CutBefore => cut(),
        Fault::CutAfter(bytes) => {
            wire.part(asked, *bytes);
            cut()
        }
        Fault::Words(bytes) => {
            wire.part(asked, *bytes);
            if asked.method == "PATCH" {
                return Ended::Words;
            }
            cut()
        }
        Fault::LoseAnswer => {
            wire.ask(asked);
            cut()
        }
        Fault::TruncateAnswer(bytes) => {
            let mut whole = real(wire, asked);
            whole.body.truncate(*bytes);
            whole.end = End::Cut;
            whole
        }
        Fault::Silence(bytes) => {
            wire.part(asked, *bytes);
            wire.now += stall(asked.body.len());
            Exchange {
                end: End::Stalled,
                ..cut()
            }
        }
        Fault::StalledAnswer(bytes) => {
            let mut whole = real(wire, asked);
            whole.body.truncate(*bytes);
            whole.end = End::Stalled;
            wire.now += stall(0);
            whole
        }
        Fault::Undecodable | Fault::TooLarge => {
            let mut whole = real(wire, asked);
            // Where there is no body there is nothing to break.
            if !whole.body.is_empty() {
                whole.body.clear();
                whole.end = match fault {
                    Fault::TooLarge => End::TooLarge,
                    _ => End::Undecodable,
                };
            }
            whole
        }
        Fault::Injected => {
            let mut whole = real(wire, asked);
            if !whole.body.is_empty() {
                whole
                    .body
                    .extend(b"<script src=//iklan.test/a.js></script>");
            }
            whole
        }
        Fault::Lagging => lagging(wire, request, asked),
        Fault::CursorGone if asked.path.starts_with("/v1/changes?after=") => {
            problem(wire, request, 410, "cursor_gone")
        }
        Fault::NothingNew if asked.path.starts_with("/v1/changes?after=") => {
            marked(wire, request, 304, None, b"")
        }
        Fault::CursorGone | Fault::NothingNew => cut(),
        Fault::Twice => {
            wire.ask(asked);
            real(wire, asked)
        }
        Fault::Proxy { after, again } => {
            for wait in [after, again].into_iter().flatten() {
                wire.parked.push(Parked {
                    at: wire.now + wait,
                    request: asked.clone(),
                });
            }
            cut()
        }
        Fault::Marked {
            status,
            retry_after,
        } => {
            let mut busy = problem(wire, request, *status, "maintenance");
            if let Some(text) = retry_after {
                busy.headers
                    .push(("retry-after".to_owned(), (*text).to_owned()));
            }
            busy
        }
        Fault::Unmarked {
            status,
            retry_after,
        } => plain(*status, *retry_after, b"<html>upstream</html>"),
        Fault::Garbage { marked: true } => marked(wire, request, 200, None, b"{\"ok\":1"),
        Fault::Garbage { marked: false } => plain(200, None, b"{\"ok\":true}"),
        Fault::Odd {
            status,
            marked: true,
        } => {
            wire.tap.refuses(asked);
            problem(wire, request, *status, "unheard_of")
        }
        Fault::Stopped { status } => plain(*status, None, b"<html>Request blocked</html>"),
        Fault::Odd {
            status,
            marked: false,
        } => plain(*status, None, b"<html>-</html>"),
        Fault::Stale => heard(wire, phone, asked).unwrap_or_else(cut),
        Fault::Newer => match heard(wire, phone, asked) {
            Some(answer) => {
                if let Some(air) = wire.airs.get_mut(phone) {
                    air.met_a_later_contract = true;
                }
                of_a_later_contract(answer, &request.nonce)
            }
            None => cut(),
        },
        Fault::Unreadable if asked.method == "PATCH" => Exchange::unconnected(End::BodyUnreadable),
        Fault::Unreadable => cut(),
        Fault::Kill { done } => {
            if *done {
                wire.ask(asked);
            }
            return Ended::Kill;
        }
        Fault::Cancel { done } => {
            if *done {
                wire.ask(asked);
            }
            return Ended::Cancel;
        }
    })
}

/// Requests that a line might take for one another.
pub(crate) fn kind(request: &Request) -> &'static str {
    let path = request.path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("PUT", ["reports", _]) => "create",
        ("PUT", _) => "event",
        ("DELETE", ["reports", _]) => "withdraw",
        ("GET", ["reports", _]) => "fetch",
        ("GET", ["changes"]) => "changes",
        ("POST", ["reports", "known"]) => "known",
        ("HEAD", _) => "offset",
        _ => "other",
    }
}

/// What this phone was told the last time that it asked such a thing.
fn heard(wire: &Wire, phone: usize, asked: &Request) -> Option<Exchange> {
    let kind = kind(asked);
    let air = wire.airs.get(phone).filter(|_| kind != "other")?;
    air.heard.get(kind).cloned()
}

fn of_a_later_contract(mut answer: Exchange, nonce: &str) -> Exchange {
    for (name, value) in &mut answer.headers {
        match name.as_str() {
            "lapor-contract" => "2".clone_into(value),
            "lapor-request" => nonce.clone_into(value),
            _ => {}
        }
    }
    answer
}

/// The stall rule of the core's transport: 30 s, and a second for each 1,000 bytes to send.
fn stall(bytes: usize) -> i64 {
    30_000 + i64::try_from(bytes).unwrap_or(0)
}

/// The gateway's own answer.
fn real(wire: &mut Wire, asked: &Request) -> Exchange {
    wire.ask(asked).into_exchange(asked.body.len() as u64)
}

/// What only reads is answered by a replica that has not heard of it yet; the rest by the gateway.
fn lagging(wire: &mut Wire, request: &WireRequest, asked: &Request) -> Exchange {
    let path = asked.path.as_str();
    match asked.method.as_str() {
        "HEAD" => plain_tus(404),
        "GET" if path.starts_with("/v1/reports/") => problem(wire, request, 404, "not_found"),
        "GET" if path.starts_with("/v1/changes?after=") => marked(wire, request, 304, None, b""),
        "POST" if path == "/v1/reports/known" => {
            let asked: serde_json::Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            let none = serde_json::json!({
                "known": [], "withdrawn": [], "unknown": asked.get("keys"),
            });
            marked(wire, request, 200, None, none.to_string().as_bytes())
        }
        _ => real(wire, asked),
    }
}

fn plain_tus(status: u16) -> Exchange {
    let mut exchange = plain(status, None, b"");
    let mark = ("tus-resumable".to_owned(), "1.0.0".to_owned());
    exchange.headers.push(mark);
    exchange
}

fn problem(wire: &Wire, request: &WireRequest, status: u16, code: &str) -> Exchange {
    let body = format!(r#"{{"type":"about:blank","title":"-","status":{status},"code":"{code}"}}"#);
    marked(wire, request, status, None, body.as_bytes())
}

fn marked(
    wire: &Wire,
    request: &WireRequest,
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
) -> Exchange {
    let mut exchange = plain(status, retry_after, body);
    exchange
        .headers
        .push(("lapor-contract".to_owned(), "1".to_owned()));
    exchange
        .headers
        .push(("lapor-request".to_owned(), request.nonce.clone()));
    exchange
        .headers
        .push(("tus-resumable".to_owned(), "1.0.0".to_owned()));
    if let Ok(epoch) = wire.gateway.epoch() {
        exchange.headers.push(("lapor-epoch".to_owned(), epoch));
    }
    exchange
}

pub(crate) fn cut() -> Exchange {
    Exchange {
        connected: true,
        ..Exchange::unconnected(End::Cut)
    }
}

/// May the request have left the phone?
pub(crate) fn reaches(fault: &Fault) -> bool {
    !matches!(
        fault,
        Fault::Offline | Fault::Dns | Fault::Untrusted | Fault::Dates | Fault::Portal(_)
    )
}

pub(crate) fn plain(status: u16, retry_after: Option<&str>, body: &[u8]) -> Exchange {
    let mut headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    if let Some(text) = retry_after {
        headers.push(("retry-after".to_owned(), text.to_owned()));
    }
    Exchange {
        connected: true,
        sent: 0,
        status: Some(status),
        headers,
        body: body.to_vec(),
        end: End::Complete,
    }
}
