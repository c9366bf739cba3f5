//! Shrinking in linear light, row by row: Lanczos3 across each row as it comes, then down over the
//! few shrunken rows that a result row needs. Memory is those few rows, whatever the picture's size.

use std::collections::VecDeque;
use std::ops::Range;

use crate::colour::{Light, Tables};
use crate::error::PhotoError;
use crate::wide::wide;

const LOBES: f64 = 3.0;

/// What one result pixel takes from which source pixels.
#[derive(Debug)]
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// `extent` is the length that the source pixels stand for: a scaled JPEG's last pixel may cover
/// less than the others. At `extent == source == result` every pixel takes itself alone.
fn taps(source: u32, extent: f64, result: u32) -> Vec<Taps> {
    let ratio = extent / f64::from(result);
    // Below 1 it would enlarge: the kernel keeps its own width then.
    let stretch = ratio.max(1.0);
    let reach = LOBES * stretch;
    let last = f64::from(source) - 1.0;
    (0..result)
        .map(|index| {
            let centre = (f64::from(index) + 0.5) * ratio - 0.5;
            let from = (centre - reach).ceil().clamp(0.0, last);
            let to = (centre + reach).floor().clamp(from, last);
            // Both are whole numbers between 0 and the source's size.
            let (first, count) = (from as usize, (to - from) as usize + 1);
            let mut weights: Vec<f64> = (first..first + count)
                .map(|at| lanczos((at as f64 - centre) / stretch))
                .collect();
            let sum: f64 = weights.iter().sum();
            if sum.abs() < 1e-9 {
                weights = vec![1.0 / count as f64; count];
            } else {
                weights.iter_mut().for_each(|weight| *weight /= sum);
            }
            let weights = weights.into_iter().map(|weight| weight as f32).collect();
            trimmed(Taps { first, weights })
        })
        .collect()
}

fn trimmed(mut taps: Taps) -> Taps {
    const NOTHING: f32 = 1e-6;
    let before = taps
        .weights
        .iter()
        .take_while(|weight| weight.abs() < NOTHING)
        .count();
    taps.weights.drain(..before);
    taps.first += before;
    while taps
        .weights
        .last()
        .is_some_and(|weight| weight.abs() < NOTHING)
    {
        taps.weights.pop();
    }
    taps
}

fn lanczos(x: f64) -> f64 {
    fn sinc(x: f64) -> f64 {
        let angle = x * std::f64::consts::PI;
        if angle.abs() < 1e-9 {
            1.0
        } else {
            angle.sin() / angle
        }
    }
    if x.abs() >= LOBES {
        0.0
    } else {
        sinc(x) * sinc(x / LOBES)
    }
}

/// Rows that are shrunk together: what they hold of one pixel and colour fills a vector register.
const ROWS: usize = 4;
/// A pixel of each of them, colour by colour.
type Column = [[f32; ROWS]; 3];
/// Windows have a multiple of so many weights, unless the source is smaller.
const STEP: usize = 4;

/// The taps of a row, all of one length and one behind the other.
struct Windows {
    firsts: Vec<usize>,
    length: usize,
    weights: Vec<f32>,
}

impl Windows {
    fn of(taps: Vec<Taps>, source: u32) -> Self {
        let source = source as usize;
        let longest = taps.iter().map(|taps| taps.weights.len()).max();
        let length = longest
            .unwrap_or(1)
            .next_multiple_of(STEP)
            .min(source)
            .max(1);
        let mut windows = Self {
            firsts: Vec::with_capacity(taps.len()),
            length,
            weights: Vec::with_capacity(taps.len() * length),
        };
        for Taps { first, weights } in taps {
            // At the right edge it begins earlier, with nothing.
            let from = first.min(source.saturating_sub(length));
            let end = windows.weights.len() + length;
            windows.firsts.push(from);
            windows
                .weights
                .extend(std::iter::repeat_n(0.0, first - from));
            windows.weights.extend(weights);
            windows.weights.resize(end, 0.0);
        }
        windows
    }
}

/// Result pixels that are made together; planes are filled up to a multiple of it.
const LANES: usize = 16;

