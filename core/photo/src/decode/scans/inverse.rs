//! From levels to samples: the inverse cosine transform at eight, four, two and one samples a side.
//!
//! At eight it is libjpeg's in floating point (after Arai, Agui and Nakajima). Below, it shows the
//! lowest waves of the block and no others: the best that so few samples can tell, and what makes it
//! possible to keep so few levels. libjpeg's own reduced transforms are means over the samples of the
//! whole block instead, for which all 64 levels are needed.

use crate::block::{ORDER, SCALE};
use crate::wide::wide;

/// A wave of a mean's size, among 8 x 8.
const FLAT: f32 = std::f32::consts::FRAC_1_SQRT_2 / 2.0;

pub(in crate::decode) struct Inverse {
    side: usize,
    /// What each kept level is multiplied with, row by row of the smaller block.
    steps: [f32; 64],
}

/// Where the levels of blocks stand that lie side by side: `wide` of them, each `block` behind the one
/// before, then as many again `group` further.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Walk {
    pub(in crate::decode) first: usize,
    pub(in crate::decode) block: usize,
    pub(in crate::decode) wide: usize,
    pub(in crate::decode) group: usize,
    pub(in crate::decode) count: usize,
    /// Sample of each row that the first block begins with.
    pub(in crate::decode) column: usize,
    /// What is added to every mean.
    pub(in crate::decode) mean: i16,
}

impl Inverse {
    /// `table` is in the file's order.
    pub(in crate::decode) fn new(side: u32, table: &[u16; 64]) -> Self {
        let side = side as usize;
        let mut steps = [0.0; 64];
        for (step, order) in table.iter().zip(ORDER) {
            let (row, column) = (usize::from(order / 8), usize::from(order % 8));
            if row.max(column) < side
                && let Some(slot) = steps.get_mut(row * side + column)
            {
                *slot = f32::from(*step) * scale(side, row) * scale(side, column);
            }
        }
        Self { side, steps }
    }

    /// How far a sample of this block can lie from the middle before it is cut to what a byte holds.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn loudest(&self, levels: &[i16]) -> f32 {
        let numbers = levels.iter().zip(&self.steps).enumerate();
        let reach = numbers.map(|(at, (level, step))| {
            let (row, column) = (at / self.side, at % self.side);
            // No wave is higher than a quarter of its number.
            (f32::from(*level) * step).abs()
                / (scale(self.side, row) * scale(self.side, column))
                / 4.0
        });
        reach.sum()
    }
}

// Writes the samples of blocks side by side into the rows of `samples`, each of so many.
wide!(pub(in crate::decode) fn strip(
    inverse: &Inverse,
    levels: &[i16],
    walk: Walk,
    samples: &mut [u8],
    stride: usize,
) = any_side);

#[inline(always)]
fn any_side(inverse: &Inverse, levels: &[i16], walk: Walk, samples: &mut [u8], stride: usize) {
    match inverse.side {
        8 => blocks::<8, 64>(inverse, levels, walk, samples, stride),
        4 => blocks::<4, 16>(inverse, levels, walk, samples, stride),
        2 => blocks::<2, 4>(inverse, levels, walk, samples, stride),
        _ => blocks::<1, 1>(inverse, levels, walk, samples, stride),
    }
}

#[inline(always)]
fn blocks<const SIDE: usize, const COUNT: usize>(
    inverse: &Inverse,
    levels: &[i16],
    walk: Walk,
    samples: &mut [u8],
    stride: usize,
) {
    let Some(steps) = inverse.steps.first_chunk::<COUNT>() else {
        return;
    };
    let (mut group, mut within, mut column) = (walk.first, 0, walk.column);
    for _ in 0..walk.count {
        let from = levels.get(group + within * walk.block..);
        let Some(levels) = from.and_then(<[i16]>::first_chunk::<COUNT>) else {
            return;
        };
        let mut numbers = [0.0; COUNT];
        let mut any = 0;
        if let ([mean, others @ ..], [number, numbers @ ..], [step, steps @ ..]) =
            (&levels[..], &mut numbers[..], &steps[..])
        {
            *number = f32::from(mean.wrapping_add(walk.mean)) * step;
            for ((number, step), level) in numbers.iter_mut().zip(steps).zip(others) {
                *number = f32::from(*level) * step;
                any |= *level;
            }
        }
        let rows = samples.chunks_exact_mut(stride.max(1));
        let made = if any == 0 {
            // The mean's wave is of one height along both sides.
            [[numbers.first().copied().unwrap_or_default(); SIDE]; SIDE]
        } else {
            transform(&numbers)
        };
        for (row, made) in rows.zip(made) {
            let Some(row) = row.get_mut(column..column + SIDE) else {
                return;
            };
            for (to, number) in row.iter_mut().zip(made) {
                *to = sample(number);
            }
        }
        column += SIDE;
        within += 1;
        if within == walk.wide {
            (group, within) = (group + walk.group, 0);
        }
    }
}

