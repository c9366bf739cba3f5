//! From levels to samples: the inverse cosine transform at eight, four, two and one samples a side.
//!
//! At eight it is libjpeg's in floating point (after Arai, Agui and Nakajima). Below, it shows the
//! lowest waves of the block and no others: the best that so few samples can tell, and what makes it
//! possible to keep so few levels. libjpeg's own reduced transforms are means over the samples of the
//! whole block instead, for which all 64 levels are needed.

use super::levels::{Levels, ORDER};

/// What the transform of eight expects to be multiplied with, along each side.
const EIGHT: [f32; 8] = [
    1.0,
    1.387_039_8,
    1.306_563,
    1.175_875_6,
    1.0,
    0.785_694_96,
    0.541_196_1,
    0.275_899_38,
];
/// A wave of a mean's size, among 8 x 8.
const FLAT: f32 = std::f32::consts::FRAC_1_SQRT_2 / 2.0;

pub(super) struct Inverse {
    side: usize,
    /// What each kept level is multiplied with, row by row of the smaller block.
    steps: [f32; 64],
}

impl Inverse {
    /// `table` is in the file's order.
    pub(super) fn new(side: u32, table: &[u16; 64]) -> Self {
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

    /// How far a sample can lie from the middle before it is cut to what a byte holds.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn loudest(&self, levels: &Levels) -> f32 {
        let mut loudest = 0.0_f32;
        for block in 0..levels.blocks() {
            let mut numbers = [0.0; 64];
            levels.numbers(block, &self.steps, &mut numbers);
            let reach = numbers.iter().enumerate().map(|(at, number)| {
                let (row, column) = (at / self.side, at % self.side);
                // No wave is higher than a quarter of its number.
                number.abs() / (scale(self.side, row) * scale(self.side, column)) / 4.0
            });
            let count = self.side * self.side;
            loudest = loudest.max(reach.take(count).sum());
        }
        loudest
    }

    /// Writes the samples of a block into `rows`, from `column` on.
    #[inline]
    pub(super) fn block(
        &self,
        levels: &Levels,
        block: usize,
        rows: &mut [u8],
        stride: usize,
        column: usize,
    ) {
        let mut numbers = [0.0; 64];
        let rows = rows.chunks_exact_mut(stride.max(1));
        let rows = rows.filter_map(|row| row.get_mut(column..column + self.side));
        if !levels.numbers(block, &self.steps, &mut numbers) {
            let [mean, ..] = numbers;
            // The mean's wave is of one height along both sides.
            rows.for_each(|row| row.fill(sample(mean)));
            return;
        }
        match self.side {
            8 => eight(&numbers, rows),
            4 => four(&numbers, rows),
            _ => two(&numbers, rows),
        }
    }
}

fn scale(side: usize, frequency: usize) -> f32 {
    match (side, frequency) {
        (8, _) => EIGHT.get(frequency).copied().unwrap_or_default() * FLAT,
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
fn add<const N: usize>(a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    std::array::from_fn(|at| a.get(at).unwrap_or(&0.0) + b.get(at).unwrap_or(&0.0))
}

#[inline(always)]
fn sub<const N: usize>(a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    std::array::from_fn(|at| a.get(at).unwrap_or(&0.0) - b.get(at).unwrap_or(&0.0))
}

#[inline(always)]
fn times<const N: usize>(a: Lanes<N>, by: f32) -> Lanes<N> {
    a.map(|number| number * by)
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

fn eight<'a>(numbers: &[f32; 64], rows: impl Iterator<Item = &'a mut [u8]>) {
    let mut block = [[0.0; 8]; 8];
    for (row, from) in block.iter_mut().zip(numbers.as_chunks::<8>().0) {
        *row = *from;
    }
    let block = transposed(columns(transposed(columns(block))));
    for (row, numbers) in rows.zip(block) {
        if let Some(row) = row.first_chunk_mut::<8>() {
            *row = numbers.map(sample);
        }
    }
}

#[inline(always)]
fn columns([n0, n1, n2, n3, n4, n5, n6, n7]: [Lanes<8>; 8]) -> [Lanes<8>; 8] {
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

fn four<'a>(numbers: &[f32; 64], rows: impl Iterator<Item = &'a mut [u8]>) {
    let mut block = [[0.0; 4]; 4];
    for (row, from) in block.iter_mut().zip(numbers.as_chunks::<4>().0) {
        *row = *from;
    }
    let block = transposed(quads(transposed(quads(block))));
    for (row, numbers) in rows.zip(block) {
        if let Some(row) = row.first_chunk_mut::<4>() {
            *row = numbers.map(sample);
        }
    }
}

#[inline(always)]
fn quads([n0, n1, n2, n3]: [Lanes<4>; 4]) -> [Lanes<4>; 4] {
    /// Cosine and sine of an eighth of a half turn.
    const COS: f32 = 0.923_879_5;
    const SIN: f32 = 0.382_683_43;
    let (e0, e1) = (add(n0, n2), sub(n0, n2));
    let o0 = add(times(n1, COS), times(n3, SIN));
    let o1 = sub(times(n1, SIN), times(n3, COS));
    [add(e0, o0), add(e1, o1), sub(e1, o1), sub(e0, o0)]
}

fn two<'a>(numbers: &[f32; 64], rows: impl Iterator<Item = &'a mut [u8]>) {
    let [mean, across, down, both, ..] = *numbers;
    let block = [
        [mean + across + down + both, mean - across + down - both],
        [mean + across - down - both, mean - across - down + both],
    ];
    for (row, numbers) in rows.zip(block) {
        if let Some(row) = row.first_chunk_mut::<2>() {
            *row = numbers.map(sample);
        }
    }
}
