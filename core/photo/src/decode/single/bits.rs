//! Bits of bytes that lie ready.

/// Bits that [`Bits::refill`] leaves at least.
pub(super) const READY: u32 = 56;

/// Behind the last byte it goes on with zeros: whoever reads asks now and then how far it has come.
pub(super) struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
    /// The next bit is the highest. Below `count` bits may stand what will be read there again.
    pending: u64,
    count: u32,
}

impl<'b> Bits<'b> {
    pub(super) fn new(bytes: &'b [u8], position: usize) -> Self {
        let mut bits = Self {
            bytes,
            at: position / 8,
            pending: 0,
            count: 0,
        };
        bits.refill();
        bits.pass((position % 8) as u32);
        bits
    }

    /// In bits, from the first byte.
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.at * 8 - self.count as usize
    }

    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let ready = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk);
        let eight = match ready {
            Some(eight) => u64::from_be_bytes(*eight),
            None => self.last(),
        };
        self.pending |= eight >> self.count;
        self.at += ((63 - self.count) >> 3) as usize;
        self.count |= READY;
    }

    /// So many are ready after it.
    #[inline(always)]
    pub(super) fn need(&mut self, bits: u32) {
        if self.count < bits {
            self.refill();
        }
    }

    #[cold]
    fn last(&self) -> u64 {
        let mut eight = [0; 8];
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        for (to, byte) in eight.iter_mut().zip(rest) {
            *to = *byte;
        }
        u64::from_be_bytes(eight)
    }

    /// The next 64, of which as many count as are ready.
    #[inline(always)]
    pub(super) fn next(&self) -> u64 {
        self.pending
    }

    /// At most as many as are ready.
    #[inline(always)]
    pub(super) fn pass(&mut self, count: u32) {
        self.pending <<= count;
        self.count -= count;
    }

    /// A signed number of the given size, 0 to 15 (T.81, figure F.12).
    #[inline(always)]
    pub(super) fn signed(&mut self, size: u32) -> i32 {
        // At size 0 nothing is left of it, in two steps: none may shift by all 64.
        let number = (self.pending >> 1 >> (63 - size)) as i32;
        let negative = i32::from(self.pending >> 63 == 0);
        self.pass(size);
        number - negative * ((1 << size) - 1)
    }
}
