//! The levels of one colour, as far as the scaled picture needs them.
//!
//! Of each block the mean is kept, and of the others those whose waves the smaller block can show:
//! the upper left of the 8 x 8. Those that are dropped leave one bit each where a later scan refines
//! them, because it codes the ones that are not zero differently.
//!
//! Nearly all levels fit a byte; those few that do not are kept beside, up to a limit that is part of
//! the cost told before.
//!
//! They lie row by row of blocks, the means and the others of each behind a lock of their own: of two
//! threads each is in another row, or another scan's.

mod row;
mod trace;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Failure;
use super::frame::Colour;
use crate::block::ORDER;
use crate::jpeg::Trouble;
pub(super) use row::Others;

const DROPPED: u8 = u8::MAX;
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

pub(super) struct Levels {
    pub(super) side: u32,
    shape: Shape,
    rows: Vec<Row>,
    /// A scan leaves traces of what it drops.
    traces: bool,
    /// Levels were dropped without a trace.
    forgot: bool,
}

/// What all rows have in common.
pub(super) struct Shape {
    /// Kept levels of a block, but for its mean.
    stride: usize,
    /// Where each level of the file's order stands among those of its block.
    places: [u8; 64],
    /// The levels up to the last one that is kept, by the file's order.
    reach: u64,
    /// How many levels may be kept beside.
    room: usize,
    beside: AtomicUsize,
}

struct Row {
    means: Mutex<Vec<i16>>,
    others: Mutex<Others>,
}

impl Shape {
    fn new(blocks: usize, side: u32) -> Self {
        let mut places = [DROPPED; 64];
        let mut reach = 0;
        for (at, (place, order)) in places.iter_mut().zip(ORDER).enumerate().skip(1) {
            let (row, column) = (order / 8, order % 8);
            if u32::from(row.max(column)) < side {
                // At most 62.
                *place = row * side as u8 + column - 1;
                reach = u64::MAX >> (63 - at);
            }
        }
        Self {
            stride: (side * side) as usize - 1,
            places,
            reach,
            room: blocks / BLOCKS_BESIDE + 16,
            beside: AtomicUsize::new(0),
        }
    }

    #[inline(always)]
    fn place(&self, at: usize) -> Option<usize> {
        let place = self.places.get(at).copied().unwrap_or(DROPPED);
        (place != DROPPED).then_some(usize::from(place))
    }

    /// Takes the room of one more level beside.
    fn take_room(&self) -> Result<(), Failure> {
        match self.beside.fetch_add(1, Ordering::Relaxed) < self.room {
            true => Ok(()),
            false => Err(Failure::Deeper),
        }
    }
}

fn zeros<T: Clone + Default>(count: usize) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    all.try_reserve_exact(count)
        .map_err(|_| Failure::Trouble(Trouble::Memory))?;
    all.resize(count, T::default());
    Ok(all)
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // After a panic nothing is shown of it.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Levels {
    pub(super) fn new(colour: &Colour, depth: Depth) -> Result<Self, Failure> {
        let shape = Shape::new(colour.count(), colour.side);
        let [across, down] = colour.blocks.map(|blocks| blocks as usize);
        let mut rows = Vec::new();
        rows.try_reserve_exact(down)
            .map_err(|_| Failure::Trouble(Trouble::Memory))?;
        for _ in 0..down {
            rows.push(Row {
                means: Mutex::new(zeros(across)?),
                others: Mutex::new(Others::new(across, &shape, depth)?),
            });
        }
        Ok(Self {
            side: colour.side,
            shape,
            rows,
            traces: false,
            forgot: false,
        })
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Only the mean is kept.
    pub(super) fn only_means(&self) -> bool {
        self.shape.stride == 0
    }

    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Of a row of blocks.
    pub(super) fn means(&self, row: usize) -> Option<MutexGuard<'_, Vec<i16>>> {
        self.rows.get(row).map(|row| locked(&row.means))
    }

    pub(super) fn others(&self, row: usize) -> Option<MutexGuard<'_, Others>> {
        self.rows.get(row).map(|row| locked(&row.others))
    }

    /// Must come before each scan over other levels than the means, in the file's order; answers
    /// whether the scan must leave traces of what is dropped: see [`Others::traces`].
    pub(super) fn before_scan(
        &mut self,
        refines: bool,
        refined_later: bool,
    ) -> Result<bool, Failure> {
        if !drops(self.side) || self.traces {
            return Ok(self.traces);
        }
        if refines && self.forgot {
            return Err(Failure::Unusual);
        }
        self.traces = refines || refined_later;
        self.forgot |= !self.traces;
        Ok(self.traces)
    }

    /// The levels of a row's blocks one after the other, each row by row of the smaller block and its
    /// mean first.
    pub(super) fn copy(&self, row: usize, to: &mut [i16]) {
        let (Some(means), Some(others)) = (self.means(row), self.others(row)) else {
            return;
        };
        let stride = self.shape.stride;
        if stride == 0 {
            for (to, mean) in to.iter_mut().zip(means.iter()) {
                *to = *mean;
            }
            return;
        }
        for (to, mean) in to.chunks_exact_mut(stride + 1).zip(means.iter()) {
            if let Some(to) = to.first_mut() {
                *to = *mean;
            }
        }
        others.copy(&self.shape, to);
    }
}
