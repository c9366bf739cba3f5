//! How long to wait. Backoff belongs to the origin (the gateway as a whole), not to each
//! operation: when the gateway is in trouble one probe asks, not every report of every phone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Network, Reason,
    later::{Kind, Later},
};
use crate::calendar::{Due, Instant};

#[cfg(test)]
mod tests;

/// What stands between this phone and the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OriginTrouble {
    Offline,
    ClockWrong,
    Untrusted,
    NotLapor {
        status: u16,
    },
    Busy {
        status: u16,
    },
    /// Cut again and again after the connection was up.
    Cut,
    Incompatible,
}

impl OriginTrouble {
    pub fn reason(&self, captive: bool) -> Reason {
        match self {
            Self::Untrusted | Self::NotLapor { .. } if captive || mutant!(PortalEverywhere) => {
                Reason::SignInToWifi
            }
            Self::Offline => Reason::Offline,
            Self::ClockWrong => Reason::ClockWrong,
            Self::Untrusted => Reason::Untrusted,
            Self::NotLapor { status } => Reason::NotLapor { status: *status },
            Self::Busy { status } => Reason::Busy { status: *status },
            Self::Cut => Reason::Unknown,
            Self::Incompatible => Reason::UpdateApp,
        }
    }

    /// Nobody of LAPOR! was reached: spends no attempt, and a new network may change it at once.
    pub fn is_unreached(&self) -> bool {
        matches!(
            self,
            Self::Offline | Self::ClockWrong | Self::Untrusted | Self::NotLapor { .. }
        )
    }

    /// Does one go on at the other's pace? A line that is cut and a gateway that is busy look alike from
    /// here, and each costs the whole body.
    fn same_pace(&self, other: &Self) -> bool {
        let is_costly = |it: &Self| matches!(it, Self::Busy { .. } | Self::Cut);
        std::mem::discriminant(self) == std::mem::discriminant(other)
            || (is_costly(self) && is_costly(other))
    }
}

/// The gateway as this phone sees it: free, or in trouble until a probe is due. Persisted, so
/// that a restart does not hammer a gateway that asked for peace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Origin {
    pub trouble: Option<Trouble>,
    /// Reached although the phone says that it has no network: the line is believed, not the phone.
    #[serde(default)]
    pub is_proven: bool,
    /// Since when nobody of LAPOR! has been reached, as far as this phone knows: the network went, or
    /// the first try failed.
    #[serde(default)]
    pub silent_since: Option<Instant>,
    /// Larger pieces of a picture are not let through by what stands before the gateway.
    #[serde(default)]
    pub narrow: Option<Narrow>,
    /// Kinds of requests that fail by themselves or were asked to come later, while others may get through.
    #[serde(default)]
    pub later: BTreeMap<Kind, Later>,
}

/// What was learned of a limit of size, from answers without the mark. Forgotten after a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrow {
    /// Bytes of a piece that may pass; below the smallest piece there is, that one was refused as well.
    pub bytes: u64,
    pub until: Due,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub what: OriginTrouble,
    pub due: Due,
    /// Failed tries of this kind in a row, from 1. 0: only a picture was answered by somebody else, and
    /// the next request, at once, is to tell whether it is the line.
    pub tries: u32,
    /// Failed tries since the gateway was last reached, of whatever kind.
    #[serde(default)]
    pub failed: u32,
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

/// Timed probe while nobody is reached. A gateway that is gone looks just like a dead line: for about
/// an hour the phone stays close behind, so that nine tenths of a fleet are drained within five minutes
/// of its return. After that it is the line: the OS may say "connected" for days.
const PROBE_FIRST: u64 = 30 * SECOND;
const PROBE_MAX: u64 = 5 * MINUTE;
const PROBE_LATE: u64 = 15 * MINUTE;
/// Tries of the first hour: 30 s to 4 min, then every 5 min.
const PROBE_TRIES: u32 = 15;
/// A network that came is tried within a fifteenth of the silence before it, between these: soon enough
/// for somebody who walks through a spot of signal, and wide enough for a region whose phones all get it
/// in one second after half an hour without.
const CAME_FIRST: u64 = 3 * SECOND;
const CAME_MAX: u64 = 90 * SECOND;
const CAME_PART: u64 = 15;
/// Backoff of a busy gateway while running.
const BUSY_FIRST: u64 = 2 * SECOND;
const BUSY_MAX: u64 = 5 * MINUTE;
/// A line that is cut is tried again soon: the next cell may be better.
const CUT_FIRST: u64 = SECOND;
const CUT_MAX: u64 = MINUTE;

impl Origin {
    pub fn free() -> Self {
        Self::default()
    }

    /// An answer of the gateway came just now.
    pub fn reached(network: Network) -> Self {
        Self {
            is_proven: network == Network::None,
            ..Self::default()
        }
    }

    /// What stands between, as it is to be told: a doubt is none, the next request tells.
    pub fn told(&self) -> Option<&Trouble> {
        self.trouble.as_ref().filter(|trouble| trouble.tries > 0)
    }

    /// A picture was answered by somebody else, while others got through: it may be the line, and it may
    /// be that picture's size or the host where it goes. Asked at once, so that no words wait.
    pub(super) fn doubted(&self, what: OriginTrouble, now: Instant) -> Self {
        Self {
            trouble: Some(Trouble {
                what,
                due: Due::now(now),
                tries: 0,
                failed: 0,
            }),
            is_proven: false,
            silent_since: self.silent_since.or(Some(now)),
            ..self.clone()
        }
    }

