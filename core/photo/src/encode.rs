//! The JPEG encoder for this one task: a small picture, to the best look within a number of bytes,
//! with one entropy coding.
//!
//! The size at a coarseness is told by quantising a sample of the blocks; the whole picture is then
//! quantised at the coarseness that fits, which tells its size to the bit before anything is
//! written. Only when that is over the budget, or far under it, is it quantised again. Quantisation
//! weighs bits against error (see `trellis`), the file is progressive with codes of its own for
//! each scan.
//!
//! It holds the picture at eight bits with colours at half the resolution, and the levels that are
//! not zero; what it makes depends on the picture and the settings alone, not on threads.

mod dct;
mod file;
mod huffman;
mod levels;
mod plain;
mod rates;
mod sample;
mod scan;
mod sink;
mod tables;
mod trellis;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::canvas::{Canvas, Plane, Strip, pixels};
use crate::cover::Rect;
use crate::decode::DECODED;
use crate::error::PhotoError;
use crate::watch::{Stage, Watch};
use crate::wide::wide;
use huffman::Code;
use levels::{Component, Rows};
use scan::{SCANS, Scan};
use sink::{Counting, Writing};
use tables::Table;

pub(crate) use crate::pair::Pair;
pub(crate) use plain::Plain;
pub(crate) use rates::Rates;
pub(crate) use sample::Sample;

/// Share of the whole work, in thousandths, after which only the coding is left.
const QUANTISED: u16 = 950;

/// The percentage by which the base table is multiplied, of any fraction.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Coarseness(pub(crate) f32);

impl Coarseness {
    /// Of libjpeg's quality, 1 to 100.
    pub(crate) fn of_quality(quality: u8) -> Self {
        let quality = f32::from(quality.clamp(1, 100));
        let percent = if quality < 50.0 {
            5000.0 / quality
        } else {
            200.0 - 2.0 * quality
        };
        Self(percent.max(1.0))
    }

    /// libjpeg's quality, rounded.
    pub(crate) fn quality(self) -> u8 {
        let quality = if self.0 <= 100.0 {
            (200.0 - self.0) / 2.0
        } else {
            5000.0 / self.0
        };
        // Saturates.
        quality.round().clamp(1.0, 100.0) as u8
    }

    fn tables(self) -> [Table; 2] {
        [Table::light(self.0), Table::colour(self.0)]
    }
}

/// A picture ready to be quantised at any coarseness.
pub(crate) struct Original {
    width: u16,
    height: u16,
    planes: [Plane; 3],
    covered: Vec<Rect>,
}

impl Original {
    pub(crate) fn of(canvas: Canvas) -> Result<Self, PhotoError> {
        // Canvases are at most 4096 pixels wide and high.
        let side = |of: u32| u16::try_from(of).map_err(|_| PhotoError::OutOfMemory);
        let [width, height] = [side(canvas.width())?, side(canvas.height())?];
        let (planes, covered) = canvas.finish();
        Ok(Self {
            width,
            height,
            planes,
            covered,
        })
    }

    pub(crate) fn width(&self) -> u32 {
        self.width.into()
    }

    pub(crate) fn height(&self) -> u32 {
        self.height.into()
    }

    /// What was covered, before it was widened to blocks.
    pub(crate) fn covered(&self) -> &[Rect] {
        &self.covered
    }

    /// The pixels again, row by row, but for what their colours lost.
    pub(crate) fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = [u8; 3]>> {
        let width = usize::from(self.width);
        (0..usize::from(self.height)).map(move |y| pixels(&self.planes, y, width))
    }
}

/// A quantised picture: its size is known, its bytes are not written yet.
pub(crate) struct Quantised {
    head: Vec<u8>,
    components: [Component; 3],
    codes: Vec<(Scan, Code, u64)>,
}

/// Reports the rows of blocks that the asking thread quantises, not those that are done beside it.
struct Asking<'a, 'w> {
    watch: &'a Watch<'w>,
    rows: usize,
    done: Cell<usize>,
    /// For the thread beside.
    stop: &'a AtomicBool,
}

impl<'a, 'w> Asking<'a, 'w> {
    fn new(watch: &'a Watch<'w>, rows: usize, stop: &'a AtomicBool) -> Self {
        Self {
            watch,
            rows,
            done: Cell::new(0),
            stop,
        }
    }

    /// To be called before each row.
    fn row(&self) -> Result<(), PhotoError> {
        self.done.set(self.done.get() + 1);
        let room = usize::from(QUANTISED - DECODED);
        let share = room * self.done.get() / self.rows.max(1);
        // At most the room.
        let outcome = self.watch.report(Stage::Encoding, DECODED + share as u16);
        if outcome.is_err() {
            self.stop.store(true, Ordering::Relaxed);
        }
        outcome
    }
}

/// The same for the thread beside, which may not ask.
fn told(stop: &AtomicBool) -> Result<(), PhotoError> {
    match stop.load(Ordering::Relaxed) {
        true => Err(PhotoError::Cancelled),
        false => Ok(()),
    }
}

