//! The small picture for a list, from the picture that was just made: the file is not read again, and
//! what is covered there is covered here.

use crate::budget::{self, Fit};
use crate::canvas::Canvas;
use crate::encode::{Coarseness, Original, Pair};
use crate::error::PhotoError;
use crate::prepare::Dimensions;
use crate::shrink;
use crate::watch::Watch;

/// Nobody needs more in a list, and a hundred of them are still a few megabytes.
const MAX_BYTES: u64 = 20 * 1024;
const MAX_QUALITY: u8 = 75;
/// A picture that is nothing but noise gets a smaller one; at this it fits whatever it shows.
const LEAST_EDGE: u32 = 64;

/// The picture at most `edge` pixels on the longer side; none for 0.
pub(super) fn small(original: &Original, edge: u32) -> Result<Option<Canvas>, PhotoError> {
    (edge > 0)
        .then(|| shrink::smaller(original, edge))
        .transpose()
}

/// Its JPEG; smaller once more where it takes too many bytes.
pub(super) fn coded(small: Option<Canvas>, watch: &Watch<'_>) -> Result<Vec<u8>, PhotoError> {
    let Some(mut small) = small else {
        return Ok(Vec::new());
    };
    loop {
        let edge = small.width().max(small.height());
        let original = Original::of(small)?;
        let finest = Coarseness::of_quality(MAX_QUALITY);
        match budget::fit(
            &original,
            MAX_BYTES,
            finest,
            Dimensions::AsAllowed,
            Pair(false),
            watch,
        )? {
            Fit::Fits { bytes, .. } => return Ok(bytes),
            Fit::TooBig { .. } if edge > LEAST_EDGE => {
                small = shrink::smaller(&original, edge / 2)?;
            }
            Fit::BetterSmaller { .. } | Fit::TooBig { .. } => return Ok(Vec::new()),
        }
    }
}
