//! How much of a picture to send in one request: enough that headers do not matter, little
//! enough that a cut line shows progress.

#[cfg(test)]
mod tests;

const KIB: u64 = 1024;

/// Sizes of chunks, in bytes, from what the line has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunks;

impl Chunks {
    /// The first chunk on a line of unknown speed.
    pub const FIRST: u64 = 16 * KIB;
    pub const FLOOR: u64 = 8 * KIB;
    pub const CEILING: u64 = 4 * KIB * KIB;
    /// A chunk takes about this long, milliseconds.
    pub const TARGET_MS: u64 = 10_000;

    pub fn current(chunk: u64) -> u64 {
        if chunk == 0 {
            Self::FIRST
        } else {
            chunk.clamp(Self::FLOOR, Self::CEILING)
        }
    }

    /// After `sent` bytes arrived in `took_ms`: about ten seconds of line, growing at most
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
