//! The levels of one colour, as far as the scaled picture needs them.
//!
//! Of each block the mean is kept, and of the others those whose waves the smaller block can show:
//! the upper left of the 8 x 8. Those that are dropped leave one bit each where a later scan refines
//! them, because it codes the ones that are not zero differently.
//!
//! Nearly all levels fit a byte; those few that do not are kept beside, up to a limit that is part of
//! the cost told before.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Failure;
use crate::jpeg::Trouble;

/// Row and column, as `row * 8 + column`, of the levels in the order of the file (T.81, figure A.6).
pub(in crate::decode) const ORDER: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];
const DROPPED: u8 = u8::MAX;
/// Stands for a level that is kept beside.
const BESIDE: i8 = i8::MIN;
/// One block in so many may have a level beside, each of at most so many bytes.
const BLOCKS_BESIDE: usize = 32;
const BYTES_BESIDE: u64 = 24;

/// How the levels other than the means are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum Depth {
    Byte,
    /// For files with more large levels than fit beside.
    Two,
}

/// Bytes for so many blocks, whatever is in them.
pub(super) fn cost(blocks: u64, side: u32, depth: Depth) -> u64 {
    let others = u64::from(side * side).saturating_sub(1);
    let history = if drops(side) { 8 } else { 0 };
    match depth {
        Depth::Byte => blocks * (2 + others + history) + blocks / 32 * BYTES_BESIDE,
        Depth::Two => blocks * (2 + 2 * others + history),
    }
}

/// Whether a block of this side is shown by fewer levels than it has, and by more than its mean.
const fn drops(side: u32) -> bool {
    side == 2 || side == 4
}

enum Others {
    Bytes {
        small: Vec<i8>,
        large: BTreeMap<u32, i16>,
        room: usize,
    },
    Twos(Vec<i16>),
}

pub(super) struct Levels {
    pub(super) side: u32,
    means: Vec<i16>,
    /// Kept levels of a block, but for its mean.
    stride: usize,
    others: Others,
    /// Where each level of the file's order stands among those of its block.
    places: [u8; 64],
    /// Of each block, which levels are not zero, in the file's order; empty until it is needed.
    history: Vec<u64>,
    /// Levels were dropped without a trace.
    forgot: bool,
}

/// Which of a whole block's levels, its mean left out, are not zero, by the file's order.
#[inline]
fn seen<T: Copy + Default + PartialEq>(levels: &[T]) -> u64 {
    let zero = T::default();
    let mut seen = 0;
    // Most of a row is zero, and most rows are.
    for (levels, bits) in levels.chunks(8).zip(BITS.chunks(8)) {
        if levels.iter().any(|level| *level != zero) {
            for (level, bit) in levels.iter().zip(bits) {
                seen |= bit * u64::from(*level != zero);
            }
        }
    }
    seen
}

/// Of each level but the mean, row by row, the bit of its place in the file's order.
const BITS: [u64; 63] = {
    let mut bits = [0; 63];
    let mut at = 1;
    while at < 64 {
        #[allow(clippy::indexing_slicing, reason = "checked when it is compiled")]
        {
            bits[ORDER[at] as usize - 1] = 1 << at;
        }
        at += 1;
    }
    bits
};

fn zeros<T: Clone + Default>(count: usize) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    all.try_reserve_exact(count)
        .map_err(|_| Failure::Trouble(Trouble::Memory))?;
    all.resize(count, T::default());
    Ok(all)
}

impl Levels {
    pub(super) fn new(blocks: usize, side: u32, depth: Depth) -> Result<Self, Failure> {
        let stride = (side * side) as usize - 1;
        let mut places = [DROPPED; 64];
        for (place, order) in places.iter_mut().zip(ORDER).skip(1) {
            let (row, column) = (order / 8, order % 8);
            if u32::from(row.max(column)) < side {
                // At most 62.
                *place = row * side as u8 + column - 1;
            }
        }
        let others = match depth {
            Depth::Byte => Others::Bytes {
                small: zeros(blocks * stride)?,
                large: BTreeMap::new(),
                room: blocks / BLOCKS_BESIDE + 16,
            },
            Depth::Two => Others::Twos(zeros(blocks * stride)?),
        };
        Ok(Self {
            side,
            means: zeros(blocks)?,
            stride,
            others,
            places,
            history: Vec::new(),
            forgot: false,
        })
    }

    /// Only the mean is kept.
    pub(super) fn only_means(&self) -> bool {
        self.stride == 0
    }

    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn blocks(&self) -> usize {
        self.means.len()
    }

    pub(super) fn mean(&mut self, block: usize) -> Option<&mut i16> {
        self.means.get_mut(block)
    }