impl Quantised {
    pub(crate) fn new(
        original: &Original,
        coarseness: Coarseness,
        rates: &[Rates; 2],
        pair: Pair,
        watch: &Watch<'_>,
    ) -> Result<Self, PhotoError> {
        let tables = coarseness.tables();
        let [light, blue, red] = &original.planes;
        let [of_light, of_colour] = &tables;
        let [light_rates, colour_rates] = rates;
        let middle = light.high / 2;
        let stop = AtomicBool::new(false);
        let asking = Asking::new(watch, middle + blue.high, &stop);
        let (asked, told) = (|| asking.row(), || told(&stop));
        let (mine, beside) = pair.both(
            || {
                let upper = rows(light, 0..middle, of_light, light_rates, asked)?;
                Ok((
                    upper,
                    rows(blue, 0..blue.high, of_colour, colour_rates, asked)?,
                ))
            },
            || {
                let lower = rows(light, middle..light.high, of_light, light_rates, told)?;
                Ok((
                    lower,
                    rows(red, 0..red.high, of_colour, colour_rates, told)?,
                ))
            },
        );
        let (upper, blue_rows) = mine?;
        let (lower, red_rows) = beside?;
        let component = |plane: &Plane, parts| Component {
            wide: plane.wide,
            high: plane.high,
            parts,
        };
        let components = [
            component(light, vec![upper, lower]),
            component(blue, vec![blue_rows]),
            component(red, vec![red_rows]),
        ];
        let codes = codes(&components, pair);
        Ok(Self {
            head: file::head(
                original.width,
                original.height,
                &tables,
                file::Kind::Progressive,
            ),
            components,
            codes,
        })
    }

    /// Of the whole file, but for the zeros that are written after bytes of ones: those are one in
    /// some hundred bytes, and [`Self::bytes`] tells.
    pub(crate) fn size(&self) -> u64 {
        let codes = self.codes.iter().map(|(_, code, bits)| {
            // Headers: of the codes 21 bytes, of the scan 10 or 14.
            bits.div_ceil(8) + code.symbols.len() as u64 + 31
        });
        self.head.len() as u64 + 4 + 2 + codes.sum::<u64>()
    }

    /// The entropy coding.
    pub(crate) fn bytes(&self, pair: Pair) -> Vec<u8> {
        let mut bytes = self.head.clone();
        let written = shared(pair, &self.codes, |(scan, code, bits)| {
            let about = usize::try_from(bits / 8).unwrap_or_default();
            let mut sink = Writing::new(code, about + about / 64 + 16);
            scan.code(&self.components, &mut sink);
            sink.finish()
        });
        for ((scan, code, _), data) in self.codes.iter().zip(written) {
            file::scan_head(&mut bytes, *scan, code);
            bytes.extend(data);
        }
        bytes.extend(file::END);
        bytes
    }
}

fn codes(components: &[Component; 3], pair: Pair) -> Vec<(Scan, Code, u64)> {
    shared(pair, &SCANS, |scan| {
        let (code, bits) = counted(*scan, components);
        (*scan, code, bits)
    })
}

/// The codes of a scan, and the bits that it takes with them.
fn counted(scan: Scan, components: &[Component; 3]) -> (Code, u64) {
    let mut counting = Counting::new();
    scan.code(components, &mut counting);
    let code = Code::for_counts(&counting.counts);
    let bits = counting.plain_bits + code.bits(&counting.counts);
    (code, bits)
}

/// Each of `jobs` by `work`, the answers in their order: whoever of the pair is free takes the next.
fn shared<J: Sync, A: Send>(pair: Pair, jobs: &[J], work: impl Fn(&J) -> A + Sync) -> Vec<A> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else {
                return done;
            };
            done.push((at, work(job)));
        }
    };
    let (mut answers, beside) = pair.both(take, take);
    answers.extend(beside);
    answers.sort_unstable_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn rows(
    plane: &Plane,
    rows: std::ops::Range<usize>,
    table: &Table,
    rates: &Rates,
    go_on: impl Fn() -> Result<(), PhotoError>,
) -> Result<Rows, PhotoError> {
    let mut made = Rows::default();
    for row in rows {
        go_on()?;
        let strip = plane.strip(row);
        block_row(&strip, plane.wide, table, rates, &mut made);
        made.keep();
    }
    Ok(made)
}

wide!(fn block_row(strip: &Strip<'_>, wide: usize, table: &Table, rates: &Rates, made: &mut Rows) = blocks);

#[inline(always)]
fn blocks(strip: &Strip<'_>, wide: usize, table: &Table, rates: &Rates, made: &mut Rows) {
    for column in 0..wide {
        let spectrum = dct::forward(&strip.block(column));
        let count = trellis::quantise(&spectrum, table, rates, made.levels());
        made.end(trellis::mean(&spectrum, table), count);
    }
}

#[cfg(test)]
mod tests;
