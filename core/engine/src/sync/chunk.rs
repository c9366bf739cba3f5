//! How much of a picture to send in one request: enough that headers and the wait for the answer do
//! not matter, little enough that what lies between keeps nothing to itself for long.
//!
//! A cut costs no chunk (the gateway keeps every byte) and words do not wait for one (the pictures'
//! connection is given up), so a chunk can be long: on a line of 18 kbit/s and 1.3 s each one of ten
//! seconds cost a sixth of the line, measured.

#[cfg(test)]
mod tests;

const KIB: u64 = 1024;

/// Sizes of chunks, in bytes, from what the line has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunks;

impl Chunks {
    /// The first chunk on a line of unknown speed: half a minute of the slowest that is promised.
    pub const FIRST: u64 = 64 * KIB;
    pub const FLOOR: u64 = 8 * KIB;
    pub const CEILING: u64 = 4 * KIB * KIB;
    /// A chunk takes about this long, milliseconds.
    pub const TARGET_MS: u64 = 30_000;

    pub fn current(chunk: u64) -> u64 {
        if chunk == 0 {
            Self::FIRST
        } else {
            chunk.clamp(Self::FLOOR, Self::CEILING)
        }
    }

    /// After `sent` bytes arrived in `took_ms`: about half a minute of line, growing at most
    /// eightfold a step, since a short burst into buffers is not the line's speed.
    pub fn after_success(chunk: u64, sent: u64, took_ms: u64) -> u64 {
        let line = sent.saturating_mul(Self::TARGET_MS) / took_ms.max(1);
        let chunk = Self::current(chunk);
        line.min(chunk.saturating_mul(8))
            .clamp(Self::FLOOR, Self::CEILING)
    }

    /// Two cuts in a row without progress halve it.
    pub fn after_cut(chunk: u64, cuts: u32) -> u64 {
        let chunk = Self::current(chunk);
        if cuts > 0 && cuts.is_multiple_of(2) {
            (chunk / 2).max(Self::FLOOR)
        } else {
            chunk
        }
    }
}
