//! The discrete cosine transform of a block, in floating point, eight columns at once: after Arai,
//! Agui and Nakajima, whose scale is put right together with the division by the table.

use crate::canvas::{SIDE, Samples};

/// A row of a block; its operations become vector instructions.
type Lanes = [f32; SIDE];
/// Horizontal frequency first: the transform leaves it so, and [`super::tables`] knows it.
pub(super) type Spectrum = [Lanes; SIDE];

#[inline(always)]
pub(super) fn forward(samples: &Samples) -> Spectrum {
    let mut centred = [[0.0; SIDE]; SIDE];
    for (to, row) in centred.iter_mut().zip(samples) {
        for (to, sample) in to.iter_mut().zip(row) {
            *to = f32::from(*sample) - 128.0;
        }
    }
    columns(&transposed(&columns(&centred)))
}

#[inline(always)]
fn transposed(from: &Spectrum) -> Spectrum {
    let mut to = [[0.0; SIDE]; SIDE];
    for (column, row) in from.iter().enumerate() {
        for (to, value) in to.iter_mut().zip(row) {
            if let Some(to) = to.get_mut(column) {
                *to = *value;
            }
        }
    }
    to
}

/// All eight columns. One after the other as it stands here, of which vector instructions for all at once
/// are made; with whole rows as the numbers of one sum, none were.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "arrays of eight")]
fn columns(from: &Spectrum) -> Spectrum {
    const HALF_ROOT: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let mut to = [[0.0; SIDE]; SIDE];
    for at in 0..SIDE {
        let (s0, m7) = (from[0][at] + from[7][at], from[0][at] - from[7][at]);
        let (s1, m6) = (from[1][at] + from[6][at], from[1][at] - from[6][at]);
        let (s2, m5) = (from[2][at] + from[5][at], from[2][at] - from[5][at]);
        let (s3, m4) = (from[3][at] + from[4][at], from[3][at] - from[4][at]);

        let (e0, e3) = (s0 + s3, s0 - s3);
        let (e1, e2) = (s1 + s2, s1 - s2);
        let turned = (e2 + e3) * HALF_ROOT;

        let (o0, o1, o2) = (m4 + m5, m5 + m6, m6 + m7);
        let z5 = (o0 - o2) * 0.382_683_43;
        let z2 = o0 * 0.541_196_1 + z5;
        let z4 = o2 * 1.306_563 + z5;
        let z3 = o1 * HALF_ROOT;
        let (z11, z13) = (m7 + z3, m7 - z3);

        to[0][at] = e0 + e1;
        to[1][at] = z11 + z4;
        to[2][at] = e3 + turned;
        to[3][at] = z13 - z2;
        to[4][at] = e0 - e1;
        to[5][at] = z13 + z2;
        to[6][at] = e3 - turned;
        to[7][at] = z11 - z4;
    }
    to
}
