//! At which size a JPEG is decoded, and what that holds of a file of several scans.

use super::super::scans::{self, Depth};
use crate::header;
use crate::shrink::target;

/// The smallest scale at which the inverse DCT leaves no fewer pixels than the result wants.
pub(super) fn eighths(width: u32, height: u32, max_edge: u32) -> u8 {
    let (wide, high) = target(width, height, max_edge);
    let enough = |eighths: &u8| {
        let scaled = |side: u32| (u64::from(side) * u64::from(*eighths)).div_ceil(8);
        scaled(width) >= u64::from(wide) && scaled(height) >= u64::from(high)
    };
    [1, 2, 4].into_iter().find(enough).unwrap_or(8)
}

/// The inverse DCT averages numbers and not light, and sharply: where it leaves hardly more than the
/// result wants, a photo of 3640 pixels cannot look better than SSIMULACRA2 80 (91 with as much again
/// to shrink in light). With a quarter more, as of 12 megapixels, nothing of that is seen.
pub(super) fn roomy(max_edge: u32) -> u32 {
    max_edge.saturating_add(max_edge / 5)
}

/// So many bytes of levels are held for the sake of the look, where fewer would do.
const ROOMY_BYTES: u64 = 16 << 20;

/// The scale of a file of several scans: with as much room as others while that costs little, since what
/// is held of such a file grows with it.
pub(super) fn kept_eighths(
    size: [u32; 2],
    sampling: &[(u8, u8)],
    max_edge: u32,
    working_bytes: u64,
) -> u8 {
    let [width, height] = size;
    let roomy = eighths(width, height, roomy(max_edge));
    let cost = |depth| scans::cost(size, sampling, roomy, depth);
    // The library keeps all of it at every scale.
    let affordable = !scans::takes(sampling)
        || cost(Depth::Byte) <= ROOMY_BYTES && cost(Depth::Two) <= working_bytes;
    match affordable {
        true => roomy,
        false => eighths(width, height, max_edge),
    }
}

/// Bytes that a file of several scans needs when its longer side is to have `max_edge` pixels and
/// `working_bytes` may be held.
pub(crate) fn held(
    size: [u32; 2],
    sampling: &[(u8, u8)],
    max_edge: u32,
    working_bytes: u64,
) -> u64 {
    if scans::takes(sampling) {
        let eighths = kept_eighths(size, sampling, max_edge, working_bytes);
        scans::cost(size, sampling, eighths, Depth::Byte)
    } else {
        header::coefficient_bytes(size, sampling)
    }
}
