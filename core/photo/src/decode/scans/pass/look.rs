//! A band's codes with the bits that follow them, looked up together.

use super::super::code::Code;

/// Bits that are looked at together.
const LOOK: u32 = 10;
const LOOKS: usize = 1 << LOOK;

/// What a code of a scan of first bits means.
///
/// From the lowest bit: 6 bits length of the code and its number; 4 bits run; at [`Self::END`] set if no
/// level follows; from 16 on the level, which is none at a run of 15 alone.
#[derive(Clone, Copy)]
pub(super) struct First(u32);

/// What a code of a scan of one more bit means: as [`First`], with the sign of a fresh level.
#[derive(Clone, Copy)]
pub(super) struct More(u16);

impl First {
    const END: u32 = 1 << 10;

    /// 0 for a code that is none, or does not fit.
    #[inline(always)]
    pub(super) const fn length(self) -> u32 {
        self.0 & 63
    }

    #[inline(always)]
    pub(super) const fn run(self) -> usize {
        (self.0 >> 6 & 15) as usize
    }

    /// Blocks end, as many as the next bits tell, of which there are [`Self::run`].
    #[inline(always)]
    pub(super) const fn ends(self) -> bool {
        self.0 & Self::END != 0
    }

    /// 0 where zeros alone come.
    #[inline(always)]
    pub(super) const fn level(self) -> i32 {
        self.0 as i32 >> 16
    }

    /// `next` holds what is read next, from its highest bit on, as far as it counts.
    #[inline(always)]
    fn read(code: &Code, next: u64) -> Self {
        let Some((bits, symbol)) = code.find((next >> 48) as u16) else {
            return Self(0);
        };
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            let end = if run == 15 { 0 } else { Self::END };
            return Self(bits | run << 6 | end);
        }
        let number = (next << bits >> (64 - size)) as i32;
        let negative = i32::from(number >> (size - 1) == 0);
        let level = number - negative * ((1 << size) - 1);
        Self((bits + size) | run << 6 | (level as u32) << 16)
    }
}

impl More {
    const END: u16 = 1 << 10;
    const FRESH: u16 = 1 << 11;
    const NEGATIVE: u16 = 1 << 12;
    const WRONG: u16 = 1 << 13;

    /// 0 for a code that is none, or does not fit.
    #[inline(always)]
    pub(super) const fn length(self) -> u32 {
        self.0 as u32 & 63
    }

    #[inline(always)]
    pub(super) const fn run(self) -> u32 {
        self.0 as u32 >> 6 & 15
    }

    /// Blocks end, as many as the next bits tell, of which there are [`Self::run`]; or this is no code
    /// of such a scan.
    #[inline(always)]
    pub(super) const fn ends(self) -> bool {
        self.0 & (Self::END | Self::WRONG) != 0
    }

    #[inline(always)]
    pub(super) const fn is_wrong(self) -> bool {
        self.0 & Self::WRONG != 0
    }

    #[inline(always)]
    pub(super) const fn is_fresh(self) -> bool {
        self.0 & Self::FRESH != 0
    }

    #[cold]
    pub(super) const fn sign(self) -> i16 {
        if self.is_negative() { -1 } else { 1 }
    }

    #[inline(always)]
    pub(super) const fn is_negative(self) -> bool {
        self.0 & Self::NEGATIVE != 0
    }

    #[inline(always)]
    fn read(code: &Code, next: u64) -> Self {
        let Some((bits, symbol)) = code.find((next >> 48) as u16) else {
            return Self(0);
        };
        let (run, size) = (u16::from(symbol >> 4), symbol & 15);
        let (more, kind) = match (size, run) {
            (0, 15) => (0, 0),
            (0, _) => (0, Self::END),
            (1, _) if next << bits >> 63 == 1 => (1, Self::FRESH),
            (1, _) => (1, Self::FRESH | Self::NEGATIVE),
            _ => (0, Self::WRONG),
        };
        // At most 17.
        Self((bits as u16 + more) | run << 6 | kind)
    }
}

/// What may follow the next bits.
pub(super) struct Looks<'c, T> {
    code: &'c Code,
    quick: Box<[T; LOOKS]>,
}

impl<'c> Looks<'c, First> {
    pub(super) fn first(code: &'c Code) -> Self {
        Self::new(code, First(0), First::read, First::length)
    }

    /// Of 32 bits, or as many as are left.
    #[inline(always)]
    pub(super) fn find(&self, next: u64) -> First {
        match self.quick(next) {
            First(0) => First::read(self.code, next),
            found => found,
        }
    }
}

impl<'c> Looks<'c, More> {
    pub(super) fn more(code: &'c Code) -> Self {
        Self::new(code, More(0), More::read, More::length)
    }

    #[inline(always)]
    pub(super) fn find(&self, next: u64) -> More {
        match self.quick(next) {
            More(0) => More::read(self.code, next),
            found => found,
        }
    }
}

impl<'c, T: Copy> Looks<'c, T> {
    fn new(
        code: &'c Code,
        none: T,
        read: impl Fn(&Code, u64) -> T,
        length: impl Fn(T) -> u32,
    ) -> Self {
        let mut quick = Box::new([none; LOOKS]);
        for (looked, quick) in (0_u64..).zip(quick.iter_mut()) {
            // What lies beyond the look counts as zeros: a code that needs it does not fit.
            let found = read(code, looked << (64 - LOOK));
            if length(found) <= LOOK {
                *quick = found;
            }
        }
        Self { code, quick }
    }

    #[inline(always)]
    fn quick(&self, next: u64) -> T {
        #[allow(clippy::indexing_slicing, reason = "as many bits as there are entries")]
        self.quick[(next >> (64 - LOOK)) as usize]
    }
}
