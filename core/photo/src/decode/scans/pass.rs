//! One scan over the picture: which levels it tells, and reading them (T.81, annexes F.2 and G.2).
//!
//! Where files are wrong in ways that libjpeg lets pass (a level beyond the band, a scan that comes
//! twice), the same is made of them here.

mod bands;

use super::Failure;
use super::code::{Class, Code, Codes};
use super::frame::Frame;
use super::input::{Bits, Input};
use super::levels::Levels;
use crate::jpeg::Trouble;

const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
const LAST: usize = 63;

pub(in crate::decode) struct Member {
    pub(in crate::decode) colour: usize,
    /// Numbers of its codes.
    pub(in crate::decode) means: u8,
    pub(in crate::decode) others: u8,
}

pub(in crate::decode) struct Scan {
    pub(in crate::decode) members: Vec<Member>,
    /// The first and last level, in the file's order.
    band: [usize; 2],
    /// The lowest bit that earlier scans told, 0 if this is the first, and the lowest that this tells.
    high: u8,
    low: u8,
}

impl Scan {
    pub(in crate::decode) fn parse(segment: &[u8], frame: &Frame) -> Result<Self, Failure> {
        let (count, rest) = segment.split_first().ok_or(DAMAGED)?;
        let (members, rest) = rest
            .split_at_checked(usize::from(*count) * 2)
            .ok_or(DAMAGED)?;
        let [first, last, bits] = rest else {
            return Err(DAMAGED);
        };
        let named = |pair: &[u8; 2]| {
            let [name, codes] = pair;
            let colour = frame.colours.iter().position(|colour| colour.name == *name);
            colour.map(|colour| Member {
                colour,
                means: codes >> 4,
                others: codes & 15,
            })
        };
        let (pairs, _) = members.as_chunks::<2>();
        let members: Vec<Member> = pairs.iter().filter_map(named).collect();
        let scan = Self {
            band: [usize::from(*first), usize::from(*last)],
            high: bits >> 4,
            low: bits & 15,
            members,
        };
        let colours: Vec<usize> = scan.colours().collect();
        let twice = (1..colours.len()).any(|at| {
            let before = colours.iter().take(at);
            before.into_iter().any(|one| colours.get(at) == Some(one))
        });
        let all = scan.members.len() == usize::from(*count) && !scan.members.is_empty();
        if !all || twice || !frame.may_join(&colours) || frame.progressive && !scan.in_order() {
            return Err(DAMAGED);
        }
        Ok(scan)
    }

    /// Whether it is one of the kinds that progressive files are made of.
    fn in_order(&self) -> bool {
        let [first, last] = self.band;
        let band = match first {
            0 => last == 0,
            _ => first <= last && last <= LAST && self.members.len() == 1,
        };
        band && self.low <= 13 && (self.high == 0 || self.low + 1 == self.high)
    }

    pub(in crate::decode) fn colours(&self) -> impl Iterator<Item = usize> {
        self.members.iter().map(|member| member.colour)
    }

    /// Reads it, and answers with the marker behind it. `interval` is the number of groups between
    /// restart markers, 0 for none.
    pub(super) fn read(
        &self,
        frame: &Frame,
        codes: &Codes,
        levels: &mut [Levels],
        interval: u32,
        input: &mut Input<'_>,
    ) -> Result<u8, Failure> {
        let mut reading = Reading {
            scan: self,
            frame,
            restarts: Restarts {
                interval,
                left: interval,
                due: 0,
            },
            bits: Bits::new(input),
        };
        match (frame.progressive, self.band, self.high) {
            (false, ..) => reading.whole(codes, levels)?,
            (true, [0, _], 0) => reading.means(codes, levels)?,
            (true, [0, _], _) => reading.finer_means(levels)?,
            _ => {
                let only = self.members.first().ok_or(DAMAGED)?;
                let code = codes.get(Class::Others, only.others).ok_or(DAMAGED)?;
                let blocks = frame.colours.get(only.colour).ok_or(DAMAGED)?.blocks;
                let levels = levels.get_mut(only.colour).ok_or(DAMAGED)?;
                if levels.only_means() {
                    return reading.pass_over();
                }
                levels.before_scan(self.high > 0, self.low > 0)?;
                if self.high == 0 {
                    reading.band(code, blocks, levels)?;
                } else {
                    reading.finer_band(code, blocks, levels)?;
                }
            }
        }
        reading.bits.finish()
    }
}

struct Restarts {
    interval: u32,
    left: u32,
    due: u8,
}

impl Restarts {
    /// To be called before each group of blocks: true at the first one after a restart.
    #[inline(always)]
    fn before(&mut self, bits: &mut Bits<'_, '_>) -> Result<bool, Failure> {
        if self.interval == 0 {
            return Ok(false);
        }
        let due = self.left == 0;
        if due {
            bits.restart(self.due)?;
            self.due = self.due.wrapping_add(1);
            self.left = self.interval;
        }
        self.left -= 1;
        Ok(due)
    }

