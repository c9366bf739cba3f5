//! The bytes of the file, and the bits of its coded parts.

use super::Failure;
use crate::jpeg::{Feed, Trouble};

const BUFFER_BYTES: usize = 16 * 1024;
const END: u8 = 0xD9;
/// Bits that a call of [`Bits::refill`] leaves at least, unless a marker comes before.
const READY: u32 = 57;

pub(in crate::decode) struct Input<'a> {
    feed: Box<dyn Feed + 'a>,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    /// Bytes that came before those of the buffer.
    before: u64,
    /// The file has ended, a made-up end marker was handed out.
    pub(in crate::decode) ended: bool,
}

impl<'a> Input<'a> {
    pub(in crate::decode) fn new(feed: impl Feed + 'a) -> Self {
        Self {
            feed: Box::new(feed),
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            at: 0,
            end: 0,
            before: 0,
            ended: false,
        }
    }

    /// How many bytes were passed.
    pub(super) fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// What broken data means here: at the end of the file the rest of it is missing.
    pub(super) fn broken(&self) -> Failure {
        Failure::Trouble(if self.ended {
            Trouble::Truncated
        } else {
            Trouble::Damaged
        })
    }

    pub(in crate::decode) fn tick(&mut self) -> Result<(), Failure> {
        self.feed
            .tick()
            .map_err(|_| Failure::Trouble(Trouble::Stopped))
    }

    fn fill(&mut self) -> Result<(), Failure> {
        self.before += self.end as u64;
        self.at = 0;
        self.end = match self.ended {
            true => 0,
            false => self
                .feed
                .read(&mut self.buffer)
                .map_err(|_| Failure::Trouble(Trouble::Stopped))?
                .min(BUFFER_BYTES),
        };
        if self.end == 0 {
            self.ended = true;
            for (to, byte) in self.buffer.iter_mut().zip([0xFF, END]) {
                *to = byte;
            }
            self.end = 2;
        }
        Ok(())
    }

    pub(in crate::decode) fn byte(&mut self) -> Result<u8, Failure> {
        if self.at >= self.end {
            self.fill()?;
        }
        let byte = self.buffer.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        Ok(byte)
    }

    /// What is at hand, one byte at least; to be passed by [`Input::pass`].
    pub(in crate::decode) fn ready(&mut self) -> Result<&[u8], Failure> {
        if self.at >= self.end {
            self.fill()?;
        }
        Ok(self.buffer.get(self.at..self.end).unwrap_or_default())
    }

    pub(in crate::decode) fn pass(&mut self, count: usize) {
        self.at = (self.at + count).min(self.end);
    }

    /// The next eight, when they lie ready.
    #[inline(always)]
    fn eight(&self) -> Option<u64> {
        let ready = self.buffer.get(self.at..self.end)?;
        ready.first_chunk().map(|eight| u64::from_be_bytes(*eight))
    }

    /// Passes what belongs to nothing, zeros after bytes of ones too.
    pub(in crate::decode) fn marker(&mut self) -> Result<u8, Failure> {
        loop {
            let ready = self.buffer.get(self.at..self.end).unwrap_or_default();
            match first_ones(ready) {
                Some(before) => self.at += before + 1,
                None => {
                    self.fill()?;
                    continue;
                }
            }
            let mut byte = 0xFF;
            while byte == 0xFF {
                byte = self.byte()?;
            }
            if byte != 0 {
                return Ok(byte);
            }
        }
    }

    /// Bytes of the segment that follows its marker.
    fn length(&mut self) -> Result<usize, Failure> {
        let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
        usize::from(length).checked_sub(2).ok_or(Failure::Unusual)
    }

    pub(in crate::decode) fn segment(&mut self) -> Result<Vec<u8>, Failure> {
        let length = self.length()?;
        let mut segment = Vec::with_capacity(length);
        for _ in 0..length {
            segment.push(self.byte()?);
        }
        Ok(segment)
    }

    pub(super) fn skip_segment(&mut self) -> Result<(), Failure> {
        let mut left = self.length()?;
        while left > 0 && !self.ended {
            let ready = left.min(self.end - self.at);
            self.at += ready;
            left -= ready;
            if left > 0 {
                self.fill()?;
            }
        }
        Ok(())
    }
}

/// The bits of one scan, up to the marker that ends it.
pub(super) struct Bits<'i, 'f> {
    pub(super) input: &'i mut Input<'f>,
    held: Held,
}

/// What was read and not passed yet.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Held {
    /// The next bit is the highest. Below `count` bits may stand what will be read there again.
    pending: u64,
    count: u32,
    /// Read already: no bits come after those pending.
    marker: Option<u8>,
}

