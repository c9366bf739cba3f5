//! What a file is and what it would cost, from its first bytes and before anything is decoded.

use std::path::Path;

use crate::decode::Profile;
use crate::error::{MemoryReason, PhotoError};
use crate::exif::{self, Hints};
use crate::format::{self, Format};
use crate::header::{self, ProfilePart};
use crate::orientation::Orientation;
use crate::source::Source;

/// libjpeg's own bound on a side.
const MAX_SIDE: u32 = 65_500;

/// A file that would be taken as far as its header tells; see [`probe`].
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// JPEG, PNG or PDF: every other kind is an error.
    pub format: Format,
    /// Pixels as stored, before turning; 0 for a PDF.
    pub width: u32,
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    pub progressive: bool,
    /// A JPEG, progressive or not, that cannot be decoded row by row.
    pub several_scans: bool,
    pub interlaced: bool,
    pub orientation: Orientation,
    pub hints: Hints,
}

/// Limits that are known before decoding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) pixels: u64,
    pub(crate) working_bytes: u64,
    /// Pixels on the longer side of the result.
    pub(crate) max_edge: u32,
}

/// Looks at the header alone: nothing is allocated for the picture, and no limit is applied, so that
/// a person can be told of a picture that would be refused.
pub fn probe(path: &Path) -> Result<Probe, PhotoError> {
    crate::prepare::contained(|| {
        let mut source = Source::open(path)?;
        look(&mut source).map(|seen| seen.probe)
    })
}

/// All that the header told.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) probe: Probe,
    pub(crate) whole: Option<Whole>,
    /// What a JPEG says of its colours, as far as it is not in the rows.
    pub(crate) colour: ColourNotes,
}

#[derive(Debug, Default)]
pub(crate) struct ColourNotes {
    pub(crate) profile: Vec<ProfilePart>,
    pub(crate) adobe_rgb: bool,
    /// Sampling factors of each number of a pixel: of 1, 3 or 4.
    pub(crate) sampling: Vec<(u8, u8)>,
    /// The largest group of sampling, in pixels across and down: what lies within one is coded
    /// together.
    pub(crate) group: [u32; 2],
}

/// Leaves the source rewound.
pub(crate) fn look(source: &mut Source) -> Result<Seen, PhotoError> {
    let bytes = source.bytes();
    let start = source.first(format::SNIFF_BYTES)?;
    let format = format::sniff(&start).ok_or(PhotoError::UnknownFormat)?;
    let looked = match format {
        Format::Jpeg => jpeg(source),
        Format::Png => png(source, &start),
        Format::Pdf => Ok(Seen {
            probe: Probe::bare(Format::Pdf, bytes),
            whole: None,
            colour: ColourNotes::default(),
        }),
        Format::Heic => Err(PhotoError::ConvertHeic),
        other => Err(PhotoError::Convert { format: other }),
    };
    source.rewind()?;
    looked
}

/// What makes a file need memory that follows its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    SeveralScans,
    Interlaced,
}

impl Seen {
    /// Called before anything is allocated for the picture.
    pub(crate) fn accept(&self, bounds: Bounds) -> Result<(), PhotoError> {
        let probe = &self.probe;
        let (width, height) = (probe.width, probe.height);
        let pixels = u64::from(width) * u64::from(height);
        if pixels > bounds.pixels || width > MAX_SIDE || height > MAX_SIDE {
            return Err(PhotoError::TooManyPixels {
                width,
                height,
                limit: bounds.pixels,
            });
        }
        let (reason, needed) = match self.whole {
            None => return Ok(()),
            Some(Whole::Interlaced) => (MemoryReason::Interlaced, pixels * 3),
            Some(Whole::SeveralScans) => (
                MemoryReason::SeveralScans,
                crate::decode::held(
                    [width, height],
                    &self.colour.sampling,
                    bounds.max_edge,
                    bounds.working_bytes,
                ),
            ),
        };
        probe.affords(reason, needed, bounds.working_bytes)
    }
}

impl Probe {
    fn bare(format: Format, bytes: u64) -> Self {
        Self {
            format,
            width: 0,
            height: 0,
            bytes,
            progressive: false,
            several_scans: false,
            interlaced: false,
            orientation: Orientation::Upright,
            hints: Hints::default(),
        }
    }

    pub(crate) fn affords(
        &self,
        reason: MemoryReason,
        needed: u64,
        limit: u64,
    ) -> Result<(), PhotoError> {
        if needed <= limit {
            return Ok(());
        }
        Err(PhotoError::TooMuchMemory {
            reason,
            width: self.width,
            height: self.height,
            needed,
            limit,
        })
    }
}

fn jpeg(source: &mut Source) -> Result<Seen, PhotoError> {
    let bytes = source.bytes();
    let mut header = header::read(source)?;
    let said = exif::read(header.exif.take());
    let probe = Probe {
        width: header.width,
        height: header.height,
        progressive: header.progressive,
        several_scans: header.several_scans,
        orientation: said.orientation,
        hints: said.hints,
        ..Probe::bare(Format::Jpeg, bytes)
    };
    let whole = header.several_scans.then_some(Whole::SeveralScans);
    let colour = ColourNotes {
        group: header.group(),
        sampling: header.sampling,
        profile: header.profile,
        adobe_rgb: said.adobe_rgb,
    };
    Ok(Seen {
        probe,
        whole,
        colour,
    })
}

fn png(source: &mut Source, start: &[u8]) -> Result<Seen, PhotoError> {
    let [width, height] = png_size(start)?;
    let interlaced = start.get(28).ok_or(PhotoError::Truncated)? == &1;
    let mut probe = Probe {
        width,
        height,
        interlaced,
        ..Probe::bare(Format::Png, source.bytes())
    };
    // The library makes room for a row when it looks further: only of a picture that may be taken.
    if width <= MAX_SIDE && height <= MAX_SIDE {
        let reader = crate::decode::open_png(source, Profile::Skipped)?;
        let block = reader
            .info()
            .exif_metadata
            .as_ref()
            .map(|block| block.to_vec());
        let said = exif::read(block);
        (probe.orientation, probe.hints) = (said.orientation, said.hints);
    }
    let whole = interlaced.then_some(Whole::Interlaced);
    Ok(Seen {
        probe,
        whole,
        colour: ColourNotes::default(),
    })
}

/// From the IHDR chunk, which must come first (PNG, 3rd edition, 5.6).
fn png_size(start: &[u8]) -> Result<[u32; 2], PhotoError> {
    let side = |at: usize| {
        let bytes = start.get(at..).and_then(<[u8]>::first_chunk::<4>);
        bytes
            .map(|bytes| u32::from_be_bytes(*bytes))
            .ok_or(PhotoError::Truncated)
    };
    let (width, height) = (side(16)?, side(20)?);
    if start.get(12..16) != Some(b"IHDR") || width == 0 || height == 0 {
        return Err(PhotoError::Damaged);
    }
    Ok([width, height])
}

#[cfg(test)]
mod tests;
