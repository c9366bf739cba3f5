//! Scans of progressive files over other levels than the means (T.81, annexes G.1.2.2 and G.1.2.3).

use std::hint::select_unpredictable;
use std::ops::Range;

use super::super::Failure;
use super::super::code::Code;
use super::super::input::Bits;
use super::super::levels::{Levels, Others, Shape};
use super::look::{First, Looks, More};
use super::{DAMAGED, LAST, Reading};
use crate::wide::wide;

/// What stays the same over a band.
struct Way<'w> {
    shape: &'w Shape,
    /// The first and last level, in the file's order.
    band: [usize; 2],
    /// The lowest bit that this scan tells.
    low: u8,
}

enum Looked<'c> {
    First(Looks<'c, First>),
    More(Looks<'c, More>),
}

impl Reading<'_, '_, '_> {
    /// The bits of a band, the first ones or one more: blocks without any come in runs.
    pub(super) fn band(
        &mut self,
        code: &Code,
        traces: bool,
        levels: &[Levels],
    ) -> Result<(), Failure> {
        let only = self.scan.members.first().ok_or(DAMAGED)?;
        let colour = self.frame.colours.get(only.colour).ok_or(DAMAGED)?;
        let levels = levels.get(only.colour).ok_or(DAMAGED)?;
        let [across, down] = colour.blocks.map(|blocks| blocks as usize);
        let way = Way {
            shape: levels.shape(),
            band: self.scan.band,
            low: self.scan.low,
        };
        let looks = match self.scan.high {
            0 => Looked::First(Looks::first(code)),
            _ => Looked::More(Looks::more(code)),
        };
        let mut empty = 0;
        for row in 0..down {
            self.bits.input.tick()?;
            self.turn.wait(0, row + 1)?;
            let mut others = levels.others(row).ok_or(DAMAGED)?;
            if traces {
                others.trace()?;
            }
            let mut done = 0;
            while done < across {
                let (count, fresh) = self.restarts.stretch(&mut self.bits, across - done)?;
                if fresh {
                    empty = 0;
                }
                let (bits, blocks) = (&mut self.bits, done..done + count);
                empty = some_blocks(bits, &looks, &way, &mut others, blocks, empty)?;
                done += count;
            }
            drop(others);
            self.turn.done(0, row + 1);
        }
        Ok(())
    }
}

// So many blocks as are `empty` come without a code of their own; answers how many of them are left.
wide!(fn some_blocks(
    bits: &mut Bits<'_, '_>,
    looks: &Looked<'_>,
    way: &Way<'_>,
    others: &mut Others,
    blocks: Range<usize>,
    empty: usize,
) -> Result<usize, Failure> = blocks_of);

#[inline(always)]
fn blocks_of(
    all: &mut Bits<'_, '_>,
    looks: &Looked<'_>,
    way: &Way<'_>,
    others: &mut Others,
    blocks: Range<usize>,
    empty: usize,
) -> Result<usize, Failure> {
    let mut bits = all.lent();
    let left_empty = match looks {
        Looked::First(looks) => first_bits(&mut bits, looks, way, others, blocks, empty)?,
        Looked::More(looks) => one_bit(&mut bits, looks, way, others, blocks, empty)?,
    };
    let left = bits.left();
    all.hold(left);
    Ok(left_empty)
}

#[inline(always)]
fn first_bits(
    bits: &mut Bits<'_, '_>,
    looks: &Looks<'_, First>,
    way: &Way<'_>,
    others: &mut Others,
    blocks: Range<usize>,
    mut empty: usize,
) -> Result<usize, Failure> {
    let [first, last] = way.band;
    let mut block = blocks.start;
    while block < blocks.end {
        if empty > 0 {
            let passed = empty.min(blocks.end - block);
            block += passed;
            empty -= passed;
            continue;
        }
        let mut at = first;
        let (mut told, mut some) = (0, 0);
        while at <= last {
            let found = looks.find(bits.look()?);
            if found.length() == 0 {
                return Err(bits.input.broken());
            }
            bits.pass(found.length())?;
            if found.ends() {
                let run = found.run();
                empty = (1 << run) - 1 + bits.number(run as u32)? as usize;
                break;
            }
            at += found.run();
            if found.level() != 0 {
                let (at, level) = (at.min(LAST), (found.level() << way.low) as i16);
                told |= 1 << at;
                some |= u64::from(level != 0) << at;
                others.set(way.shape, block, at, level)?;
            }
            at += 1;
        }
        others.leave(block, told, some);
        block += 1;
    }
    Ok(empty)
}

