//! The bytes of the file, and the bits of its coded parts.

use super::Failure;
use crate::jpeg::{Feed, Trouble};

const BUFFER_BYTES: usize = 64 * 1024;
const END: u8 = 0xD9;
/// Bits that a call of [`Bits::refill`] leaves at least, unless a marker comes before.
const READY: u32 = 57;

pub(in crate::decode) struct Input<'a> {
    feed: Box<dyn Feed + 'a>,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
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
            ended: false,
        }
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
            match ready.iter().position(|byte| *byte == 0xFF) {
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
    /// The next bit is the highest. Below `count` bits may stand what will be read there again.
    pending: u64,
    count: u32,
    /// Read already: no bits come after those pending.
    marker: Option<u8>,
}

impl<'i, 'f> Bits<'i, 'f> {
    pub(super) fn new(input: &'i mut Input<'f>) -> Self {
        Self {
            input,
            pending: 0,
            count: 0,
            marker: None,
        }
    }

    /// At least [`READY`] bits, if the scan has so many.
    #[inline(always)]
    fn refill(&mut self) -> Result<(), Failure> {
        if let Some(eight) = self.input.eight()
            && !has_ones(eight)
            && self.marker.is_none()
        {
            self.pending |= eight >> self.count;
            let taken = (63 - self.count) >> 3;
            self.input.at += taken as usize;
            self.count += taken * 8;
            return Ok(());
        }
        self.refill_slowly()
    }

    #[cold]
    fn refill_slowly(&mut self) -> Result<(), Failure> {
        // What stands below may be of bytes that come after a marker now seen.
        self.pending &= !(u64::MAX.checked_shr(self.count).unwrap_or(0));
        while self.count < READY && self.marker.is_none() {
            let byte = self.input.byte()?;
            if byte == 0xFF {
                let mut next = 0xFF;
                while next == 0xFF {
                    next = self.input.byte()?;
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

    /// The next 16, with zeros behind the last one; enough is then ready for what a code can ask for.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> Result<u16, Failure> {
        if self.count < 32 {
            self.refill()?;
        }
        Ok((self.pending >> 48) as u16)
    }

    #[inline(always)]
    pub(super) fn pass(&mut self, count: u32) -> Result<(), Failure> {
        if count > self.count {
            return Err(self.input.broken());
        }
        self.pending <<= count;
        self.count -= count;
        Ok(())
    }

    /// A number of at most 16 bits.
    #[inline(always)]
    pub(super) fn number(&mut self, bits: u32) -> Result<i32, Failure> {
        if bits == 0 {
            return Ok(0);
        }
        if self.count < bits {
            self.refill()?;
        }
        let number = self.pending >> (64 - bits);
        self.pass(bits)?;
        Ok(number as i32)
    }

    #[inline(always)]
    pub(super) fn bit(&mut self) -> Result<bool, Failure> {
        if self.count == 0 {
            self.refill()?;
        }
        let bit = self.pending >> 63 == 1;
        self.pass(1)?;
        Ok(bit)
    }

    /// A signed number of the given size (T.81, figure F.12).
    #[inline(always)]
    pub(super) fn signed(&mut self, size: u32) -> Result<i32, Failure> {
        let number = self.number(size)?;
        let negative = size > 0 && number >> (size - 1) == 0;
        Ok(number - i32::from(negative) * ((1 << size) - 1))
    }

    /// Passes to what follows the restart marker, which must be the one that is due.
    pub(super) fn restart(&mut self, due: u8) -> Result<(), Failure> {
        let marker = match self.marker.take() {
            Some(marker) => marker,
            None => self.input.marker()?,
        };
        if marker != 0xD0 + (due & 7) {
            return Err(self.input.broken());
        }
        self.pending = 0;
        self.count = 0;
        Ok(())
    }

    /// The marker after the scan.
    pub(super) fn finish(self) -> Result<u8, Failure> {
        match self.marker {
            Some(marker) => Ok(marker),
            None => self.input.marker(),
        }
    }
}

/// Whether any of the eight bytes is 0xFF.
#[inline(always)]
pub(in crate::decode) const fn has_ones(eight: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zeros = !eight;
    zeros.wrapping_sub(LOW) & eight & HIGH != 0
}
