//! The plain way, for whoever has bytes to spare: each number as the multiple of its step that lies
//! nearest, and all of them in one scan, with codes made for them (ITU-T T.81, annex F). At
//! quality 80 a tenth more bytes, for a third of the time that the thorough encoding takes.

use std::sync::atomic::AtomicBool;

use super::huffman::Code;
use super::levels::Rows;
use super::sink::{Counting, Sink, Writing};
use super::tables::Table;
use super::trellis::{self, Level};
use super::{Asking, Coarseness, Original, Pair, dct, file, shared, told};
use crate::canvas::{Plane, Strip};
use crate::error::PhotoError;
use crate::watch::Watch;
use crate::wide::wide;

/// The colours of a group's blocks, in their order: two by two of brightness, one of each colour.
const GROUP: [usize; 6] = [0, 0, 0, 0, 1, 2];

/// A picture of which each number was taken as it lies; its bytes are not written yet.
pub(crate) struct Plain {
    head: Vec<u8>,
    /// From the top down, blocks as they are coded.
    pub(super) parts: Vec<Rows>,
    codes: [Code; 4],
    bits: u64,
}

impl Plain {
    pub(crate) fn new(
        original: &Original,
        coarseness: Coarseness,
        pair: Pair,
        watch: &Watch<'_>,
    ) -> Result<Self, PhotoError> {
        let tables = coarseness.tables();
        let [_, blue, _] = &original.planes;
        let (middle, high) = (blue.high / 2, blue.high);
        let stop = AtomicBool::new(false);
        let asking = Asking::new(watch, middle, &stop);
        let groups = |rows: std::ops::Range<usize>, go_on: &dyn Fn() -> Result<(), PhotoError>| {
            let mut made = Rows::default();
            for row in rows {
                go_on()?;
                group_row(&original.planes, row, &tables, &mut made);
                made.keep();
            }
            Ok(made)
        };
        let (mine, beside) = pair.both(
            || groups(0..middle, &|| asking.row()),
            || groups(middle..high, &|| told(&stop)),
        );
        let parts = vec![mine?, beside?];

        let starts: Vec<(&Rows, [i16; 3])> = parts
            .iter()
            .zip([[0; 3], parts.first().map_or([0; 3], last_means)])
            .collect();
        let counted = shared(pair, &starts, |(part, before)| {
            let mut counting = [(); 4].map(|()| Counting::new());
            code(part, before, &mut counting);
            counting
        });
        let mut counts = [[0_u32; 256]; 4];
        let mut bits = 0;
        for part in counted {
            for (all, counting) in counts.iter_mut().zip(part) {
                bits += counting.plain_bits;
                for (all, count) in all.iter_mut().zip(counting.counts) {
                    *all += count;
                }
            }
        }
        let codes = counts.each_ref().map(Code::for_counts);
        for (code, counts) in codes.iter().zip(&counts) {
            bits += code.bits(counts);
        }
        let mut head = file::head(original.width, original.height, &tables, file::Kind::Plain);
        file::plain_scan_head(&mut head, &codes);
        Ok(Self {
            head,
            parts,
            codes,
            bits,
        })
    }

    /// Of the whole file, but for the zeros that are written after bytes of ones.
    pub(crate) fn size(&self) -> u64 {
        (self.head.len() + file::END.len()) as u64 + self.bits.div_ceil(8)
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let about = usize::try_from(self.size()).unwrap_or_default();
        let [first, ..] = &self.codes;
        let mut writing = Sharing {
            codes: &self.codes,
            sink: Writing::after(self.head, first, about + about / 64 + 16),
        };
        let mut before = [0; 3];
        for part in &self.parts {
            code(part, &before, &mut writing);
            before = last_means(part);
        }
        let mut bytes = writing.sink.finish();
        bytes.extend(file::END);
        bytes
    }
}

wide!(fn group_row(planes: &[Plane; 3], row: usize, tables: &[Table; 2], made: &mut Rows) = groups);

/// One row of groups; blocks that only fill up a group are as the one before them.
#[inline(always)]
fn groups(
    [light, blue, red]: &[Plane; 3],
    row: usize,
    [of_light, of_colour]: &[Table; 2],
    made: &mut Rows,
) {
    let lights = [row * 2, row * 2 + 1].map(|row| (row < light.high).then(|| light.strip(row)));
    let (blues, reds) = (blue.strip(row), red.strip(row));
    for column in 0..blue.wide {
        for strip in &lights {
            for column in [column * 2, column * 2 + 1] {
                match strip {
                    Some(strip) if column < light.wide => block(strip, column, of_light, made),
                    _ => made.end(made.means().last().copied().unwrap_or_default(), 0),
                }
            }
        }
        block(&blues, column, of_colour, made);
        block(&reds, column, of_colour, made);
    }
}

#[inline(always)]
fn block(strip: &Strip<'_>, column: usize, table: &Table, made: &mut Rows) {
    let spectrum = dct::forward(&strip.block(column));
    let count = trellis::nearest(&spectrum, table, made.levels());
    made.end(trellis::mean(&spectrum, table), count);
}

/// The means against which the first blocks after these are told.
fn last_means(part: &Rows) -> [i16; 3] {
    match part.means() {
        [.., light, blue, red] => [*light, *blue, *red],
        _ => [0; 3],
    }
}

/// A sink for each class of symbols: means and others of the light, then of the colours.
trait Sinks {
    fn of(&mut self, class: usize) -> Option<&mut impl Sink>;
}

impl Sinks for [Counting; 4] {
    #[inline(always)]
    fn of(&mut self, class: usize) -> Option<&mut impl Sink> {
        self.get_mut(class)
    }
}

/// All write into the same bytes, each with its own code.
struct Sharing<'a> {
    codes: &'a [Code; 4],
    sink: Writing<'a>,
}

impl Sinks for Sharing<'_> {
    #[inline(always)]
    fn of(&mut self, class: usize) -> Option<&mut impl Sink> {
        self.sink.with(self.codes.get(class)?);
        Some(&mut self.sink)
    }
}

fn code(part: &Rows, before: &[i16; 3], sinks: &mut impl Sinks) {
    let mut before = before.map(i32::from);
    for ((mean, levels), colour) in part.whole_blocks().zip(GROUP.iter().cycle()) {
        let class = if *colour == 0 { 0 } else { 2 };
        if let (Some(sink), Some(before)) = (sinks.of(class), before.get_mut(*colour)) {
            let difference = i32::from(mean) - *before;
            *before = mean.into();
            let bits = (u32::BITS - difference.unsigned_abs().leading_zeros()) as u8;
            sink.symbol(bits);
            let value = difference - i32::from(difference < 0);
            sink.bits(value.cast_unsigned(), bits);
        }
        if let Some(sink) = sinks.of(class + 1) {
            others(levels, sink);
        }
    }
}

#[inline(always)]
fn others(levels: &[Level], sink: &mut impl Sink) {
    let mut last = 0;
    for level in levels {
        let mut run = level.place() - last - 1;
        last = level.place();
        while run > 15 {
            sink.symbol(0xF0);
            run -= 16;
        }
        let value = level.value();
        let bits = (u16::BITS - value.unsigned_abs().leading_zeros()) as u8;
        // Both below 16.
        sink.symbol((run as u8) << 4 | bits);
        let value = value - i16::from(value < 0);
        sink.bits(u32::from(value.cast_unsigned()), bits);
    }
    if last < 63 {
        sink.symbol(0);
    }
}