/// Of each level that is not zero one bit, and those that become so.
#[inline(always)]
fn one_bit(
    bits: &mut Bits<'_, '_>,
    looks: &Looks<'_, More>,
    way: &Way<'_>,
    others: &mut Others,
    blocks: Range<usize>,
    mut empty: usize,
) -> Result<usize, Failure> {
    let [first, last] = way.band;
    let by = 1_i16 << way.low;
    let within = from(first as u32) & !from(last as u32 + 1);
    for block in blocks {
        // Levels that have bits already, and the zeros of which more may come.
        let old = others.traces(way.shape, block) & within;
        let mut zeros = within & !old;
        let mut finer = Finer::default();
        let (mut fresh, mut negative) = (0, 0);
        let mut at = first as u32;
        while empty == 0 && at <= last as u32 {
            let found = looks.find(bits.look()?);
            if found.length() == 0 || found.is_wrong() {
                return Err(bits.input.broken());
            }
            bits.pass(found.length())?;
            let run = found.run();
            if found.ends() {
                empty = (1 << run) + bits.number(run)? as usize;
                break;
            }
            // The run counts zeros alone: all that lie between have bits already.
            zeros = without(zeros, run);
            if zeros == 0 {
                finer.take((old & from(at)).count_ones(), bits)?;
                if found.is_fresh() {
                    let at = (last + 1).min(LAST);
                    others.set(way.shape, block, at, by * found.sign())?;
                    others.leave(block, 1 << at, 1 << at);
                }
                at = LAST as u32 + 1;
                break;
            }
            let to = zeros.trailing_zeros();
            finer.take(to - (at + run), bits)?;
            let one = zeros & zeros.wrapping_neg();
            fresh |= select_unpredictable(found.is_fresh(), one, 0);
            negative |= select_unpredictable(found.is_negative(), one, 0);
            zeros ^= one;
            at = to + 1;
        }
        if empty > 0 {
            finer.take((old & from(at)).count_ones(), bits)?;
            empty -= 1;
        }
        if finer.told != 0 {
            others.refine(way.shape, block, old, finer.aligned(), by)?;
        }
        if fresh != 0 {
            others.leave(block, fresh, fresh);
            others.begin(way.shape, block, fresh, negative, by)?;
        }
    }
    Ok(empty)
}

/// All but the lowest `count` of the bits that are set.
#[inline(always)]
fn without(set: u64, count: u32) -> u64 {
    let less = |set: u64| set & set.wrapping_sub(1);
    // Nearly all counts are so small, and nobody can foresee which.
    let (one, two) = (less(set), less(less(set)));
    let odd = count & 1 == 1;
    let upper = select_unpredictable(odd, less(two), two);
    let lower = select_unpredictable(odd, one, set);
    let mut left = select_unpredictable(count & 2 == 2, upper, lower);
    for _ in 0..count >> 2 {
        left = less(less(less(less(left))));
    }
    left
}

/// The bits of a block's levels that have some already, in the file's order.
#[derive(Default)]
struct Finer {
    told: u64,
    count: u32,
}

impl Finer {
    /// The bits of so many more levels.
    #[inline(always)]
    fn take(&mut self, mut count: u32, bits: &mut Bits<'_, '_>) -> Result<(), Failure> {
        self.count += count;
        while count > 32 {
            self.told = self.told << 32 | u64::from(bits.number(32)?);
            count -= 32;
        }
        self.told = self.told << count | u64::from(bits.number(count)?);
        Ok(())
    }

    /// The first one's is the highest.
    #[inline(always)]
    fn aligned(self) -> u64 {
        self.told << (64 - self.count)
    }
}

/// The bits from this one up.
#[inline(always)]
const fn from(at: u32) -> u64 {
    if at > LAST as u32 { 0 } else { u64::MAX << at }
}
