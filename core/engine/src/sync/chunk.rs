//! How much of a picture to send in one request: enough that headers and the wait for the answer do
//! not matter, little enough that what lies between keeps nothing to itself for long.
//!
//! A cut costs no chunk (the gateway keeps every byte) and words do not wait for one (the pictures'
//! connection is given up), so a chunk can be long: on a line of 18 kbit/s and 1.3 s each one of ten
//! seconds cost a sixth of the line, measured; three idle round trips cost a fifth of a picture on 200 kbit/s and 0.8 s.

#[cfg(test)]
mod tests;

const KIB: u64 = 1024;

/// Sizes of chunks, in bytes, from what the line has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunks;

impl Chunks {
    /// The first chunk on a line of unknown speed: a picture as the app makes it, whole, as others
    /// send it too. Each answer waited for costs a round trip of idle line.
    pub const FIRST: u64 = 512 * KIB;
    /// As much as may be lost at once where something keeps bytes to itself: half a minute of the
    /// slowest line that is promised.
    pub const MODEST: u64 = 64 * KIB;
    pub const FLOOR: u64 = 8 * KIB;
    pub const CEILING: u64 = 4 * KIB * KIB;
    /// A chunk takes about this long, milliseconds: front ends commonly give a request a minute.
    pub const TARGET_MS: u64 = 60_000;

    pub fn current(chunk: u64) -> u64 {
        if chunk == 0 {
            Self::FIRST
        } else {
            chunk.clamp(Self::FLOOR, Self::CEILING)
        }
    }

    /// After `sent` bytes arrived in `took_ms`: about a minute of line, growing at most
    /// eightfold a step, since a short burst into buffers is not the line's speed.
    pub fn after_success(chunk: u64, sent: u64, took_ms: u64) -> u64 {
        let line = sent.saturating_mul(Self::TARGET_MS) / took_ms.max(1);
        let chunk = Self::current(chunk);
        line.min(chunk.saturating_mul(8))
            .clamp(Self::FLOOR, Self::CEILING)
    }

    /// A piece of `length` was answered by somebody else: what may pass instead. Front ends refuse by
    /// size, some of them everything over 8 KB.
    pub fn after_refusal(length: u64) -> u64 {
        if length > Self::MODEST {
            Self::MODEST
        } else {
            length / 2
        }
    }

    /// What the gateway's offset shows of a chunk that ended in the middle. `cuts` in a row are the
    /// line's doing, and not that words came.
    pub fn after_question(chunk: u64, gained: u64, cuts: u32) -> u64 {
        let chunk = Self::current(chunk);
        if gained > 0 {
            // As far as the last one came before something ended it.
            let carried = if cuts > 0 { gained } else { chunk };
            chunk.min(carried.max(Self::MODEST))
        } else if chunk > Self::MODEST {
            // Whoever lies between may wait for the end of a request before the gateway sees any of it.
            Self::MODEST
        } else if cuts.is_multiple_of(2) {
            // Every second cut, and each time that it gave way: what is not whole before words or the end
            // of a window come never arrives otherwise. It grows again eightfold.
            (chunk / 2).max(Self::FLOOR)
        } else {
            chunk
        }
    }
}
