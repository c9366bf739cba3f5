//! The best quality that fits a number of bytes.
//!
//! A sample of the picture tells the size at any coarseness to about a hundredth; the whole picture
//! is quantised where that says it fits, and its size is then known before it is written. What the
//! sample was wrong by corrects the next try, which one picture in many needs.

use crate::encode::{Coarseness, Original, Pair, Quantised, Rates, Sample};
use crate::error::PhotoError;
use crate::watch::Watch;

/// Beyond it (quality 40) a smaller picture looks better.
pub(crate) const COARSEST: Coarseness = Coarseness(125.0);
/// Share of the budget that is aimed at, and from which on one is content.
const AIM: f64 = 0.975;
const CONTENT: f64 = 0.955;
/// Bytes of ones are followed by a zero: so much of the file at most, by all that was seen.
const STUFFED: f64 = 1.004;
/// Size falls about with this power of the coarseness, as a first guess.
const POWER: f64 = 0.75;
const TRIES: u32 = 6;

pub(crate) enum Fit {
    Fits {
        coarseness: Coarseness,
        /// How often the whole picture was quantised.
        quantised: u32,
        bytes: Vec<u8>,
    },
    /// Even the coarsest takes so many bytes.
    TooBig { smallest: u64, quantised: u32 },
}

pub(crate) fn fit(
    original: &Original,
    budget: u64,
    finest: Coarseness,
    pair: Pair,
    watch: &Watch<'_>,
) -> Result<Fit, PhotoError> {
    // Whoever asks for less than that gets it, and no smaller picture.
    let coarsest = Coarseness(COARSEST.0.max(finest.0));
    let mut search = Search {
        sample: Sample::of(original),
        finest,
        coarsest,
        at: Coarseness(40.0),
        power: POWER,
        rates: [Rates::guessed(), Rates::guessed()],
    };
    let wanted = budget as f64 * AIM;
    // What the sample is wrong by.
    let mut truth = 1.0;
    let mut fits: Option<(Coarseness, Quantised)> = None;
    let mut smallest = u64::MAX;
    let mut quantised = 0;
    while quantised < TRIES {
        quantised += 1;
        let told = search.towards(wanted / truth);
        let at = search.at;
        let whole = Quantised::new(original, at, &search.rates, pair, watch)?;
        let size = whole.size() as f64;
        smallest = smallest.min(whole.size());
        truth = size / told.max(1.0);
        if size * STUFFED <= budget as f64 {
            let done = size >= budget as f64 * CONTENT || at == finest;
            if fits.as_ref().is_none_or(|(best, _)| at < *best) {
                fits = Some((at, whole));
            }
            if done || quantised == TRIES {
                break;
            }
        } else if at == coarsest {
            break;
        }
    }
    let Some((coarseness, whole)) = fits else {
        return Ok(Fit::TooBig {
            smallest,
            quantised,
        });
    };
    let bytes = whole.bytes(pair);
    Ok(if bytes.len() as u64 <= budget {
        Fit::Fits {
            coarseness,
            quantised,
            bytes,
        }
    } else {
        Fit::TooBig {
            smallest: bytes.len() as u64,
            quantised,
        }
    })
}

struct Search {
    sample: Sample,
    finest: Coarseness,
    coarsest: Coarseness,
    at: Coarseness,
    power: f64,
    rates: [Rates; 2],
}

impl Search {
    /// Goes to the coarseness at which the sample tells so many bytes, and returns what it tells.
    fn towards(&mut self, wanted: f64) -> f64 {
        let mut last: Option<(Coarseness, f64)> = None;
        let mut told = 0.0;
        for look in 0..7 {
            let answer = self.sample.tell(self.at, &self.rates);
            self.rates = answer.rates;
            told = answer.bytes;
            if let Some((at, bytes)) = last {
                let power = (bytes / told).ln() / f64::from(self.at.0 / at.0).ln();
                if power.is_finite() && (0.3..=2.0).contains(&power) {
                    self.power = power;
                }
            }
            last = Some((self.at, told));
            let factor = (told / wanted).powf(1.0 / self.power);
            let next = f64::from(self.at.0) * factor;
            let next = Coarseness((next as f32).clamp(self.finest.0, self.coarsest.0));
            let near = (next.0 / self.at.0 - 1.0).abs() < 0.004;
            if near && look > 0 {
                break;
            }
            self.at = next;
        }
        told
    }
}

#[cfg(test)]
mod tests;