pub(crate) struct Resizer<'a> {
    tables: &'a Tables,
    across: Windows,
    down: std::iter::Enumerate<std::vec::IntoIter<Taps>>,
    next: Option<(usize, Taps)>,
    /// Rows of the source, and those of it that have come.
    rows: usize,
    received: usize,
    /// The last rows that came, up to [`ROWS`] of them.
    columns: Vec<Column>,
    /// Shrunken rows still needed: red, green and blue, each a plane of its own.
    held: VecDeque<Vec<f32>>,
    /// Source row of the first one held.
    held_from: usize,
    spare: Vec<Vec<f32>>,
    width: usize,
    out: Vec<[u8; 3]>,
}

/// Size in source pixels, the length they stand for, and the size wanted, along one side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    pub(crate) source: u32,
    pub(crate) extent: f64,
    pub(crate) result: u32,
}

impl<'a> Resizer<'a> {
    pub(crate) fn new(tables: &'a Tables, across: Side, down: Side) -> Self {
        let mut rows = taps(down.source, down.extent, down.result)
            .into_iter()
            .enumerate();
        let next = rows.next();
        let width = across.result as usize;
        Self {
            tables,
            across: Windows::of(
                taps(across.source, across.extent, across.result),
                across.source,
            ),
            down: rows,
            next,
            rows: down.source as usize,
            received: 0,
            columns: vec![[[0.0; ROWS]; 3]; across.source as usize],
            held: VecDeque::new(),
            held_from: 0,
            spare: Vec::new(),
            width,
            out: vec![[0; 3]; width.next_multiple_of(LANES)],
        }
    }

    /// Takes the next source row, of which the spans in `black` are black; `emit` gets every result
    /// row that is then complete, from the top down.
    pub(crate) fn push(
        &mut self,
        row: impl Iterator<Item = Light>,
        black: impl Iterator<Item = Range<usize>>,
        emit: &mut impl FnMut(u32, &[[u8; 3]]),
    ) -> Result<(), PhotoError> {
        match self.received % ROWS {
            0 => fill::<0>(&mut self.columns, row),
            1 => fill::<1>(&mut self.columns, row),
            2 => fill::<2>(&mut self.columns, row),
            _ => fill::<3>(&mut self.columns, row),
        }
        let lane = self.received % ROWS;
        for span in black {
            for column in self.columns.get_mut(span).unwrap_or_default() {
                column
                    .iter_mut()
                    .filter_map(|colour| colour.get_mut(lane))
                    .for_each(|light| *light = 0.0);
            }
        }
        self.received += 1;
        if lane + 1 == ROWS || self.received == self.rows {
            self.shrink(lane + 1);
            self.blend_all(emit)?;
        }
        Ok(())
    }

    /// The first `count` of the rows that were kept become shrunken ones.
    fn shrink(&mut self, count: usize) {
        let plane = self.out.len();
        let mut rows: [Vec<f32>; ROWS] = Default::default();
        for row in &mut rows {
            *row = self.spare.pop().unwrap_or_default();
            row.resize(3 * plane, 0.0);
        }
        shrink(&self.across, &self.columns, &mut rows, plane);
        for (at, row) in rows.into_iter().enumerate() {
            if at < count {
                self.held.push_back(row);
            } else {
                self.spare.push(row);
            }
        }
    }

    /// Every result row for which all is there.
    fn blend_all(&mut self, emit: &mut impl FnMut(u32, &[[u8; 3]])) -> Result<(), PhotoError> {
        while let Some((index, taps)) = self.next.take() {
            if taps.first + taps.weights.len() > self.received {
                self.next = Some((index, taps));
                break;
            }
            let skip = taps.first.saturating_sub(self.held_from);
            let rows: Vec<(&[f32], f32)> = self
                .held
                .iter()
                .skip(skip)
                .zip(&taps.weights)
                .map(|(row, weight)| (row.as_slice(), *weight))
                .collect();
            blend(&rows, self.tables, &mut self.out);
            emit(
                u32::try_from(index).map_err(|_| PhotoError::Damaged)?,
                self.out.get(..self.width).unwrap_or_default(),
            );
            self.next = self.down.next();
        }
        // What lies before the next result row's first source row is needed no more.
        let keep = self
            .next
            .as_ref()
            .map_or(usize::MAX, |(_, taps)| taps.first);
        while self.held_from < keep {
            let Some(done) = self.held.pop_front() else {
                break;
            };
            self.spare.push(done);
            self.held_from += 1;
        }
        Ok(())
    }
}

