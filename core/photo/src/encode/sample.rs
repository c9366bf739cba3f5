//! Some blocks of the picture, spread over it, that tell what the whole will take.

use super::dct::{self, Spectrum};
use super::planes::{Plane, SIDE};
use super::rates::{Counts, Rates};
use super::{Coarseness, Original, trellis};

/// At most one group of blocks in so many is taken, and of a small picture at least so many.
const ONE_IN: usize = 8;
const FEWEST: usize = 600;
/// What the scans of a progressive file make of the bits counted block by block.
const SCANS_TO_BLOCKS: f64 = 0.976;

pub(crate) struct Sample {
    light: Vec<Spectrum>,
    colour: Vec<Spectrum>,
    /// Blocks in the picture for each in the sample.
    scale: [f64; 2],
    /// Sums of the samples of each block of each plane: their means at any step.
    sums: [Vec<i32>; 3],
}

/// What a coarseness gives.
pub(crate) struct Told {
    pub(crate) bytes: f64,
    pub(crate) rates: [Rates; 2],
}

impl Sample {
    pub(crate) fn of(original: &Original) -> Self {
        let [light_plane, blue, red] = &original.planes;
        let (mut light, mut colour) = (Vec::new(), Vec::new());
        let one_in = (blue.wide * blue.high / FEWEST).clamp(1, ONE_IN);
        for row in 0..blue.high {
            let upper = light_plane.strip(row * 2);
            let lower = light_plane.strip(row * 2 + 1);
            let (blue_strip, red_strip) = (blue.strip(row), red.strip(row));
            // A lattice that meets no row or column of the picture twice in a short while.
            let first = (one_in - row * 3 % one_in) % one_in;
            for column in (first..blue.wide).step_by(one_in) {
                for (strip, below) in [(&upper, 0), (&lower, 1)] {
                    for right in 0..2 {
                        if row * 2 + below < light_plane.high
                            && column * 2 + right < light_plane.wide
                        {
                            light.push(dct::forward(&strip.block(column * 2 + right)));
                        }
                    }
                }
                colour.push(dct::forward(&blue_strip.block(column)));
                colour.push(dct::forward(&red_strip.block(column)));
            }
        }
        let scale = |all: usize, taken: usize| all as f64 / taken.max(1) as f64;
        Self {
            scale: [
                scale(light_plane.wide * light_plane.high, light.len()),
                scale(blue.wide * blue.high * 2, colour.len()),
            ],
            light,
            colour,
            sums: [sums(light_plane), sums(blue), sums(red)],
        }
    }

    /// `near` are the rates at a coarseness not far away.
    pub(crate) fn tell(&self, coarseness: Coarseness, near: &[Rates; 2]) -> Told {
        let tables = coarseness.tables();
        let [light_table, colour_table] = &tables;
        let [light_rates, colour_rates] = near;
        let mut levels = Vec::new();
        let mut count = |blocks: &[Spectrum], table, rates| {
            let mut counts = Counts::new();
            for block in blocks {
                levels.clear();
                trellis::quantise(block, table, rates, &mut levels);
                counts.block(&levels);
            }
            counts
        };
        let light = count(&self.light, light_table, light_rates);
        let colour = count(&self.colour, colour_table, colour_rates);
        let [light_scale, colour_scale] = self.scale;
        let blocks = light.bits() * light_scale + colour.bits() * colour_scale;
        let means: f64 = self
            .sums
            .iter()
            .zip([light_table, colour_table, colour_table])
            .map(|(sums, table)| means(sums, table.steps.at(0)))
            .sum();
        Told {
            bytes: (blocks * SCANS_TO_BLOCKS + means) / 8.0 + 700.0,
            rates: [Rates::counted(&light), Rates::counted(&colour)],
        }
    }
}

fn sums(plane: &Plane) -> Vec<i32> {
    let mut sums = Vec::with_capacity(plane.wide * plane.high);
    for row in 0..plane.high {
        let strip = plane.strip(row);
        sums.extend((0..plane.wide).map(|column| {
            strip
                .block(column)
                .as_flattened()
                .iter()
                .map(|sample| i32::from(*sample))
                .sum::<i32>()
        }));
    }
    sums
}

/// Bits of the means, each against the one to its left.
fn means(sums: &[i32], step: u16) -> f64 {
    // The transform's first number is an eighth of the sum.
    let step = i32::from(step) * SIDE as i32;
    let mut counts = [0_u32; 16];
    let mut last = 0;
    for sum in sums {
        let mean = (sum + step / 2) / step;
        let bits = (u32::BITS - (mean - last).unsigned_abs().leading_zeros()) as usize;
        last = mean;
        if let Some(count) = counts.get_mut(bits) {
            *count += 1;
        }
    }
    let total = sums.len().max(1) as f64;
    (0_u8..)
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(bits, count)| {
            f64::from(count) * (f64::from(bits) + (total / f64::from(count)).log2())
        })
        .sum()
}
