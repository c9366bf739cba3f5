//! The best quality that fits a number of bytes.
//!
//! A sample of the picture tells the size at any coarseness to about a hundredth; the whole picture
//! is quantised where that says it fits, and its size is then known before it is written, but for the
//! zeros behind bytes of ones. What the sample was wrong by corrects the next try, which one picture in
//! many needs; what those zeros are over, which no photo has needed yet, a coarser one.

pub(crate) mod dimension;

use crate::encode::{Coarseness, Original, Pair, Plain, Quantised, Rates, Sample};
use crate::error::PhotoError;
use crate::prepare::Dimensions;
use crate::watch::Watch;

/// Beyond it (quality 13) hardly anything is left of a picture but its blocks: a much smaller one, which
/// looks no worse, is made instead. Before it [`dimension`] decides.
pub(crate) const COARSEST: Coarseness = Coarseness(400.0);
/// Share of the budget that is aimed at, and from which on one is content.
const AIM: f64 = 0.975;
const CONTENT: f64 = 0.955;
/// The same where little is left of the picture (below quality 40), of which a sample tells less.
const COARSE: Coarseness = Coarseness(125.0);
const AIM_COARSELY: f64 = 0.965;
const CONTENT_COARSELY: f64 = 0.95;
/// Bytes of ones are followed by a zero: so much of the file at most, by all that was seen.
const STUFFED: f64 = 1.004;
/// Size falls about with this power of the coarseness, as a first guess.
const POWER: f64 = 0.75;
const TRIES: u32 = 6;
/// The second is of a picture with more bytes of ones than that, the third of the coarsest one.
const CODINGS: u32 = 3;
/// Rough looks, and then good ones for each try at most; near enough is less than a hundredth.
const GUESSES: u32 = 3;
const LOOKS: u32 = 4;
/// A photo that a rough look finds so many times under the budget needs no better one.
const EASILY: f64 = 1.25;
const NEAR: f64 = 0.008;

pub(crate) enum Fit {
    Fits {
        coarseness: Coarseness,
        /// How often the whole picture was quantised.
        quantised: u32,
        /// How often it was coded.
        coded: u32,
        bytes: Vec<u8>,
    },
    /// Nothing was quantised: a picture of this longer side will look better.
    BetterSmaller { edge: u32 },
    /// Even the coarsest takes so many bytes.
    TooBig {
        smallest: u64,
        quantised: u32,
        coded: u32,
    },
}

/// What became of the plain way.
pub(crate) struct Plainly {
    /// None where it is over the budget.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) coded: u32,
}

/// The finest plain picture, if it is within the budget.
pub(crate) fn plainly(
    original: &Original,
    budget: u64,
    finest: Coarseness,
    pair: Pair,
    watch: &Watch<'_>,
) -> Result<Plainly, PhotoError> {
    let whole = Plain::new(original, finest, pair, watch)?;
    if whole.size() > budget {
        return Ok(Plainly {
            bytes: None,
            coded: 0,
        });
    }
    let bytes = whole.bytes();
    Ok(Plainly {
        bytes: (bytes.len() as u64 <= budget).then_some(bytes),
        coded: 1,
    })
}