    /// Must come before a scan over other levels than the means: of a first one by `set`, and of one
    /// that refines by `refine`.
    pub(super) fn before_scan(
        &mut self,
        refines: bool,
        refined_later: bool,
    ) -> Result<(), Failure> {
        if !drops(self.side) || !self.history.is_empty() {
            return Ok(());
        }
        if refines && self.forgot {
            return Err(Failure::Unusual);
        }
        if refines || refined_later {
            self.history = zeros(self.means.len())?;
        } else {
            self.forgot = true;
        }
        Ok(())
    }

    #[inline(always)]
    fn place(&self, at: usize) -> Option<usize> {
        let place = self.places.get(at).copied().unwrap_or(DROPPED);
        (place != DROPPED).then_some(usize::from(place))
    }

    /// Sets the level `at` of the file's order, 1 to 63.
    #[inline(always)]
    pub(super) fn set(&mut self, block: usize, at: usize, level: i16) -> Result<(), Failure> {
        if let Some(history) = self.history.get_mut(block) {
            *history = *history & !(1 << at) | u64::from(level != 0) << at;
        }
        self.keep(block, at, level)
    }

    #[inline(always)]
    fn keep(&mut self, block: usize, at: usize, level: i16) -> Result<(), Failure> {
        let Some(place) = self.place(at) else {
            return Ok(());
        };
        let index = block * self.stride + place;
        match &mut self.others {
            Others::Bytes { small, large, room } => {
                let Some(slot) = small.get_mut(index) else {
                    return Ok(());
                };
                match i8::try_from(level) {
                    Ok(level) if level != BESIDE && *slot != BESIDE => *slot = level,
                    Ok(level) if level != BESIDE => {
                        large.remove(&(index as u32));
                        *slot = level;
                    }
                    _ => {
                        if large.len() >= *room {
                            return Err(Failure::Deeper);
                        }
                        large.insert(index as u32, level);
                        *slot = BESIDE;
                    }
                }
            }
            Others::Twos(levels) => {
                if let Some(slot) = levels.get_mut(index) {
                    *slot = level;
                }
            }
        }
        Ok(())
    }

    fn level(&self, index: usize) -> i16 {
        match &self.others {
            Others::Bytes { small, large, .. } => match small.get(index).copied() {
                Some(BESIDE) => large.get(&(index as u32)).copied().unwrap_or_default(),
                level => level.unwrap_or_default().into(),
            },
            Others::Twos(levels) => levels.get(index).copied().unwrap_or_default(),
        }
    }

    /// Which levels of the block are not zero, by the file's order.
    #[inline]
    pub(super) fn history(&self, block: usize) -> u64 {
        if let Some(history) = self.history.get(block) {
            return *history;
        }
        let (from, to) = (block * self.stride, (block + 1) * self.stride);
        match &self.others {
            Others::Bytes { small, .. } => seen(small.get(from..to).unwrap_or_default()),
            Others::Twos(levels) => seen(levels.get(from..to).unwrap_or_default()),
        }
    }

    /// Moves a level that is not zero away from it by `by`, where its bit is not set yet.
    #[inline(always)]
    pub(super) fn refine(&mut self, block: usize, at: usize, by: i16) -> Result<(), Failure> {
        let Some(place) = self.place(at) else {
            return Ok(());
        };
        let level = self.level(block * self.stride + place);
        if level & by != 0 {
            return Ok(());
        }
        let moved = if level >= 0 {
            level.wrapping_add(by)
        } else {
            level.wrapping_sub(by)
        };
        self.keep(block, at, moved)
    }

    /// The levels of these blocks one after the other, each row by row of the smaller block and its
    /// mean first.
    pub(super) fn copy(&self, blocks: Range<usize>, to: &mut [i16]) {
        let means = self.means.get(blocks.clone()).unwrap_or_default();
        let (from, end) = (blocks.start * self.stride, blocks.end * self.stride);
        let to = to.chunks_exact_mut(self.stride + 1);
        // Where only means are kept every chunk is empty.
        let stride = self.stride.max(1);
        match &self.others {
            _ if self.stride == 0 => {
                for (to, mean) in to.zip(means) {
                    to.fill(*mean);
                }
            }
            Others::Bytes { small, .. } => {
                let small = small.get(from..end).unwrap_or_default();
                let blocks = small.chunks_exact(stride).zip((from..).step_by(stride));
                for ((to, mean), (levels, first)) in to.zip(means).zip(blocks) {
                    let Some((first_to, to)) = to.split_first_mut() else {
                        continue;
                    };
                    *first_to = *mean;
                    for (to, level) in to.iter_mut().zip(levels) {
                        *to = (*level).into();
                    }
                    if levels.contains(&BESIDE) {
                        for (to, index) in to.iter_mut().zip(first..) {
                            *to = self.level(index);
                        }
                    }
                }
            }
            Others::Twos(levels) => {
                let levels = levels.get(from..end).unwrap_or_default();
                for ((to, mean), levels) in to.zip(means).zip(levels.chunks_exact(stride)) {
                    if let Some((first_to, to)) = to.split_first_mut() {
                        *first_to = *mean;
                        to.copy_from_slice(levels);
                    }
                }
            }
        }
    }
}
