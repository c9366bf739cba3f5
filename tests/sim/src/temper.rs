//! What a world has none of, and what its people do more than others do. Where everything happens in
//! every world, one trouble excuses what another one would show (swarm testing: Groce and others, 2012).

use crate::dice::{Actor, Dice};
use crate::faults::Fault;

/// One world in so many has a temper.
const ONE_IN: u64 = 4;
/// Of a hundred acts so many are what its people like to do.
const LIKED: u64 = 30;
/// Acts that are rare, by their place in `World::person`.
const RARE: [u64; 21] = [
    18, 33, 41, 60, 64, 69, 71, 80, 85, 88, 91, 95, 100, 101, 103, 104, 108, 109, 110, 111, 113,
];

#[derive(Debug, Clone, Default)]
pub(crate) struct Temper {
    /// No power cut and no kill but those that a person's deed has in it.
    is_deathless: bool,
    /// No disk fails, but for one that is full.
    has_sound_disks: bool,
    /// Nothing goes wrong with an exchange.
    has_good_lines: bool,
    liked: Vec<u64>,
}

impl Temper {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, Actor::World, 0, 1);
        if dice.below(ONE_IN) != 0 {
            return Self::default();
        }
        Self {
            is_deathless: dice.percent(60),
            has_sound_disks: dice.percent(40),
            has_good_lines: dice.percent(20),
            liked: (0..dice.below(4))
                .filter_map(|_| dice.pick(&RARE).copied())
                .collect(),
        }
    }

    pub(crate) fn has_deaths(&self) -> bool {
        !self.is_deathless
    }

    pub(crate) fn has_failing_disks(&self) -> bool {
        !self.has_sound_disks
    }

    /// What becomes of an exchange here.
    pub(crate) fn allows(&self, fault: Fault) -> Fault {
        let is_death = matches!(fault, Fault::Kill { .. });
        if self.has_good_lines || is_death && self.is_deathless {
            return Fault::Pass;
        }
        fault
    }

    /// What a person does next, if it is something that they like to do.
    pub(crate) fn act(&self, dice: &mut Dice) -> Option<u64> {
        if self.liked.is_empty() || !dice.percent(LIKED) {
            return None;
        }
        dice.pick(&self.liked).copied()
    }
}