fn fill<const LANE: usize>(columns: &mut [Column], row: impl Iterator<Item = Light>) {
    for (column, light) in columns.iter_mut().zip(row) {
        for (numbers, number) in column.iter_mut().zip(light) {
            #[allow(clippy::indexing_slicing, reason = "LANE is below ROWS")]
            {
                numbers[LANE] = number;
            }
        }
    }
}

wide!(fn shrink(across: &Windows, columns: &[Column], rows: &mut [Vec<f32>; ROWS], plane: usize) = all_windows);

#[inline(always)]
fn all_windows(across: &Windows, columns: &[Column], rows: &mut [Vec<f32>; ROWS], plane: usize) {
    let weights = across.weights.chunks_exact(across.length);
    let mut windows = across.firsts.iter().zip(weights);
    for from in (0..plane).step_by(ROWS) {
        // Of as many result pixels as there are rows: what is transposed is a square.
        let mut pixels = [[[0.0; ROWS]; 3]; ROWS];
        for (pixel, (first, weights)) in pixels.iter_mut().zip(&mut windows) {
            let window = columns.get(*first..*first + across.length);
            *pixel = weighed(window.unwrap_or_default(), weights);
        }
        let [one, two, three, four] = pixels;
        let colours = one.into_iter().zip(two).zip(three).zip(four);
        for (colour, (((one, two), three), four)) in colours.enumerate() {
            let made = transposed([one, two, three, four]);
            for (row, made) in rows.iter_mut().zip(made) {
                let to = row.get_mut(colour * plane + from..);
                if let Some(to) = to.and_then(<[f32]>::first_chunk_mut) {
                    *to = made;
                }
            }
        }
    }
}

#[inline(always)]
fn weighed(columns: &[Column], weights: &[f32]) -> Column {
    let mut sum = [[0.0; ROWS]; 3];
    let (columns, last_columns) = columns.as_chunks::<STEP>();
    let (weights, last_weights) = weights.as_chunks::<STEP>();
    for (columns, weights) in columns.iter().zip(weights) {
        for (column, weight) in columns.iter().zip(weights) {
            add(&mut sum, column, *weight);
        }
    }
    for (column, weight) in last_columns.iter().zip(last_weights) {
        add(&mut sum, column, *weight);
    }
    sum
}

#[inline(always)]
fn add<const N: usize>(sums: &mut [[f32; N]; 3], lights: &[[f32; N]; 3], weight: f32) {
    for (sums, lights) in sums.iter_mut().zip(lights) {
        for (sum, light) in sums.iter_mut().zip(lights) {
            *sum += light * weight;
        }
    }
}

#[inline(always)]
fn transposed(from: [[f32; ROWS]; ROWS]) -> [[f32; ROWS]; ROWS] {
    let mut to = [[0.0; ROWS]; ROWS];
    for (at, from) in from.iter().enumerate() {
        for (to, number) in to.iter_mut().zip(from) {
            if let Some(to) = to.get_mut(at) {
                *to = *number;
            }
        }
    }
    to
}

wide!(fn blend(rows: &[(&[f32], f32)], tables: &Tables, out: &mut [[u8; 3]]) = all_pixels);

/// A few pixels at a time through all the rows: their sums stay in registers.
#[inline(always)]
fn all_pixels(rows: &[(&[f32], f32)], tables: &Tables, out: &mut [[u8; 3]]) {
    let plane = out.len() / LANES;
    for (at, pixels) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut sums = [[0.0; LANES]; 3];
        for (row, weight) in rows {
            let chunks = row.as_chunks::<LANES>().0;
            let of = |colour: usize| chunks.get(colour * plane + at);
            if let (Some(red), Some(green), Some(blue)) = (of(0), of(1), of(2)) {
                let [reds, greens, blues] = &mut sums;
                for (sums, lights) in [(reds, red), (greens, green), (blues, blue)] {
                    for (sum, light) in sums.iter_mut().zip(lights) {
                        *sum += weight * light;
                    }
                }
            }
        }
        tables.show(sums, pixels);
    }
}

#[cfg(test)]
mod tests;
