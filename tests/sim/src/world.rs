//! The world of one seed, and its steps.

use std::sync::Arc;

use lapor_core::client::{SyncLimits, Until};
use tempfile::TempDir;

use crate::dice::{Actor, Dice};
use crate::faults::Weather;
use crate::ledger::Ledger;
use crate::phone::Phone;
use crate::story::{Run, needed};
use crate::wire::{Line, Wire};

/// The people of the sandbox; the last is an officer.
const PEOPLE: [&str; 4] = ["siti", "budi", "ayu", "made"];
/// A memory disk: nothing here is about fsync.
const MEMORY: &str = "/dev/shm";

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) line: Arc<Line>,
    pub(crate) phones: Vec<Phone>,
    pub(crate) ledger: Ledger,
    pub(crate) folder: TempDir,
    pub(crate) step: u64,
    pub(crate) backups: Vec<std::path::PathBuf>,
    pub(crate) documents: u64,
}

impl World {
    pub(crate) fn new(seed: u64) -> Run<Self> {
        let mut dice = Dice::of(seed, Actor::World, u64::MAX);
        let count = 1 + dice.index(3);
        let line = Arc::new(Line::new(needed(Wire::new(seed, count), "no gateway")?));
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
                let home = folder.path().join(format!("phone-{number}"));
                Phone::new(number, people, home, Arc::clone(&line))
            })
            .collect();
        Ok(Self {
            seed,
            line,
            phones,
            ledger: Ledger::default(),
            folder,
            step: 0,
            backups: Vec::new(),
            documents: 0,
        })
    }

    /// Lives through so many steps, then heals and looks back.
    pub(crate) fn live(&mut self, steps: u32) -> Run<()> {
        for _ in 0..steps {
            self.step += 1;
            self.line.wire().figures.steps += 1;
            self.one_step()?;
            self.gateway_is_true()?;
        }
        self.end()
    }

    fn one_step(&mut self) -> Run<()> {
        let mut dice = Dice::of(self.seed, Actor::World, self.step);
        self.pass(&mut dice);
        match dice.below(100) {
            0..=13 => self.weather(&mut dice),
            14..=15 => self.clock(&mut dice),
            16..=23 => return self.desk(&mut dice),
            _ => {}
        }
        let number = dice.index(self.phones.len());
        self.person(number, &mut dice)?;
        if dice.percent(70) {
            self.sync(number, &mut dice)?;
        }
        self.phone_is_true(number)
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
        wire.tell(format!("phone {number}: the line is {weather:?}"));
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
        }
        wire.tell(format!(
            "phone {number}: its clock is {} days ahead{}",
            skew / DAY,
            if strict { ", certificates notice" } else { "" }
        ));
    }

    pub(crate) fn sync(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let bytes = dice.percent(20).then(|| dice.below(30_000));
        let limits = SyncLimits {
            bytes,
            pull: dice.percent(20),
            ..SyncLimits::until(Until::NothingDue)
        };
        self.sync_with(number, limits).map(|_| ())
    }
}