impl Held {
    #[cold]
    fn refill(&mut self, input: &mut Input<'_>) -> Result<(), Failure> {
        // What stands below may be of bytes that come after a marker now seen.
        self.pending &= !(u64::MAX.checked_shr(self.count).unwrap_or(0));
        while self.count < READY && self.marker.is_none() {
            let byte = input.byte()?;
            if byte == 0xFF {
                let mut next = 0xFF;
                while next == 0xFF {
                    next = input.byte()?;
                }
                if next != 0 {
                    self.marker = Some(next);
                    break;
                }
            }
            self.pending |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        Ok(())
    }
}

impl<'i, 'f> Bits<'i, 'f> {
    pub(super) fn new(input: &'i mut Input<'f>) -> Self {
        Self {
            input,
            held: Held::default(),
        }
    }

    /// The same bits for a reader of its own, who can have them in registers; what is left of them must
    /// come back by [`Self::hold`].
    #[inline(always)]
    pub(super) fn lent(&mut self) -> Bits<'_, 'f> {
        Bits {
            input: &mut *self.input,
            held: self.held,
        }
    }

    #[inline(always)]
    pub(super) fn left(&self) -> Held {
        self.held
    }

    #[inline(always)]
    pub(super) fn hold(&mut self, left: Held) {
        self.held = left;
    }

    /// At least [`READY`] bits, if the scan has so many.
    #[inline(always)]
    fn refill(&mut self) -> Result<(), Failure> {
        if let Some(eight) = self.input.eight()
            && !has_ones(eight)
            && self.held.marker.is_none()
        {
            self.held.pending |= eight >> self.held.count;
            let taken = (63 - self.held.count) >> 3;
            self.input.at += taken as usize;
            self.held.count += taken * 8;
            return Ok(());
        }
        // A copy, so that the original can be in registers all the time.
        let mut held = self.held;
        held.refill(self.input)?;
        self.held.pending = held.pending;
        self.held.count = held.count;
        self.held.marker = held.marker;
        Ok(())
    }

    /// At least 32 bits are ready after it, if the scan has so many: enough for a code and its number.
    #[inline(always)]
    pub(super) fn look(&mut self) -> Result<u64, Failure> {
        if self.held.count < 32 {
            self.refill()?;
        }
        Ok(self.held.pending)
    }

    /// The next 16, with zeros behind the last one; enough is then ready for what a code can ask for.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> Result<u16, Failure> {
        Ok((self.look()? >> 48) as u16)
    }

    #[inline(always)]
    pub(super) fn pass(&mut self, count: u32) -> Result<(), Failure> {
        if count > self.held.count {
            return Err(self.input.broken());
        }
        self.held.pending <<= count;
        self.held.count -= count;
        Ok(())
    }

    /// A number of at most 32 bits.
    #[inline(always)]
    pub(super) fn number(&mut self, bits: u32) -> Result<u32, Failure> {
        if self.held.count < bits {
            self.refill()?;
        }
        // In two steps: none may shift by all 64.
        let number = self.held.pending >> 1 >> (63 - bits);
        self.pass(bits)?;
        Ok(number as u32)
    }

    #[inline(always)]
    pub(super) fn bit(&mut self) -> Result<bool, Failure> {
        Ok(self.number(1)? == 1)
    }

    /// A signed number of the given size, at most 16 (T.81, figure F.12).
    #[inline(always)]
    pub(super) fn signed(&mut self, size: u32) -> Result<i32, Failure> {
        let number = self.number(size)? as i32;
        let negative = size > 0 && number >> (size - 1) == 0;
        Ok(number - i32::from(negative) * ((1 << size) - 1))
    }

    /// Passes to what follows the restart marker, which must be the one that is due.
    pub(super) fn restart(&mut self, due: u8) -> Result<(), Failure> {
        let marker = match self.held.marker {
            Some(marker) => marker,
            None => self.input.marker()?,
        };
        if marker != 0xD0 + (due & 7) {
            return Err(self.input.broken());
        }
        self.held = Held::default();
        Ok(())
    }

    /// The marker after the scan, and how many bytes before it nobody has used.
    pub(super) fn finish(self) -> Result<(u8, u64), Failure> {
        let held = u64::from(self.held.count / 8);
        if let Some(marker) = self.held.marker {
            return Ok((marker, held));
        }
        let from = self.input.position();
        let marker = self.input.marker()?;
        // The marker itself has two.
        let passed = self.input.position().saturating_sub(from + 2);
        Ok((marker, held + passed))
    }
}

/// Where the first byte of ones stands.
fn first_ones(bytes: &[u8]) -> Option<usize> {
    // Many at once: nearly all that is looked through is coded, where one in some hundred is one.
    const MANY: usize = 32;
    let many = bytes.as_chunks::<MANY>().0.iter();
    let any = |many: &[u8; MANY]| many.iter().fold(false, |any, byte| any | (*byte == 0xFF));
    let clear = many.take_while(|many| !any(many)).count() * MANY;
    let rest = bytes.get(clear..).unwrap_or_default();
    let at = rest.iter().position(|byte| *byte == 0xFF);
    at.map(|at| clear + at)
}

/// Whether any of the eight bytes is 0xFF.
#[inline(always)]
pub(in crate::decode) const fn has_ones(eight: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zeros = !eight;
    zeros.wrapping_sub(LOW) & eight & HIGH != 0
}
