//! The line between one phone and the gateway: the real core's transport, with faults.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use lapor_core::client::Client;
use lapor_core::engine::api::{End, Exchange, WireRequest};
use lapor_core::net::{ExchangeFuture, ReadAttachment, Transport};
use lapor_core::store::Filter;
use lapor_sandbox_rules::{Answer, Request};

use crate::dice::{Actor, Dice};
use crate::faults::Fault;
use crate::people::OFFICER;
use crate::wire::{Line, Parked, Wire, describe, got_through, to_rules};

/// A clock further off than this is outside every certificate's dates, milliseconds.
const YEAR: i64 = 365 * 86_400_000;

/// The app dies here: travels as a panic that prints nothing, through Rust frames only.
pub(crate) struct Killed;

pub(crate) fn kill() -> ! {
    std::panic::resume_unwind(Box::new(Killed))
}

pub(crate) struct PhoneLine {
    pub(crate) phone: usize,
    pub(crate) line: Arc<Line>,
}

/// What comes of an exchange besides an answer.
enum Ended {
    Answer(Exchange),
    Kill,
    Cancel,
    Words,
}

impl Transport for PhoneLine {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        // Read before the line is locked: the store has a lock of its own.
        let asked = to_rules(request, &read);
        let Some(asked) = asked else {
            self.line
                .wire()
                .broken("a picture's bytes could not be read".to_owned());
            return Box::pin(ready(Exchange::unconnected(End::BodyUnreadable)));
        };
        let end = {
            let mut wire = self.line.wire();
            self.run(&mut wire, request, &asked)
        };
        match end {
            Ended::Answer(exchange) => Box::pin(ready(exchange)),
            Ended::Kill => kill(),
            Ended::Cancel => {
                if let Some(app) = self.app() {
                    app.cancel();
                }
                Box::pin(GivenUp(Mutex::new(0)))
            }
            Ended::Words => {
                self.words();
                Box::pin(GivenUp(Mutex::new(0)))
            }
        }
    }

    fn close(&self) {}
}

/// Never answers by itself, and ends as a cut where nobody is there to cancel it (a sign-in).
struct GivenUp(Mutex<u32>);

impl Future for GivenUp {
    type Output = Exchange;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Exchange> {
        let mut polls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *polls += 1;
        if *polls > 3 {
            return Poll::Ready(cut());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn cut() -> Exchange {
    Exchange {
        connected: true,
        ..Exchange::unconnected(End::Cut)
    }
}

impl PhoneLine {
    fn app(&self) -> Option<Arc<Client>> {
        let wire = self.line.wire();
        let air = wire.airs.get(self.phone)?;
        air.app.as_ref().and_then(std::sync::Weak::upgrade)
    }

    /// Submits the newest draft that is complete, in the middle of the exchange.
    fn words(&self) {
        let Some(app) = self.app() else { return };
        if app.account().is_ok_and(|account| account.user == OFFICER) {
            return;
        }
        let drafts = app.list(Filter::Drafts, 10, None).unwrap_or_default();
        let sent = drafts
            .iter()
            .find(|row| row.own && app.submit(&row.key).is_ok());
        if let Some(row) = sent {
            self.line.wire().submitted.push(row.key);
        }
    }

    fn run(&self, wire: &mut Wire, request: &WireRequest, asked: &Request) -> Ended {
        wire.figures.exchanges += 1;
        let mut dice = Dice::of(wire.seed, Actor::Line(self.phone), self.number(wire));
        let fault = self.fault(wire, &mut dice);
        let slowest = if dice.percent(3) { 40_000 } else { 800 };
        wire.now += 20 + dice.below(slowest) as i64;
        wire.check_request(asked);
        let what = describe(wire, asked);
        if fault != Fault::Pass {
            wire.figures.faults += 1;
        }
        if reaches(&fault) && (asked.method == "PUT" || asked.method == "PATCH") {
            wire.sent.push(asked.clone());
        }
        let end = self.happen(wire, request, asked, &fault);
        let (got, told) = match &end {
            Ended::Answer(exchange) => (
                got_through(request.method, exchange),
                exchange.status.map_or_else(
                    || format!("{:?}", exchange.end),
                    |status| status.to_string(),
                ),
            ),
            Ended::Kill => (false, "killed".to_owned()),
            Ended::Cancel => (false, "cancelled".to_owned()),
            Ended::Words => (false, "words come".to_owned()),
        };
        wire.tell(format!("  phone {}: {what}: {fault:?}: {told}", self.phone));
        if wire.count(self.phone, got) {
            return Ended::Kill;
        }
        end
    }

    fn number(&self, wire: &mut Wire) -> u64 {
        let Some(air) = wire.airs.get_mut(self.phone) else {
            return 0;
        };
        air.exchanges += 1;
        air.exchanges
    }

    fn fault(&self, wire: &Wire, dice: &mut Dice) -> Fault {
        let Some(air) = wire.airs.get(self.phone).filter(|air| !air.healed) else {
            return Fault::Pass;
        };
        air.weather.fault(dice)
    }

    fn happen(
        &self,
        wire: &mut Wire,
        request: &WireRequest,
        asked: &Request,
        fault: &Fault,
    ) -> Ended {
        let wrong_dates = wire
            .airs
            .get(self.phone)
            .is_some_and(|air| air.strict_dates && air.skew.abs() > YEAR);
        if wrong_dates && reaches(fault) {
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
                self.marked(wire, request, *status, *retry_after, body.as_bytes())
            }
            Fault::Unmarked {
                status,
                retry_after,
            } => plain(*status, *retry_after, b"<html>upstream</html>"),
            Fault::Garbage { marked: true } => self.marked(wire, request, 200, None, b"{\"ok\":1"),
            Fault::Garbage { marked: false } => plain(200, None, b"{\"ok\":true}"),
            Fault::Odd {
                status,
                marked: true,
            } => {
                let body = format!(
                    r#"{{"type":"about:blank","title":"-","status":{status},"code":"unheard_of"}}"#
                );
                self.marked(wire, request, *status, None, body.as_bytes())
            }
            Fault::Odd {
                status,
                marked: false,
            } => plain(*status, None, b"<html>-</html>"),
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

    fn marked(
        &self,
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
}

/// May the request have left the phone?
fn reaches(fault: &Fault) -> bool {
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
