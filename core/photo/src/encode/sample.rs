//! Some blocks of the picture, spread over it, that tell what the whole will take.

use super::dct::{self, Spectrum};
use super::levels::{Component, Rows};
use super::rates::{Counts, Rates};
use super::scan::SCANS;
use super::tables::Table;
use super::trellis::{self, Level};
use super::{Coarseness, Original, Pair, counted, shared};
use crate::block::SCALE;
use crate::canvas::{Plane, SIDE};
use crate::wide::wide;

/// At most one group of blocks in so many is taken, and of a small picture at least so many.
const ONE_IN: usize = 8;
const FEWEST: usize = 600;
/// A first look needs no more than every so manieth of them.
const ROUGHLY: usize = 4;
/// What the scans of a progressive file make of the bits counted block by block, about.
const SCANS_TO_BLOCKS: f64 = 1.01;
/// Headers of the file and of its scans, with their codes.
const HEADERS: f64 = 700.0;

pub(crate) struct Sample {
    /// Of the light, then of each colour.
    spectra: [Vec<Spectrum>; 3],
    /// Blocks in the picture for each in the sample.
    scale: [f64; 3],
    /// Sums of the samples of each block of each plane: their means at any step.
    sums: [Vec<i32>; 3],
}

impl Sample {
    pub(crate) fn of(original: &Original, pair: Pair) -> Self {
        let [light, blue, _] = &original.planes;
        let one_in = (blue.wide * blue.high / FEWEST).clamp(1, ONE_IN);
        let work = |planes: &[&Plane]| -> Vec<(Vec<Spectrum>, Vec<i32>)> {
            let across = |plane: &Plane| if plane.high > blue.high { 2 } else { 1 };
            planes
                .iter()
                .map(|plane| (spectra(plane, across(plane), blue, one_in), sums(plane)))
                .collect()
        };
        let [_, _, red] = &original.planes;
        // Brightness has four times the blocks of a colour, of which most are only summed up.
        let (mine, beside) = pair.both(|| work(&[light]), || work(&[blue, red]));
        let mut all = mine.into_iter().chain(beside);
        let mut next = || all.next().unwrap_or_default();
        let (of_light, of_blue, of_red) = (next(), next(), next());
        let scale = |plane: &Plane, taken: &[Spectrum]| {
            (plane.wide * plane.high) as f64 / taken.len().max(1) as f64
        };
        Self {
            scale: [
                scale(light, &of_light.0),
                scale(blue, &of_blue.0),
                scale(red, &of_red.0),
            ],
            spectra: [of_light.0, of_blue.0, of_red.0],
            sums: [of_light.1, of_blue.1, of_red.1],
        }
    }

    /// About, and in no time. `near` are the rates at a coarseness not far away; those at this one
    /// come with the answer.
    pub(crate) fn guess(&self, coarseness: Coarseness, near: &[Rates; 2]) -> (f64, [Rates; 2]) {
        let tables = coarseness.tables();
        let [light, blue, red] = &self.spectra;
        let [light_table, colour_table] = &tables;
        let [light_rates, colour_rates] = near;
        let mut levels = Vec::new();
        let mut count = |counts: &mut Counts, blocks: &[Spectrum], table, rates| {
            count_roughly(blocks, table, rates, &mut levels, counts);
        };
        let (mut of_light, mut of_colour) = (Counts::new(), Counts::new());
        count(&mut of_light, light, light_table, light_rates);
        count(&mut of_colour, blue, colour_table, colour_rates);
        count(&mut of_colour, red, colour_table, colour_rates);
        let [light_scale, colour_scale, _] = self.scale;
        let bits = of_light.bits() * light_scale + of_colour.bits() * colour_scale;
        let bits = bits * ROUGHLY as f64 * SCANS_TO_BLOCKS + self.means(&tables);
        (
            bits / 8.0 + HEADERS,
            [Rates::counted(&of_light), Rates::counted(&of_colour)],
        )
    }

