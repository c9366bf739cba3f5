//! Groups of blocks that are coded together, from bits to the levels that are shown.

use std::sync::Arc;

use super::super::scans::Failure;
use super::super::scans::code::{Class, Code, Codes};
use super::super::scans::frame::{Colour, Frame};
use super::super::scans::pass::Scan;
use super::DAMAGED;
use super::bits::Bits;
use super::look_up::Others;
use crate::block::ORDER;
use crate::wide::wide;

/// Of each colour of a group, in the frame's order.
pub(super) type Means = [i32; 4];

/// Bits that the longest code of a level and its number take, at most.
const LONGEST: u32 = 16 + 15;
/// Bytes that the longest group takes: ten blocks of 64 levels, and some.
pub(super) const GROUP_BYTES: usize = 10 * 64 * (LONGEST as usize) / 8 + 16;
/// A level that is not shown goes behind its block's others.
const PLACES: usize = 256;
const LAST: usize = 63;

/// A colour's part of each group.
pub(super) struct Member {
    /// Its number among the colours.
    at: usize,
    /// Blocks across and down.
    pub(super) wide: usize,
    pub(super) high: usize,
    /// Numbers that a block takes: one more than it shows.
    pub(super) block: usize,
    /// Where its first block begins in a group.
    pub(super) first: usize,
    means: Code,
    others: Arc<Others>,
    /// Where each level of the file's order stands in its block. A level that is told beyond the last
    /// one counts as the last, as in libjpeg.
    places: [u8; PLACES],
    /// The last level that is shown, in the file's order.
    last: usize,
}

impl Member {
    pub(super) fn of(&self, means: &[i16; 4]) -> i16 {
        means.get(self.at).copied().unwrap_or_default()
    }

    /// Where its last block's mean stands in a group.
    fn last_mean(&self) -> usize {
        self.first + (self.wide * self.high - 1) * self.block
    }
}

/// How a group is made up.
pub(super) struct Plan {
    pub(super) members: Vec<Member>,
    /// Numbers of a whole group.
    pub(super) length: usize,
}

/// Why no more groups came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The bytes end within a group.
    Short,
    Code,
}

pub(super) struct Ran {
    /// Those that came whole.
    pub(super) count: usize,
    /// Behind the last of them.
    pub(super) position: usize,
    pub(super) wrong: Option<Wrong>,
}

impl Plan {
    pub(super) fn new(frame: &Frame, scan: &Scan, codes: &Codes) -> Result<Self, Failure> {
        let alone = frame.colours.len() == 1;
        let mut made: Vec<(u8, Arc<Others>)> = Vec::new();
        let (mut members, mut length) = (Vec::new(), 0);
        for (at, (colour, member)) in frame.colours.iter().zip(&scan.members).enumerate() {
            let means = codes.get(Class::Means, member.means);
            let means = means.ok_or(Failure::Unusual)?;
            if !means.fits_means() {
                return Err(DAMAGED);
            }
            let known = made.iter().find(|(number, _)| *number == member.others);
            let others = match known {
                Some((_, others)) => Arc::clone(others),
                None => {
                    let code = codes.get(Class::Others, member.others);
                    let others = Arc::new(Others::new(code.ok_or(Failure::Unusual)?));
                    made.push((member.others, Arc::clone(&others)));
                    others
                }
            };
            let [wide, high] = match alone {
                true => [1, 1],
                false => colour.factors.map(|factor| factor as usize),
            };
            let (places, last) = places(colour);
            let block = (colour.side * colour.side) as usize + 1;
            members.push(Member {
                at,
                wide,
                high,
                block,
                first: length,
                means: Code::clone(means),
                others,
                places,
                last,
            });
            length += wide * high * block;
        }
        Ok(Self { members, length })
    }

    /// Whether the file tells them: without any it means the standard's, which the library knows.
    pub(super) fn has_codes(scan: &Scan, codes: &Codes) -> bool {
        scan.members.iter().all(|member| {
            codes.get(Class::Means, member.means).is_some()
                && codes.get(Class::Others, member.others).is_some()
        })
    }

    /// The means that stand at the end of a group.
    pub(super) fn means(&self, group: &[i16]) -> [i16; 4] {
        let mut means = [0; 4];
        for (to, member) in means.iter_mut().zip(&self.members) {
            *to = group.get(member.last_mean()).copied().unwrap_or_default();
        }
        means
    }
}

fn places(colour: &Colour) -> ([u8; PLACES], usize) {
    let side = colour.side as u8;
    let nowhere = side * side;
    let (mut places, mut last) = ([nowhere; PLACES], 0);
    let last_level = std::iter::repeat_n(&63, 16);
    let levels = ORDER.iter().chain(last_level);
    for ((at, place), order) in places.iter_mut().enumerate().zip(levels).skip(1) {
        let (row, column) = (order / 8, order % 8);
        if row.max(column) < side {
            *place = row * side + column;
            last = at.min(LAST);
        }
    }
    (places, last)
}

