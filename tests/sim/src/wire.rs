//! What all phones share: the gateway, the true time, the proxies, and what went over the line.

mod contract;
mod figures;
mod request;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lapor_core::engine::api::{End, Exchange};
use lapor_core::engine::report::ReportKey;
use lapor_sandbox_rules::{Answer, Gateway, GatewayError, Instant as GatewayInstant, Request};
use lapor_sim_vfs::Disk;

use crate::dice::{Actor, Dice};
use crate::faults::Weather;
use crate::front::FrontEnd;
use crate::gateways::Gateways;
use crate::pact::{Pact, SessionHeard};
use crate::story::{Chance, Plan};
use crate::tap::Tap;
use crate::temper::Temper;
use crate::trace::Trace;

pub use figures::Figures;
pub(crate) use figures::Rare;
pub(crate) use request::{describe, got_through};

/// 2026-11-22T08:00:00Z, milliseconds.
pub(crate) const START: i64 = 1_795_334_400_000;
/// The app was made at most so long before that, milliseconds.
const MADE_BEFORE: i64 = 62 * 86_400_000;
/// More exchanges than this in one sync are a spin: no schedule has so much to send.
const SPIN: u32 = 500;
/// At most one request a second over any minute without progress.
const MINUTE: i64 = 60_000;
const A_MINUTE: usize = 60;

pub(crate) struct Wire {
    pub(crate) seed: u64,
    /// True time, milliseconds since 1970.
    pub(crate) now: i64,
    /// How much of it was spent in exchanges, milliseconds.
    pub(crate) line_time: i64,
    pub(crate) gateway: Gateway,
    pub(crate) airs: Vec<Air>,
    pub(crate) pact: Pact,
    pub(crate) sessions: SessionHeard,
    pub(crate) parked: Vec<Parked>,
    /// Every request that carries a body of a report, an event or a picture.
    pub(crate) sent: Vec<Request>,
    /// What was heard on the line.
    pub(crate) tap: Tap,
    /// What stands before the gateway.
    pub(crate) front: Option<FrontEnd>,
    /// Reports that were submitted in the middle of an exchange, not yet in the ledger.
    pub(crate) submitted: Vec<ReportKey>,
    /// Reports by key, for the story.
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) trace: Trace,
    pub(crate) violation: Option<String>,
    pub(crate) figures: Figures,
    pub(crate) temper: Temper,
    /// All is well again.
    pub(crate) healed: bool,
    /// Faults that are not to happen, and those that did.
    spare: BTreeSet<Chance>,
    pub(crate) happened: Vec<Chance>,
    pub(crate) round: u64,
    /// Chances of a fault in this round so far, by whose they are.
    chances: BTreeMap<u64, u64>,
    /// Draws of the gateway in this round.
    drawn: u64,
}

/// More chances than anybody has in a round: whose it is and which of theirs is one number.
const MOST_CHANCES: u64 = 100_000;

/// The line of one phone.
pub(crate) struct Air {
    /// Milliseconds by which the phone's clock is ahead.
    pub(crate) skew: i64,
    /// With a clock this wrong no certificate is valid.
    pub(crate) strict_dates: bool,
    pub(crate) weather: Weather,
    /// Draws of the app in this round.
    pub(crate) drawn: u64,
    /// Late pictures in this round, and the addresses of those on the line.
    pub(crate) flown: u64,
    pub(crate) flying: Vec<String>,
    /// Words came, or everything was to end, in the middle of the app's look at its pictures: it sees that
    /// when it has looked at all of them.
    pub(crate) unseen: bool,
    /// Exchanges in the running sync.
    pub(crate) calls: u32,
    /// True times of exchanges since anything last got through.
    idle: VecDeque<i64>,
    /// True times at which the person did something that may ask for a try.
    pub(crate) asked: VecDeque<i64>,
    /// The last answer to each kind of request, for a line that gives it again.
    pub(crate) heard: BTreeMap<&'static str, Exchange>,
    /// The shell has said that a portal wants a sign-in.
    pub(crate) was_captive: bool,
    /// The last exchange ended at the dates of a certificate.
    pub(crate) dates_are_wrong: bool,
    /// It was answered in a later contract: tried again daily, or after an update.
    pub(crate) met_a_later_contract: bool,
    /// The question what a restored gateway still has has failed: it is put off, and no row tells.
    pub(crate) known_has_failed: bool,
    /// Some answer has asked it to wait.
    pub(crate) was_asked: bool,
    /// How often its phone has died.
    pub(crate) deaths: u64,
    /// Its store has a damaged page, and there is no room to mend that.
    pub(crate) is_damaged: bool,
    /// True time from which on the running sync begins nothing more.
    pub(crate) until: Option<i64>,
    /// Operations of the disk that had been refused when the phone came up or died between two of
    /// them: the core cannot know that it is dead before one more is.
    pub(crate) quiet: u64,
    /// How the last exchange ended, until the watch was told what it came to. A phone that dies in
    /// between may have written that down.
    pub(crate) untold: Option<End>,
    /// The app that runs, for what happens to it in the middle of an exchange.
    pub(crate) app: Option<std::sync::Weak<lapor_core::client::Client>>,
}

