//! The discrete cosine transform of a block, in floating point, eight columns at once: after Arai,
//! Agui and Nakajima, whose scale is put right together with the division by the table.

use super::planes::{SIDE, Samples};

/// A row of a block; its operations become vector instructions.
type Lanes = [f32; SIDE];
/// Horizontal frequency first: the transform leaves it so, and [`super::tables`] knows it.
pub(super) type Spectrum = [Lanes; SIDE];

/// What the transform leaves to be divided by, along each side.
pub(super) const SCALE: [f32; SIDE] = [
    1.0,
    1.387_039_8,
    1.306_563,
    1.175_875_6,
    1.0,
    0.785_694_96,
    0.541_196_1,
    0.275_899_38,
];

#[inline(always)]
pub(super) fn forward(samples: &Samples) -> Spectrum {
    let mut centred = [[0.0; SIDE]; SIDE];
    for (to, row) in centred.iter_mut().zip(samples) {
        for (to, sample) in to.iter_mut().zip(row) {
            *to = f32::from(*sample) - 128.0;
        }
    }
    columns(transposed(columns(centred)))
}

#[inline(always)]
fn transposed(from: Spectrum) -> Spectrum {
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

#[inline(always)]
fn add(mut a: Lanes, b: Lanes) -> Lanes {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}

#[inline(always)]
fn sub(mut a: Lanes, b: Lanes) -> Lanes {
    a.iter_mut().zip(b).for_each(|(a, b)| *a -= b);
    a
}

#[inline(always)]
fn times(mut a: Lanes, factor: f32) -> Lanes {
    a.iter_mut().for_each(|a| *a *= factor);
    a
}

#[inline(always)]
fn columns([d0, d1, d2, d3, d4, d5, d6, d7]: Spectrum) -> Spectrum {
    const HALF_ROOT: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let (s0, m7) = (add(d0, d7), sub(d0, d7));
    let (s1, m6) = (add(d1, d6), sub(d1, d6));
    let (s2, m5) = (add(d2, d5), sub(d2, d5));
    let (s3, m4) = (add(d3, d4), sub(d3, d4));

    let (e0, e3) = (add(s0, s3), sub(s0, s3));
    let (e1, e2) = (add(s1, s2), sub(s1, s2));
    let turned = times(add(e2, e3), HALF_ROOT);

    let (o0, o1, o2) = (add(m4, m5), add(m5, m6), add(m6, m7));
    let z5 = times(sub(o0, o2), 0.382_683_43);
    let z2 = add(times(o0, 0.541_196_1), z5);
    let z4 = add(times(o2, 1.306_563), z5);
    let z3 = times(o1, HALF_ROOT);
    let (z11, z13) = (add(m7, z3), sub(m7, z3));

    [
        add(e0, e1),
        add(z11, z4),
        add(e3, turned),
        sub(z13, z2),
        sub(e0, e1),
        add(z13, z2),
        sub(e3, turned),
        sub(z11, z4),
    ]
}
