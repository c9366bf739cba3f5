//! The line between one phone and the gateway: the real core's transport, with faults.

use std::future::ready;
use std::sync::Arc;

use lapor_core::client::Client;
use lapor_core::engine::api::{End, Exchange, WireRequest};
use lapor_core::engine::calendar::Instant;
use lapor_core::net::{ExchangeFuture, ReadAttachment, Transport};
use lapor_core::store::Filter;
use lapor_sandbox_rules::Request;
use lapor_sim_vfs::Disk;

use crate::dice::{Actor, Dice};
use crate::fate::{Ended, befall, cut, kind, reaches};
use crate::faults::{Fault, Weather};
use crate::late::{Flight, Late, Way};
use crate::people::OFFICER;
use crate::turns::too_early;
use crate::wire::{Line, Wire, describe, got_through};

pub(crate) struct PhoneLine {
    pub(crate) phone: usize,
    pub(crate) line: Arc<Line>,
    pub(crate) disk: Disk,
    /// The life of the phone in which the app was opened; in another nothing travels.
    pub(crate) life: u64,
}

impl Transport for PhoneLine {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        if self.is_dead() {
            let refused = self.disk.refused();
            let mut wire = self.line.wire();
            let air = wire.airs.get(self.phone);
            if air.is_some_and(|air| air.was_told(refused)) {
                wire.broken(format!("phone {} died, and still sends", self.phone));
            }
            drop(wire);
            return Box::pin(ready(cut()));
        }
        let struck = self.disk.struck();
        // Read before the line is locked: the store has a lock of its own.
        let asked = Request::of_wire(request, &*read);
        let Some(asked) = asked else {
            if self.disk.struck() == struck && !self.is_damaged() {
                self.line
                    .wire()
                    .broken("a picture's bytes could not be read".to_owned());
            }
            return Box::pin(ready(Exchange::unconnected(End::BodyUnreadable)));
        };
        self.checks_the_turn(&asked);
        let (number, late) = self.departs(&asked);
        let way = match late {
            Some(late) if late.on_its_way => Way::There,
            _ => match self.arrives(request, &asked) {
                Arrived::Answer(exchange) if late.is_none() => {
                    self.comes_back(request, &asked, &exchange);
                    return Box::pin(ready(exchange));
                }
                Arrived::Answer(exchange) => Way::Back(exchange),
                Arrived::GivenUp => Way::GivenUp,
            },
        };
        let hurries = late.is_some_and(|late| late.hurries);
        Box::pin(Flight::new(self, request, asked, way, number, hurries))
    }

    fn close(&self) {}

    fn uses_sockets(&self) -> bool {
        false
    }
}

/// What an exchange came to where it arrived.
pub(crate) enum Arrived {
    Answer(Exchange),
    /// The app is to give it up.
    GivenUp,
}

impl PhoneLine {
    pub(crate) fn is_dead(&self) -> bool {
        self.disk.life() != self.life
    }

    /// Its store has a damaged page, and there is no room to mend that.
    fn is_damaged(&self) -> bool {
        let wire = self.line.wire();
        wire.airs.get(self.phone).is_some_and(|air| air.is_damaged)
    }

    fn app(&self) -> Option<Arc<Client>> {
        let wire = self.line.wire();
        let air = wire.airs.get(self.phone)?;
        air.app.as_ref().and_then(std::sync::Weak::upgrade)
    }

