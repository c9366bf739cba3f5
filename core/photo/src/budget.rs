//! The best quality that fits a number of bytes, found in few encodings.
//!
//! Sizes are first told by the quick encoder, which is cheap; the best one then starts next to the
//! answer. Between two measured points the size is taken to follow a power of the coarseness, which
//! holds well for photos; the bracket of what fitted and what did not makes the search right for
//! pictures where it does not hold.

use crate::error::PhotoError;
use crate::jpeg::Effort;

/// The percentage by which the standard quantisation tables are multiplied: finer than whole steps
/// of quality, of which one is worth up to 4 % of the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Coarseness(u16);

impl Coarseness {
    /// Quality 92: beyond it bytes grow and nobody sees more.
    pub(crate) const FINEST: Self = Self(16);
    /// Quality 40: below it a smaller picture looks better.
    pub(crate) const COARSEST: Self = Self(125);

    pub(crate) const fn percent(self) -> u16 {
        self.0
    }

    /// libjpeg's scale of 1 to 100, rounded.
    pub(crate) fn quality(self) -> u8 {
        let quality = if self.0 <= 100 {
            (200 - self.0).div_ceil(2)
        } else {
            5000 / self.0
        };
        u8::try_from(quality).unwrap_or(100)
    }

    fn clamped(percent: f64) -> Self {
        let (finest, coarsest) = (f64::from(Self::FINEST.0), f64::from(Self::COARSEST.0));
        // Within the bounds of u16 by the clamp.
        Self(percent.clamp(finest, coarsest).round() as u16)
    }
}

/// Share of the budget that is aimed at, and from which on one is content.
const AIM: f64 = 0.985;
const CONTENT: f64 = 0.955;
/// What the best encoder makes of the quick one's size, as a first guess.
const BEST_TO_QUICK: f64 = 0.87;
/// Size falls about with this power of the coarseness, as a first guess.
const POWER: f64 = 0.7;
const BEST_TRIES: usize = 6;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Fits {
        coarseness: Coarseness,
        bytes: Vec<u8>,
    },
    /// Even the coarsest takes so many bytes.
    TooBig { smallest: u64 },
}

/// `encode` answers with the bytes; it is asked a handful of times.
pub(crate) fn fit(
    budget: u64,
    mut encode: impl FnMut(Coarseness, Effort) -> Result<Vec<u8>, PhotoError>,
) -> Result<Fit, PhotoError> {
    let wanted = budget as f64 * AIM;
    let mut power = POWER;

    // Two quick looks: where about, and how steep.
    let middle = Coarseness(50);
    let first = encode(middle, Effort::Quick)?.len() as f64;
    let mut next = step(middle, first * BEST_TO_QUICK, wanted, power);
    if next != middle {
        let second = encode(next, Effort::Quick)?.len() as f64;
        power = slope((middle, first), (next, second)).unwrap_or(power);
        next = step(next, second * BEST_TO_QUICK, wanted, power);
    }

    let mut best: Option<(Coarseness, Vec<u8>)> = None;
    // The finest that is known not to fit, with its size.
    let mut over: Option<(Coarseness, f64)> = None;
    for attempt in 0.. {
        if attempt == BEST_TRIES {
            if best.is_some() {
                break;
            }
            next = Coarseness::COARSEST;
        }
        let bytes = encode(next, Effort::Best)?;
        let size = bytes.len() as f64;
        if bytes.len() as u64 > budget {
            if next == Coarseness::COARSEST {
                if best.is_some() {
                    break;
                }
                return Ok(Fit::TooBig {
                    smallest: bytes.len() as u64,
                });
            }
            over = Some((next, size));
        } else {
            let done = size >= budget as f64 * CONTENT || next == Coarseness::FINEST;
            best = Some((next, bytes));
            if done {
                break;
            }
        }
        if attempt >= BEST_TRIES {
            break;
        }
        // Strictly between what did not fit and what did.
        let low = over.map_or(Coarseness::FINEST.0, |(at, _)| at.0 + 1);
        let high = best
            .as_ref()
            .map_or(Coarseness::COARSEST.0, |(at, _)| at.0 - 1);
        if low > high {
            break;
        }
        if let (Some(over), Some((at, bytes))) = (over, &best) {
            power = slope(over, (*at, bytes.len() as f64)).unwrap_or(power);
        }
        next = Coarseness(step(next, size, wanted, power).0.clamp(low, high));
    }
    Ok(match best {
        Some((coarseness, bytes)) => Fit::Fits { coarseness, bytes },
        None => Fit::TooBig {
            smallest: over.map_or(u64::MAX, |(_, size)| size as u64),
        },
    })
}

/// From a coarseness and its size to the one that should give the wanted size.
fn step(at: Coarseness, size: f64, wanted: f64, power: f64) -> Coarseness {
    Coarseness::clamped(f64::from(at.0) * (size / wanted).powf(1.0 / power))
}

/// The power between two measured points; `None` where it tells nothing.
fn slope(a: (Coarseness, f64), b: (Coarseness, f64)) -> Option<f64> {
    let across = f64::from(b.0.0).ln() - f64::from(a.0.0).ln();
    let down = a.1.ln() - b.1.ln();
    let power = down / across;
    (power.is_finite() && (0.2..=2.5).contains(&power)).then_some(power)
}

#[cfg(test)]
mod tests;
