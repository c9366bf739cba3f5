//! Codes of levels and what follows them, looked up together: most codes and their numbers are so short
//! that several fit into one look.

use super::super::scans::code::Code;

/// Bits that are looked at together.
pub(super) const LOOK: u32 = 11;
const LOOKS: usize = 1 << LOOK;
/// As a distance, where nothing is to be kept: beyond every place of a block.
const NOWHERE: u64 = 128;

/// One or two levels.
///
/// From the lowest bit: 6 bits length of all codes; bit 7 set if the block ends here; from 8 on how far
/// they lead, from 16 and 24 how far to each level, from 32 and 48 the levels. 0 if the first code does
/// not fit.
#[derive(Clone, Copy)]
pub(super) struct Found(u64);

impl Found {
    #[inline(always)]
    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }

    #[inline(always)]
    pub(super) const fn length(self) -> u32 {
        self.0 as u32 & 63
    }

    #[inline(always)]
    pub(super) const fn ends(self) -> bool {
        self.0 & 128 != 0
    }

    #[inline(always)]
    pub(super) const fn leads(self) -> usize {
        (self.0 >> 8 & 255) as usize
    }

    /// How far each level lies, and the level; the only one twice.
    #[inline(always)]
    pub(super) const fn levels(self) -> [(usize, i16); 2] {
        [
            ((self.0 >> 16 & 255) as usize, (self.0 >> 32) as i16),
            ((self.0 >> 24 & 255) as usize, (self.0 >> 48) as i16),
        ]
    }
}

pub(super) struct Others {
    pub(super) code: Code,
    found: Box<[u64; LOOKS]>,
    /// As many codes as fit, their levels left out: length, whether the block ends, how far they lead.
    passed: Box<[u32; LOOKS]>,
}

impl Others {
    pub(super) fn new(code: &Code) -> Self {
        let mut found = Box::new([0; LOOKS]);
        let mut passed = Box::new([0; LOOKS]);
        let all = (0_u32..).zip(found.iter_mut().zip(passed.iter_mut()));
        for (looked, (found, passed)) in all {
            let (some, last) = Gathered::of(looked, code, 2);
            *found = some.found(last);
            let (all, _) = Gathered::of(looked, code, usize::MAX);
            *passed = all.passed();
        }
        Self {
            code: code.clone(),
            found,
            passed,
        }
    }

    #[inline(always)]
    pub(super) fn found(&self, next: u64) -> Found {
        #[allow(clippy::indexing_slicing, reason = "as many bits as there are entries")]
        Found(self.found[(next >> (64 - LOOK)) as usize])
    }

    /// Only length, end and how far it leads are told.
    #[inline(always)]
    pub(super) fn passed(&self, next: u64) -> Found {
        #[allow(clippy::indexing_slicing, reason = "as many bits as there are entries")]
        Found(self.passed[(next >> (64 - LOOK)) as usize].into())
    }
}

/// What the codes in a look tell.
#[derive(Default, Clone, Copy)]
struct Gathered {
    length: u32,
    ends: bool,
    leads: u32,
}

type Level = (u32, i16);

impl Gathered {
    /// Up to `most` levels that fit into the look as a whole.
    fn of(looked: u32, code: &Code, most: usize) -> (Self, [Option<Level>; 2]) {
        let mut all = Self::default();
        let mut levels = [None; 2];
        let mut count = 0;
        while count < most && all.length < LOOK {
            let rest = looked << all.length & (LOOKS as u32 - 1);
            let left = LOOK - all.length;
            // What lies beyond the look counts as zeros: a code that needs it does not fit.
            let Some((bits, symbol)) = code.find((rest << (16 - LOOK)) as u16) else {
                break;
            };
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if bits + size > left {
                break;
            }
            if size == 0 && run != 15 {
                all.length += bits;
                all.ends = true;
                break;
            }
            all.length += bits + size;
            all.leads += run + 1;
            if size == 0 {
                continue;
            }
            let number = (rest >> (LOOK - bits - size)) as i32 & ((1 << size) - 1);
            let negative = i32::from(number >> (size - 1) == 0);
            if let Some(slot) = levels.get_mut(count) {
                *slot = Some((all.leads, (number - negative * ((1 << size) - 1)) as i16));
            }
            count += 1;
        }
        (all, levels)
    }

    fn passed(self) -> u32 {
        match self.length {
            0 => 0,
            length => length | u32::from(self.ends) << 7 | self.leads << 8,
        }
    }

    fn found(self, [first, second]: [Option<Level>; 2]) -> u64 {
        if self.length == 0 {
            return 0;
        }
        let entry = |level: Option<Level>| match level {
            Some((leads, level)) => (leads.into(), u64::from(level as u16)),
            None => (NOWHERE, 0),
        };
        let (leads, level) = entry(first);
        let (other_leads, other_level) = entry(second.or(first));
        u64::from(self.passed()) | leads << 16 | other_leads << 24 | level << 32 | other_level << 48
    }
}