    /// An exchange begins. Gives the number of the picture in its round, and how it is late.
    fn departs(&self, asked: &Request) -> (u64, Option<Late>) {
        let mut guard = self.line.wire();
        let wire = &mut *guard;
        let (seed, round) = (wire.seed, wire.round);
        let is_picture = asked.method == "PATCH";
        let Some(air) = wire.airs.get_mut(self.phone) else {
            return (0, None);
        };
        let beside = air.flying.len();
        let now = wire.now;
        let wrong = if air.until.is_some_and(|until| now >= until) {
            Some("a request leaves after the time that its run was given")
        } else if beside > 0 && !is_picture {
            Some("something else leaves beside a picture")
        } else if beside > 1 {
            Some("a third picture leaves beside two others")
        } else if air.flying.contains(&asked.path) {
            Some("a picture leaves beside itself")
        } else {
            None
        };
        air.flown += u64::from(is_picture);
        let number = air.flown;
        if let Some(wrong) = wrong {
            wire.broken(wrong.to_owned());
        }
        if !is_picture {
            return (number, None);
        }
        wire.figures.beside += u64::from(beside > 0);
        let late = Late::of(seed, self.phone, round, number);
        if late.is_some() || beside > 0 {
            wire.tell(format!(
                "  phone {}: {} leaves{}{}",
                self.phone,
                describe(wire, asked),
                if beside > 0 { " beside another" } else { "" },
                if late.is_some() { " and is late" } else { "" },
            ));
        }
        (number, late)
    }

    /// How many pictures have left in this round.
    pub(crate) fn flown(&self) -> u64 {
        let wire = self.line.wire();
        wire.airs.get(self.phone).map_or(0, |air| air.flown)
    }

    /// Its way is over, whatever came of it.
    pub(crate) fn is_over(&self, asked: &Request) {
        if let Some(air) = self.line.wire().airs.get_mut(self.phone) {
            air.flying.retain(|path| *path != asked.path);
        }
    }

    pub(crate) fn is_on_the_line(&self, asked: &Request) {
        if let Some(air) = self.line.wire().airs.get_mut(self.phone) {
            air.flying.push(asked.path.clone());
        }
    }

    /// See `Air::unseen`.
    pub(crate) fn is_unseen(&self, unseen: bool) {
        if let Some(air) = self.line.wire().airs.get_mut(self.phone) {
            air.unseen = unseen;
        }
    }

    /// The exchange meets its fate.
    pub(crate) fn arrives(&self, request: &WireRequest, asked: &Request) -> Arrived {
        let (end, mut dice) = {
            let mut wire = self.line.wire();
            self.run(&mut wire, request, asked)
        };
        match end {
            Ended::Answer(exchange) => Arrived::Answer(exchange),
            Ended::Kill => {
                self.line.wire().dies(self.phone, &self.disk, &mut dice);
                Arrived::Answer(cut())
            }
            Ended::Cancel => {
                if let Some(app) = self.app() {
                    app.cancel();
                }
                Arrived::GivenUp
            }
            Ended::Words => {
                if let Some(app) = self.app() {
                    submits_meanwhile(&self.line, self.phone, &app);
                }
                Arrived::GivenUp
            }
        }
    }

    /// The phone is told what came of it, unless it is dead.
    pub(crate) fn comes_back(&self, request: &WireRequest, asked: &Request, exchange: &Exchange) {
        if self.is_dead() {
            return;
        }
        let mut wire = self.line.wire();
        self.hears(&mut wire, request, asked, exchange);
        if let Some(air) = wire.airs.get_mut(self.phone) {
            air.untold = Some(exchange.end);
        }
    }

