//! Where a scan goes: first its symbols are counted, then they are written with the codes made of
//! the counts. Both take the very same way through the blocks.

use super::huffman::Code;

pub(super) trait Sink {
    fn symbol(&mut self, symbol: u8);
    /// The low `count` bits (at most 16) as they are.
    fn bits(&mut self, bits: u32, count: u8);
}

pub(super) struct Counting {
    pub(super) counts: [u32; 256],
    pub(super) plain_bits: u64,
}

impl Counting {
    pub(super) const fn new() -> Self {
        Self {
            counts: [0; 256],
            plain_bits: 0,
        }
    }
}

impl Sink for Counting {
    #[inline(always)]
    fn symbol(&mut self, symbol: u8) {
        if let Some(count) = self.counts.get_mut(usize::from(symbol)) {
            *count += 1;
        }
    }

    #[inline(always)]
    fn bits(&mut self, _: u32, count: u8) {
        self.plain_bits += u64::from(count);
    }
}

pub(super) struct Writing<'a> {
    code: &'a Code,
    bytes: Vec<u8>,
    /// Bits not yet written stand at the low end.
    held: u64,
    count: u32,
}

impl<'a> Writing<'a> {
    pub(super) fn new(code: &'a Code, about: usize) -> Self {
        Self {
            code,
            bytes: Vec::with_capacity(about),
            held: 0,
            count: 0,
        }
    }

    /// Behind what stands in `bytes`, with room for so many in all.
    pub(super) fn after(mut bytes: Vec<u8>, code: &'a Code, about: usize) -> Self {
        bytes.reserve_exact(about.saturating_sub(bytes.len()));
        Self {
            code,
            bytes,
            held: 0,
            count: 0,
        }
    }

    /// Symbols that follow are of this code.
    #[inline(always)]
    pub(super) fn with(&mut self, code: &'a Code) {
        self.code = code;
    }

    #[inline(always)]
    fn put(&mut self, bits: u32, count: u8) {
        let mask = (1_u64 << count) - 1;
        self.held = self.held << count | u64::from(bits) & mask;
        self.count += u32::from(count);
        if self.count >= 32 {
            self.spill();
        }
    }

    fn spill(&mut self) {
        while self.count >= 8 {
            self.count -= 8;
            // The lowest byte of what is shifted.
            let byte = (self.held >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }

    /// Filled up with ones, as the standard asks.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.spill();
        if self.count > 0 {
            self.put(0x7F, 7);
            self.spill();
        }
        self.bytes
    }
}

impl Sink for Writing<'_> {
    #[inline(always)]
    fn symbol(&mut self, symbol: u8) {
        let (code, bits) = self.code.of(symbol);
        self.put(u32::from(code), bits);
    }

    #[inline(always)]
    fn bits(&mut self, bits: u32, count: u8) {
        self.put(bits, count);
    }
}