    /// Bytes of the whole at these rates, by what the scans make of the sample.
    pub(crate) fn tell(&self, coarseness: Coarseness, rates: &[Rates; 2], pair: Pair) -> f64 {
        let tables = coarseness.tables();
        let [light, blue, red] = &self.spectra;
        let [light_table, colour_table] = &tables;
        let [light_rates, colour_rates] = rates;
        // Four parts of about the same work.
        let (upper, lower) = light.split_at(light.len() / 2);
        let parts = [
            (upper, light_table, light_rates),
            (lower, light_table, light_rates),
            (blue.as_slice(), colour_table, colour_rates),
            (red.as_slice(), colour_table, colour_rates),
        ];
        let rows = shared(pair, &parts, |(blocks, table, rates)| {
            let mut rows = Rows::default();
            quantise(blocks, table, rates, &mut rows);
            rows
        });
        let mut rows = rows.into_iter();
        let mut component = |parts: usize| Component {
            wide: 0,
            high: 0,
            parts: rows.by_ref().take(parts).collect(),
        };
        let components = [component(2), component(1), component(1)];
        let bits = shared(pair, &SCANS, |scan| {
            let Some(scale) = scan.component.and_then(|index| self.scale.get(index)) else {
                return 0.0;
            };
            let (_, bits) = counted(*scan, &components);
            bits as f64 * scale
        });
        let bytes = (bits.iter().sum::<f64>() + self.means(&tables)) / 8.0 + HEADERS;
        bytes * self.lone(bytes)
    }

    /// Mean of what the light's waves of three and four to a block hold, per block: the square of a
    /// coefficient of T.81's scale. What is finer is lost to a budget first, what is coarser a smaller
    /// picture shows as well.
    pub(crate) fn detail(&self) -> f64 {
        const WAVES: std::ops::RangeInclusive<usize> = 3..=4;
        let [light, ..] = &self.spectra;
        let scale = |at: usize| f64::from(SCALE.get(at).copied().unwrap_or(1.0));
        let of_block = |block: &Spectrum| -> f64 {
            let numbers = block.iter().enumerate().flat_map(|(across, column)| {
                let column = column.iter().enumerate();
                column.map(move |(down, number)| (across, down, *number))
            });
            let within = numbers.filter(|(across, down, _)| WAVES.contains(across.max(down)));
            within
                .map(|(across, down, number)| {
                    (f64::from(number) / (8.0 * scale(across) * scale(down))).powi(2)
                })
                .sum()
        };
        light.iter().map(of_block).sum::<f64>() / light.len().max(1) as f64
    }

    /// What more the whole takes than a sample of lone groups tells, by all photos that were tried:
    /// half a hundredth, and three times as much where little is left of most blocks.
    fn lone(&self, bytes: f64) -> f64 {
        let blocks: usize = self.sums.iter().map(Vec::len).sum();
        // Of the light: two thirds of all.
        let pixels = blocks as f64 * (SIDE * SIDE) as f64 / 1.5;
        let bits_a_pixel = bytes * 8.0 / pixels.max(1.0);
        1.004 + 0.011 * ((0.6 - bits_a_pixel) / 0.26).clamp(0.0, 1.0)
    }

    fn means(&self, [light, colour]: &[Table; 2]) -> f64 {
        self.sums
            .iter()
            .zip([light, colour, colour])
            .map(|(sums, table)| means(sums, table.steps.at(0)))
            .sum()
    }
}

wide!(fn count_roughly(blocks: &[Spectrum], table: &Table, rates: &Rates, levels: &mut Vec<Level>, counts: &mut Counts) = count_some);

#[inline(always)]
fn count_some(
    blocks: &[Spectrum],
    table: &Table,
    rates: &Rates,
    levels: &mut Vec<Level>,
    counts: &mut Counts,
) {
    for block in blocks.iter().step_by(ROUGHLY) {
        levels.clear();
        trellis::quantise(block, table, rates, levels);
        counts.block(levels);
    }
}

wide!(fn quantise(blocks: &[Spectrum], table: &Table, rates: &Rates, made: &mut Rows) = quantise_all);

#[inline(always)]
fn quantise_all(blocks: &[Spectrum], table: &Table, rates: &Rates, made: &mut Rows) {
    for block in blocks {
        let count = trellis::quantise(block, table, rates, made.levels());
        made.end(0, count);
    }
}

wide!(fn spectra(plane: &Plane, across: usize, groups: &Plane, one_in: usize) -> Vec<Spectrum> = transform_some);

/// Of one group in so many: a group has `across` times `across` blocks of this plane, one of `groups`.
#[inline(always)]
fn transform_some(plane: &Plane, across: usize, groups: &Plane, one_in: usize) -> Vec<Spectrum> {
    let mut spectra = Vec::new();
    for row in 0..groups.high {
        // A lattice that meets no row or column of the picture twice in a short while.
        let first = (one_in - row * 3 % one_in) % one_in;
        let strips: Vec<_> = (row * across..((row + 1) * across).min(plane.high))
            .map(|row| plane.strip(row))
            .collect();
        for column in (first..groups.wide).step_by(one_in) {
            for strip in &strips {
                for column in column * across..((column + 1) * across).min(plane.wide) {
                    spectra.push(dct::forward(&strip.block(column)));
                }
            }
        }
    }
    spectra
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
