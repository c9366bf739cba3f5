//! The levels of a row of blocks, their means left out.

use std::collections::BTreeMap;

use super::{DROPPED, Depth, Failure, Shape, trace, zeros};

/// Stands for a level that is kept beside.
const BESIDE: i8 = i8::MIN;
/// At the end of the bytes of a row: one for what is dropped, and the last block's 64th.
const SPARE: usize = 1;

pub(in crate::decode::scans) struct Others {
    kept: Kept,
    /// Of each block, which levels are not zero, in the file's order; empty until it is needed.
    traces: Vec<u64>,
    blocks: usize,
}

enum Kept {
    Bytes {
        small: Vec<i8>,
        large: BTreeMap<u32, i16>,
    },
    Twos(Vec<i16>),
}

impl Others {
    pub(super) fn new(blocks: usize, shape: &Shape, depth: Depth) -> Result<Self, Failure> {
        let count = blocks * shape.stride;
        Ok(Self {
            kept: match depth {
                Depth::Byte if count > 0 => Kept::Bytes {
                    small: zeros(count + SPARE)?,
                    large: BTreeMap::new(),
                },
                _ => Kept::Twos(zeros(count)?),
            },
            traces: Vec::new(),
            blocks,
        })
    }

    /// From now on what is dropped leaves a trace.
    pub(in crate::decode::scans) fn trace(&mut self) -> Result<(), Failure> {
        if self.traces.is_empty() {
            self.traces = zeros(self.blocks)?;
        }
        Ok(())
    }

    /// Traces of the levels `told`, of which `some` are not zero.
    #[inline(always)]
    pub(in crate::decode::scans) fn leave(&mut self, block: usize, told: u64, some: u64) {
        if let Some(trace) = self.traces.get_mut(block) {
            *trace = *trace & !told | some;
        }
    }

    /// Sets the level `at` of the file's order, 1 to 63; see [`Self::leave`].
    #[inline(always)]
    pub(in crate::decode::scans) fn set(
        &mut self,
        shape: &Shape,
        block: usize,
        at: usize,
        level: i16,
    ) -> Result<(), Failure> {
        let Some(place) = shape.place(at) else {
            return Ok(());
        };
        let index = block * shape.stride + place;
        if let Kept::Bytes { small, .. } = &mut self.kept
            && let Some(slot) = small.get_mut(index)
            && *slot != BESIDE
            && let Ok(level) = i8::try_from(level)
            && level != BESIDE
        {
            *slot = level;
            return Ok(());
        }
        self.keep(shape, index, level)
    }