impl Air {
    pub(crate) fn new() -> Self {
        Self {
            skew: 0,
            strict_dates: false,
            weather: Weather::Good,
            drawn: 0,
            flown: 0,
            flying: Vec::new(),
            unseen: false,
            calls: 0,
            idle: VecDeque::new(),
            asked: VecDeque::new(),
            heard: BTreeMap::new(),
            was_captive: false,
            dates_are_wrong: false,
            met_a_later_contract: false,
            known_has_failed: false,
            was_asked: false,
            deaths: 0,
            is_damaged: false,
            until: None,
            quiet: 0,
            untold: None,
            app: None,
        }
    }
}

impl Air {
    /// Was the core of a dead phone told that it is dead?
    pub(crate) fn was_told(&self, refused: u64) -> bool {
        refused > self.quiet
    }
}

/// A request that sits in a proxy.
pub(crate) struct Parked {
    pub(crate) at: i64,
    pub(crate) request: Request,
}

pub(crate) struct Line(Mutex<Wire>);

impl Line {
    pub(crate) fn new(wire: Wire) -> Self {
        Self(Mutex::new(wire))
    }

    pub(crate) fn wire(&self) -> MutexGuard<'_, Wire> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn into_wire(self) -> Wire {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    pub(crate) fn new(
        plan: &Plan,
        phones: usize,
        gateways: &mut Gateways,
    ) -> Result<Self, GatewayError> {
        let seed = plan.seed;
        let mut dice = Dice::of(seed, Actor::Gateway, 0, 0);
        let gateway = gateways.begin(GatewayInstant(START), &mut |bytes| dice.fill(bytes))?;
        Ok(Self {
            seed,
            now: START,
            line_time: 0,
            gateway,
            airs: (0..phones).map(|_| Air::new()).collect(),
            pact: Pact::default(),
            sessions: SessionHeard::default(),
            parked: Vec::new(),
            sent: Vec::new(),
            tap: Tap::default(),
            front: FrontEnd::of(seed),
            temper: Temper::of(seed),
            submitted: Vec::new(),
            names: BTreeMap::new(),
            trace: Trace::new(),
            violation: None,
            figures: Figures::default(),
            healed: false,
            spare: plan.spare.clone(),
            happened: Vec::new(),
            round: 0,
            chances: BTreeMap::new(),
            drawn: 0,
        })
    }

    pub(crate) fn at(&self) -> GatewayInstant {
        GatewayInstant(self.now)
    }

    pub(crate) fn tell(&mut self, line: String) {
        self.trace.tell(line);
    }

    pub(crate) fn broken(&mut self, what: String) {
        if self.violation.is_none() {
            self.violation = Some(what);
        }
    }

    pub(crate) fn entropy(&mut self) -> Dice {
        self.drawn += 1;
        Dice::of(self.seed, Actor::Gateway, self.round, self.drawn)
    }

    /// Everybody's draws begin anew.
    pub(crate) fn begin_round(&mut self, round: u64) {
        self.round = round;
        self.chances.clear();
        self.drawn = 0;
        for air in &mut self.airs {
            air.drawn = 0;
            air.flown = 0;
        }
    }

    /// One event: an act of a person, an exchange, a turn of the weather, of a clock or of the desk,
    /// an app that is killed and opened again. About one transaction.
    pub(crate) fn event(&mut self) {
        if !self.healed {
            self.figures.steps += 1;
        }
    }

    /// The next occasion of this round on which something may go wrong, and its dice.
    pub(crate) fn chance(&mut self, actor: Actor) -> (Chance, Dice) {
        let round = self.round;
        let count = self.chances.entry(actor.number()).or_default();
        *count += 1;
        let nth = actor.number() * MOST_CHANCES + *count;
        (
            Chance { round, nth },
            Dice::of(self.seed, actor, round, *count),
        )
    }

    /// The phone dies here and now, between two operations of its disk: the power goes, or the app
    /// is killed.
    pub(crate) fn dies(&mut self, phone: usize, disk: &Disk, dice: &mut Dice) {
        if dice.percent(50) {
            disk.freeze(dice.next());
        } else {
            disk.stop();
        }
        if let Some(air) = self.airs.get_mut(phone) {
            air.quiet = disk.refused();
        }
    }

    /// Is this fault to happen? Once asked, it has.
    pub(crate) fn happens(&mut self, chance: Chance) -> bool {
        let happens = !self.spare.contains(&chance);
        if happens {
            self.figures.faults += 1;
            self.happened.push(chance);
        }
        happens
    }

    /// The status with which something that stands before the gateway refuses this.
    pub(crate) fn is_stopped(&self, request: &Request) -> Option<u16> {
        let front = self.front.filter(|front| front.stands(self.round))?;
        front.refuses(request, &self.tap)
    }

    /// The name of a report in the story.
    pub(crate) fn name(&self, key: &str) -> String {
        self.names
            .get(key)
            .cloned()
            .unwrap_or_else(|| "a report".to_owned())
    }

    /// Asks the real rules, and holds question and answer against the contract.
    pub(crate) fn ask(&mut self, request: &Request) -> Answer {
        let now = self.at();
        let mut dice = self.entropy();
        let was = self.status_before(request);
        let answer = self
            .gateway
            .answer(now, &mut |bytes| dice.fill(bytes), request);
        if self.holds_to_the_contract() {
            self.check_answer(request, &answer);
        }
        if answer.status == 500 {
            let trouble = self.gateway.take_trouble();
            self.broken(format!("the gateway failed by itself: {trouble:?}"));
        }
        self.tap.answers(request, &answer);
        let broken = self.pact.answers(now.0, was.as_deref(), request, &answer);
        if let Some(what) = broken {
            self.broken(what);
        }
        answer
    }

    /// A clock that shows a day before this app was made is what is wrong with a certificate's dates, and the
    /// phone says so.
    pub(crate) fn blames(&mut self, phone: usize, outcome: &str) {
        let now = self.now;
        let behind = self.airs.get_mut(phone).is_some_and(|air| {
            std::mem::take(&mut air.dates_are_wrong) && now + air.skew < START - MADE_BEFORE
        });
        if behind && outcome == "untrusted" {
            self.broken("the clock is years behind, and the line is blamed".to_owned());
        }
    }

    /// What became of a report that is about to be taken back.
    fn status_before(&self, request: &Request) -> Option<String> {
        let key = request.path.strip_prefix("/v1/reports/")?;
        if request.method != "DELETE" {
            return None;
        }
        let row = self.gateway.report(key).ok().flatten()?;
        Some(row.status)
    }

    /// A request of which only so many bytes arrive: an upload keeps them.
    pub(crate) fn part(&mut self, request: &Request, bytes: usize) {
        if !Gateway::is_upload(request) {
            return;
        }
        let now = self.at();
        let Ok(mut upload) = self.gateway.upload_begin(now, request) else {
            return;
        };
        let arrived = request.body.get(..bytes).unwrap_or(&request.body);
        // All of it may have arrived: what the gateway makes of that is told by its next answer.
        let _ = self.gateway.upload_append(now, &mut upload, arrived);
    }

    /// Counts an exchange; true when the engine spins.
    pub(crate) fn count(&mut self, phone: usize, got_through: bool) -> bool {
        let now = self.now;
        let Some(air) = self.airs.get_mut(phone) else {
            return false;
        };
        air.calls += 1;
        if got_through {
            air.idle.clear();
        } else {
            air.idle.push_back(now);
        }
        air.idle.retain(|at| now - at < MINUTE);
        air.asked.retain(|at| now - at < MINUTE);
        let allowed = A_MINUTE + 3 * air.asked.len();
        let (idle, calls) = (air.idle.len(), air.calls);
        if idle > allowed {
            self.broken(format!(
                "phone {phone}: {idle} requests within a minute without progress"
            ));
        }
        if calls > SPIN {
            self.broken(format!("phone {phone}: {calls} exchanges in one sync"));
        }
        self.violation.is_some()
    }

    /// What sat in proxies until now arrives; its answers go nowhere.
    pub(crate) fn deliver(&mut self) {
        let now = self.now;
        let (due, later) = std::mem::take(&mut self.parked)
            .into_iter()
            .partition(|parked: &Parked| parked.at <= now);
        self.parked = later;
        let due: Vec<Parked> = due;
        for parked in due {
            let answer = self.ask(&parked.request);
            let what = describe(self, &parked.request);
            self.tell(format!("a proxy delivers {what}: {}", answer.status));
        }
    }
}
