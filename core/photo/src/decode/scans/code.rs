//! The Huffman codes of a file (ITU-T T.81, annexes C and F.2).

use std::sync::Arc;

use super::Failure;
use super::input::Bits;
use crate::jpeg::Trouble;

/// Codes of at most so many bits are looked up at once.
const QUICK: u32 = 9;

#[derive(Clone)]
pub(in crate::decode) struct Code {
    /// By the next bits: the code's length and its symbol; 0 for longer codes.
    quick: [u16; 1 << QUICK],
    /// For each length, the first value of 16 bits that is beyond its codes.
    beyond: [u32; 17],
    /// For each length, what is added to a code to find its symbol.
    offset: [i32; 17],
    symbols: Vec<u8>,
}

/// A file's codes, by class (means, others) and number.
#[derive(Default)]
pub(in crate::decode) struct Codes([[Option<Arc<Code>>; 4]; 2]);

#[derive(Clone, Copy)]
pub(in crate::decode) enum Class {
    Means = 0,
    Others = 1,
}

impl Codes {
    pub(in crate::decode) fn get(&self, class: Class, number: u8) -> Option<&Arc<Code>> {
        let [means, others] = &self.0;
        let codes = match class {
            Class::Means => means,
            Class::Others => others,
        };
        codes.get(usize::from(number))?.as_ref()
    }

    /// Takes what a DHT segment defines.
    pub(in crate::decode) fn take(&mut self, mut segment: &[u8]) -> Result<(), Failure> {
        const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
        while let Some((place, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(DAMAGED)?;
            let total: usize = counts.iter().copied().map(usize::from).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or(DAMAGED)?;
            let class = usize::from(place >> 4);
            let slot = self
                .0
                .get_mut(class)
                .and_then(|codes| codes.get_mut(usize::from(place & 15)))
                .ok_or(DAMAGED)?;
            // One that is wrong is an error only where it is used: then there is none.
            *slot = Code::new(counts, symbols).map(Arc::new);
            segment = rest;
        }
        Ok(())
    }
}

impl Code {
    fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        if symbols.len() > 256 {
            return None;
        }
        let mut made = Self {
            quick: [0; 1 << QUICK],
            beyond: [0; 17],
            offset: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut used) = (0_u32, 0_usize);
        for (bits, count) in (1_u32..).zip(counts) {
            let first = code;
            for symbol in symbols.iter().skip(used).take(usize::from(*count)) {
                if bits <= QUICK {
                    let from = (code << (QUICK - bits)) as usize;
                    let quick = entries(&mut made.quick, from, 1 << (QUICK - bits));
                    quick.fill((bits as u16) << 8 | u16::from(*symbol));
                }
                code += 1;
            }
            // No code is all ones.
            if code >= 1 << bits {
                return None;
            }
            if *count > 0 {
                let bits = bits as usize;
                *made.beyond.get_mut(bits)? = code << (16 - bits);
                *made.offset.get_mut(bits)? = used as i32 - first as i32;
            }
            used += usize::from(*count);
            code <<= 1;
        }
        Some(made)
    }

    /// The means' sizes are at most 15.
    pub(in crate::decode) fn fits_means(&self) -> bool {
        self.symbols.iter().all(|symbol| *symbol <= 15)
    }

    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits<'_, '_>) -> Result<u8, Failure> {
        let next = bits.peek()?;
        let Some((length, symbol)) = self.find(next) else {
            return Err(bits.input.broken());
        };
        bits.pass(length)?;
        Ok(symbol)
    }

    /// Length and symbol of the code that these bits begin with.
    #[inline(always)]
    pub(in crate::decode) fn find(&self, next: u16) -> Option<(u32, u8)> {
        let entry = self.quick.get(usize::from(next >> (16 - QUICK)));
        let entry = entry.copied().unwrap_or_default();
        if entry != 0 {
            return Some((u32::from(entry >> 8), entry as u8));
        }
        self.find_long(next)
    }

    #[cold]
    fn find_long(&self, next: u16) -> Option<(u32, u8)> {
        let lengths = (0_u32..).zip(&self.beyond).zip(&self.offset);
        for ((length, beyond), offset) in lengths.skip(QUICK as usize + 1) {
            if u32::from(next) < *beyond {
                let code = i32::from(next >> (16 - length));
                let at = usize::try_from(code + offset).ok()?;
                return self.symbols.get(at).map(|symbol| (length, *symbol));
            }
        }
        None
    }
}

fn entries(quick: &mut [u16], from: usize, count: usize) -> &mut [u16] {
    quick.get_mut(from..from + count).unwrap_or_default()
}