    /// Sets levels of a block to `by`, those of `negative` to less than zero.
    #[inline(always)]
    pub(in crate::decode::scans) fn begin(
        &mut self,
        shape: &Shape,
        block: usize,
        which: u64,
        negative: u64,
        by: i16,
    ) -> Result<(), Failure> {
        let mut left = which & shape.reach;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            let sign = -((negative >> at & 1) as i16);
            self.set(shape, block, at, (by ^ sign) - sign)?;
        }
        Ok(())
    }

    #[cold]
    fn keep(&mut self, shape: &Shape, index: usize, level: i16) -> Result<(), Failure> {
        match &mut self.kept {
            Kept::Bytes { small, large } => {
                let Some(slot) = small.get_mut(index) else {
                    return Ok(());
                };
                // A row has fewer than 2^16 blocks.
                let key = index as u32;
                match i8::try_from(level) {
                    Ok(level) if level != BESIDE => {
                        large.remove(&key);
                        *slot = level;
                    }
                    _ => {
                        if large.insert(key, level).is_none() {
                            shape.take_room()?;
                        }
                        *slot = BESIDE;
                    }
                }
            }
            Kept::Twos(levels) => {
                if let Some(slot) = levels.get_mut(index) {
                    *slot = level;
                }
            }
        }
        Ok(())
    }

    fn level(&self, index: usize) -> i16 {
        match &self.kept {
            Kept::Bytes { small, large } => match small.get(index).copied() {
                Some(BESIDE) => large.get(&(index as u32)).copied().unwrap_or_default(),
                level => level.unwrap_or_default().into(),
            },
            Kept::Twos(levels) => levels.get(index).copied().unwrap_or_default(),
        }
    }

    /// Which levels of the block are not zero, by the file's order.
    #[inline(always)]
    pub(in crate::decode::scans) fn traces(&self, shape: &Shape, block: usize) -> u64 {
        if let Some(trace) = self.traces.get(block) {
            return *trace;
        }
        let from = block * shape.stride;
        match &self.kept {
            Kept::Bytes { small, .. } => {
                let levels = small.get(from..).and_then(<[i8]>::first_chunk);
                levels.map_or(0, trace::of_bytes)
            }
            Kept::Twos(levels) => {
                let levels = levels.get(from..from + shape.stride);
                trace::of_twos(levels.unwrap_or_default())
            }
        }
    }

    /// Moves levels of a block that are not zero, those of `which`, away from it by `by`, each whose
    /// bit in `told` is set (of the first one the highest) and where its bit is not set yet.
    #[inline(always)]
    pub(in crate::decode::scans) fn refine(
        &mut self,
        shape: &Shape,
        block: usize,
        which: u64,
        mut told: u64,
        by: i16,
    ) -> Result<(), Failure> {
        let first = block * shape.stride;
        let mut left = which & shape.reach;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            let bit = told >> 63 == 1;
            told <<= 1;
            if let Kept::Bytes { small, .. } = &mut self.kept {
                let place = shape.places.get(at).copied().unwrap_or(DROPPED);
                let index = match place {
                    DROPPED => small.len().wrapping_sub(1),
                    place => first + usize::from(place),
                };
                let Some(slot) = small.get_mut(index) else {
                    continue;
                };
                let level = i16::from(*slot);
                let sign = level >> 15;
                let moves = bit && level & by == 0;
                let moved = level.wrapping_add(((by ^ sign) - sign) & -i16::from(moves));
                if let Ok(moved) = i8::try_from(moved)
                    && *slot != BESIDE
                    && moved != BESIDE
                {
                    *slot = moved;
                    continue;
                }
            }
            if bit {
                self.refine_slowly(shape, block, at, by)?;
            }
        }
        Ok(())
    }

    #[cold]
    fn refine_slowly(
        &mut self,
        shape: &Shape,
        block: usize,
        at: usize,
        by: i16,
    ) -> Result<(), Failure> {
        let Some(place) = shape.place(at) else {
            return Ok(());
        };
        let index = block * shape.stride + place;
        let level = self.level(index);
        if level & by != 0 {
            return Ok(());
        }
        let moved = if level >= 0 {
            level.wrapping_add(by)
        } else {
            level.wrapping_sub(by)
        };
        self.keep(shape, index, moved)
    }

    /// The levels of all blocks one after the other, with room for a mean before each.
    pub(super) fn copy(&self, shape: &Shape, to: &mut [i16]) {
        let to = to.chunks_exact_mut(shape.stride + 1);
        // Where only means are kept every chunk is empty.
        let stride = shape.stride.max(1);
        match &self.kept {
            Kept::Bytes { small, .. } => {
                let blocks = small.chunks_exact(stride).zip((0..).step_by(stride));
                for (to, (levels, first)) in to.zip(blocks) {
                    let to = to.iter_mut().skip(1);
                    if levels.contains(&BESIDE) {
                        to.zip(first..)
                            .for_each(|(to, index)| *to = self.level(index));
                    } else {
                        to.zip(levels).for_each(|(to, level)| *to = (*level).into());
                    }
                }
            }
            Kept::Twos(levels) => {
                for (to, levels) in to.zip(levels.chunks_exact(stride)) {
                    if let Some((_, to)) = to.split_first_mut() {
                        to.copy_from_slice(levels);
                    }
                }
            }
        }
    }
}
