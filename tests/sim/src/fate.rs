//! What becomes of one exchange: the gateway's own answer, or whatever stood in its way.

use lapor_core::engine::api::{End, Exchange, WireRequest};
use lapor_sandbox_rules::{Answer, Request};

use crate::faults::Fault;
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
    if wrong_dates && reaches(fault) {
        if let Some(air) = wire.airs.get_mut(phone) {
            air.dates_are_wrong = true;
        }
        return Ended::Answer(Exchange::unconnected(End::CertificateDates));
    }
    Ended::Answer(match fault {
        Fault::Pass => from_rules(asked, wire.ask(asked)),
        Fault::Offline => Exchange::unconnected(End::NoConnection),
        Fault::Dns => Exchange::unconnected(End::Dns),
        Fault::Untrusted => Exchange::unconnected(End::Untrusted),
        Fault::Portal => plain(200, None, b"<html>Selamat datang di wifi gratis</html>"),
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
            let mut whole = from_rules(asked, wire.ask(asked));
            whole.body.truncate(*bytes);
            whole.end = End::Cut;
            whole
        }
        Fault::Twice => {
            wire.ask(asked);
            from_rules(asked, wire.ask(asked))
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
            let body = format!(
                r#"{{"type":"about:blank","title":"-","status":{status},"code":"maintenance"}}"#
            );
            marked(wire, request, *status, *retry_after, body.as_bytes())
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
            let body = format!(
                r#"{{"type":"about:blank","title":"-","status":{status},"code":"unheard_of"}}"#
            );
            marked(wire, request, *status, None, body.as_bytes())
        }
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
        Fault::Offline | Fault::Dns | Fault::Untrusted | Fault::Portal
    )
}

fn plain(status: u16, retry_after: Option<&str>, body: &[u8]) -> Exchange {
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

fn from_rules(asked: &Request, answer: Answer) -> Exchange {
    Exchange {
        connected: true,
        sent: asked.body.len() as u64,
        status: Some(answer.status),
        headers: answer
            .headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.clone()))
            .collect(),
        body: answer.body,
        end: End::Complete,
    }
}
