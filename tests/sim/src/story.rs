//! What is to happen in a schedule, and how it ended.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use crate::wire::Figures;

/// A broken promise, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

impl Violation {
    /// The kind of violation: the words without the numbers in them.
    pub fn kind(&self) -> String {
        let mut kind = String::with_capacity(self.0.len());
        for letter in self.0.chars() {
            if letter.is_ascii_digit() {
                if !kind.ends_with('#') {
                    kind.push('#');
                }
            } else {
                kind.push(letter);
            }
        }
        kind
    }
}

pub(crate) type Run<T> = Result<T, Violation>;

/// What a part of the simulator itself could not do is a violation too: nothing is passed over.
pub(crate) fn needed<T, E: Display>(result: Result<T, E>, what: &str) -> Run<T> {
    result.map_err(|error| Violation(format!("{what}: {error}")))
}

/// Where a fault happened: the round, and which chance of that round it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance {
    pub round: u64,
    /// Whose, and which of theirs: no other's absence changes it.
    pub nth: u64,
}

impl Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.round, self.nth)
    }
}

/// A schedule to run. What is left out shifts nothing of what stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    /// Events after which all heals.
    pub steps: u32,
    /// Rounds after which all heals, whatever has happened by then: in place of `steps`.
    pub rounds: Option<u64>,
    /// Rounds that are left out.
    pub skip: BTreeSet<u64>,
    /// Faults that do not happen.
    pub spare: BTreeSet<Chance>,
}

impl Plan {
    /// Of a schedule that nobody asked to be longer or shorter.
    pub const STEPS: u32 = 200;

    pub fn new(seed: u64, steps: u32) -> Self {
        Self {
            seed,
            steps,
            rounds: None,
            skip: BTreeSet::new(),
            spare: BTreeSet::new(),
        }
    }
}

/// A finished schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub seed: u64,
    /// Of all logical events, in order.
    pub trace: u64,
    pub figures: Figures,
    pub violation: Option<Violation>,
    /// The story in words.
    pub story: Vec<String>,
    /// Rounds until the violation, or until all healed.
    pub rounds: u64,
    /// Faults that happened.
    pub faults: Vec<Chance>,
}
