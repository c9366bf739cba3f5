//! The world of one seed, and its steps.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use lapor_core::client::{SyncLimits, Until};
use lapor_sandbox_rules::Kept;
use tempfile::TempDir;

use crate::dice::{Actor, Dice};
use crate::faults::Weather;
use crate::gateways::Gateways;
use crate::ledger::Ledger;
use crate::people::background::Job;
use crate::phone::Phone;
use crate::story::{Plan, Run, needed};
use crate::wire::{Line, Rare, Wire};

/// The people of the sandbox; the last is an officer.
pub(crate) const PEOPLE: [&str; 4] = ["siti", "budi", "ayu", "made"];
/// A sync that finds nothing to do is no event: so many rounds there may be for each.
const ROUNDS_A_STEP: u64 = 5;
/// A phone sleeps at most so long until it asked to be woken, and longer now and then: what was
/// refused is tried daily. Milliseconds.
const NAP: i64 = 20 * 60_000;
const LONG_NAP: i64 = 25 * 3_600_000;
/// The number of what comes after all rounds.
const LAST_ROUND: u64 = u64::MAX;
/// A memory disk: nothing here is about fsync.
const MEMORY: &str = "/dev/shm";

pub(crate) struct World {
    plan: Plan,
    pub(crate) seed: u64,
    pub(crate) line: Arc<Line>,
    pub(crate) phones: Vec<Phone>,
    pub(crate) ledger: Ledger,
    pub(crate) folder: TempDir,
    /// Rounds begun so far, those left out too. What happens in one depends on its number only.
    pub(crate) round: u64,
    /// With the true time of each.
    pub(crate) backups: Vec<(i64, Rc<Kept>)>,
    pub(crate) documents: u64,
    /// What the OS of some phone still has to carry.
    pub(crate) jobs: Vec<Job>,
    /// It was told that a front end stands before the gateway.
    has_front_end: bool,
    /// Those that are not in use.
    pub(crate) gateways: Gateways,
}

impl World {
    pub(crate) fn new(plan: &Plan, mut gateways: Gateways) -> Run<Self> {
        let seed = plan.seed;
        let mut dice = Dice::of(seed, Actor::World, 0, 0);
        let count = 1 + dice.index(3);
        let line = Arc::new(Line::new(needed(
            Wire::new(plan, count, &mut gateways),
            "no gateway",
        )?));
        let folder = needed(
            tempfile::tempdir_in(MEMORY).or_else(|_| tempfile::tempdir()),
            "no folder",
        )?;
        let phones = (0..count)
            .map(|number| {
                let first = dice.index(PEOPLE.len());
                let mut people: Vec<&'static str> =
                    PEOPLE.get(first).copied().into_iter().collect();
                if dice.percent(40) {
                    let second = PEOPLE.get((first + 1 + dice.index(3)) % PEOPLE.len());
                    people.extend(second.copied());
                }
                Phone::new(number, people, Arc::clone(&line))
            })
            .collect();
        Ok(Self {
            plan: plan.clone(),
            seed,
            line,
            phones,
            ledger: Ledger::default(),
            folder,
            round: 0,
            backups: Vec::new(),
            documents: 0,
            jobs: Vec::new(),
            has_front_end: false,
            gateways,
        })
    }

    /// Lives through what the plan wants, then heals and looks back.
    pub(crate) fn live(&mut self) -> Run<()> {
        while !self.is_lived() {
            self.round += 1;
            if self.plan.skip.contains(&self.round) {
                continue;
            }
            self.line.wire().begin_round(self.round);
            self.one_round()?;
            self.gateway_is_true()?;
        }
        self.line.wire().begin_round(LAST_ROUND);
        self.end()
    }

    /// The end of a world: its gateways serve the next one.
    pub(crate) fn leave(self) -> Gateways {
        let Self {
            line,
            phones,
            mut gateways,
            ..
        } = self;
        for phone in phones {
            // Nobody will ever look: an app that is closed in good order folds its log.
            phone.disk().stop();
        }
        if let Some(line) = Arc::into_inner(line) {
            gateways.give_back(line.into_wire().gateway);
        }
        gateways
    }

    fn is_lived(&self) -> bool {
        match self.plan.rounds {
            Some(rounds) => self.round >= rounds,
            None => {
                let steps = self.line.wire().figures.steps;
                steps >= u64::from(self.plan.steps)
                    || self.round >= ROUNDS_A_STEP * u64::from(self.plan.steps)
            }
        }
    }

