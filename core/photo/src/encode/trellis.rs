//! Which multiples of the table's steps a block is coded as: not the nearest ones, but those that
//! cost least, bits and error together. After mozjpeg (Loren Merritt's trellis for x264 before it),
//! rewritten over the few places that can be anything but zero: all others cost the same on every
//! way, so they need not be looked at.

use super::dct::Spectrum;
use super::rates::Rates;
use super::tables::{PLACES, Places, SPECTRUM_ORDER, Table};

/// A number that is not zero: its place in coding order (1 to 63) and its multiple of the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Level(u32);

impl Level {
    #[inline(always)]
    pub(super) fn new(place: usize, value: i16) -> Self {
        // The place is below 64.
        Self((place as u32) << 16 | u32::from(value.cast_unsigned()))
    }

    #[inline(always)]
    pub(super) fn place(self) -> usize {
        (self.0 >> 16) as usize
    }

    #[inline(always)]
    pub(super) fn value(self) -> i16 {
        // The low half.
        (self.0 as u16).cast_signed()
    }
}

/// Beyond it baseline files have no code.
const GREATEST: f32 = 1023.0;
/// Bits that an error of one step squared is worth, in a block without detail ...
const CALM: f32 = 34.0;
/// ... and the mean square of its numbers at which a block hides half of it.
const BUSY: f32 = 2000.0;

#[derive(Clone, Copy, Default)]
struct Node {
    place: u32,
    /// Of the way up to here, against leaving everything zero.
    cost: f32,
    before: u32,
    value: i16,
}

/// The rounded first number of a block (its mean).
#[inline(always)]
pub(super) fn mean(spectrum: &Spectrum, table: &Table) -> i16 {
    let [[mean, ..], ..] = spectrum;
    let [divide, ..] = table.divide;
    // Between -1024 and 1016 at the finest step.
    (mean * divide).round().clamp(-1024.0, 1023.0) as i16
}

/// Appends the nearest level of each number that is not zero, in coding order, and returns how many.
#[inline(always)]
pub(super) fn nearest(spectrum: &Spectrum, table: &Table, into: &mut Vec<Level>) -> u8 {
    /// Beside so great a number the fraction is rounded away, and what is left stands in the low bits.
    const WHOLE: f32 = 12_582_912.0;
    let mut values = [0_i16; PLACES];
    let numbers = spectrum.as_flattened().iter().zip(&table.divide);
    for (value, (number, divide)) in values.iter_mut().zip(numbers) {
        let ratio = (number * divide).clamp(-GREATEST, GREATEST);
        // The low half of the whole number's bits.
        *value = ((ratio + WHOLE).to_bits() as u16).cast_signed();
    }
    let values = Places(values);
    // All are written, and those that are zero written over: no branch can be guessed wrongly.
    let mut levels = [Level::default(); PLACES];
    let mut count = 0;
    for (place, order) in SPECTRUM_ORDER.iter().enumerate().skip(1) {
        let value = values.at(usize::from(*order));
        if let Some(level) = levels.get_mut(count) {
            *level = Level::new(place, value);
        }
        count += usize::from(value != 0);
    }
    into.extend_from_slice(levels.get(..count).unwrap_or_default());
    // At most 63.
    count as u8
}

/// Appends the levels of the block, in coding order, and returns how many.
#[inline(always)]
pub(super) fn quantise(
    spectrum: &Spectrum,
    table: &Table,
    rates: &Rates,
    into: &mut Vec<Level>,
) -> u8 {
    let mut ratios = [0.0_f32; PLACES];
    let mut energy = [0.0_f32; 8];
    let rows = ratios.as_chunks_mut::<8>().0.iter_mut().zip(spectrum);
    let divides = table.divide.as_chunks::<8>().0.iter();
    let weights = table.weight.as_chunks::<8>().0.iter();
    for (((ratios, row), divide), weight) in rows.zip(divides).zip(weights) {
        for at in 0..8 {
            #[allow(clippy::indexing_slicing, reason = "arrays of eight")]
            {
                let ratio = row[at] * divide[at];
                ratios[at] = ratio;
                energy[at] += ratio * ratio * weight[at];
            }
        }
    }
    let energy: f32 = energy.iter().sum::<f32>() / 63.0;
    let worth = CALM * table.keenness / (1.0 + energy / BUSY);

    let ratios = Places(ratios);
    let mut nodes = [Node::default(); PLACES];
    let mut count = 1;
    // Nodes that a further one may start from: each costs more than those before it.
    let mut alive = [0_u8; PLACES];
    let mut living = 1;
    for (place, order) in SPECTRUM_ORDER.iter().enumerate().skip(1) {
        let ratio = ratios.at(usize::from(*order));
        let size = ratio.abs();
        if size < 0.5 {
            continue;
        }
        let nearest = (size + 0.5).min(GREATEST);
        // Up to 1023.
        let nearest = nearest as u32;
        let bits = u32::BITS - nearest.leading_zeros();
        // What the error is worth, against zero.
        let gain = |level: u32| {
            let level = level as f32;
            worth * level * (level - 2.0 * size)
        };
        let full = gain(nearest);
        if full + rates.least(bits) > 0.0 && bits == 1 {
            continue;
        }
        // The greatest that takes a bit less.
        let less = (1 << (bits - 1)) - 1;
        let lesser = if bits > 1 { gain(less) } else { f32::INFINITY };
        let mut best = Node {
            cost: f32::INFINITY,
            ..Node::default()
        };
        for index in alive.get(..living).unwrap_or_default() {
            let Some(node) = nodes.get(usize::from(*index)) else {
                continue;
            };
            let run = place as u32 - node.place - 1;
            let long = (run >> 4) as f32 * rates.sixteen_zeros;
            let [with_less, with_all] = rates.pair(run, bits);
            let base = node.cost + long;
            let (all, less_cost) = (base + full + with_all, base + lesser + with_less);
            let cheaper = all.min(less_cost);
            if cheaper < best.cost {
                let level = if less_cost < all { less } else { nearest };
                best = Node {
                    place: place as u32,
                    cost: cheaper,
                    // Below 64, and below 1024.
                    before: u32::from(*index),
                    value: level as i16,
                };
            }
        }
        if ratio < 0.0 {
            best.value = -best.value;
        }
        // One that is nearer and costs no more is the better start of all that follows.
        while living > 0
            && alive
                .get(living - 1)
                .and_then(|index| nodes.get(usize::from(*index)))
                .is_some_and(|node| node.cost >= best.cost)
        {
            living -= 1;
        }
        if let (Some(node), Some(last)) = (nodes.get_mut(count), alive.get_mut(living)) {
            *node = best;
            // Below 64.
            *last = count as u8;
            count += 1;
            living += 1;
        }
    }

    let mut end = 0;
    let mut least = rates.end;
    for (index, node) in nodes.iter().enumerate().take(count).skip(1) {
        let cost = node.cost + if node.place < 63 { rates.end } else { 0.0 };
        if cost < least {
            least = cost;
            end = index;
        }
    }
    let first = into.len();
    while end != 0 {
        let Some(node) = nodes.get(end) else { break };
        into.push(Level::new(node.place as usize, node.value));
        end = node.before as usize;
    }
    if let Some(new) = into.get_mut(first..) {
        new.reverse();
    }
    // At most 63.
    (into.len() - first) as u8
}
