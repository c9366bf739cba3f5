//! Quantisation tables at any coarseness, and the order in which a block's numbers are coded.

use crate::block::{ORDER, SCALE};

/// Numbers of a block.
pub(super) const PLACES: usize = 64;

/// Row by row, as ImageMagick's users found it and mozjpeg takes it by default; the same for
/// brightness and colours.
const BASE: [u16; PLACES] = [
    16, 16, 16, 18, 25, 37, 56, 85, //
    16, 17, 20, 27, 34, 40, 53, 75, //
    16, 20, 24, 31, 43, 62, 91, 135, //
    18, 27, 31, 40, 53, 74, 106, 156, //
    25, 34, 43, 53, 69, 94, 131, 189, //
    37, 40, 62, 74, 94, 124, 169, 238, //
    56, 53, 91, 106, 131, 169, 226, 311, //
    85, 75, 135, 156, 189, 238, 311, 418,
];

/// One number for each place of a block, in coding order. Places are taken modulo 64, so that
/// asking cannot fail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<T>(pub(super) [T; PLACES]);

impl<T: Copy + Default> Places<T> {
    #[inline(always)]
    pub(super) fn at(&self, place: usize) -> T {
        self.0.get(place % PLACES).copied().unwrap_or_default()
    }
}

/// Above it the mean of a block takes steps of two at least, a quarter of a gray level: steps of one
/// cost a smooth picture a seventh of its bytes, and nobody sees them.
const NO_LOSS: f32 = 8.0;
/// Places whose rounding is felt in the size, and how strongly it is evened out.
const FELT: usize = 24;
const EVENING: f32 = 1.5;

/// One table, ready to divide by.
pub(super) struct Table {
    /// As written into the file, in coding order.
    pub(super) steps: Places<u16>,
    /// From the transform's numbers, in its order, to multiples of the step.
    pub(super) divide: [f32; PLACES],
    /// What error counts, against where it should: steps are whole numbers, and where fine ones are
    /// rounded, many at once, weighing differently evens out what that does to the size.
    pub(super) keenness: f32,
    /// From multiples of the step to the transform's true size, squared, in its order.
    pub(super) weight: [f32; PLACES],
}

impl Table {
    pub(super) fn light(percent: f32) -> Self {
        Self::new(percent, &LIGHT)
    }

    pub(super) fn colour(percent: f32) -> Self {
        Self::new(percent, &COLOUR)
    }

    /// `percent` of the table, of any fraction.
    fn new(percent: f32, shape: &Shape) -> Self {
        let mut steps = Places([1; PLACES]);
        let mut divide = [0.0; PLACES];
        let mut weight = [0.0; PLACES];
        let mut rounding = 0.0;
        for (place, step) in steps.0.iter_mut().enumerate() {
            let natural = usize::from(Places(ORDER).at(place));
            let exact = shape.step(natural) * percent / 100.0;
            // One byte each in the file.
            let least = if natural == 0 && percent > NO_LOSS {
                2.0
            } else {
                1.0
            };
            *step = exact.round().clamp(least, 255.0) as u16;
            if place < FELT {
                rounding += (f32::from(*step) / exact.clamp(1.0, 255.0)).ln() / FELT as f32;
            }
            let (row, column) = (natural / 8, natural % 8);
            let scale = |at: usize| SCALE.get(at).copied().unwrap_or(1.0);
            let order = column * 8 + row;
            let step = f32::from(*step);
            if let (Some(divide), Some(weight)) = (divide.get_mut(order), weight.get_mut(order)) {
                *divide = 1.0 / (step * 8.0 * scale(row) * scale(column));
                *weight = if natural == 0 { 0.0 } else { step * step };
            }
        }
        Self {
            steps,
            divide,
            weight,
            keenness: (EVENING * rounding).exp(),
        }
    }
}

/// How the base table is bent. Found by trying one number after the other on six real photos at 1.25
/// and 0.65 bits a pixel, judged by SSIMULACRA2: 1.6 and 2.6 points over the plain table.
struct Shape {
    /// Power of a step's ratio to the finest: below zero, coarse steps become finer.
    slope: f32,
    /// The share by which steps near the mean become finer, fading with their frequency.
    lift: f32,
    /// So that a percentage takes as many bytes as it does of the plain table in mozjpeg: what is
    /// called a quality means what people know by it.
    whole: f32,
}

const LIGHT: Shape = Shape {
    slope: -0.4,
    lift: 0.45,
    whole: 1.7,
};
const COLOUR: Shape = Shape {
    slope: -0.35,
    lift: 0.55,
    whole: 1.56,
};
/// The mean of a block takes half the step: what is smooth shows its blocks otherwise.
const MEAN: f32 = 0.5;
/// Frequency squared at which the lift has faded to a third.
const FADE: f32 = 4.0;

impl Shape {
    /// Of the base table's 16, before any coarseness.
    fn step(&self, natural: usize) -> f32 {
        let base = f32::from(Places(BASE).at(natural));
        let (row, column) = (natural / 8, natural % 8);
        let frequency = (row * row + column * column) as f32;
        let mean = if natural == 0 { MEAN } else { 1.0 };
        let lifted = 1.0 - self.lift * (-frequency / FADE).exp();
        base * (base / 16.0).powf(self.slope) * lifted * mean * self.whole
    }
}

/// Place in the transform's order (columns first) of each number in coding order.
pub(super) const SPECTRUM_ORDER: [u8; PLACES] = {
    let mut order = [0; PLACES];
    let mut at = 0;
    while at < PLACES {
        #[allow(clippy::indexing_slicing, reason = "at compile time")]
        {
            order[at] = ORDER[at] % 8 * 8 + ORDER[at] / 8;
        }
        at += 1;
    }
    order
};
