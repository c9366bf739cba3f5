//! What a level costs in bits, as the picture itself tells: counted on a sample of its blocks.

use super::trellis::Level;

/// Bits of a level's size: 1 to 10.
const SIZES: usize = 11;
const RUNS: usize = 16;

/// How often each pair of run and size comes, and each end.
#[derive(Clone)]
pub(super) struct Counts {
    pairs: [[u32; RUNS]; SIZES],
    sixteen_zeros: u32,
    ends: u32,
}

impl Counts {
    pub(super) const fn new() -> Self {
        Self {
            pairs: [[0; RUNS]; SIZES],
            sixteen_zeros: 0,
            ends: 0,
        }
    }

    pub(super) fn block(&mut self, levels: &[Level]) {
        let mut last = 0;
        for level in levels {
            let run = level.place() - last - 1;
            last = level.place();
            self.sixteen_zeros += (run >> 4) as u32;
            let size = (u16::BITS - level.value().unsigned_abs().leading_zeros()) as usize;
            if let Some(count) = self
                .pairs
                .get_mut(size)
                .and_then(|runs| runs.get_mut(run & 15))
            {
                *count += 1;
            }
        }
        if last < 63 {
            self.ends += 1;
        }
    }

    /// Bits of all that was counted, with codes as short as can be.
    pub(super) fn bits(&self) -> f64 {
        let total = self.total();
        let ideal = |count: u32| {
            if count == 0 {
                0.0
            } else {
                f64::from(count) * (total / f64::from(count)).log2()
            }
        };
        let pairs = self.pairs.iter().enumerate().flat_map(|(size, runs)| {
            runs.iter()
                .map(move |count| ideal(*count) + f64::from(*count) * size as f64)
        });
        pairs.sum::<f64>() + ideal(self.sixteen_zeros) + ideal(self.ends)
    }

    fn total(&self) -> f64 {
        let pairs: u32 = self.pairs.iter().flatten().sum();
        f64::from(pairs + self.sixteen_zeros + self.ends).max(1.0)
    }
}

/// Bits of each symbol with the bits that follow it.
pub(crate) struct Rates {
    /// For each size and run: the size below, and the size itself.
    pairs: [[[f32; 2]; RUNS]; SIZES],
    least: [f32; SIZES],
    pub(super) sixteen_zeros: f32,
    pub(super) end: f32,
}

impl Rates {
    /// Before anything was counted: each zero before it and each bit of a size costs about so much.
    pub(crate) fn guessed() -> Self {
        Self::from(
            |run, size| 1.3 + 0.42 * run as f32 + 1.9 * size as f32,
            11.0,
            2.5,
        )
    }

    pub(super) fn counted(counts: &Counts) -> Self {
        let total = counts.total() as f32 + 200.0;
        let bits = |count: u32| (total / (count as f32 + 0.6)).log2().clamp(1.0, 16.0);
        Self::from(
            |run, size| {
                let count = counts.pairs.get(size).and_then(|runs| runs.get(run));
                bits(count.copied().unwrap_or_default()) + size as f32
            },
            bits(counts.sixteen_zeros),
            bits(counts.ends),
        )
    }

    fn from(cost: impl Fn(usize, usize) -> f32, sixteen_zeros: f32, end: f32) -> Self {
        let mut pairs = [[[0.0; 2]; RUNS]; SIZES];
        let mut least = [f32::INFINITY; SIZES];
        for (size, (runs, least)) in pairs.iter_mut().zip(&mut least).enumerate().skip(1) {
            for (run, pair) in runs.iter_mut().enumerate() {
                *pair = [cost(run, size - 1), cost(run, size)];
                *least = least.min(cost(run, size));
            }
        }
        Self {
            pairs,
            least,
            sixteen_zeros,
            end,
        }
    }

    #[inline(always)]
    pub(super) fn pair(&self, run: u32, size: u32) -> [f32; 2] {
        let runs = self.pairs.get(size as usize & 15);
        runs.and_then(|runs| runs.get(run as usize & 15))
            .copied()
            .unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn least(&self, size: u32) -> f32 {
        self.least.get(size as usize).copied().unwrap_or_default()
    }
}