#[inline(always)]
fn transform<const SIDE: usize, const COUNT: usize>(numbers: &[f32; COUNT]) -> [[f32; SIDE]; SIDE] {
    let mut block = [[0.0; SIDE]; SIDE];
    for (row, from) in block.iter_mut().zip(numbers.as_chunks::<SIDE>().0) {
        *row = *from;
    }
    transposed(columns(transposed(columns(block))))
}

#[inline(always)]
fn columns<const SIDE: usize>(block: [[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    let mut made = block;
    match (&block[..], &mut made[..]) {
        ([n0, n1, n2, n3, n4, n5, n6, n7], [m0, m1, m2, m3, m4, m5, m6, m7]) => {
            [*m0, *m1, *m2, *m3, *m4, *m5, *m6, *m7] =
                eight([*n0, *n1, *n2, *n3, *n4, *n5, *n6, *n7]);
        }
        ([n0, n1, n2, n3], [m0, m1, m2, m3]) => {
            [*m0, *m1, *m2, *m3] = four([*n0, *n1, *n2, *n3]);
        }
        ([n0, n1], [m0, m1]) => (*m0, *m1) = (add(*n0, *n1), sub(*n0, *n1)),
        _ => {}
    }
    made
}

fn scale(side: usize, frequency: usize) -> f32 {
    match (side, frequency) {
        (8, _) => SCALE.get(frequency).copied().unwrap_or_default() * FLAT,
        (4, 1 | 3) => 0.5,
        _ => FLAT,
    }
}

/// Rounds around 128. Adding 2^23 leaves a whole number in the lowest bits.
#[inline(always)]
fn sample(number: f32) -> u8 {
    ((number + 128.0).clamp(0.0, 255.0) + 8_388_608.0).to_bits() as u8
}

type Lanes<const N: usize> = [f32; N];

#[inline(always)]
fn add<const N: usize>(mut a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
    a
}

#[inline(always)]
fn sub<const N: usize>(mut a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    for (a, b) in a.iter_mut().zip(b) {
        *a -= b;
    }
    a
}

#[inline(always)]
fn times<const N: usize>(mut a: Lanes<N>, by: f32) -> Lanes<N> {
    for a in &mut a {
        *a *= by;
    }
    a
}

#[inline(always)]
fn transposed<const N: usize>(from: [Lanes<N>; N]) -> [Lanes<N>; N] {
    let mut to = [[0.0; N]; N];
    for (column, row) in from.iter().enumerate() {
        for (target, number) in to.iter_mut().zip(row) {
            if let Some(slot) = target.get_mut(column) {
                *slot = *number;
            }
        }
    }
    to
}

#[inline(always)]
fn eight<const N: usize>([n0, n1, n2, n3, n4, n5, n6, n7]: [Lanes<N>; 8]) -> [Lanes<N>; 8] {
    const SQRT_2: f32 = std::f32::consts::SQRT_2;
    let (t10, t11) = (add(n0, n4), sub(n0, n4));
    let t13 = add(n2, n6);
    let t12 = sub(times(sub(n2, n6), SQRT_2), t13);
    let (e0, e3) = (add(t10, t13), sub(t10, t13));
    let (e1, e2) = (add(t11, t12), sub(t11, t12));

    let (z13, z10) = (add(n5, n3), sub(n5, n3));
    let (z11, z12) = (add(n1, n7), sub(n1, n7));
    let o7 = add(z11, z13);
    let t11 = times(sub(z11, z13), SQRT_2);
    let z5 = times(add(z10, z12), 1.847_759);
    let t10 = sub(z5, times(z12, 1.082_392_2));
    let t12 = sub(z5, times(z10, 2.613_126));
    let o6 = sub(t12, o7);
    let o5 = sub(t11, o6);
    let o4 = sub(t10, o5);
    [
        add(e0, o7),
        add(e1, o6),
        add(e2, o5),
        add(e3, o4),
        sub(e3, o4),
        sub(e2, o5),
        sub(e1, o6),
        sub(e0, o7),
    ]
}

#[inline(always)]
fn four<const N: usize>([n0, n1, n2, n3]: [Lanes<N>; 4]) -> [Lanes<N>; 4] {
    /// Cosine and sine of an eighth of a half turn.
    const COS: f32 = 0.923_879_5;
    const SIN: f32 = 0.382_683_43;
    let (e0, e1) = (add(n0, n2), sub(n0, n2));
    let o0 = add(times(n1, COS), times(n3, SIN));
    let o1 = sub(times(n1, SIN), times(n3, COS));
    [add(e0, o0), add(e1, o1), sub(e1, o1), sub(e0, o0)]
}
