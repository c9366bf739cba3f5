//! How long to wait. Backoff belongs to the origin (the gateway as a whole), not to each
//! operation: when the gateway is in trouble one probe asks, not every report of every phone.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Network, Reason};
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

    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
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
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub what: OriginTrouble,
    pub due: Due,
    /// Failed tries in a row, from 1.
    pub tries: u32,
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

/// Timed probe while nobody is reached: the OS may say "connected" for days over a dead link.
const PROBE_FIRST: u64 = 30 * SECOND;
const PROBE_MAX: u64 = 15 * MINUTE;
/// Backoff of a busy gateway while running.
const BUSY_FIRST: u64 = 2 * SECOND;
const BUSY_MAX: u64 = 5 * MINUTE;
/// A line that is cut is tried again soon: the next cell may be better.
const CUT_FIRST: u64 = SECOND;
const CUT_MAX: u64 = MINUTE;

impl Origin {
    pub fn free() -> Self {
        Self {
            trouble: None,
            is_proven: false,
        }
    }

    /// An answer of the gateway came just now.
    pub fn reached(network: Network) -> Self {
        Self {
            trouble: None,
            is_proven: network == Network::None,
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
        let before = self
            .trouble
            .as_ref()
            .filter(|trouble| trouble.what.same_kind(&what));
        let tries = before.map_or(1, |trouble| trouble.tries.saturating_add(1));
        let delay = match (&what, asked) {
            _ if mutant!(NoBackoff) => 0,
            (OriginTrouble::Offline, _) if mutant!(OfflineWaitsAWeek) => 7 * DAY,
            (_, Some(asked)) => asked.saturating_add(jitter(seed, tries, (asked / 10).max(SECOND))),
            (OriginTrouble::Busy { .. }, None) => full_jitter(seed, tries, BUSY_FIRST, BUSY_MAX),
            (OriginTrouble::Cut, None) => full_jitter(seed, tries, CUT_FIRST, CUT_MAX),
            (OriginTrouble::Incompatible, None) => DAY,
            (_, None) => doubling(tries, PROBE_FIRST, PROBE_MAX),
        };
        Self {
            trouble: Some(Trouble {
                what,
                due: Due::after(now, delay),
                tries,
            }),
            is_proven: false,
        }
    }

    /// A new network, an update of the app: what could not be reached may be within reach.
    /// Spread over 3 s, so that a whole village that gets signal does not knock in one instant.
    pub fn network_came(&self, now: Instant, seed: &[u8]) -> Self {
        let Some(trouble) = &self.trouble else {
            return Self::free();
        };
        if !(trouble.what.is_unreached() || trouble.what == OriginTrouble::Cut) {
            return self.clone();
        }
        let soon = jitter(seed, trouble.tries, 3 * SECOND);
        let delay = trouble.due.remaining(now).min(soon);
        Self {
            trouble: Some(Trouble {
                due: Due::after(now, delay),
                ..trouble.clone()
            }),
            is_proven: false,
        }
    }
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
    let (first, _) = digest.split_at(8);
    let number = first
        .iter()
        .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    number % below
}
