//! Which levels of a block are not zero.

use crate::block::ORDER;

/// For each half of each eight of a block's levels (row by row, the mean left out), and each choice of
/// its four: their places in the file's order.
const TRACES: [[u64; 16]; 16] = {
    let mut traces = [[0; 16]; 16];
    let mut at = 1;
    while at < 64 {
        #[allow(clippy::indexing_slicing, reason = "checked when it is compiled")]
        {
            let place = ORDER[at] as usize - 1;
            let mut choice = 0;
            while choice < 16 {
                if choice & 1 << (place % 4) != 0 {
                    traces[place / 4][choice] |= 1 << at;
                }
                choice += 1;
            }
        }
        at += 1;
    }
    traces
};

/// Which of a whole block's levels are not zero, by the file's order. The last of the 64 is not the
/// block's.
#[inline(always)]
pub(super) fn of_bytes(levels: &[i8; 64]) -> u64 {
    let mut trace = 0;
    for (eight, [low, high]) in levels
        .as_chunks::<8>()
        .0
        .iter()
        .zip(TRACES.as_chunks::<2>().0)
    {
        const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
        let eight = u64::from_le_bytes(eight.map(|level| level as u8));
        // The highest bit of each byte that is not zero, and those of all eight side by side.
        let some = (((eight & LOW) + LOW) | eight) >> 7 & 0x0101_0101_0101_0101;
        let some = (some.wrapping_mul(0x0102_0408_1020_4080) >> 56) as usize;
        #[allow(clippy::indexing_slicing, reason = "four bits choose among sixteen")]
        {
            trace |= low[some & 15] | high[some >> 4];
        }
    }
    trace
}

/// The same of levels of two bytes.
pub(super) fn of_twos(levels: &[i16]) -> u64 {
    let mut trace = 0;
    for (levels, of_four) in levels.chunks(4).zip(&TRACES) {
        for (level, choice) in levels.iter().zip([1, 2, 4, 8]) {
            if *level != 0 {
                trace |= of_four.get(choice).copied().unwrap_or_default();
            }
        }
    }
    trace
}
