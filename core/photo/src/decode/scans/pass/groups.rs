//! Scans over the blocks of several colours, group by group: of means, or of all levels (T.81, annexes
//! F.2 and G.1.2.1).

use std::sync::{Arc, MutexGuard};

use super::super::Failure;
use super::super::code::Code;
use super::super::frame::Colour;
use super::super::input::Bits;
use super::super::levels::{Levels, Others, Shape};
use super::{DAMAGED, LAST, Reading};

type Means<'l> = MutexGuard<'l, Vec<i16>>;
type Locked<'l> = MutexGuard<'l, Others>;

/// A member of a scan on the way over the picture.
struct Part<'l, G> {
    colour: Colour,
    levels: &'l Levels,
    /// Blocks of a group across and down.
    group: [u32; 2],
    /// The mean before.
    before: i32,
    /// What is locked of a row of groups.
    rows: Vec<G>,
}

impl Reading<'_, '_, '_> {
    /// Calls `each` for every block of the scan in the file's order: with the mean before it in its
    /// colour, its member's number, and its row as `lock` gave it and its number there; with none where
    /// the group reaches beyond the picture.
    fn walk<'l, G>(
        &mut self,
        levels: &'l [Levels],
        lock: impl Fn(&'l Levels, usize) -> Option<G>,
        mut each: impl FnMut(
            &mut Bits<'_, '_>,
            &mut i32,
            usize,
            Option<(&mut G, usize)>,
        ) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let alone = self.scan.members.len() == 1;
        let mut parts = Vec::new();
        for index in self.scan.colours() {
            let colour = *self.frame.colours.get(index).ok_or(DAMAGED)?;
            parts.push(Part {
                colour,
                levels: levels.get(index).ok_or(DAMAGED)?,
                group: if alone { [1, 1] } else { colour.factors },
                before: 0,
                rows: Vec::new(),
            });
        }
        let [groups_across, groups_down] = match parts.as_slice() {
            [only] => only.colour.blocks,
            _ => self.frame.groups(),
        };
        for down in 0..groups_down {
            self.bits.input.tick()?;
            for (member, part) in parts.iter_mut().enumerate() {
                let ([_, high], [_, blocks_down]) = (part.group, part.colour.blocks);
                let end = ((down + 1) * high).min(blocks_down) as usize;
                self.turn.wait(member, end)?;
                let rows = (down * high) as usize..end;
                part.rows
                    .extend(rows.filter_map(|row| lock(part.levels, row)));
            }
            for across in 0..groups_across {
                if self.restarts.before(&mut self.bits)? {
                    parts.iter_mut().for_each(|part| part.before = 0);
                }
                for (member, part) in parts.iter_mut().enumerate() {
                    let ([wide, high], [blocks_across, _]) = (part.group, part.colour.blocks);
                    for row in 0..high as usize {
                        for column in across * wide..(across + 1) * wide {
                            let row = part.rows.get_mut(row).filter(|_| column < blocks_across);
                            let block = row.map(|row| (row, column as usize));
                            each(&mut self.bits, &mut part.before, member, block)?;
                        }
                    }
                }
            }
            for (member, part) in parts.iter_mut().enumerate() {
                part.rows.clear();
                let [_, high] = part.group;
                self.turn.done(member, ((down + 1) * high) as usize);
            }
        }
        Ok(())
    }

    /// All levels of each block, not progressive.
    pub(super) fn whole(
        &mut self,
        means: &[Arc<Code>],
        others: &[Arc<Code>],
        levels: &[Levels],
    ) -> Result<(), Failure> {
        fn lock(levels: &Levels, row: usize) -> Option<(Means<'_>, Locked<'_>, &Shape)> {
            Some((levels.means(row)?, levels.others(row)?, levels.shape()))
        }
        self.walk(levels, lock, |bits, before, member, mut block| {
            let (Some(means), Some(others)) = (means.get(member), others.get(member)) else {
                return Err(DAMAGED);
            };
            let size = means.symbol(bits)?;
            *before = before.wrapping_add(bits.signed(size.into())?);
            if let Some(((means, ..), block)) = &mut block
                && let Some(mean) = means.get_mut(*block)
            {
                *mean = *before as i16;
            }
            let mut at = 1;
            while at <= LAST {
                let symbol = others.symbol(bits)?;
                let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
                if size == 0 {
                    if run != 15 {
                        break;
                    }
                    at += 16;
                    continue;
                }
                at += run;
                let level = bits.signed(size)?;
                if let Some(((_, others, shape), block)) = &mut block {
                    others.set(shape, *block, at.min(LAST), level as i16)?;
                }
                at += 1;
            }
            Ok(())
        })
    }

    pub(super) fn means(&mut self, codes: &[Arc<Code>], levels: &[Levels]) -> Result<(), Failure> {
        let low = self.scan.low;
        self.walk(levels, Levels::means, |bits, before, member, block| {
            let size = codes.get(member).ok_or(DAMAGED)?.symbol(bits)?;
            let step = bits.signed(size.into())?;
            *before = before.checked_add(step).ok_or(DAMAGED)?;
            if let Some((means, block)) = block
                && let Some(mean) = means.get_mut(block)
            {
                *mean = (*before << low) as i16;
            }
            Ok(())
        })
    }

    pub(super) fn finer_means(&mut self, levels: &[Levels]) -> Result<(), Failure> {
        let bit = 1 << self.scan.low;
        self.walk(levels, Levels::means, |bits, _, _, block| {
            if bits.bit()?
                && let Some((means, block)) = block
                && let Some(mean) = means.get_mut(block)
            {
                *mean |= bit;
            }
            Ok(())
        })
    }
}
