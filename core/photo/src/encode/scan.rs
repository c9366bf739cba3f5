//! The scans of a progressive JPEG (ITU-T T.81, annex G): which part of the numbers each one holds,
//! and how a part is turned into symbols.

use super::levels::Component;
use super::sink::Sink;
use super::trellis::Level;

/// One part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    /// `None`: all three, and then the means alone.
    pub(super) component: Option<usize>,
    /// Places in coding order.
    pub(super) first: u8,
    pub(super) last: u8,
    /// Low bits that earlier scans left out, and that this one leaves out.
    pub(super) before: u8,
    pub(super) after: u8,
}

const fn part(component: usize, first: u8, last: u8, before: u8, after: u8) -> Scan {
    Scan {
        component: Some(component),
        first,
        last,
        before,
        after,
    }
}

/// The order that mozjpeg's authors found best over many pictures; no search for a better one
/// comes near its cost in time.
pub(super) const SCANS: [Scan; 9] = [
    Scan {
        component: None,
        first: 0,
        last: 0,
        before: 0,
        after: 0,
    },
    part(0, 1, 8, 0, 2),
    part(1, 1, 8, 0, 0),
    part(2, 1, 8, 0, 0),
    part(0, 9, 63, 0, 2),
    part(0, 1, 63, 2, 1),
    part(0, 1, 63, 1, 0),
    part(1, 9, 63, 0, 0),
    part(2, 9, 63, 0, 0),
];

/// An end of band can stand for so many blocks.
const LONGEST_RUN: u32 = 0x7FFF;
/// Bits of refinement that may wait for an end of band to be written.
const MOST_WAITING: usize = 937;

impl Scan {
    pub(super) fn code(self, components: &[Component; 3], sink: &mut impl Sink) {
        let Some(component) = self.component.and_then(|index| components.get(index)) else {
            return means(components, sink);
        };
        let mut ends = Ends {
            blocks: 0,
            waiting: Vec::new(),
        };
        for block in component.blocks() {
            if self.before == 0 {
                self.begin(block, &mut ends, sink);
            } else {
                self.refine(block, &mut ends, sink);
            }
        }
        ends.write(sink);
    }

    #[inline(always)]
    fn holds(self, level: Level) -> bool {
        (usize::from(self.first)..=usize::from(self.last)).contains(&level.place())
    }

    #[inline(always)]
    fn begin(self, block: &[Level], ends: &mut Ends, sink: &mut impl Sink) {
        let mut last = usize::from(self.first) - 1;
        for level in block {
            let size = level.value().unsigned_abs() >> self.after;
            if size == 0 || !self.holds(*level) {
                continue;
            }
            let mut run = level.place() - last - 1;
            last = level.place();
            ends.write(sink);
            while run > 15 {
                sink.symbol(0xF0);
                run -= 16;
            }
            let bits = (u16::BITS - size.leading_zeros()) as u8;
            sink.symbol((run as u8) << 4 | bits);
            let negative = level.value() < 0;
            sink.bits(u32::from(if negative { !size } else { size }), bits);
        }
        if last < usize::from(self.last) {
            ends.blocks += 1;
            if ends.blocks == LONGEST_RUN {
                ends.write(sink);
            }
        }
    }

    #[inline(always)]
    fn refine(self, block: &[Level], ends: &mut Ends, sink: &mut impl Sink) {
        let size_of = |level: &Level| level.value().unsigned_abs() >> self.after;
        let mut news = block
            .iter()
            .filter(|level| self.holds(**level) && size_of(level) == 1);
        let last_new = news.next_back().map_or(0, |level| level.place());
        let mut last = usize::from(self.first) - 1;
        let mut zeros = 0;
        // Bits of this block since its last symbol, behind those of the blocks before it.
        let mut own = ends.waiting.len();
        for level in block {
            let size = size_of(level);
            if size == 0 || !self.holds(*level) {
                continue;
            }
            zeros += level.place() - last - 1;
            last = level.place();
            while zeros > 15 && last <= last_new {
                ends.write_first(own, sink);
                sink.symbol(0xF0);
                zeros -= 16;
                ends.write_waiting(sink);
                own = 0;
            }
            if size > 1 {
                ends.waiting.push(size & 1 == 1);
                continue;
            }
            ends.write_first(own, sink);
            sink.symbol((zeros as u8) << 4 | 1);
            sink.bits(u32::from(level.value() > 0), 1);
            ends.write_waiting(sink);
            own = 0;
            zeros = 0;
        }
        zeros += usize::from(self.last) - last;
        if zeros > 0 || ends.waiting.len() > own {
            ends.blocks += 1;
            if ends.blocks == LONGEST_RUN || ends.waiting.len() > MOST_WAITING {
                ends.write(sink);
            }
        }
    }
}

/// Blocks of which nothing more comes, and the bits that refine them.
struct Ends {
    blocks: u32,
    waiting: Vec<bool>,
}

impl Ends {
    #[inline(always)]
    fn write(&mut self, sink: &mut impl Sink) {
        if self.blocks > 0 {
            self.write_first(self.waiting.len(), sink);
        }
    }

    /// With the first `count` of the waiting bits, which belong to these blocks.
    fn write_first(&mut self, count: usize, sink: &mut impl Sink) {
        if self.blocks == 0 {
            return;
        }
        let bits = (u32::BITS - 1 - self.blocks.leading_zeros()) as u8;
        sink.symbol(bits << 4);
        sink.bits(self.blocks, bits);
        self.blocks = 0;
        for bit in self.waiting.drain(..count) {
            sink.bits(u32::from(bit), 1);
        }
    }

    fn write_waiting(&mut self, sink: &mut impl Sink) {
        for bit in self.waiting.drain(..) {
            sink.bits(u32::from(bit), 1);
        }
    }
}

/// Each against the one before it of its component; two by two blocks of brightness, then one of
/// each colour.
fn means(components: &[Component; 3], sink: &mut impl Sink) {
    let [light, blue, red] = components;
    let mut last = [0; 3];
    for row in 0..blue.high {
        for column in 0..blue.wide {
            let corners = [(0, 0), (0, 1), (1, 0), (1, 1)];
            for (down, right) in corners {
                let mean = light.mean(row * 2 + down, column * 2 + right);
                difference(&mut last[0], mean, sink);
            }
            difference(&mut last[1], blue.mean(row, column), sink);
            difference(&mut last[2], red.mean(row, column), sink);
        }
    }
}

/// Blocks that only fill up a group are as the one before them.
#[inline(always)]
fn difference(last: &mut i32, mean: Option<i16>, sink: &mut impl Sink) {
    let mean = mean.map_or(*last, i32::from);
    let difference = mean - *last;
    *last = mean;
    let bits = (u32::BITS - difference.unsigned_abs().leading_zeros()) as u8;
    sink.symbol(bits);
    let value = if difference < 0 {
        difference - 1
    } else {
        difference
    };
    sink.bits(value.cast_unsigned(), bits);
}
