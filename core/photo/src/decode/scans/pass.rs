//! One scan over the picture: which levels it tells, and reading them (T.81, annexes F.2 and G.2).
//!
//! Where files are wrong in ways that libjpeg lets pass (a level beyond the band, a scan that comes
//! twice), the same is made of them here.

mod bands;
mod groups;
mod look;

use std::sync::Arc;

use super::Failure;
use super::code::{Class, Code, Codes};
use super::frame::Frame;
use super::input::{Bits, Input};
use super::levels::Levels;
use crate::jpeg::Trouble;

const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
const LAST: usize = 63;
/// Bytes of a scan that no block has used, and then neither marker nor end mark, that still are none of
/// another copy's: what a reader may have at hand.
pub(in crate::decode) const LEFT_OVER: u64 = 8;

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

    /// The lowest bit that it tells of each level of a member.
    pub(super) fn note(&self, frame: &Frame, bits: &mut [u8; 64]) {
        let ([first, last], low) = match frame.progressive {
            true => (self.band, self.low),
            false => ([0, LAST], 0),
        };
        let band = bits.get_mut(first..=last);
        band.unwrap_or_default().fill(low);
    }

    /// Everything that must be known to read it, whenever that is: to be asked in the file's order.
    pub(super) fn ready(
        self,
        frame: &Frame,
        codes: &Codes,
        levels: &mut [Levels],
        interval: u32,
    ) -> Result<Ready, Failure> {
        let work = match (frame.progressive, self.band, self.high) {
            // Without codes of its own a file means the standard's: the library knows them.
            (false, ..) => Work::Whole {
                means: self.mean_codes(codes, Failure::Unusual)?,
                others: self
                    .members
                    .iter()
                    .map(|member| codes.get(Class::Others, member.others).cloned())
                    .collect::<Option<_>>()
                    .ok_or(Failure::Unusual)?,
            },
            (true, [0, _], 0) => Work::Means(self.mean_codes(codes, DAMAGED)?),
            (true, [0, _], _) => Work::FinerMeans,
            _ => {
                let only = self.members.first().ok_or(DAMAGED)?;
                let code = codes.get(Class::Others, only.others).ok_or(DAMAGED)?;
                let levels = levels.get_mut(only.colour).ok_or(DAMAGED)?;
                if levels.only_means() {
                    Work::Nothing
                } else {
                    Work::Band {
                        code: Arc::clone(code),
                        traces: levels.before_scan(self.high > 0, self.low > 0)?,
                    }
                }
            }
        };
        Ok(Ready {
            scan: self,
            work,
            interval,
        })
    }

    /// The codes of the members' means, which must all be there.
    fn mean_codes(&self, codes: &Codes, lack: Failure) -> Result<Vec<Arc<Code>>, Failure> {
        let members = self.members.iter();
        let found = members.map(|member| codes.get(Class::Means, member.means).cloned());
        let found: Vec<Arc<Code>> = found.collect::<Option<_>>().ok_or(lack)?;
        match found.iter().all(|code| code.fits_means()) {
            true => Ok(found),
            false => Err(DAMAGED),
        }
    }
}

/// A scan that can be read.
pub(super) struct Ready {
    pub(super) scan: Scan,
    work: Work,
    /// Groups between restart markers, 0 for none.
    interval: u32,
}

enum Work {
    /// All levels, not progressive.
    Whole {
        means: Vec<Arc<Code>>,
        others: Vec<Arc<Code>>,
    },
    Means(Vec<Arc<Code>>),
    FinerMeans,
    Band {
        code: Arc<Code>,
        traces: bool,
    },
    /// Nothing of it is kept.
    Nothing,
}

impl Ready {
    /// Whether it touches the means, and the other levels.
    pub(super) fn touches(&self) -> [bool; 2] {
        match self.work {
            Work::Whole { .. } => [true, true],
            Work::Means(_) | Work::FinerMeans => [true, false],
            Work::Band { .. } => [false, true],
            Work::Nothing => [false, false],
        }
    }

    /// Reads it, and answers with the marker behind it.
    pub(super) fn read(
        &self,
        frame: &Frame,
        levels: &[Levels],
        turn: &dyn Turn,
        input: &mut Input<'_>,
    ) -> Result<u8, Failure> {
        let mut reading = Reading {
            scan: &self.scan,
            frame,
            turn,
            restarts: Restarts {
                interval: self.interval,
                left: self.interval,
                due: 0,
            },
            bits: Bits::new(input),
        };
        match &self.work {
            Work::Whole { means, others } => reading.whole(means, others, levels)?,
            Work::Means(codes) => reading.means(codes, levels)?,
            Work::FinerMeans => reading.finer_means(levels)?,
            Work::Band { code, traces } => reading.band(code, *traces, levels)?,
            Work::Nothing => return pass_over(input),
        }
        let (marker, left_over) = reading.bits.finish()?;
        // The end of the file stands for its mark, but not where the scan has ended before.
        match input.ended && left_over > LEFT_OVER {
            true => Err(Failure::Trouble(Trouble::Truncated)),
            false => Ok(marker),
        }
    }
}

/// To the marker behind a scan that nobody reads.
pub(super) fn pass_over(input: &mut Input<'_>) -> Result<u8, Failure> {
    loop {
        input.tick()?;
        let marker = input.marker()?;
        if !matches!(marker, 0xD0..=0xD7) {
            return Ok(marker);
        }
    }
}

/// When a scan may go on: what it tells stands on what scans before it have told.
pub(super) trait Turn {
    /// Before rows of blocks of a member, up to `end`, are touched.
    fn wait(&self, member: usize, end: usize) -> Result<(), Failure>;
    /// They are done.
    fn done(&self, member: usize, end: usize);
}

/// All scans before have been read.
pub(super) struct InOrder;

impl Turn for InOrder {
    fn wait(&self, _: usize, _: usize) -> Result<(), Failure> {
        Ok(())
    }

    fn done(&self, _: usize, _: usize) {}
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

    /// How many of `most` blocks come before the next restart; takes them. True at the first ones after
    /// one.
    fn stretch(&mut self, bits: &mut Bits<'_, '_>, most: usize) -> Result<(usize, bool), Failure> {
        let fresh = self.before(bits)?;
        if self.interval == 0 {
            return Ok((most, fresh));
        }
        let more = (most.saturating_sub(1)).min(self.left as usize);
        // At most `left`.
        self.left -= more as u32;
        Ok((1 + more, fresh))
    }
}

struct Reading<'r, 'i, 'f> {
    scan: &'r Scan,
    frame: &'r Frame,
    turn: &'r dyn Turn,
    restarts: Restarts,
    bits: Bits<'i, 'f>,
}
