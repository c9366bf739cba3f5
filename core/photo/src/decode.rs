//! From a file to a small upright picture, row by row.

mod jpeg;
mod png;
mod scans;
mod single;

use crate::canvas::Canvas;
use crate::cover::Region;
use crate::encode::Pair;
use crate::error::PhotoError;
use crate::format::Format;
use crate::probe::Seen;
use crate::source::Source;
use crate::watch::{Stage, Watch};

pub(crate) use self::jpeg::held;
pub(crate) use self::png::{Profile, open as open_png};
#[cfg(feature = "fuzz")]
pub(crate) use self::scans::against_library;
#[cfg(feature = "fuzz")]
pub(crate) use self::single::however_it_is_read;

/// Share of the whole work, in thousandths, that decoding takes.
pub(crate) const DECODED: u16 = 400;
/// Of that, what reading a file takes of which no row comes before its end.
const READ: u16 = 300;

/// What the result may measure and show, and the work may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim<'a> {
    /// Pixels on the longer side.
    pub(crate) max_edge: u32,
    pub(crate) working_bytes: u64,
    pub(crate) covered: &'a [Region],
    pub(crate) pair: Pair,
}

/// `seen` is of the same source, which stands at its start.
pub(crate) fn decode(
    source: &mut Source,
    seen: &Seen,
    aim: Aim<'_>,
    watch: &Watch<'_>,
) -> Result<Canvas, PhotoError> {
    match seen.probe.format {
        Format::Jpeg => jpeg::decode(source, seen, aim, watch),
        _ => png::decode(source, &seen.probe, aim, watch),
    }
}

/// Reports now and then that row `y` of so many was read, where `first` was the share before the first.
fn shrunk(y: u32, rows: u32, first: u16, watch: &Watch<'_>) -> Result<(), PhotoError> {
    if !(y + 1).is_multiple_of(16) {
        return Ok(());
    }
    let share = u64::from(y + 1) * u64::from(DECODED - first) / u64::from(rows.max(1));
    // At most the rest.
    let share = u16::try_from(share).unwrap_or_default();
    watch.report(Stage::Decoding, first.saturating_add(share))
}

#[cfg(test)]
mod tests;