    /// Time passes, and one thing happens.
    fn one_round(&mut self) -> Run<()> {
        let mut dice = Dice::of(self.seed, Actor::World, self.round, 0);
        self.pass(&mut dice);
        self.front_end_comes();
        let what = dice.below(100);
        let number = self.held(dice.index(self.phones.len()));
        if what < 50 {
            self.line.wire().event();
        }
        if (1..=self.round).contains(&self.phone(number)?.held.start) {
            self.phone(number)?.held.start = 0;
            self.line.wire().figures.is_seen(Rare::PutBack);
        }
        match what {
            0..=7 => self.weather(&mut dice),
            8 => self.clock(&mut dice),
            9..=12 => return self.desk(&mut dice),
            13.. if self.is_stuck(number) => self.lives_with_damage(number, &mut dice)?,
            13..=49 => self.person(number, &mut dice)?,
            _ => self.turn(number, &mut dice)?,
        }
        if self.is_stuck(number) {
            return Ok(());
        }
        self.phone_is_true(number)?;
        self.blames_nobody(number)
    }

    /// The phone that is meant, or the next that somebody holds.
    fn held(&self, number: usize) -> usize {
        let in_hand = |phone: &&Phone| phone.held.contains(&self.round);
        let mut from_it = self.phones.iter().cycle().skip(number);
        from_it
            .by_ref()
            .take(self.phones.len())
            .find(in_hand)
            .map_or(number, |phone| phone.number)
    }

    fn front_end_comes(&mut self) {
        let mut wire = self.line.wire();
        let front = wire.front.filter(|front| front.stands(self.round));
        if let Some(front) = front
            && !std::mem::replace(&mut self.has_front_end, true)
        {
            wire.tell(front.in_words());
        }
    }

    /// Time goes by: seconds mostly, hours now and then.
    fn pass(&mut self, dice: &mut Dice) {
        let most = match dice.below(20) {
            0 => 3 * 3_600_000,
            1..=5 => 600_000,
            6..=12 => 60_000,
            _ => 3_000,
        };
        let mut wire = self.line.wire();
        wire.now += dice.below(most) as i64;
        wire.deliver();
    }

    fn weather(&mut self, dice: &mut Dice) {
        let number = dice.index(self.phones.len());
        let weather = dice.pick(&Weather::ALL).copied().unwrap_or(Weather::Good);
        let mut wire = self.line.wire();
        if let Some(air) = wire.airs.get_mut(number) {
            air.weather = weather;
        }
        wire.tell(format!("phone {number}: the line is {weather}"));
    }

    fn clock(&mut self, dice: &mut Dice) {
        const DAY: i64 = 86_400_000;
        let number = dice.index(self.phones.len());
        let skew = match dice.below(6) {
            0..=2 => 0,
            3 => dice.below(3_600_000) as i64 - 1_800_000,
            4 => dice.below(3_650) as i64 * DAY,
            _ => -(dice.below(3_650) as i64) * DAY,
        };
        let strict = dice.percent(30);
        let mut wire = self.line.wire();
        if let Some(air) = wire.airs.get_mut(number) {
            air.skew = skew;
            air.strict_dates = strict;
            air.dates_are_wrong = false;
        }
        wire.tell(format!(
            "phone {number}: its clock is {} days ahead{}",
            skew / DAY,
            if strict { ", certificates notice" } else { "" }
        ));
    }

    /// The phone syncs when it asked to be woken, and time goes by until then. Where that is far
    /// its person does something; but now and then somebody pulls the list down all the same.
    fn turn(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let (idly, long) = (dice.percent(10), dice.percent(5));
        if !idly {
            let wait = self.asked_to_wait(number)?;
            if wait > if long { LONG_NAP } else { NAP } {
                self.line.wire().event();
                return self.person(number, dice);
            }
            let mut wire = self.line.wire();
            wire.now += wait;
            wire.deliver();
        }
        // Counts by its exchanges.
        self.sync(number, dice)
    }

    pub(crate) fn sync(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let bytes = dice.percent(20).then(|| dice.below(30_000));
        let pull = dice.percent(20);
        let kind = dice.below(100);
        let until = match kind {
            // A run that waits looks for room every few seconds of the real clock.
            _ if self.phone(number)?.is_full => Until::NothingDue,
            0 | 1 => Until::Idle,
            2 => Until::Cancelled,
            _ => Until::NothingDue,
        };
        // Seconds mostly, an hour now and then.
        let bits = 1 + dice.below(22);
        let deadline = (dice.percent(40) && kind < 8).then(|| dice.below(1 << bits));
        let limits = SyncLimits {
            until,
            deadline: deadline.map(Duration::from_millis),
            bytes,
            pull,
        };
        self.sync_with(number, limits).map(|_| ())
    }
}