    /// The origin after one more failed try.
    pub fn after(
        &self,
        what: OriginTrouble,
        asked: Option<u64>,
        now: Instant,
        seed: &[u8],
    ) -> Self {
        let before = self.trouble.as_ref();
        // An older version counted only `tries`.
        let failed = before.map_or(0, |trouble| trouble.failed.max(trouble.tries));
        let before = before.filter(|trouble| trouble.what.same_pace(&what));
        let tries = before.map_or(1, |trouble| trouble.tries.saturating_add(1));
        let delay = match (&what, asked) {
            _ if mutant!(NoBackoff) => 0,
            (OriginTrouble::Offline, _) if mutant!(OfflineWaitsADay) => DAY,
            // A hundred times: those that count the exchanges of one sync see nothing.
            (OriginTrouble::NotLapor { .. }, _) if tries < 100 && mutant!(PortalIsAskedAtOnce) => 0,
            (_, Some(asked)) => {
                asked.saturating_add(jitter(seed, tries, after_asked(tries, asked)))
            }
            (OriginTrouble::Busy { .. }, None) => full_jitter(seed, tries, BUSY_FIRST, BUSY_MAX),
            (OriginTrouble::Cut, None) => full_jitter(seed, tries, CUT_FIRST, CUT_MAX),
            (OriginTrouble::Incompatible, None) => doubling(tries, MINUTE, DAY),
            (_, None) if tries > PROBE_TRIES => PROBE_LATE,
            (_, None) => doubling(tries, PROBE_FIRST, PROBE_MAX),
        };
        let silent_since = match &what {
            // Somebody answered; or the clock that would be read is the one that is wrong.
            OriginTrouble::Busy { .. }
            | OriginTrouble::Incompatible
            | OriginTrouble::ClockWrong => None,
            OriginTrouble::Cut => self.silent_since,
            _ => self.silent_since.or(Some(now)),
        };
        Self {
            trouble: Some(Trouble {
                what,
                due: Due::after(now, delay),
                tries,
                failed: failed.saturating_add(1),
            }),
            is_proven: false,
            silent_since,
            ..self.clone()
        }
    }

    /// A person asked for it: what could not be reached is tried now. Whoever answered and named a time
    /// is left in peace until then.
    #[must_use]
    pub fn asked_for(&self, now: Instant) -> Self {
        let mut asked = self.clone();
        if let Some(trouble) = &mut asked.trouble
            && (trouble.what.is_unreached() || trouble.what == OriginTrouble::Cut)
        {
            trouble.due = Due::now(now);
        }
        asked
    }

    /// The OS says that there is no network any more.
    pub fn network_went(&self, now: Instant) -> Self {
        Self {
            silent_since: self.silent_since.or(Some(now)),
            ..self.clone()
        }
    }

    /// A new network: what could not be reached may be within reach. Spread, so that a whole village
    /// that gets signal does not knock in one instant; a try whose time comes sooner is not put off.
    pub fn network_came(&self, now: Instant, seed: &[u8]) -> Self {
        // Whoever answered in the gateway's place may not be on this way.
        let mut later = self.later.clone();
        later.remove(&Kind::Known);
        let Some(trouble) = &self.trouble else {
            return Self {
                is_proven: false,
                silent_since: None,
                later,
                ..self.clone()
            };
        };
        if !(trouble.what.is_unreached() || trouble.what == OriginTrouble::Cut) {
            return self.clone();
        }
        let silence = self.silent_since.and_then(|since| now.since(since));
        let spread = (silence.unwrap_or(0) / CAME_PART).clamp(CAME_FIRST, CAME_MAX);
        let soon = jitter(seed, trouble.tries, spread);
        let delay = trouble.due.remaining(now).min(soon);
        Self {
            trouble: Some(Trouble {
                due: Due::after(now, delay),
                ..trouble.clone()
            }),
            is_proven: false,
            later,
            ..self.clone()
        }
    }
}

/// The time that a gateway asks for is the earliest one, and the first time it is taken at its word.
/// What is added then grows fast: most gateways name the same few seconds whatever their load, and a
/// crowd that came back after just those would be all that they ever see.
pub(super) fn after_asked(tries: u32, asked: u64) -> u64 {
    let first = (asked / 10).max(SECOND);
    if tries <= 1 {
        return first;
    }
    let quadrupled = asked.saturating_mul(1 << (2 * (tries - 1).min(16)));
    quadrupled.min(BUSY_MAX).max(first)
}

/// `first`, doubled by every try, at most `max`. Milliseconds.
pub(super) fn doubling(tries: u32, first: u64, max: u64) -> u64 {
    let doublings = tries.saturating_sub(1).min(32);
    first.saturating_mul(1 << doublings).min(max)
}

/// Full jitter below the doubling cap, but never under a second: at most one request a second
/// over any minute without progress.
pub(super) fn full_jitter(seed: &[u8], tries: u32, first: u64, max: u64) -> u64 {
    let cap = doubling(tries, first, max);
    SECOND.saturating_add(jitter(seed, tries, cap.saturating_sub(SECOND)))
}

/// A number below `below` from a hash: nobody rolls dice here, and two phones differ because
/// their install secrets do.
pub fn jitter(seed: &[u8], tries: u32, below: u64) -> u64 {
    if below == 0 {
        return 0;
    }
    let digest: [u8; 32] = Sha256::new()
        .chain_update(seed)
        .chain_update(tries.to_be_bytes())
        .finalize()
        .into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) % below
}
