//! A gateway of limited capacity: one line of waiting requests, and refusals when it is full.

/// Milliseconds of virtual time, from 0.
pub(crate) type Ms = u64;

/// What a refusal costs of what an answer costs: the front end does it without the store.
const REFUSAL: f64 = 0.02;
/// Requests wait in line for at most so long; whoever comes later is refused at once.
const LINE_MS: f64 = 2_000.0;

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// Nobody listens: connections are refused.
    Dead,
    /// The front end answers 503 for it, without the contract's marks and without a time.
    FrontEnd,
}

/// What comes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Refused,
    Busy {
        retry_after: Option<u32>,
        marked: bool,
    },
    Answered {
        at: Ms,
    },
}

/// What its own refusals say in `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// The same seconds whatever the load, as most front ends are set up.
    Always(u32),
    /// As the contract has it: the time in which what was refused within the last minute can be worked
    /// off.
    FollowsLoad,
}

/// Bounds of a hint that follows the load, seconds.
const HINT: (f64, f64) = (5.0, 300.0);
const MINUTE: usize = 60;

#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    /// Requests a second.
    capacity: f64,
    hint: Hint,
    /// When it will have done all that waits.
    free_at: f64,
    /// Refusals in each second of the last minute, and the second that was counted last.
    refused: [u32; MINUTE],
    second: u64,
}

impl Gateway {
    pub(crate) fn new(capacity: f64, hint: Hint) -> Self {
        Self {
            capacity,
            hint,
            free_at: 0.0,
            refused: [0; MINUTE],
            second: 0,
        }
    }

    pub(crate) fn asked(&mut self, now: Ms, trouble: Trouble) -> Fate {
        match trouble {
            Trouble::Dead => return Fate::Refused,
            Trouble::FrontEnd => {
                return Fate::Busy {
                    retry_after: None,
                    marked: false,
                };
            }
            Trouble::None => {}
        }
        let cost = 1_000.0 / self.capacity;
        let now = now as f64;
        self.free_at = self.free_at.max(now);
        if self.free_at - now > LINE_MS {
            self.free_at += cost * REFUSAL;
            return Fate::Busy {
                retry_after: Some(self.refuses(now as Ms / 1_000)),
                marked: true,
            };
        }
        self.free_at += cost;
        Fate::Answered {
            at: self.free_at as Ms,
        }
    }

    /// Counts a refusal, and says when to come back.
    fn refuses(&mut self, second: u64) -> u32 {
        let passed = second.saturating_sub(self.second).min(MINUTE as u64);
        for ago in 0..passed {
            if let Some(old) = self.refused.get_mut((second - ago) as usize % MINUTE) {
                *old = 0;
            }
        }
        self.second = second;
        if let Some(now) = self.refused.get_mut(second as usize % MINUTE) {
            *now += 1;
        }
        match self.hint {
            Hint::Always(seconds) => seconds,
            Hint::FollowsLoad => {
                let refused: u32 = self.refused.iter().sum();
                (f64::from(refused) / self.capacity).clamp(HINT.0, HINT.1) as u32
            }
        }
    }
}