// Reads groups into `told`, which must be zeros, as many as it has room for; none is begun at the bit
// `until` or behind it. `before` are the means before the first, and become those of the last. Where
// each begins is added to `starts`.
wide!(pub(super) fn read(
    plan: &Plan,
    bytes: &[u8],
    position: usize,
    until: usize,
    before: &mut Means,
    told: &mut [i16],
    starts: &mut Vec<u32>,
) -> Ran = all_groups);

#[inline(always)]
fn all_groups(
    plan: &Plan,
    bytes: &[u8],
    position: usize,
    until: usize,
    before: &mut Means,
    told: &mut [i16],
    starts: &mut Vec<u32>,
) -> Ran {
    let mut bits = Bits::new(bytes, position);
    let mut ran = Ran {
        count: 0,
        position,
        wrong: None,
    };
    for told in told.chunks_exact_mut(plan.length.max(1)) {
        if ran.position >= until {
            break;
        }
        let mut means = *before;
        for (member, mean) in plan.members.iter().zip(&mut means) {
            let end = member.first + member.wide * member.high * member.block;
            let blocks = told.get_mut(member.first..end).unwrap_or_default();
            for told in blocks.chunks_exact_mut(member.block.max(1)) {
                if !block(member, &mut bits, mean, told) {
                    ran.wrong = Some(Wrong::Code);
                    break;
                }
            }
        }
        // Behind the last bit codes of zeros are read, right or wrong.
        if bits.position() > bytes.len() * 8 {
            ran.wrong = Some(Wrong::Short);
        }
        if ran.wrong.is_some() {
            break;
        }
        // At most as many as a stretch has bits.
        starts.push(ran.position as u32);
        ran.count += 1;
        ran.position = bits.position();
        *before = means;
    }
    ran
}

/// False where a code is none.
#[inline(always)]
fn block(member: &Member, bits: &mut Bits<'_>, mean: &mut i32, told: &mut [i16]) -> bool {
    bits.need(LONGEST);
    let Some((length, size)) = member.means.find((bits.next() >> 48) as u16) else {
        return false;
    };
    bits.pass(length);
    *mean = mean.wrapping_add(bits.signed(size.into()));
    if let Some(first) = told.first_mut() {
        *first = *mean as i16;
    }
    let others = &*member.others;
    let mut at = 1;
    while at <= member.last {
        bits.need(LONGEST);
        let found = others.found(bits.next());
        // Behind the last level comes no end: the next code is another block's.
        if !found.is_none() && at + found.leads() <= LAST {
            bits.pass(found.length());
            for (leads, level) in found.levels() {
                keep(member, told, at - 1 + leads, level);
            }
            if found.ends() {
                return true;
            }
            at += found.leads();
            continue;
        }
        match slowly(&others.code, bits) {
            Some(Slow::Level { run, level }) => {
                at += run + 1;
                keep(member, told, at - 1, level);
            }
            Some(Slow::Zeros) => at += 16,
            Some(Slow::End) => return true,
            None => return false,
        }
    }
    while at <= LAST {
        bits.need(LONGEST);
        let found = others.passed(bits.next());
        if !found.is_none() && at + found.leads() <= LAST {
            bits.pass(found.length());
            if found.ends() {
                return true;
            }
            at += found.leads();
            continue;
        }
        match slowly(&others.code, bits) {
            Some(Slow::Level { run, .. }) => at += run + 1,
            Some(Slow::Zeros) => at += 16,
            Some(Slow::End) => return true,
            None => return false,
        }
    }
    true
}

#[inline(always)]
fn keep(member: &Member, told: &mut [i16], at: usize, level: i16) {
    #[allow(
        clippy::indexing_slicing,
        reason = "there are as many as a byte has values"
    )]
    let place = member.places[at & (PLACES - 1)];
    if let Some(slot) = told.get_mut(usize::from(place)) {
        *slot = level;
    }
}

enum Slow {
    Level { run: usize, level: i16 },
    Zeros,
    End,
}

/// One code and its number, however long; at least [`LONGEST`] bits must be ready.
#[inline(always)]
fn slowly(code: &Code, bits: &mut Bits<'_>) -> Option<Slow> {
    let (length, symbol) = code.find((bits.next() >> 48) as u16)?;
    bits.pass(length);
    let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
    Some(match (size, run) {
        (0, 15) => Slow::Zeros,
        (0, _) => Slow::End,
        _ => Slow::Level {
            run,
            level: bits.signed(size) as i16,
        },
    })
}
