//! Whether a smaller picture would look better at the same number of bytes.
//!
//! Where many bytes are lacking, fewer pixels of a better quality can show more, though they are
//! enlarged again to be looked at. That depends on the picture: enlarging loses the fine detail that a
//! sharp photo still has at a low quality, and a soft one never had.
//!
//! Measured on 27 photos (15 real ones, 12 scenes) at 25 to 300 KB, 63 choices in all: SSIMULACRA2 of
//! pictures of 1600, 1280 and 1024 pixels at the full size, enlarged bicubically and bilinearly, of which
//! the worse one counts. What a smaller one gains grows with the coarseness that the budget asks for and falls
//! with the detail; the two lines were fitted to it, and a smaller picture is made only where they
//! promise more than they were ever wrong by on a photo that it made worse.

use crate::encode::Coarseness;

struct Smaller {
    /// Of the longer side, as a fraction.
    share: (u32, u32),
    /// Points gained: `base`, more by `coarse` for each e-fold of the coarseness, less by `detailed`
    /// for each of the detail.
    base: f64,
    coarse: f64,
    detailed: f64,
    /// Points that must be promised.
    least: f64,
}

const SIZES: [Smaller; 2] = [
    Smaller {
        share: (4, 5),
        base: 5.8,
        coarse: 2.28,
        detailed: 2.5,
        least: 1.0,
    },
    Smaller {
        share: (16, 25),
        base: 2.4,
        coarse: 3.18,
        detailed: 2.58,
        least: 1.7,
    },
];

/// Below it nothing was measured, and there is little to save.
const LEAST_EDGE: u32 = 800;

/// The longer side that would look better than `longer` pixels at this coarseness, if one would.
pub(super) fn better(longer: u32, at: Coarseness, detail: f64) -> Option<u32> {
    let coarseness = f64::from(at.0).ln();
    let detail = detail.max(1.0).ln();
    let sizes = SIZES.iter().filter_map(|size| {
        let gain = size.base + size.coarse * coarseness - size.detailed * detail;
        let (of, whole) = size.share;
        (gain > size.least && longer >= LEAST_EDGE).then_some((gain, longer * of / whole))
    });
    sizes
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, edge)| edge)
}

#[cfg(test)]
mod tests;
