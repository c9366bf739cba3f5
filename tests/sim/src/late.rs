//! Exchanges that do not end at once. A picture's way, or its answer's, may be long: the app may
//! begin the next one meanwhile, and the two come back in any order. Not a fault: lines are like that.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use lapor_core::engine::api::{Exchange, WireRequest};
use lapor_sandbox_rules::Request;

use crate::dice::{Actor, Dice};
use crate::fate::cut;
use crate::transport::{Arrived, PhoneLine};

/// It comes at the latest when the app has looked for it more often than this.
const PATIENCE: u32 = 6;
/// So many pictures of a hundred are late.
const LATE: u64 = 60;

/// How a picture is late.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Late {
    /// It reaches the gateway late; else only its answer is late.
    pub(crate) on_its_way: bool,
    /// It comes once another one has left; else when the app has waited for long.
    pub(crate) hurries: bool,
}

impl Late {
    /// Of a picture of a phone in a round, if it is late.
    pub(crate) fn of(seed: u64, phone: usize, round: u64, number: u64) -> Option<Self> {
        let mut dice = Dice::of(seed, Actor::Late(phone), round, number);
        dice.percent(LATE).then(|| Self {
            on_its_way: dice.percent(50),
            hurries: dice.percent(60),
        })
    }
}

/// What is still to come of an exchange.
pub(crate) enum Way {
    /// It is on its way, and meets its fate when it arrives.
    There,
    /// It has met its fate: this comes back.
    Back(Exchange),
    /// Nothing, and nobody has given it up yet. Ends as a cut where nobody can (a sign-in).
    GivenUp,
}

/// An exchange on the line.
pub(crate) struct Flight<'a> {
    line: &'a PhoneLine,
    request: &'a WireRequest,
    asked: Request,
    way: Way,
    number: u64,
    hurries: bool,
    looked: u32,
    /// Something came with it in the app's last look.
    unseen: bool,
}

impl<'a> Flight<'a> {
    /// `number` is the picture's in its round.
    pub(crate) fn new(
        line: &'a PhoneLine,
        request: &'a WireRequest,
        asked: Request,
        way: Way,
        number: u64,
        hurries: bool,
    ) -> Self {
        if !matches!(way, Way::GivenUp) {
            line.is_on_the_line(&asked);
        }
        Self {
            line,
            request,
            asked,
            way,
            number,
            hurries,
            looked: 0,
            unseen: false,
        }
    }

    fn sees(&mut self) {
        if std::mem::take(&mut self.unseen) {
            self.line.is_unseen(false);
        }
    }

    fn comes_back(&self, exchange: Exchange) -> Poll<Exchange> {
        self.line.is_over(&self.asked);
        self.line.comes_back(self.request, &self.asked, &exchange);
        Poll::Ready(exchange)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.sees();
        self.line.is_over(&self.asked);
    }
}

impl Future for Flight<'_> {
    type Output = Exchange;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Exchange> {
        let flight = self.get_mut();
        if flight.line.is_dead() {
            return Poll::Ready(cut());
        }
        flight.sees();
        flight.looked += 1;
        let passed = flight.hurries && flight.line.flown() > flight.number;
        if flight.looked > PATIENCE || passed {
            match std::mem::replace(&mut flight.way, Way::GivenUp) {
                Way::Back(exchange) => return flight.comes_back(exchange),
                Way::There => match flight.line.arrives(flight.request, &flight.asked) {
                    Arrived::Answer(exchange) => return flight.comes_back(exchange),
                    Arrived::GivenUp => {
                        flight.unseen = true;
                        flight.line.is_unseen(true);
                        flight.looked = 0;
                        flight.hurries = false;
                    }
                },
                Way::GivenUp => return Poll::Ready(cut()),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
