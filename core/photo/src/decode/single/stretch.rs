//! The coded bytes of a file, in pieces that can be read one by one.

use super::super::scans::Failure;
use super::super::scans::input::{Input, has_ones};
use super::group::GROUP_BYTES;

/// Coded bytes without the zeros that stand after bytes of ones in the file.
#[derive(Default)]
pub(super) struct Stretch {
    /// Its own ones, and of those that follow as many as its last group may reach into.
    pub(super) bytes: Vec<u8>,
    /// How many are its own.
    pub(super) own: usize,
    /// It comes after a marker: a group begins with its first bit.
    pub(super) fresh: bool,
    /// The marker behind it, when it was not cut from the next stretch.
    pub(super) end: Option<u8>,
    /// The file has ended there, the marker is made up.
    pub(super) ended: bool,
}

impl Stretch {
    /// Bits of its own.
    pub(super) fn until(&self) -> usize {
        self.own * 8
    }
}

/// Cuts a scan into stretches.
pub(super) struct Cutter<'a> {
    pub(super) input: Input<'a>,
    /// Own bytes of each that is cut from now on.
    pub(super) size: usize,
    /// Read, and not handed out.
    bytes: Vec<u8>,
    /// What stands behind them, if it has been seen.
    end: Option<u8>,
    fresh: bool,
    over: bool,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(input: Input<'a>, size: usize) -> Self {
        Self {
            input,
            size,
            bytes: Vec::new(),
            end: None,
            fresh: true,
            over: false,
        }
    }

    /// The next one, in the room of `spare`; none after the marker that ends the scan.
    pub(super) fn next(&mut self, spare: Vec<u8>) -> Result<Option<Stretch>, Failure> {
        if self.over {
            return Ok(None);
        }
        let most = self.size + GROUP_BYTES;
        while self.end.is_none() && self.bytes.len() < most {
            self.take(most)?;
        }
        let bytes = std::mem::replace(&mut self.bytes, spare);
        self.bytes.clear();
        let fresh = std::mem::replace(&mut self.fresh, self.end.is_some());
        let own = match self.end {
            Some(end) => {
                self.over = !matches!(end, 0xD0..=0xD7);
                bytes.len()
            }
            None => {
                self.bytes
                    .extend_from_slice(bytes.get(self.size..).unwrap_or_default());
                self.size
            }
        };
        Ok(Some(Stretch {
            own,
            fresh,
            ended: self.over && self.input.ended,
            end: self.end.take(),
            bytes,
        }))
    }

    /// Some more bytes, up to `most` in all, or the marker.
    fn take(&mut self, most: usize) -> Result<(), Failure> {
        let ready = self.input.ready()?;
        let ready = ready.get(..most - self.bytes.len()).unwrap_or(ready);
        let eights = ready.as_chunks::<8>().0.iter();
        let clear = eights.take_while(|eight| !has_ones(u64::from_be_bytes(**eight)));
        let clear = clear.count() * 8;
        let rest = ready.get(clear..).unwrap_or_default();
        let ones = rest.iter().position(|byte| *byte == 0xFF);
        let clear = clear + ones.unwrap_or(rest.len());
        self.bytes
            .extend_from_slice(ready.get(..clear).unwrap_or_default());
        self.input.pass(clear);
        if ones.is_none() {
            return Ok(());
        }
        let mut byte = 0xFF;
        while byte == 0xFF {
            byte = self.input.byte()?;
        }
        match byte {
            0 => self.bytes.push(0xFF),
            marker => self.end = Some(marker),
        }
        Ok(())
    }
}
