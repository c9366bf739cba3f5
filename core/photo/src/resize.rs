//! Shrinking in linear light, row by row: Lanczos3 across each row as it comes, then down over the
//! few shrunken rows that a result row needs. Memory is those few rows, whatever the picture's size.

use std::collections::VecDeque;

use crate::colour::{Light, Tables};
use crate::error::PhotoError;

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

/// Numbers that are summed up together; rows are filled up to a multiple of it.
const LANES: usize = 16;

pub(crate) struct Resizer<'a> {
    tables: &'a Tables,
    across: Vec<Taps>,
    down: std::iter::Enumerate<std::vec::IntoIter<Taps>>,
    next: Option<(usize, Taps)>,
    /// Shrunken rows still needed, three numbers a pixel and what fills them up.
    held: VecDeque<Vec<f32>>,
    /// Source row of the first one held.
    held_from: usize,
    received: usize,
    spare: Vec<Vec<f32>>,
    sum: Vec<f32>,
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
            across: taps(across.source, across.extent, across.result),
            down: rows,
            next,
            held: VecDeque::new(),
            held_from: 0,
            received: 0,
            spare: Vec::new(),
            sum: vec![0.0; (width * 3).next_multiple_of(LANES)],
            out: vec![[0; 3]; width],
        }
    }

    /// Takes the next source row; `emit` gets every result row that it completes, from the top down.
    pub(crate) fn push(
        &mut self,
        row: &[Light],
        emit: &mut impl FnMut(u32, &[[u8; 3]]),
    ) -> Result<(), PhotoError> {
        let mut shrunk = self.spare.pop().unwrap_or_default();
        shrunk.resize(self.sum.len(), 0.0);
        shrink(&self.across, row, &mut shrunk);
        self.held.push_back(shrunk);
        self.received += 1;
        while let Some((index, taps)) = self.next.take() {
            if taps.first + taps.weights.len() > self.received {
                self.next = Some((index, taps));
                break;
            }
            self.blend(&taps);
            emit(
                u32::try_from(index).map_err(|_| PhotoError::Damaged)?,
                &self.out,
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

    /// A few numbers at a time through all the rows: their sums stay in registers.
    fn blend(&mut self, taps: &Taps) {
        let skip = taps.first.saturating_sub(self.held_from);
        let rows: Vec<(&[[f32; LANES]], f32)> = self
            .held
            .iter()
            .skip(skip)
            .zip(&taps.weights)
            .map(|(row, weight)| (row.as_chunks().0, *weight))
            .collect();
        for (at, sums) in self.sum.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let mut total = [0.0; LANES];
            for (row, weight) in &rows {
                let Some(lights) = row.get(at) else { continue };
                for (total, light) in total.iter_mut().zip(lights) {
                    *total += weight * light;
                }
            }
            *sums = total;
        }
        self.tables.row(&self.sum, self.out.as_flattened_mut());
    }
}

fn shrink(across: &[Taps], row: &[Light], result: &mut [f32]) {
    let (pixels, _) = result.as_chunks_mut::<3>();
    for (pixel, taps) in pixels.iter_mut().zip(across) {
        let lights = row.get(taps.first..).unwrap_or_default();
        let mut sum = [0.0_f32; 4];
        for (light, weight) in lights.iter().zip(&taps.weights) {
            sum[0] += light[0] * weight;
            sum[1] += light[1] * weight;
            sum[2] += light[2] * weight;
            sum[3] += light[3] * weight;
        }
        *pixel = [sum[0], sum[1], sum[2]];
    }
}

#[cfg(test)]
mod tests;
