//! What a schedule counts, for the last line.

use std::fmt;

/// What the summary counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub steps: u64,
    pub exchanges: u64,
    /// Pictures that left while another one was on the line.
    pub beside: u64,
    pub faults: u64,
    pub crashes: u64,
    pub accepted: u64,
    pub restores: u64,
    pub replayed: u64,
    /// The longest that one person's outbox took once all was well, milliseconds.
    pub longest_drain: u64,
}

impl Figures {
    /// Together with those of another schedule.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.exchanges += other.exchanges;
        self.beside += other.beside;
        self.faults += other.faults;
        self.crashes += other.crashes;
        self.accepted += other.accepted;
        self.restores += other.restores;
        self.replayed += other.replayed;
        self.longest_drain = self.longest_drain.max(other.longest_drain);
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} steps, {} exchanges, {} pictures beside another, {} faults, {} crashes, {} reports accepted, {} restores, \
             {} bodies replayed, drained within {} s",
            self.steps,
            self.exchanges,
            self.beside,
            self.faults,
            self.crashes,
            self.accepted,
            self.restores,
            self.replayed,
            self.longest_drain / 1_000
        )
    }
}