pub(crate) fn fit(
    original: &Original,
    budget: u64,
    finest: Coarseness,
    dimensions: Dimensions,
    pair: Pair,
    watch: &Watch<'_>,
) -> Result<Fit, PhotoError> {
    // Whoever asks for less than that gets it, and no smaller picture.
    let coarsest = Coarseness(COARSEST.0.max(finest.0));
    let sample = Sample::of(original, pair);
    let mut search = Search::new(&sample, budget as f64 * AIM, finest, coarsest);
    let (aim, content) = if search.at > COARSE {
        (AIM_COARSELY, CONTENT_COARSELY)
    } else {
        (AIM, CONTENT)
    };
    let wanted = budget as f64 * aim;
    let mut sampled = Some(sample);
    // What the sample is wrong by.
    let mut truth = 1.0;
    let mut fits: Option<(Coarseness, Quantised)> = None;
    let mut smallest = u64::MAX;
    let mut quantised = 0;
    while quantised < TRIES {
        quantised += 1;
        // Not held beside the whole, which is nearly always the last that is done.
        let sample = sampled.take().unwrap_or_else(|| Sample::of(original, pair));
        let told = search.towards(&sample, wanted / truth, pair);
        let at = search.at;
        if quantised == 1 && dimensions == Dimensions::ByLook && at > finest {
            let longer = original.width().max(original.height());
            if let Some(edge) = dimension::better(longer, at, sample.detail()) {
                return Ok(Fit::BetterSmaller { edge });
            }
        }
        drop(sample);
        let whole = Quantised::new(original, at, &search.rates, pair, watch)?;
        let size = whole.size() as f64;
        smallest = smallest.min(whole.size());
        truth = size / told.max(1.0);
        // The coarsest has nothing behind it: it is coded where it might fit.
        let most = if at == coarsest { 1.0 } else { STUFFED };
        if size * most <= budget as f64 {
            let done = size >= budget as f64 * content || at == finest;
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
    let mut coded = 0;
    while let Some((at, whole)) = fits.take() {
        let bytes = whole.bytes(pair);
        drop(whole);
        coded += 1;
        let size = bytes.len() as u64;
        if size <= budget {
            return Ok(Fit::Fits {
                coarseness: at,
                quantised,
                coded,
                bytes,
            });
        }
        smallest = smallest.min(size);
        if at == coarsest || coded == CODINGS {
            break;
        }
        // More zeros behind bytes of ones than any photo has: a little coarser by what it is over.
        search.at = at;
        let at = match coded {
            1 => search.step(size as f64 * STUFFED, budget as f64),
            _ => coarsest,
        };
        let whole = Quantised::new(original, at, &search.rates, pair, watch)?;
        quantised += 1;
        fits = Some((at, whole));
    }
    Ok(Fit::TooBig {
        smallest,
        quantised,
        coded,
    })
}

struct Search {
    finest: Coarseness,
    coarsest: Coarseness,
    at: Coarseness,
    power: f64,
    /// The last rough look: where, and what it told.
    guessed: (Coarseness, f64),
    /// The same for every look and every try: what costs little is taken more often, which makes it
    /// cost less still, so rates that follow each other find no end.
    rates: [Rates; 2],
}

impl Search {
    /// Comes near to the coarseness at which so many bytes are taken, and settles the rates there.
    fn new(sample: &Sample, wanted: f64, finest: Coarseness, coarsest: Coarseness) -> Self {
        let mut search = Self {
            finest,
            coarsest,
            at: Coarseness(40.0_f32.clamp(finest.0, coarsest.0)),
            power: POWER,
            guessed: (coarsest, f64::INFINITY),
            rates: [Rates::guessed(), Rates::guessed()],
        };
        for _ in 0..GUESSES {
            let (bytes, rates) = sample.guess(search.at, &search.rates);
            search.rates = rates;
            search.guessed = (search.at, bytes);
            search.step(bytes, wanted);
        }
        search
    }

    /// Goes to the coarseness at which the sample tells so many bytes, and returns what it tells.
    fn towards(&mut self, sample: &Sample, wanted: f64, pair: Pair) -> f64 {
        if let (at, bytes) = self.guessed
            && at == self.finest
            && bytes * EASILY < wanted
        {
            self.at = at;
            return bytes;
        }
        let mut last: Option<(Coarseness, f64)> = None;
        let mut told = 0.0;
        for _ in 0..LOOKS {
            told = sample.tell(self.at, &self.rates, pair);
            if let Some((at, bytes)) = last {
                let power = (bytes / told).ln() / f64::from(self.at.0 / at.0).ln();
                if power.is_finite() && (0.3..=2.0).contains(&power) {
                    self.power = power;
                }
            }
            last = Some((self.at, told));
            let near = (told / wanted - 1.0).abs() < NEAR;
            let at = self.at;
            if near || self.step(told, wanted) == at {
                self.at = at;
                break;
            }
        }
        // What was told last is told of where it ends.
        last.map_or(told, |(at, told)| {
            self.at = at;
            told
        })
    }

    /// From where so many bytes are taken to where the wanted ones might be.
    fn step(&mut self, bytes: f64, wanted: f64) -> Coarseness {
        let next = f64::from(self.at.0) * (bytes / wanted).powf(1.0 / self.power);
        self.at = Coarseness((next as f32).clamp(self.finest.0, self.coarsest.0));
        self.at
    }
}

#[cfg(test)]
mod tests;
