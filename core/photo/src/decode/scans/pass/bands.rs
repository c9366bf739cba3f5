//! Scans of progressive files over other levels than the means (T.81, annexes G.1.2.2 and G.1.2.3).

use super::super::Failure;
use super::super::code::Code;
use super::super::levels::Levels;
use super::{LAST, Reading};

impl Reading<'_, '_, '_> {
    /// A band's first bits: blocks without any come in runs.
    pub(super) fn band(
        &mut self,
        code: &Code,
        [across, down]: [u32; 2],
        levels: &mut Levels,
    ) -> Result<(), Failure> {
        let [first, last] = self.scan.band;
        let low = self.scan.low;
        let (across, blocks) = (across as usize, across as usize * down as usize);
        let (mut block, mut empty, mut next_tick) = (0, 0, 0);
        while block < blocks {
            if block >= next_tick {
                self.bits.input.tick()?;
                next_tick = block + across;
            }
            if empty > 0 && (self.restarts.interval == 0 || self.restarts.left > 0) {
                let jumped = self.restarts.jump(empty.min(blocks - block));
                block += jumped;
                empty -= jumped;
                continue;
            }
            if self.restarts.before(&mut self.bits)? {
                empty = 0;
            }
            let mut at = first;
            while at <= last {
                let symbol = code.symbol(&mut self.bits)?;
                let (run, size) = (symbol >> 4, u32::from(symbol & 15));
                if size == 0 {
                    if run == 15 {
                        at += 16;
                        continue;
                    }
                    empty = (1 << run) - 1 + self.bits.number(run.into())? as usize;
                    break;
                }
                at += usize::from(run);
                let level = self.bits.signed(size)?;
                levels.set(block, at.min(LAST), (level << low) as i16)?;
                at += 1;
            }
            block += 1;
        }
        Ok(())
    }

    /// One more bit of a band: of each level that is not zero, and those that become so.
    pub(super) fn finer_band(
        &mut self,
        code: &Code,
        [across, down]: [u32; 2],
        levels: &mut Levels,
    ) -> Result<(), Failure> {
        let [first, last] = self.scan.band;
        let by = 1_i16 << self.scan.low;
        let bits = &mut self.bits;
        let within = from(first) & !from(last + 1);
        let mut empty = 0_u32;
        for block in 0..across as usize * down as usize {
            if block % across as usize == 0 {
                bits.input.tick()?;
            }
            if self.restarts.before(bits)? {
                empty = 0;
            }
            let history = levels.history(block) & within;
            let mut at = first;
            while empty == 0 && at <= last {
                let symbol = code.symbol(bits)?;
                let (mut run, size) = (usize::from(symbol >> 4), symbol & 15);
                let fresh = match (size, run) {
                    (0, 15) => 0,
                    (0, _) => {
                        empty = (1 << run) + bits.number(run as u32)? as u32;
                        break;
                    }
                    (1, _) => by * if bits.bit()? { 1 } else { -1 },
                    _ => return Err(bits.input.broken()),
                };
                while at <= last {
                    // Zeros before the next one that has bits already: the run counts them alone.
                    let zeros = (history >> at).trailing_zeros() as usize;
                    if zeros > run {
                        at = (at + run).min(last + 1);
                        break;
                    }
                    run -= zeros;
                    at += zeros;
                    if bits.bit()? {
                        levels.refine(block, at, by)?;
                    }
                    at += 1;
                }
                if fresh != 0 {
                    levels.set(block, at.min(LAST), fresh)?;
                }
                at += 1;
            }
            if empty > 0 {
                let mut rest = history & from(at);
                while rest != 0 {
                    if bits.bit()? {
                        levels.refine(block, rest.trailing_zeros() as usize, by)?;
                    }
                    rest &= rest - 1;
                }
                empty -= 1;
            }
        }
        Ok(())
    }
}

/// The bits from this one up.
const fn from(at: usize) -> u64 {
    if at > LAST { 0 } else { u64::MAX << at }
}