    fn run(&self, wire: &mut Wire, request: &WireRequest, asked: &Request) -> (Ended, Dice) {
        wire.figures.exchanges += 1;
        wire.event();
        let (chance, mut dice) = wire.chance(Actor::Line(self.phone));
        let mut fault = self.fault(wire, &mut dice);
        if fault != Fault::Pass && !wire.happens(chance) {
            fault = Fault::Pass;
        }
        if fault == Fault::Pass
            && let Some(status) = wire.is_stopped(asked)
        {
            fault = Fault::Stopped { status };
        }
        let began = wire.now;
        let weather = wire.airs.get(self.phone).map(|air| air.weather);
        wire.now += weather
            .unwrap_or(Weather::Good)
            .takes(asked.body.len(), &mut dice);
        wire.check_request(asked);
        let what = describe(wire, asked);
        if reaches(&fault)
            && let Some(what) = wire.tap.leaves(self.phone, asked)
        {
            wire.broken(what);
        }
        if reaches(&fault) && (asked.method == "PUT" || asked.method == "PATCH") {
            wire.sent.push(asked.clone());
        }
        let end = befall(wire, self.phone, request, asked, &fault);
        wire.line_time += wire.now - began;
        let (got, told) = match &end {
            Ended::Answer(exchange) => (
                got_through(request.method, &fault, exchange),
                match exchange.status {
                    Some(status) => format!("{status}"),
                    None => "no answer".to_owned(),
                },
            ),
            Ended::Kill | Ended::Cancel | Ended::Words => (false, "no answer".to_owned()),
        };
        wire.tell(format!("  phone {}: {what}: {fault}: {told}", self.phone));
        if wire.count(self.phone, got) {
            return (Ended::Kill, dice);
        }
        (end, dice)
    }

    /// What goes now could go now, as the phone sees it.
    fn checks_the_turn(&self, asked: &Request) {
        let now = {
            let wire = self.line.wire();
            let Some(air) = wire.airs.get(self.phone) else {
                return;
            };
            if air.unseen {
                return;
            }
            Instant(wire.now + air.skew)
        };
        let Some(app) = self.app() else { return };
        let refused = |event: &str| self.line.wire().tap.refused.contains(event);
        if let Some(what) = too_early(&app, now, asked, refused) {
            self.line.wire().broken(what.to_owned());
        }
    }

    /// Keeps what the phone was told.
    fn hears(&self, wire: &mut Wire, request: &WireRequest, asked: &Request, exchange: &Exchange) {
        let is_answered = exchange.status == Some(200)
            && exchange.end == End::Complete
            && exchange.header("lapor-contract") == Some("1");
        if asked.path.ends_with("/reports/known")
            && !is_answered
            && let Some(air) = wire.airs.get_mut(self.phone)
        {
            air.known_has_failed = true;
        }
        let Some(status) = exchange.status else {
            return;
        };
        if exchange.header("retry-after").is_some()
            && let Some(air) = wire.airs.get_mut(self.phone)
        {
            air.was_asked = true;
        }
        let marked = exchange.header("lapor-contract") == Some("1")
            && exchange.header("lapor-request") == Some(request.nonce.as_str());
        let whole = exchange.end == End::Complete;
        // What cannot be read says nothing of a token.
        let sound = exchange.body.is_empty()
            || serde_json::from_slice::<serde_json::Value>(&exchange.body).is_ok();
        if (whole && sound) || status == 401 {
            wire.sessions.hears(self.phone, &asked.path, status, marked);
        }
        if (marked || asked.method == "HEAD")
            && whole
            && let Some(air) = wire.airs.get_mut(self.phone)
        {
            air.heard.insert(kind(asked), exchange.clone());
        }
    }

    fn fault(&self, wire: &Wire, dice: &mut Dice) -> Fault {
        match wire.airs.get(self.phone) {
            Some(air) if !wire.healed => wire.temper.allows(air.weather.fault(dice)),
            _ => Fault::Pass,
        }
    }
}

/// Submits the newest draft that is complete, in the middle of a run.
pub(crate) fn submits_meanwhile(line: &Line, phone: usize, app: &Client) {
    let Ok(user) = app.account().map(|account| account.user) else {
        return;
    };
    // Whose name damage has taken may be an officer.
    if user == OFFICER || user.is_empty() {
        return;
    }
    let drafts = app.list(Filter::Drafts, 10, None).unwrap_or_default();
    let sent = drafts
        .iter()
        .find(|row| row.own && app.submit(&row.key).is_ok());
    if let Some(row) = sent {
        let mut wire = line.wire();
        wire.tap.accept(phone, &row.key.to_string(), &user);
        wire.submitted.push(row.key);
    }
}