    /// So many more blocks come before the next restart; takes them.
    fn jump(&mut self, most: usize) -> usize {
        if self.interval == 0 {
            return most;
        }
        let jumped = most.min(self.left as usize);
        // At most `left`.
        self.left -= jumped as u32;
        jumped
    }
}

struct Reading<'r, 'i, 'f> {
    scan: &'r Scan,
    frame: &'r Frame,
    restarts: Restarts,
    bits: Bits<'i, 'f>,
}

impl Reading<'_, '_, '_> {
    /// Calls `each` for every block of the scan in the file's order, with the mean before it in its
    /// colour, its member's number and colour; with no block where the group reaches beyond the
    /// picture.
    fn walk(
        &mut self,
        mut each: impl FnMut(
            &mut Bits<'_, '_>,
            &mut i32,
            (usize, usize),
            Option<usize>,
        ) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut before = [0; 4];
        let mut colours = Vec::new();
        for (at, index) in self.scan.colours().enumerate() {
            let colour = self.frame.colours.get(index).ok_or(DAMAGED)?;
            colours.push((at, index, *colour));
        }
        let alone = colours.len() == 1;
        let [groups_across, groups_down] = match colours.as_slice() {
            [(.., only)] => only.blocks,
            _ => self.frame.groups(),
        };
        for down in 0..groups_down {
            self.bits.input.tick()?;
            for across in 0..groups_across {
                if self.restarts.before(&mut self.bits)? {
                    before = [0; 4];
                }
                for ((at, index, colour), before) in colours.iter().zip(&mut before) {
                    let [wide, high] = if alone { [1, 1] } else { colour.factors };
                    let [blocks_across, blocks_down] = colour.blocks;
                    for row in down * high..(down + 1) * high {
                        for column in across * wide..(across + 1) * wide {
                            let within = row < blocks_down && column < blocks_across;
                            let block = within
                                .then_some(row as usize * blocks_across as usize + column as usize);
                            each(&mut self.bits, before, (*at, *index), block)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The codes of the members' means, which must all be there.
    fn mean_codes<'c>(&self, codes: &'c Codes, lack: Failure) -> Result<Vec<&'c Code>, Failure> {
        let members = self.scan.members.iter();
        let found = members.map(|member| codes.get(Class::Means, member.means).ok_or(lack));
        let found: Vec<&Code> = found.collect::<Result<_, _>>()?;
        match found.iter().all(|code| code.fits_means()) {
            true => Ok(found),
            false => Err(DAMAGED),
        }
    }

    /// All levels of each block, not progressive.
    fn whole(&mut self, codes: &Codes, levels: &mut [Levels]) -> Result<(), Failure> {
        // Without codes of its own a file means the standard's: the library knows them.
        let mean_codes = self.mean_codes(codes, Failure::Unusual)?;
        let members = self.scan.members.iter();
        let others = members.map(|member| {
            codes
                .get(Class::Others, member.others)
                .ok_or(Failure::Unusual)
        });
        let others: Vec<&Code> = others.collect::<Result<_, _>>()?;
        self.walk(|bits, before, (at, index), block| {
            let (Some(means), Some(others)) = (mean_codes.get(at), others.get(at)) else {
                return Err(DAMAGED);
            };
            let size = means.symbol(bits)?;
            *before = before.wrapping_add(bits.signed(size.into())?);
            let mut levels = levels.get_mut(index).zip(block);
            if let Some((levels, block)) = &mut levels
                && let Some(mean) = levels.mean(*block)
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
                if let Some((levels, block)) = &mut levels {
                    levels.set(*block, at.min(LAST), level as i16)?;
                }
                at += 1;
            }
            Ok(())
        })
    }

    fn means(&mut self, codes: &Codes, levels: &mut [Levels]) -> Result<(), Failure> {
        let codes = self.mean_codes(codes, DAMAGED)?;
        let low = self.scan.low;
        self.walk(|bits, before, (at, index), block| {
            let size = codes.get(at).ok_or(DAMAGED)?.symbol(bits)?;
            let step = bits.signed(size.into())?;
            *before = before.checked_add(step).ok_or(DAMAGED)?;
            if let Some((levels, block)) = levels.get_mut(index).zip(block)
                && let Some(mean) = levels.mean(block)
            {
                *mean = (*before << low) as i16;
            }
            Ok(())
        })
    }

    fn finer_means(&mut self, levels: &mut [Levels]) -> Result<(), Failure> {
        let bit = 1 << self.scan.low;
        self.walk(|bits, _, (_, index), block| {
            if bits.bit()?
                && let Some((levels, block)) = levels.get_mut(index).zip(block)
                && let Some(mean) = levels.mean(block)
            {
                *mean |= bit;
            }
            Ok(())
        })
    }

    /// To the marker behind the scan, when nothing of it is kept.
    fn pass_over(self) -> Result<u8, Failure> {
        loop {
            self.bits.input.tick()?;
            let marker = self.bits.input.marker()?;
            if !matches!(marker, 0xD0..=0xD7) {
                return Ok(marker);
            }
        }
    }
}
