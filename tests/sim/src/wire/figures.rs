//! What a schedule counts, for the last line.

use std::fmt;

/// What is played rarely. Where many worlds are without it, it is not played any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rare {
    /// Somebody is forgotten, and the disk fails or the phone dies in the middle.
    ForgottenInTrouble,
    /// The same of a draft that is erased.
    ErasedInTrouble,
    /// A report leaves this phone alone, after the service had it.
    ErasedAfterItWasSent,
    /// Somebody is forgotten while a report of another person waits on the phone.
    ForgottenBesideAnother,
    /// A page is damaged while the disk has no room to save the others.
    DamagedWhileFull,
    /// A bit of the log flips that a killed app has left.
    LogFlipped,
    /// A run waits for what is not due yet.
    Wait,
    /// A run ends because its time is over, and not before.
    OutOfTime,
    /// A phone begins with the folder that another had long ago.
    PutBack,
}

impl Rare {
    pub(crate) const ALL: [(Self, &str); 9] = [
        (Self::ForgottenInTrouble, "forgotten in trouble"),
        (Self::ErasedInTrouble, "erased in trouble"),
        (Self::ErasedAfterItWasSent, "erased after they were sent"),
        (Self::ForgottenBesideAnother, "forgotten beside another"),
        (Self::DamagedWhileFull, "damaged while full"),
        (Self::LogFlipped, "flips in a log"),
        (Self::Wait, "waits"),
        (Self::OutOfTime, "out of time"),
        (Self::PutBack, "backups put back"),
    ];
}

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
    rare: [u64; Rare::ALL.len()],
}

impl Figures {
    pub(crate) fn is_seen(&mut self, what: Rare) {
        if let Some(times) = self.rare.get_mut(what as usize) {
            *times += 1;
        }
    }

    /// How often each rare thing happened.
    pub fn rare(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let names = Rare::ALL.into_iter().map(|(_, name)| name);
        names.zip(self.rare.iter().copied())
    }

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
        for (sum, times) in self.rare.iter_mut().zip(other.rare) {
            *sum += times;
        }
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
